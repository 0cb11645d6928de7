package dev.fathom.core.transform;

import dev.fathom.core.spi.Program.Cost;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A profile as one page of HTML without scripts or references. */
final class ProfilePage {
    private static final String STYLE =
            """
            :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
            body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; width: 100%; font-size: 13px; margin: 1rem 0 2rem; }
            th, td { padding: 2px 10px; text-align: right; white-space: nowrap; }
            th:last-child, td:last-child { text-align: left; width: 100%; white-space: normal; }
            tr { border-bottom: 1px solid #8884; }
            .row { display: flex; gap: 1px; margin-top: 1px; }
            .node { min-width: 0; overflow: hidden; }
            .bar { padding: 1px 4px; font-size: 12px; overflow: hidden; white-space: nowrap;
                   text-overflow: ellipsis; color: #111; border-radius: 2px; }
            """;

    /** Below this share of the whole a block would be a line without a name. */
    private static final double NARROWEST = 0.002;

    private final StringBuilder html = new StringBuilder();
    private final Profile profile;

    private ProfilePage(Profile profile) {
        this.profile = profile;
    }

    /** A layer with the layers and kernels inside it. */
    private static final class Node {
        private final Map<String, Node> inside = new LinkedHashMap<>();
        private long nanos;

        Node at(String name, long time) {
            var child = inside.computeIfAbsent(name, _ -> new Node());
            child.nanos += time;
            return child;
        }
    }

    static String of(String title, Profile profile) {
        return new ProfilePage(profile).page(title);
    }

    private String page(String title) {
        html.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>")
                .append(escaped(title))
                .append("</title><style>")
                .append(STYLE)
                .append("</style><body><h1>")
                .append(escaped(title))
                .append("</h1>\n<p>")
                .append(escaped(profile.summary()))
                .append(
                        ". Blocks are as wide as they take long: layers, and the kernels below"
                                + " them.")
                .append("</p>\n");
        var root = new Node();
        for (var c : profile.own()) {
            root.nanos += c.nanos();
            var node = root;
            for (var layer : layers(c)) {
                node = node.at(layer, c.nanos());
            }
            node.at(c.name(), c.nanos());
        }
        row(root, root.nanos, 0);
        html.append("<h2>By layer</h2>\n");
        table(profile.layers());
        html.append("<h2>By kernel</h2>\n");
        table(profile.kernels());
        html.append("<p>").append(escaped(Profile.LEGEND)).append("</p>\n");
        return html.append("</body></html>\n").toString();
    }

    private static List<String> layers(Cost c) {
        return c.layer().isEmpty() ? List.of("(no layer)") : List.of(c.layer().split(" > "));
    }

    private void row(Node node, long all, int depth) {
        html.append("<div class=\"row\">");
        node.inside.entrySet().stream()
                .filter(e -> e.getValue().nanos > NARROWEST * all)
                .forEach(e -> block(e.getKey(), e.getValue(), all, depth));
        html.append("</div>\n");
    }

    private void block(String name, Node node, long all, int depth) {
        double ms = node.nanos / 1e6 / profile.runs();
        double share = 100.0 * node.nanos / Math.max(1, all);
        boolean kernel = node.inside.isEmpty();
        var label = String.format(Locale.ROOT, "%s: %.3f ms, %.1f %%", name, ms, share);
        html.append(
                String.format(
                        Locale.ROOT,
                        "<div class=\"node\" style=\"flex:%d 1 0\"><div class=\"bar\""
                                + " style=\"background:hsl(%d 70%% %d%%)\" title=\"%s\">%s</div>",
                        Math.max(1, Math.round(1000 * share)),
                        kernel ? 205 : 38,
                        kernel ? 80 : Math.max(58, 78 - 5 * depth),
                        escaped(label),
                        escaped(name)));
        if (!kernel) {
            row(node, all, depth + 1);
        }
        html.append("</div>");
    }

    private void table(List<Cost> costs) {
        html.append("<table><tr><th>share<th>ms<th>calls<th>idle<th>GFLOP/s<th>GB/s")
                .append(profile.limit().isPresent() ? "<th>of the machine" : "")
                .append("<th>name</tr>\n");
        for (var c : costs) {
            double nanos = Math.max(1, c.nanos());
            html.append(
                    String.format(
                            Locale.ROOT,
                            "<tr><td>%.1f %%<td>%.3f<td>%d<td>%.0f"
                                    + " %%<td>%.1f<td>%.1f%s<td>%s</tr>%n",
                            100 * nanos / profile.runs() / Math.max(1, profile.nanos()),
                            nanos / profile.runs() / 1e6,
                            c.calls() / profile.runs(),
                            100 * c.idle() / nanos,
                            c.flop() / nanos,
                            c.bytes() / nanos,
                            profile.limit().map(l -> "<td>" + l.share(c)).orElse(""),
                            c.name().isEmpty() ? "(no layer)" : escaped(c.name())));
        }
        html.append("</table>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
