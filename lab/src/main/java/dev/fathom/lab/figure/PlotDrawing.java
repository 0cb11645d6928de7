package dev.fathom.lab.figure;

import static dev.fathom.lab.figure.Ink.at;

import dev.fathom.lab.figure.Ink.Anchor;
import dev.fathom.lab.figure.Plot.Area;
import dev.fathom.lab.figure.Plot.Bars;
import dev.fathom.lab.figure.Plot.Contours;
import dev.fathom.lab.figure.Plot.Heat;
import dev.fathom.lab.figure.Plot.Line;
import dev.fathom.lab.figure.Plot.Mark;
import dev.fathom.lab.figure.Plot.Points;
import dev.fathom.lab.figure.Plot.Rule;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.figure.Plot.Whiskers;
import dev.fathom.lab.figure.Plot.Words;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Draws one plot into a rectangle: title, legend, axes, marks. */
final class PlotDrawing {
    private static final double TITLE = 15;
    private static final double TEXT = 12;
    private static final double LINE_HEIGHT = 18;
    private static final double LEFT = 66;
    private static final double RIGHT = 18;
    private static final double BOTTOM = 50;
    private static final double SCALE_ROOM = 74;
    private static final double SWATCH = 24;
    private static final int MANY_POINTS = 400;

    private final Plot plot;
    private final Ink ink;
    private final Map<String, Integer> series = new LinkedHashMap<>();
    private final Ticks xs;
    private final Ticks ys;
    private final double left;
    private final double top;
    private final double width;
    private final double height;

    private PlotDrawing(Plot plot, Ink ink, double x, double y, double w, double h) {
        this.plot = plot;
        this.ink = ink;
        boolean field = false;
        var horizontal = new ArrayList<double[]>();
        var vertical = new ArrayList<double[]>();
        for (var mark : plot.marks()) {
            number(mark);
            field |= mark instanceof Heat || mark instanceof Contours;
            extent(mark, horizontal, vertical);
        }
        boolean bars = plot.marks().stream().anyMatch(Bars.class::isInstance);
        this.xs = Ticks.of(plot.x(), horizontal, field ? 0 : bars ? 0.01 : 0.03);
        this.ys = Ticks.of(plot.y(), vertical, field ? 0 : 0.06).from(bars ? 0 : Double.NaN);
        this.left = x + LEFT;
        double scale = heats().isEmpty() ? 0 : SCALE_ROOM;
        this.width = w - LEFT - RIGHT - scale;
        double head = heading(x, y, w);
        this.top = head;
        this.height = y + h - BOTTOM - head;
    }

    static void draw(Plot plot, Ink ink, double x, double y, double w, double h) {
        new PlotDrawing(plot, ink, x, y, w, h).draw();
    }

    /** Marks of one label share a number, and so colour, shape and line of the legend. */
    private void number(Mark mark) {
        boolean coloured =
                switch (mark) {
                    case Line _, Area _, Points _, Whiskers _, Bars _ -> true;
                    case Rule _, Heat _, Contours _, Words _ -> false;
                };
        if (coloured && !mark.label().isEmpty()) {
            // the first colour is too near to those of fields
            int first = plot.marks().stream().anyMatch(Heat.class::isInstance) ? 1 : 0;
            series.putIfAbsent(mark.label(), series.size() + first);
        }
    }

    private static void extent(Mark mark, List<double[]> x, List<double[]> y) {
        switch (mark) {
            case Line m -> {
                x.add(m.x());
                y.add(m.y());
            }
            case Points m -> {
                x.add(m.x());
                y.add(m.y());
            }
            case Area m -> {
                x.add(m.x());
                y.add(m.low());
                y.add(m.high());
            }
            case Whiskers m -> {
                x.add(m.x());
                y.add(m.low());
                y.add(m.high());
            }
            case Bars m -> {
                x.add(m.edges());
                y.add(m.height());
                y.add(new double[1]);
            }
            case Rule m -> (m.upright() ? x : y).add(new double[] {m.at()});
            case Heat m -> {
                x.add(edges(m.grid().x()));
                y.add(edges(m.grid().y()));
            }
            case Contours m -> {
                x.add(m.grid().x());
                y.add(m.grid().y());
            }
            case Words _ -> {}
        }
    }

    /** The outer edges of cells around positions. */
    private static double[] edges(double[] at) {
        int n = at.length;
        double before = n > 1 ? (at[1] - at[0]) / 2 : 0.5;
        double after = n > 1 ? (at[n - 1] - at[n - 2]) / 2 : 0.5;
        return new double[] {at[0] - before, at[n - 1] + after};
    }

    private List<Heat> heats() {
        return plot.marks().stream()
                .filter(Heat.class::isInstance)
                .map(Heat.class::cast)
                .filter(heat -> heat.colours() != Plot.Colours.CATEGORIES)
                .toList();
    }

    private double heading(double x, double y, double w) {
        double at = y + 8;
        if (!plot.title().isEmpty()) {
            for (var line : Ink.lines(plot.title(), TITLE, w - RIGHT - 12)) {
                at += TITLE + 4;
                ink.text(line, x + 12, at, TITLE, Anchor.START, true);
            }
            at += 6;
        }
        if (series.size() > 0) {
            double right = x + w - RIGHT;
            double place = left;
            at += LINE_HEIGHT;
            for (var entry : series.entrySet()) {
                double wide = SWATCH + 8 + Ink.width(entry.getKey(), TEXT) + 14;
                if (place + wide > right && place > left) {
                    place = left;
                    at += LINE_HEIGHT;
                }
                swatch(entry.getKey(), entry.getValue(), place, at - 4);
                ink.text(entry.getKey(), place + SWATCH + 6, at, TEXT, Anchor.START, false);
                place += wide;
            }
        }
        return at + 10;
    }

    private void swatch(String label, int number, double x, double y) {
        for (var mark : plot.marks()) {
            if (!mark.label().equals(label)) {
                continue;
            }
            switch (mark) {
                case Line m -> {
                    var d = "M" + at(x) + " " + at(y) + "h" + at(SWATCH);
                    ink.path(number, d, 2.2, dashes(m, number));
                }
                case Area _ -> ink.area(number, rectangle(x, y - 5, SWATCH, 10), 0.22);
                case Bars _ -> ink.area(number, rectangle(x + 6, y - 6, 12, 12), 0.85);
                case Points _ -> ink.mark(number, x + SWATCH / 2, y, 4);
                case Whiskers _ ->
                        ink.stroke(number, 1.5, x + SWATCH / 2, y - 7, x + SWATCH / 2, y + 7);
                case Rule _, Heat _, Contours _, Words _ -> {}
            }
        }
    }

    private static String rectangle(double x, double y, double w, double h) {
        return "M%s %sh%sv%sh%sz".formatted(at(x), at(y), at(w), at(h), at(-w));
    }

    private int number(String label) {
        return series.getOrDefault(label, 0);
    }

    private double px(double v) {
        return left + width * xs.place(v);
    }

    private double py(double v) {
        return top + height * (1 - ys.place(v));
    }

    private void draw() {
        boolean field = plot.marks().stream().anyMatch(Heat.class::isInstance);
        axes(!field);
        ink.window(left, top, width, height);
        for (var mark : plot.marks()) {
            draw(mark, field);
        }
        ink.close();
        ink.box(left, top, width, height);
        for (var heat : heats()) {
            scale(heat);
        }
    }

    private void axes(boolean lines) {
        var names = plot.x().names();
        if (names.isEmpty()) {
            for (var tick : xs.ticks((int) Math.max(3, width / 75))) {
                double x = px(tick.at());
                if (lines && !tick.label().isEmpty()) {
                    ink.gridline(x, top, x, top + height);
                }
                ink.tick(x, top + height, x, top + height + (tick.label().isEmpty() ? 3 : 5));
                ink.text(tick.label(), x, top + height + 18, TEXT, Anchor.MIDDLE, false);
            }
        } else {
            for (int i = 0; i < names.size(); i++) {
                ink.text(names.get(i), px(i), top + height + 18, TEXT, Anchor.MIDDLE, false);
            }
        }
        for (var tick : ys.ticks((int) Math.max(3, height / 45))) {
            double y = py(tick.at());
            if (lines && !tick.label().isEmpty()) {
                ink.gridline(left, y, left + width, y);
            }
            ink.tick(left - (tick.label().isEmpty() ? 3 : 5), y, left, y);
            ink.text(tick.label(), left - 8, y + 4, TEXT, Anchor.END, false);
        }
        ink.text(plot.x().label(), left + width / 2, top + height + 40, 13, Anchor.MIDDLE, false);
        ink.climbing(plot.y().label(), left - 50, top + height / 2, 13);
    }

    private void draw(Mark mark, boolean field) {
        int number = number(mark.label());
        switch (mark) {
            case Line m -> {
                double wide = m.label().isEmpty() ? 1.2 : 2.2;
                var d = path(m.x(), m.y());
                if (field) {
                    ink.halo(d, wide + 2.4);
                }
                ink.path(number, d, wide, dashes(m, number));
            }
            case Area m -> {
                var d = path(m.x(), m.high());
                var back = path(reversed(m.x()), reversed(m.low()));
                ink.area(number, d + back.replace('M', 'L') + "z", 0.22);
            }
            case Points m -> {
                double r = m.x().length > MANY_POINTS ? 2 : 4;
                for (int i = 0; i < m.x().length; i++) {
                    if (isShown(m.x()[i], m.y()[i])) {
                        ink.mark(number, px(m.x()[i]), py(m.y()[i]), r);
                    }
                }
            }
            case Whiskers m -> {
                for (int i = 0; i < m.x().length; i++) {
                    double x = px(m.x()[i]);
                    double low = py(Math.max(m.low()[i], ys.from()));
                    ink.stroke(number, 1.6, x, low, x, py(m.high()[i]));
                }
            }
            case Bars m -> {
                double opacity = m.height().length > 1 ? 0.55 : 0.85;
                double floor = plot.y().scale() == Scale.LOG ? top + height : py(0);
                var d = new StringBuilder(); // one path, so that neighbours have no seam
                for (int i = 0; i < m.height().length; i++) {
                    double x = px(m.edges()[i]);
                    double y = py(m.height()[i]);
                    if (Double.isFinite(y)) {
                        d.append(rectangle(x, y, px(m.edges()[i + 1]) - x, floor - y));
                    }
                }
                ink.area(number, d.toString(), opacity);
            }
            case Rule m -> rule(m);
            case Heat m -> heat(m);
            case Contours m -> contours(m, field);
            case Words m -> ink.label(m.label(), px(m.x()), py(m.y()), TEXT, Anchor.START);
        }
    }

    private boolean isShown(double x, double y) {
        return Double.isFinite(xs.place(x)) && Double.isFinite(ys.place(y));
    }

    private static String dashes(Line line, int number) {
        return line.dashed() ? "7 5" : number >= 4 ? "12 3 2 3" : "";
    }

    private void rule(Rule m) {
        if (m.upright()) {
            double x = px(m.at());
            ink.rule(x, top, x, top + height);
            boolean right = x + Ink.width(m.label(), TEXT) + 8 < left + width;
            var anchor = right ? Anchor.START : Anchor.END;
            ink.label(m.label(), x + (right ? 6 : -6), top + 16, TEXT, anchor);
        } else {
            double y = py(m.at());
            ink.rule(left, y, left + width, y);
            double above = y - 6 > top + TEXT ? y - 6 : y + TEXT + 4;
            ink.label(m.label(), left + width - 6, above, TEXT, Anchor.END);
        }
    }

    /** A path with gaps where a value has no place; of many points, the extremes of each pixel. */
    private String path(double[] x, double[] y) {
        var d = new StringBuilder();
        boolean pen = false;
        double column = Double.NaN;
        double low = 0;
        double high = 0;
        boolean thin = x.length > 3 * width;
        for (int i = 0; i < x.length; i++) {
            if (!isShown(x[i], y[i])) {
                pen = false;
                continue;
            }
            double px = px(x[i]);
            // far outside the window a coordinate would only cost room
            double py = Math.clamp(py(y[i]), top - 10 * height, top + 11 * height);
            if (thin && pen && Math.floor(px) == column && py >= low && py <= high) {
                continue;
            }
            if (Math.floor(px) == column) {
                low = Math.min(low, py);
                high = Math.max(high, py);
            } else {
                column = Math.floor(px);
                low = py;
                high = py;
            }
            d.append(pen ? 'L' : 'M').append(at(px)).append(' ').append(at(py));
            pen = true;
        }
        return d.toString();
    }

    private static double[] reversed(double[] values) {
        var turned = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            turned[i] = values[values.length - 1 - i];
        }
        return turned;
    }

    private void heat(Heat m) {
        var z = m.grid().z();
        int rows = z.length;
        int columns = z[0].length;
        var range = Range.of(m);
        var pixels = new int[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                pixels[(rows - 1 - i) * columns + j] = range.colour(z[i][j]);
            }
        }
        var xe = edges(m.grid().x());
        var ye = edges(m.grid().y());
        double x = px(xe[0]);
        double y = py(ye[1]);
        ink.image(pixels, columns, rows, x, y, px(xe[1]) - x, py(ye[0]) - y);
    }

    private void contours(Contours m, boolean field) {
        var levels = m.levels();
        for (int i = 0; i < levels.length; i++) {
            var d = Contour.path(m.grid(), levels[i], this::px, this::py);
            double share = levels.length == 1 ? 0.5 : 0.3 + 0.5 * i / (levels.length - 1);
            ink.isoline(d, field ? -1 : Palette.at(Plot.Colours.SEQUENTIAL, share));
        }
    }

    /** The colours of a field with their numbers, to the right of the axes. */
    private void scale(Heat m) {
        var range = Range.of(m);
        int steps = 100;
        var pixels = new int[steps];
        var axis = new Plot.Axis("", m.scale(), range.low(), range.high(), List.of());
        var ticks = Ticks.of(axis, List.of(), 0);
        for (int i = 0; i < steps; i++) {
            pixels[i] = range.shade(1 - (i + 0.5) / steps);
        }
        double x = left + width + 16;
        ink.image(pixels, 1, steps, x, top, 14, height);
        ink.box(x, top, 14, height);
        for (var tick : ticks.ticks((int) Math.max(3, height / 50))) {
            double y = top + height * (1 - ticks.place(tick.at()));
            ink.tick(x + 14, y, x + 18, y);
            ink.text(tick.label(), x + 22, y + 4, 11, Anchor.START, false);
        }
        ink.text(m.label(), x - 4, top - 6, TEXT, Anchor.START, false);
    }
}
