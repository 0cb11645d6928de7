package dev.fathom.lab.figure;

import dev.fathom.lab.figure.Plot.Axis;
import dev.fathom.lab.figure.Plot.Scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An axis with its ends decided: where its values stand, and which of them are written. */
final class Ticks {
    private static final double LARGEST_PLAIN = 1e5;
    private static final double SMALLEST_PLAIN = 1e-3;

    private final Scale scale;
    private final double from;
    private final double to;

    /** A place on an axis; an empty label is a small tick. */
    record Tick(double at, String label) {}

    private Ticks(Scale scale, double from, double to) {
        this.scale = scale;
        this.from = from;
        this.to = to;
    }

    /**
     * Decides the ends by the values.
     *
     * @param room how much to leave free at each end, as a share
     */
    static Ticks of(Axis axis, List<double[]> values, double room) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (var some : values) {
            for (double v : some) {
                if (Double.isFinite(v) && (axis.scale() == Scale.LINEAR || v > 0)) {
                    low = Math.min(low, v);
                    high = Math.max(high, v);
                }
            }
        }
        if (!(low <= high)) {
            low = 1;
            high = 10;
        }
        double l = move(axis.scale(), low);
        double h = move(axis.scale(), high);
        double least = axis.scale() == Scale.LOG ? 0.1 : 1e-9 * Math.max(1, Math.abs(h));
        double pad =
                Math.max(room * (h - l), h - l < least ? Math.max(least, Math.abs(h) / 10) : 0);
        double from = Double.isNaN(axis.from()) ? back(axis.scale(), l - pad) : axis.from();
        double to = Double.isNaN(axis.to()) ? back(axis.scale(), h + pad) : axis.to();
        return new Ticks(axis.scale(), from, to);
    }

    /** This with another start, unless that is NaN or leaves nothing, or values lie below it. */
    Ticks from(double start) {
        boolean fits = scale == Scale.LINEAR && start < to && start - from < 0.1 * (to - from);
        return fits ? new Ticks(scale, start, to) : this;
    }

    private static double move(Scale scale, double v) {
        return scale == Scale.LOG ? Math.log10(v) : v;
    }

    private static double back(Scale scale, double v) {
        return scale == Scale.LOG ? Math.pow(10, v) : v;
    }

    double from() {
        return from;
    }

    double to() {
        return to;
    }

    /** Where a value stands: 0 at the start, 1 at the end; NaN if it has no place. */
    double place(double v) {
        if (scale == Scale.LOG && v <= 0) {
            return Double.NaN;
        }
        double l = move(scale, from);
        return (move(scale, v) - l) / (move(scale, to) - l);
    }

    /** About {@code wanted} written ticks, and small ones between. */
    List<Tick> ticks(int wanted) {
        return scale == Scale.LOG ? decades(wanted) : steps(wanted);
    }

    private List<Tick> steps(int wanted) {
        double step = step((to - from) / wanted);
        // one or two numbers do not make a scale
        for (int i = 0; i < 2 && Math.floor(to / step) - Math.ceil(from / step) < 2; i++) {
            step = step(step * 0.4);
        }
        var ticks = new ArrayList<Tick>();
        for (double k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9 * step; k++) {
            ticks.add(new Tick(k * step, number(k * step, step)));
        }
        return ticks;
    }

    /** The next number of 1, 2, 5, 10, 20, .. */
    private static double step(double atLeast) {
        double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
        double lead = atLeast / power * (1 - 1e-9); // 0.02/4 is 5 thousandths and a bit
        return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    }

    private List<Tick> decades(int wanted) {
        int low = (int) Math.floor(Math.log10(from) + 1e-9);
        int high = (int) Math.ceil(Math.log10(to) - 1e-9);
        double span = Math.log10(to / from);
        int every = Math.max(1, (int) Math.ceil(span / wanted));
        var ticks = new ArrayList<Tick>();
        for (int k = low; k <= high; k++) {
            for (int lead = 1; lead <= 9; lead++) {
                double v = Double.parseDouble(lead + "e" + k);
                if (v < from * (1 - 1e-9) || v > to * (1 + 1e-9)) {
                    continue;
                }
                boolean written =
                        lead == 1
                                ? Math.floorMod(k, every) == 0
                                : span < 0.7 || span < 2.2 && (lead == 2 || lead == 5);
                if (written) {
                    ticks.add(new Tick(v, power(v, lead, k)));
                } else if (every == 1 && span <= 5 || lead == 1) {
                    ticks.add(new Tick(v, ""));
                }
            }
        }
        return ticks;
    }

    private static String power(double v, int lead, int exponent) {
        if (exponent >= -3 && exponent <= 4) {
            return plain(v, Math.max(0, -exponent));
        }
        return (lead == 1 ? "" : lead + "·") + "10" + raised(exponent);
    }

    private static String number(double v, double step) {
        double size = Math.abs(v);
        if (size < step / 2) {
            return "0";
        }
        if (size >= LARGEST_PLAIN || step < SMALLEST_PLAIN) {
            int exponent = (int) Math.floor(Math.log10(size) + 1e-12);
            double lead = v / Math.pow(10, exponent);
            var digits = plain(lead, 2).replaceFirst("\\.?0+$", "");
            return (digits.equals("1") ? "" : digits + "·") + "10" + raised(exponent);
        }
        return plain(v, Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9)));
    }

    private static String plain(double v, int digits) {
        var text = String.format(Locale.ROOT, "%." + digits + "f", v).replace('-', '−');
        // a thin space in numbers of five digits
        return text.matches("\\d{5,}") ? text.replaceFirst("(\\d{3})$", "\u2009$1") : text;
    }

    private static String raised(int exponent) {
        var text = new StringBuilder();
        for (char c : Integer.toString(exponent).toCharArray()) {
            text.append(c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(c - '0'));
        }
        return text.toString();
    }
}
