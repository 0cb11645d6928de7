package dev.fathom.lab.figure;

import java.util.Locale;

/** Numbers as people read them, the same on every machine whatever its language. */
public final class Numbers {
    private static final double SMALLEST_PLAIN = 1e-3;
    private static final double LARGEST_PLAIN = 1e6;
    private static final int DIGITS = 4;

    private Numbers() {}

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
