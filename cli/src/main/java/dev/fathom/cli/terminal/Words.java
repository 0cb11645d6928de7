package dev.fathom.cli.terminal;

import dev.fathom.core.tensor.Shape;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers as people read them; the same on every machine, whatever its language. */
public final class Words {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;
    private static final double SMALLEST_PLAIN = 1e-3;
    private static final double LARGEST_PLAIN = 1e6;

    private Words() {}

    /** A whole number with commas: {@code 60,000}. */
    public static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** So many of something: {@code 1 epoch}, {@code 12 epochs}. */
    public static String count(long n, String what) {
        return count(n) + " " + what + (n == 1 ? "" : "s");
    }

    /** Sizes of axes: {@code 28x28x1}. */
    public static String shape(Shape shape) {
        return Arrays.stream(shape.dims())
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("x"));
    }

    /** About four digits, without needless zeros: {@code 0.3142}, {@code 1.5e-07}. */
    public static String number(double value) {
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < LARGEST_PLAIN) {
            return Long.toString((long) value);
        }
        if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN || !Double.isFinite(value)) {
            return String.format(Locale.ROOT, "%.3g", value);
        }
        int digits = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        var text = String.format(Locale.ROOT, "%." + digits + "f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }

    /** Four decimals, so that numbers below each other can be compared. */
    public static String decimals(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 1e6 ? "%.4f" : "%.4e", value);
    }

    /** A share in per cent: {@code 91.2 %}. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** Values from 0 up as a row of bars, the largest the highest: {@code ▂▄▆█▇▅▃▁}. */
    public static String curve(List<Double> values) {
        double most = values.stream().mapToDouble(v -> v).max().orElse(0);
        return values.stream()
                .map(v -> BARS.charAt(most > 0 ? Math.clamp(Math.round(v / most * 7), 0, 7) : 0))
                .map(String::valueOf)
                .collect(Collectors.joining());
    }

    /** Bytes with a binary unit: {@code 25.2 MiB}. */
    public static String bytes(long n) {
        double value = n;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    /** A time: {@code 8.4 s}, {@code 2 min 05 s}, {@code 1 h 12 min}. */
    public static String time(double seconds) {
        if (seconds < MINUTE) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < HOUR
                ? String.format(Locale.ROOT, "%d min %02d s", whole / MINUTE, whole % MINUTE)
                : String.format(Locale.ROOT, "%d h %02d min", whole / HOUR, whole % HOUR / MINUTE);
    }
}
