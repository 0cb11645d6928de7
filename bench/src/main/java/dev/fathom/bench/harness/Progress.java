package dev.fathom.bench.harness;

import java.util.Locale;
import java.util.function.Consumer;

/** Says what is being done, and about how long everything will still take. */
public final class Progress {
    private static final double MINUTE = 60;

    private final double expected;
    private final Consumer<String> says;
    private final long start = System.nanoTime();
    private double done;

    /**
     * At the beginning.
     *
     * @param expected seconds, by a rough guess; it is corrected by how long the first parts took
     */
    public Progress(double expected, Consumer<String> says) {
        this.expected = expected;
        this.says = says;
    }

    /** {@code what} begins. */
    void begins(String what) {
        says.accept(left((System.nanoTime() - start) / 1e9) + " left | " + what);
    }

    /** What {@code seconds} were expected for has ended. */
    void ended(double seconds) {
        done += seconds;
    }

    /** The time left, {@code passed} seconds after the beginning. */
    String left(double passed) {
        // the guess counts as if a minute had been seen that went as expected
        double pace = (passed + MINUTE) / (done + MINUTE);
        return time(pace * Math.max(0, expected - done));
    }

    /** Seconds for people. */
    public static String time(double seconds) {
        return seconds < 2 * MINUTE
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / MINUTE);
    }
}
