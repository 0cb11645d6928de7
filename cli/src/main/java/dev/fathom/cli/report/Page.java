package dev.fathom.cli.report;

import dev.fathom.cli.error.RunException;
import dev.fathom.io.json.Json;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes a {@link Report} as one HTML file that needs nothing else. */
public final class Page {
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");
    private static final int LARGEST_MATRIX = 40;
    private static final int CONFUSIONS = 5;
    private static final int SHORTEST_HEAD = 6;
    private static final int LONGEST_HEAD = 20;
    private static final int POINTS = 2000;
    private static final double SIDE = 320;

    private final Report report;

    private Page(Report report) {
        this.report = report;
    }

    /** The page. */
    public static String html(Report report) {
        return new Page(report).html();
    }

    private String html() {
        var parts = new LinkedHashMap<String, String>();
        parts.put("title", escape(report.title()));
        parts.put("subtitle", escape(report.subtitle()));
        parts.put("licence", resource("uplot/LICENSE").strip());
        parts.put("library-style", resource("uplot/uPlot.min.css"));
        parts.put("style", resource("report.css"));
        parts.put("body", body());
        parts.put("library", resource("uplot/uPlot.iife.min.js"));
        parts.put("charts", json(report.charts().stream().map(Page::chart).toList()));
        parts.put("script", resource("report.js"));
        // in one pass, so that nothing a report says can be taken for a place of the page
        return PLACE.matcher(resource("report.html"))
                .replaceAll(place ->
                        Matcher.quoteReplacement(
                                Objects.requireNonNull(parts.get(place.group(1)))));
    }

    private String body() {
        var html = new StringBuilder();
        html.append("<section class=\"results\">");
        for (var fact : report.results()) {
            html.append("<div><b>").append(escape(fact.value())).append("</b><span>");
            html.append(escape(fact.name())).append("</span></div>");
        }
        html.append("</section>\n");
        if (!report.charts().isEmpty()) {
            html.append("<section><h2>Curves</h2><div class=\"charts\">");
            for (int i = 0; i < report.charts().size(); i++) {
                html.append("<figure><figcaption>");
                html.append(escape(report.charts().get(i).title()));
                html.append("</figcaption><div class=\"chart\" data-chart=\"").append(i);
                html.append("\"></div></figure>");
            }
            html.append("</div>").append(history()).append("</section>\n");
        }
        report.confusion().ifPresent(confusion -> html.append(confusion(confusion)));
        report.scatter().ifPresent(scatter -> html.append(scatter(scatter)));
        if (!report.mistakes().isEmpty()) {
            html.append(mistakes());
        }
        report.weights().ifPresent(weights -> html.append(weights(weights)));
        html.append("<div class=\"sections\">");
        for (var section : report.sections()) {
            html.append("<section><h2>").append(escape(section.title())).append("</h2><table>");
            for (var fact : section.facts()) {
                html.append("<tr><th>").append(escape(fact.name())).append("</th><td>");
                html.append(escape(fact.value())).append("</td></tr>");
            }
            html.append("</table></section>\n");
        }
        return html.append("</div>").toString();
    }

    private String history() {
        var html =
                new StringBuilder("<details><summary>The numbers</summary><table class=\"grid\">");
        html.append(row("th", report.history().headings()));
        report.history().rows().forEach(row -> html.append(row("td", row)));
        return html.append("</table></details>").toString();
    }

    private static String row(String tag, List<String> cells) {
        return cells.stream()
                .map(cell -> "<" + tag + ">" + escape(cell) + "</" + tag + ">")
                .collect(Collectors.joining("", "<tr>", "</tr>\n"));
    }

    private static Map<String, Object> chart(Report.Chart chart) {
        var series =
                chart.series().stream()
                        .map(s -> Map.of("name", s.name(), "values", numbers(s.values())))
                        .toList();
        return Map.of(
                "axis", chart.axis(), "share", chart.isShare(), "x", chart.x(), "series", series);
    }

    /** A gap is an empty text, since JSON has no NaN. */
    private static List<Object> numbers(List<Double> values) {
        return values.stream().map(v -> Double.isFinite(v) ? (Object) v : "").toList();
    }

    /** JSON that may stand inside a script element. */
    private static String json(Object value) {
        return Json.write(value).replace("<", "\\u003c");
    }

    // ---- which class was taken for which ----

    private static String confusion(Report.Confusion confusion) {
        var html = new StringBuilder("<section><h2>Confusion</h2>");
        html.append(
                "<p>Rows are what the test examples are, columns what they were taken for.</p>");
        if (confusion.classes().size() <= LARGEST_MATRIX) {
            html.append(matrix(confusion));
        }
        var worst = confusions(confusion);
        if (!worst.isEmpty()) {
            html.append("<p>Most often: ").append(String.join("; ", worst)).append(".</p>");
        }
        return html.append("</section>\n").toString();
    }

    private static String matrix(Report.Confusion confusion) {
        int longest = confusion.classes().stream().mapToInt(String::length).max().orElse(0);
        var html = new StringBuilder("<div class=\"wide\"><table class=\"matrix\" style=\"--head:");
        html.append(Math.clamp(longest, SHORTEST_HEAD, LONGEST_HEAD)).append("\"><tr><td></td>");
        for (var name : confusion.classes()) {
            html.append("<th class=\"column\"><span>").append(escape(name)).append("</span></th>");
        }
        html.append("<th class=\"column\"><span>recall</span></th></tr>\n");
        for (int i = 0; i < confusion.classes().size(); i++) {
            var row = confusion.counts().get(i);
            int total = row.stream().mapToInt(Integer::intValue).sum();
            html.append("<tr><th>").append(escape(confusion.classes().get(i))).append("</th>");
            for (int j = 0; j < row.size(); j++) {
                double share = total == 0 ? 0 : (double) row.get(j) / total;
                // the root makes a few mistakes visible beside many hits
                html.append("<td class=\"")
                        .append(i == j ? "hit" : "miss")
                        .append("\" style=\"--v:");
                html.append(String.format(Locale.ROOT, "%.0f%%", 100 * Math.sqrt(share)));
                html.append("\">").append(row.get(j) == 0 ? "" : row.get(j)).append("</td>");
            }
            html.append("<td class=\"recall\">");
            html.append(total == 0 ? "" : percent((double) row.get(i) / total));
            html.append("</td></tr>\n");
        }
        return html.append("</table></div>").toString();
    }

    private record Pair(int truth, int predicted, int count) {}

    private static List<String> confusions(Report.Confusion confusion) {
        var pairs = new ArrayList<Pair>();
        for (int i = 0; i < confusion.classes().size(); i++) {
            for (int j = 0; j < confusion.classes().size(); j++) {
                int count = confusion.counts().get(i).get(j);
                if (i != j && count > 0) {
                    pairs.add(new Pair(i, j, count));
                }
            }
        }
        var names = confusion.classes();
        return pairs.stream()
                .sorted(Comparator.comparingInt(Pair::count).reversed())
                .limit(CONFUSIONS)
                .map(p ->
                        "<b>%s</b> taken for <b>%s</b>, %s"
                                .formatted(
                                        escape(names.get(p.truth())),
                                        escape(names.get(p.predicted())),
                                        p.count() == 1 ? "once" : p.count() + " times"))
                .toList();
    }

    // ---- the other parts ----

    private static String scatter(Report.Scatter scatter) {
        var all = new ArrayList<>(scatter.truth());
        all.addAll(scatter.predicted());
        double low = all.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double high = all.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        double range = high > low ? high - low : 1;
        var html = new StringBuilder("<section><h2>Predicted against true</h2>");
        html.append(
                "<p>Every point is a test example: to the right what is true, upwards what was");
        html.append(" predicted; on the line the two agree.</p>");
        html.append("<svg class=\"scatter\" role=\"img\" aria-label=\"predicted against true\"");
        html.append(" viewBox=\"0 0 320 320\"><line x1=\"0\" y1=\"320\" x2=\"320\" y2=\"0\"/>");
        int points = Math.min(POINTS, scatter.truth().size());
        for (int i = 0; i < points; i++) {
            double x = SIDE * (scatter.truth().get(i) - low) / range;
            double y = SIDE - SIDE * (scatter.predicted().get(i) - low) / range;
            html.append(
                    String.format(
                            Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", x, y));
        }
        html.append("</svg><p>Both axes from ").append(number(low)).append(" to ");
        return html.append(number(high)).append(".</p></section>\n").toString();
    }

    private String mistakes() {
        var html = new StringBuilder("<section><h2>Most wrong</h2>");
        html.append("<p>The test examples to whose true class the model gave the least");
        html.append(" probability.</p><div class=\"cards\">");
        for (var m : report.mistakes()) {
            var label =
                    "test example %d, %s, taken for %s"
                            .formatted(m.index(), m.truth(), m.predicted());
            html.append("<figure title=\"test example ").append(m.index()).append("\">");
            html.append(m.figure().html(label)).append("<figcaption><span class=\"miss\">");
            html.append(named(m.predicted(), m.certainty()));
            html.append("</span><span class=\"truth\">");
            html.append(named(m.truth(), m.truthCertainty()))
                    .append("</span></figcaption></figure>");
        }
        html.append("</div><p class=\"key\"><span class=\"miss\">taken for</span> ");
        html.append("<span class=\"truth\">in truth</span></p>");
        return html.append("</section>\n").toString();
    }

    private static String named(String name, double probability) {
        return "<b>" + escape(name) + "</b> " + percent(probability);
    }

    private static String weights(Report.Weights weights) {
        var html = new StringBuilder("<section><h2>").append(escape(weights.title()));
        html.append("</h2><p>")
                .append(escape(weights.note()))
                .append("</p><div class=\"cards small\">");
        for (int i = 0; i < weights.figures().size(); i++) {
            html.append("<figure>").append(weights.figures().get(i).html("weights of unit " + i));
            html.append("</figure>");
        }
        return html.append("</div></section>\n").toString();
    }

    /** A probability in per cent, never rounded to certainty. */
    private static String percent(double share) {
        if (share > 0 && share < 0.001) {
            return "&lt; 0.1 %";
        }
        return share < 1 && share >= 0.9995
                ? "&gt; 99.9 %"
                : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String number(double value) {
        boolean large = Math.abs(value) >= 1000;
        return String.format(Locale.ROOT, large ? "%,.0f" : "%.4g", value);
    }

    /** Text that may stand inside an element or a quoted attribute. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String resource(String name) {
        try (var in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new RunException(
                        name + " is missing from this copy of Fathom; build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new RunException("the built-in " + name + " cannot be read", e);
        }
    }
}
