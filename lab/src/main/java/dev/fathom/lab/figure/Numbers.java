package dev.fathom.lab.figure;

import java.util.Locale;

/** Numbers as people read them, the same on every machine whatever its language. */
public final class Numbers {
    private static final double SMALLEST_PLAIN = 1e-3;
    private static final double LARGEST_PLAIN = 1e6;
    private static final int DIGITS = 4;
    private static final int MOST_DIGITS = 9;

    private Numbers() {}

    /**
     * A number and its uncertainty, both to the second digit of the latter: {@code 1.021 ± 0.012}.
     */
    public static String spread(double value, double half) {
        double size = Math.max(Math.abs(value), half);
        int digits = 1 - (int) Math.floor(Math.log10(half));
        if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN || digits > MOST_DIGITS) {
            return text(value) + " ± " + text(half);
        }
        var format = "%." + Math.max(0, digits) + "f";
        return String.format(Locale.ROOT, format + " ± " + format, value, half);
    }

    /** A time: {@code 8.4 s}, {@code 2 min 05 s}, {@code 1 h 12 min}. */
    public static String time(double seconds) {
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }

    /** About four digits: {@code 0.3142}, {@code 1.5e-07}, {@code 61031}; a dash for NaN. */
    public static String text(double value) {
        double size = Math.abs(value);
        if (Double.isNaN(value)) {
            return "–";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "−∞";
        }
        if (value == Math.rint(value) && size < LARGEST_PLAIN) {
            return Long.toString((long) value);
        }
        if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN) {
            return String.format(Locale.ROOT, "%.3g", value).replaceFirst("\\.?0+e", "e");
        }
        int digits = Math.max(0, DIGITS - 1 - (int) Math.floor(Math.log10(size)));
        var text = String.format(Locale.ROOT, "%." + digits + "f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
