package dev.fathom.core.transform;

import dev.fathom.core.tensor.Array;
import dev.fathom.core.transform.ComputationGraph.Node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Draws a computation graph: nodes in levels by depth, each under the middle of its parents. */
final class GraphDrawing {
    private static final int WIDTH = 132;
    private static final int HEIGHT = 44;
    private static final int GAP_X = 20;
    private static final int GAP_Y = 40;
    private static final int MARGIN = 16;

    private GraphDrawing() {}

    static String svg(List<Node> nodes, List<Node> outputs) {
        var levels = new TreeMap<Integer, List<Node>>();
        nodes.forEach(n -> levels.computeIfAbsent(n.depth(), _ -> new ArrayList<>()).add(n));
        int widest = levels.values().stream().mapToInt(List::size).max().orElse(1);
        int width = 2 * MARGIN + widest * (WIDTH + GAP_X) - GAP_X;
        int height = 2 * MARGIN + levels.size() * (HEIGHT + GAP_Y) - GAP_Y;
        Map<Node, Double> x = new HashMap<>();
        levels.forEach((_, row) -> place(row, x, width));
        var svg = new StringBuilder();
        svg.append(
                String.format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                                + " width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                                + " font-size=\"12\">%n",
                        width, height, width, height));
        svg.append(
                """
                <style>
                .n rect { fill: #f4f6fa; stroke: #4a6fa5; } .i rect { fill: #e8f3e8; stroke: #4b8f4b; }
                .c rect { fill: #f3f3f3; stroke: #999999; } .o rect { stroke-width: 3; }
                text { fill: #1c1c1c; text-anchor: middle; } .v { fill: #5c5c5c; font-size: 10px; }
                line { stroke: #8a94a6; marker-end: url(#a); }
                </style>
                <defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                <path d="M0 0 8 4 0 8z" fill="#8a94a6"/></marker></defs>
                """);
        for (var n : nodes) {
            for (var p : n.parents()) {
                svg.append(
                        String.format(
                                Locale.ROOT,
                                "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
                                x.get(p),
                                y(p.depth()) + HEIGHT,
                                x.get(n),
                                y(n.depth())));
            }
        }
        for (var n : nodes) {
            svg.append(box(n, x.get(n), y(n.depth()), outputs.contains(n)));
        }
        return svg.append("</svg>\n").toString();
    }

    private static int y(int level) {
        return MARGIN + level * (HEIGHT + GAP_Y);
    }

    /** Spreads a row as near to its nodes' parents as the room allows. */
    private static void place(List<Node> row, Map<Node, Double> x, int width) {
        var wish = new HashMap<Node, Double>();
        for (var n : row) {
            wish.put(n, n.parents().stream().mapToDouble(x::get).average().orElse(-1));
        }
        if (row.stream().noneMatch(n -> n.parents().isEmpty())) {
            row.sort((a, b) -> Double.compare(wish.get(a), wish.get(b)));
        }
        double step = WIDTH + GAP_X;
        double start = (width - row.size() * step + GAP_X) / 2.0 + WIDTH / 2.0;
        double last = MARGIN + WIDTH / 2.0 - step;
        for (int i = 0; i < row.size(); i++) {
            double want = wish.get(row.get(i)) < 0 ? start + i * step : wish.get(row.get(i));
            double most = width - MARGIN - WIDTH / 2.0 - (row.size() - 1 - i) * step;
            last = Math.max(last + step, Math.min(want, most));
            x.put(row.get(i), last);
        }
    }

    private static String box(Node n, double x, int y, boolean output) {
        var kind = n.operation().isPresent() ? "n" : n.name().equals("const") ? "c" : "i";
        var value =
                n.value().rank() == 0 && n.value() instanceof Array a
                        ? String.format(Locale.ROOT, "%.6g", a.item())
                        : n.value().type().toString();
        return String.format(
                Locale.ROOT,
                "<g class=\"%s\"><rect x=\"%.1f\" y=\"%d\" width=\"%d\" height=\"%d\""
                    + " rx=\"6\"/><text x=\"%.1f\" y=\"%d\">%s</text><text class=\"v\" x=\"%.1f\""
                    + " y=\"%d\">%s</text></g>%n",
                kind + (output ? " o" : ""),
                x - WIDTH / 2.0,
                y,
                WIDTH,
                HEIGHT,
                x,
                y + 18,
                escape(n.name()),
                x,
                y + 34,
                escape(value));
    }

    private static String escape(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
