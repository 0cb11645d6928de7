package dev.fathom.lab.run;

import static dev.fathom.lab.figure.Html.escape;

import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Html;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.figure.Svg;
import dev.fathom.lab.run.Reports.Damaged;
import dev.fathom.lab.run.Result.Row;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Card.Part;
import dev.fathom.lab.study.Verdict;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** HTML of one file each, which needs no network: of a study, of all studies, of the tour. */
final class Pages {
    private Pages() {}

    /** A run of the front page: what it gave, how long it took, where its own page is. */
    record Entry(Result result, double seconds, String link) {}

    /** A stop of the tour. */
    record Stop(Card card, Result result, List<Figure> figures, String link) {}

    /** The page of one run. */
    static String study(Card card, Result result, List<Figure> figures) {
        var html = new StringBuilder();
        html.append(head(result));
        html.append("<h1>").append(escape(result.claim())).append("</h1>\n");
        html.append("<p class=\"reason\">").append(escape(sentence(result.reason())));
        html.append("</p>\n");
        figures.forEach(figure -> html.append(Html.figure(figure)));
        html.append("<p>").append(escape(card.part(Part.STORY))).append("</p>\n");
        html.append("<h2>Predicted, then measured</h2>\n");
        html.append(table(result, "claim"));
        html.append("<h2>Controls</h2>\n<p class=\"reason\">The first kind must hold, or the")
                .append(" instrument is broken. The second is a deliberately broken variant and")
                .append(" must fail, or the study cannot tell right from wrong.</p>\n");
        html.append(controls(result));
        if (!result.also().isEmpty()) {
            html.append("<h2>Also measured</h2>\n").append(also(result));
        }
        if (!result.notes().isEmpty()) {
            html.append("<h2>Notes</h2>\n");
            result.notes()
                    .forEach(note -> html.append("<p>").append(escape(note)).append("</p>\n"));
        }
        if (!card.part(Part.NOTATION).isEmpty()) {
            html.append("<h2>Notation</h2>\n<pre>").append(escape(card.part(Part.NOTATION)));
            html.append("</pre>\n");
        }
        html.append("<h2>Where this comes from</h2>\n<dl>\n");
        term(html, "text", card.part(Part.TEXT));
        term(html, "paper", card.part(Part.PAPER));
        term(html, "data", card.part(Part.DATA));
        result.checksums().forEach((name, sum) -> term(html, "SHA-256 of " + name, sum));
        term(html, "rule", card.oracle().rule());
        term(html, "run", run(result));
        html.append("</dl>\n<p>Again: <code>./fathom lab run ").append(escape(result.name()));
        html.append(" --tier ").append(result.tier()).append(" --seed ").append(result.seed());
        html.append("</code>. Beside this page: <a href=\"result.json\">result.json</a>,");
        html.append(" <a href=\"spec.json\">spec.json</a>, <a href=\"env.json\">env.json</a>,");
        html.append(" the curves as CSV and the figures as SVG.</p>\n");
        return page(result.id() + " " + result.name(), html.toString());
    }

    private static String head(Result result) {
        return "<p class=\"kicker\">%s · %s · %s tier&ensp;%s</p>\n"
                .formatted(
                        escape(result.id()),
                        escape(result.name()),
                        result.tier(),
                        badge(result.verdict()));
    }

    private static String run(Result result) {
        return "%s tier, seed %d, %d of %d seeds"
                .formatted(result.tier(), result.seed(), result.seeds(), result.wanted());
    }

    private static String badge(Verdict verdict) {
        return "<span class=\"badge %s\">%s</span>".formatted(verdict, verdict);
    }

    private static String sentence(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
    }

    private static void term(StringBuilder html, String name, String text) {
        if (!text.isEmpty()) {
            html.append("<dt>").append(escape(name)).append("</dt><dd>").append(escape(text));
            html.append("</dd>\n");
        }
    }

    private static String table(Result result, String role) {
        var rows = result.predictions().stream().filter(row -> row.role().equals(role)).toList();
        boolean papers = rows.stream().anyMatch(row -> !Double.isNaN(row.paper()));
        var html = new StringBuilder("<div class=\"scroll\"><table><tr><th>what</th>");
        html.append("<th class=\"n\">ours</th><th class=\"n\">oracle</th><th>predicted</th>");
        html.append(papers ? "<th class=\"n\">paper</th>" : "");
        html.append("<th>kind</th><th class=\"n\">seeds</th><th></th></tr>\n");
        for (var row : rows) {
            html.append("<tr><td>").append(escape(row.name())).append("</td>");
            number(html, row.text());
            number(html, Double.isNaN(row.number()) ? "–" : oracle(row));
            html.append("<td>").append(escape(row.expected())).append("</td>");
            if (papers) {
                number(html, Numbers.text(row.paper()));
            }
            html.append("<td>").append(row.oracle()).append("</td>");
            number(html, row.met() + " of " + row.trials());
            html.append("<td>").append(badge(row.verdict())).append("</td></tr>\n");
        }
        return html.append("</table></div>\n").toString();
    }

    private static String controls(Result result) {
        var html = new StringBuilder("<div class=\"scroll\"><table><tr><th>control</th>");
        html.append("<th class=\"n\">ours</th><th>held against</th><th>must</th><th></th></tr>\n");
        for (var row : result.predictions()) {
            if (row.role().equals("claim")) {
                continue;
            }
            html.append("<tr><td>").append(escape(row.name())).append("</td>");
            number(html, row.text());
            html.append("<td>").append(escape(row.expected())).append("</td><td>");
            html.append(row.role().equals("sabotage") ? "fail" : "hold").append("</td><td>");
            html.append(
                    "<span class=\"badge %s\">%s</span></td></tr>\n"
                            .formatted(
                                    row.asIntended() ? "HOLDS" : "FAILS",
                                    (row.asIntended() ? "as it should: " : "NOT as it should: ")
                                            + (row.verdict() == Verdict.HOLDS
                                                    ? "holds"
                                                    : "fails")));
        }
        return html.append("</table></div>\n").toString();
    }

    private static String also(Result result) {
        var html = new StringBuilder("<div class=\"scroll\"><table><tr><th>what</th>");
        html.append("<th class=\"n\">mean</th><th class=\"n\">seeds</th></tr>\n");
        for (var row : result.also()) {
            html.append("<tr><td>").append(escape(row.name())).append("</td>");
            number(html, Result.text(row.ours(), row.low(), row.high()));
            number(html, Integer.toString(row.trials()));
            html.append("</tr>\n");
        }
        return html.append("</table></div>\n").toString();
    }

    private static void number(StringBuilder html, String text) {
        html.append("<td class=\"n\">").append(escape(text)).append("</td>");
    }

    /** The front page; {@code waiting} are those that have no run yet. */
    static String front(
            List<Entry> entries, List<Damaged> damaged, List<Card> waiting, boolean tour) {
        var html = new StringBuilder("<p class=\"kicker\">The laboratory</p>\n<h1>");
        for (var verdict : Verdict.values()) {
            long count = entries.stream().filter(e -> e.result.verdict() == verdict).count();
            if (count > 0) {
                html.append("<span class=\"").append(verdict).append("\">").append(count);
                html.append(count == 1 ? " claim " : " claims ");
                html.append(
                        switch (verdict) {
                            case HOLDS -> count == 1 ? "holds" : "hold";
                            case FAILS -> count == 1 ? "fails" : "fail";
                            case UNDECIDED -> "undecided";
                        });
                html.append("</span>&ensp;");
            }
        }
        if (!damaged.isEmpty()) {
            html.append("<span class=\"FAILS\">").append(damaged.size());
            html.append(damaged.size() == 1 ? " run is damaged" : " runs are damaged");
            html.append("</span>");
        }
        html.append("</h1>\n<p class=\"reason\">Each claim was registered with its prediction")
                .append(" before it ran. An exact oracle that fails or a sabotaged control that")
                .append(
                        " passes is marked ⚠; below each verdict stands how many predictions and"
                                + " controls came out as they should.</p>\n");
        if (tour) {
            html.append("<p><a href=\"tour.html\">The tour: pictures first</a></p>\n");
        }
        boolean papers = entries.stream().anyMatch(e -> !Double.isNaN(e.result.headline().paper()));
        html.append("<div class=\"scroll\"><table class=\"wide\"><tr><th>study</th><th>claim</th>")
                .append("<th>verdict</th><th>first prediction</th><th class=\"n\">ours</th>")
                .append("<th class=\"n\">oracle</th>")
                .append(papers ? "<th class=\"n\">paper</th>" : "")
                .append("<th>kind</th><th class=\"n\">time</th></tr>\n");
        for (var entry : entries) {
            var result = entry.result;
            var row = result.headline();
            html.append("<tr><td class=\"name\"><a href=\"").append(escape(entry.link));
            html.append("\">");
            html.append(escape(result.id() + " " + result.name())).append("</a><br>");
            html.append("<small class=\"kicker\">").append(result.tier()).append(", ");
            html.append(result.seeds()).append(result.seeds() == 1 ? " seed" : " seeds");
            html.append("</small></td><td>").append(escape(result.claim())).append("</td><td>");
            html.append(badge(result.verdict())).append(result.alarming() ? " ⚠" : "");
            html.append("<br><small class=\"kicker\">").append(result.asIntended()).append(" of ");
            html.append(result.predictions().size()).append("</small>");
            html.append("</td><td>").append(escape(row.name())).append("</td>");
            number(html, row.text());
            number(html, oracle(row));
            if (papers) {
                number(html, Numbers.text(row.paper()));
            }
            html.append("<td>").append(row.oracle()).append("</td>");
            number(html, Numbers.time(entry.seconds));
            html.append("</tr>\n");
        }
        for (var one : damaged) {
            html.append("<tr><td class=\"name\">")
                    .append(escape(one.folder()))
                    .append("</td><td></td><td>");
            html.append("<span class=\"badge FAILS\">DAMAGED</span></td><td colspan=\"6\">");
            html.append(escape(one.reason())).append("</td></tr>\n");
        }
        for (var card : waiting) {
            html.append("<tr><td class=\"name\">").append(escape(card.id() + " " + card.name()));
            html.append("</td><td>").append(escape(card.claim()));
            html.append(
                    "</td><td colspan=\"7\" class=\"kicker\">not run yet: <code>./fathom lab run ");
            html.append(escape(card.name())).append("</code></td></tr>\n");
        }
        html.append("</table></div>\n");
        return page("Laboratory", html.toString());
    }

    /** The number, with the sign of a bound, if there is one, else the words. */
    private static String oracle(Row row) {
        if (Double.isNaN(row.number())) {
            return row.expected();
        }
        var sign =
                row.expected().startsWith("≤ ")
                        ? "≤ "
                        : row.expected().startsWith("≥ ") ? "≥ " : "";
        return sign + Numbers.text(row.number());
    }

    /** Pictures first, each with claim, verdict and one paragraph. */
    static String tour(List<Stop> stops) {
        var html = new StringBuilder("<p class=\"kicker\">The laboratory</p>\n");
        html.append("<h1>A tour in ").append(stops.size());
        html.append(stops.size() == 1 ? " experiment" : " experiments").append("</h1>\n");
        html.append("<p>");
        for (int i = 0; i < stops.size(); i++) {
            var result = stops.get(i).result;
            html.append("<a href=\"#stop-").append(i + 1).append("\">");
            html.append(escape(result.id() + " " + result.name())).append("</a> ");
            html.append(badge(result.verdict())).append("&emsp; ");
        }
        html.append("</p>\n");
        for (int i = 0; i < stops.size(); i++) {
            var stop = stops.get(i);
            var result = stop.result;
            html.append("<section class=\"stop\" id=\"stop-").append(i + 1).append("\">\n");
            stop.figures.stream().limit(1).forEach(figure -> html.append(Html.figure(figure)));
            html.append(head(result)).append("<h1>").append(escape(result.claim()));
            html.append("</h1>\n<p>").append(escape(stop.card.part(Part.STORY))).append("</p>\n");
            var row = result.headline();
            html.append("<p class=\"reason\">").append(escape(row.name())).append(": ");
            html.append(escape(row.text())).append(" measured, ").append(escape(row.expected()));
            html.append(" predicted. ").append(escape(sentence(result.reason())));
            html.append(" <a href=\"").append(escape(stop.link)).append("\">All of it</a>.</p>\n");
            html.append("</section>\n");
        }
        return page("Laboratory: the tour", html.toString());
    }

    private static String page(String title, String body) {
        return """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <style>%s%s</style>
        <body>
        %s<script>%s</script>
        </body>
        </html>
        """
                .formatted(
                        escape(title),
                        resource("page.css"),
                        Svg.PAGE_STYLE,
                        body,
                        resource("page.js"));
    }

    private static String resource(String name) {
        try (var in = Objects.requireNonNull(Pages.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
