package dev.fathom.lab.figure;

import java.util.ArrayList;
import java.util.List;

/**
 * Axes and what stands between them: lines, bands, points, bars, colours and contours, in any
 * mixture, drawn in the order in which they are added.
 *
 * <pre>{@code
 * Plot.of("risk", "The risk peaks where there are as many features as rows")
 *         .x("features p", Scale.LOG).y("risk", Scale.LOG)
 *         .line("theory", p, exact).points("simulated", p, measured)
 *         .vertical("p = n", 100)
 * }</pre>
 *
 * <p>Marks of the same label have the same colour, and one line in the legend; a mark with an empty
 * label has none.
 */
public record Plot(String name, String title, String caption, Axis x, Axis y, List<Mark> marks)
        implements Figure {

    /** How an axis is divided. */
    public enum Scale {
        LINEAR,
        LOG
    }

    /**
     * An axis.
     *
     * @param from where it starts; NaN if the data decide
     * @param to where it ends; NaN if the data decide
     * @param names the names of the positions 0, 1, 2, ..; empty if it has numbers
     */
    public record Axis(String label, Scale scale, double from, double to, List<String> names) {}

    /** Something between the axes. */
    public sealed interface Mark {
        /** What the legend calls it; empty if it does not. */
        String label();
    }

    /** A line through points; gaps where y is NaN. */
    public record Line(String label, double[] x, double[] y, boolean dashed) implements Mark {}

    /** The area between two lines. */
    public record Area(String label, double[] x, double[] low, double[] high) implements Mark {}

    /** Points. */
    public record Points(String label, double[] x, double[] y) implements Mark {}

    /** Upright lines from {@code low} to {@code high}: the uncertainty of points. */
    public record Whiskers(String label, double[] x, double[] low, double[] high) implements Mark {}

    /** Bars from 0 to {@code height} between neighbours of {@code edges}, one more than heights. */
    public record Bars(String label, double[] edges, double[] height) implements Mark {}

    /** A straight line across, at one value of y or of x. */
    public record Rule(String label, double at, boolean upright) implements Mark {}

    /** Colours over the plane. */
    public record Heat(String label, Grid grid, Colours colours, Scale scale) implements Mark {}

    /** Lines of equal height over the plane. */
    public record Contours(String label, Grid grid, double[] levels) implements Mark {}

    /** Words at a place, the first letter there. */
    public record Words(String label, double x, double y) implements Mark {}

    /** What value has what colour. */
    public enum Colours {
        /** From dark to light, for values without a middle. */
        SEQUENTIAL,
        /** From blue to red by way of white at 0. */
        DIVERGING,
        /** One colour for each whole number: maps of regions. */
        CATEGORIES,
        /** From black to white. */
        GREY
    }

    /** Empty axes. */
    public static Plot of(String name, String title) {
        var axis = new Axis("", Scale.LINEAR, Double.NaN, Double.NaN, List.of());
        return new Plot(name, title, "", axis, axis, List.of());
    }

    /** What to look at. */
    public Plot caption(String words) {
        return new Plot(name, title, words, x, y, marks);
    }

    /** Names and divides the horizontal axis. */
    public Plot x(String label, Scale scale) {
        return new Plot(name, title, caption, labelled(x, label, scale), y, marks);
    }

    /** Names the horizontal axis. */
    public Plot x(String label) {
        return x(label, Scale.LINEAR);
    }

    /** Names and divides the vertical axis. */
    public Plot y(String label, Scale scale) {
        return new Plot(name, title, caption, x, labelled(y, label, scale), marks);
    }

    /** Names the vertical axis. */
    public Plot y(String label) {
        return y(label, Scale.LINEAR);
    }

    /** Ends of the horizontal axis; NaN leaves one to the data. */
    public Plot xRange(double from, double to) {
        var axis = new Axis(x.label, x.scale, from, to, x.names);
        return new Plot(name, title, caption, axis, y, marks);
    }

    /** Ends of the vertical axis; NaN leaves one to the data. */
    public Plot yRange(double from, double to) {
        var axis = new Axis(y.label, y.scale, from, to, y.names);
        return new Plot(name, title, caption, x, axis, marks);
    }

    /** Puts names at 0, 1, 2, .. of the horizontal axis. */
    public Plot xNames(List<String> names) {
        var axis = new Axis(x.label, Scale.LINEAR, -0.6, names.size() - 0.4, List.copyOf(names));
        return new Plot(name, title, caption, axis, y, marks);
    }

    /** A line through points. */
    public Plot line(String label, double[] xs, double[] ys) {
        return with(new Line(label, xs, ys, false));
    }

    /** A line through the points of a curve. */
    public Plot line(String label, Curve curve) {
        return line(label, curve.x(), curve.y());
    }

    /** A dashed line: a theory, a bound, a comparison. */
    public Plot dashed(String label, double[] xs, double[] ys) {
        return with(new Line(label, xs, ys, true));
    }

    /** A dashed line through the points of a curve: what ought to be. */
    public Plot dashed(String label, Curve curve) {
        return dashed(label, curve.x(), curve.y());
    }

    /** The mean as a line and its interval as a band. */
    public Plot band(String label, Band band) {
        return with(new Area(label, band.x(), band.low(), band.high()))
                .with(new Line(label, band.x(), band.mean(), false));
    }

    /** Points. */
    public Plot points(String label, double[] xs, double[] ys) {
        return with(new Points(label, xs, ys));
    }

    /** The points of a curve. */
    public Plot points(String label, Curve curve) {
        return points(label, curve.x(), curve.y());
    }

    /** Points with the interval of each as an upright line. */
    public Plot points(String label, Band band) {
        return with(new Whiskers(label, band.x(), band.low(), band.high()))
                .points(label, band.x(), band.mean());
    }

    /** Bars at 0, 1, 2, ..: give the axis their names. */
    public Plot bars(String label, double... heights) {
        return bars(label, 0, 1, heights);
    }

    /**
     * Bars of group {@code group} out of {@code groups} that stand beside each other at 0, 1, 2, ..
     */
    public Plot bars(String label, int group, int groups, double... heights) {
        var plot = this;
        double width = 0.8 / groups;
        for (int i = 0; i < heights.length; i++) {
            double left = i - 0.4 + group * width;
            plot =
                    plot.with(
                            new Bars(
                                    label,
                                    new double[] {left, left + width},
                                    new double[] {heights[i]}));
        }
        return plot;
    }

    /** How often values fall into each of {@code bins} equal parts, as a density. */
    public Plot histogram(String label, int bins, double... values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double v : values) {
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
        if (!(high > low)) {
            high = low + 1;
        }
        var heights = new double[bins];
        double width = (high - low) / bins;
        for (double v : values) {
            heights[Math.min(bins - 1, (int) ((v - low) / width))] += 1 / (values.length * width);
        }
        return with(new Bars(label, Grid.spaced(low, high, bins + 1), heights));
    }

    /** A line across at one value of y. */
    public Plot horizontal(String label, double at) {
        return with(new Rule(label, at, false));
    }

    /** A line upright at one value of x. */
    public Plot vertical(String label, double at) {
        return with(new Rule(label, at, true));
    }

    /** Colours over the plane, with a scale beside it. */
    public Plot heat(String label, Grid grid, Colours colours) {
        return with(new Heat(label, grid, colours, Scale.LINEAR));
    }

    /** Lines of equal height over the plane. */
    public Plot contours(Grid grid, double... levels) {
        return with(new Contours("", grid, levels));
    }

    /** Words at a place. */
    public Plot words(String text, double x, double y) {
        return with(new Words(text, x, y));
    }

    /** Adds a mark. */
    public Plot with(Mark mark) {
        var all = new ArrayList<>(marks);
        all.add(mark);
        return new Plot(name, title, caption, x, y, List.copyOf(all));
    }

    private static Axis labelled(Axis axis, String label, Scale scale) {
        return new Axis(label, scale, axis.from, axis.to, axis.names);
    }
}
