package dev.fathom.bench.harness;

import java.util.Locale;
import java.util.function.Consumer;

/** Says what is being done, and about how long everything will still take. */
public final class Progress {
    private static final double MINUTE = 60;

    private final Consumer<String> says;
    private double expected;
    private double done;
    private double took;

    /**
     * At the beginning.
     *
     * @param expected seconds, by a rough guess; it is corrected by how long what has ended took
     */
    public Progress(double expected, Consumer<String> says) {
        this.expected = expected;
        this.says = says;
    }

    /** {@code what} begins. */
    void begins(String what) {
        says.accept("about " + left() + " left | " + what);
    }

    /** What {@code seconds} were expected for has taken {@code real} ones. */
    void ended(double seconds, double real) {
        skipped(seconds);
        done += seconds;
        took += real;
    }

    /** What {@code seconds} were expected for will not be done: it says nothing of the pace. */
    void skipped(double seconds) {
        expected -= seconds;
    }

    /** The time left, if all goes on as what has ended went. */
    String left() {
        double pace = done > 0 ? took / done : 1;
        return time(pace * Math.max(0, expected));
    }

    /** Seconds for people. */
    public static String time(double seconds) {
        return seconds < 2 * MINUTE
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / MINUTE);
    }
}
