package dev.fathom.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What one process measured.
 *
 * @param firstSeconds from the start of the process to the end of the first step
 * @param value {@link Steps#value} after the checked steps
 * @param stepsPerSecond the median of the blocks, or of the checked steps if there are no blocks
 * @param slowest the slowest block
 * @param fastest the fastest block
 * @param fullSpeedSeconds from the start of the process to the first step of a tenth of a second
 *     that ran at 95 % of the median; the end of the warm-up if there was none before
 * @param peakBytes the most memory that the process had, 0 where the system does not say
 */
public record Measurement(
        double firstSeconds,
        double value,
        double stepsPerSecond,
        double slowest,
        double fastest,
        double fullSpeedSeconds,
        long peakBytes) {
    private static final String MARK = "MEASUREMENT ";
    private static final double SLICE = 0.1;

    /**
     * The environment variable in which a worker finds when it was started. The system's own answer
     * is off by up to a second: Linux counts from the moment of its start, of which it gives whole
     * seconds.
     */
    public static final String STARTED = "FATHOM_BENCH_STARTED";

    /** When this process was started, as whoever started it says; else now. */
    public static Instant started() {
        var said = System.getenv(STARTED);
        return said == null ? Instant.now() : Instant.parse(said);
    }

    /** Seconds after which even the slowest steps are warm. */
    private static final double MOST_WARM = 30;

    /** Runs {@code steps} as the protocol says; {@code started} is when the process began. */
    public static Measurement of(Steps steps, Protocol protocol, Instant started) {
        steps.prepare();
        long i = 0;
        long begun = System.nanoTime();
        steps.step(i++);
        double value = steps.value();
        double first = Duration.between(started, Instant.now()).toNanos() / 1e9;
        var slices = new Slices(started);
        for (; steps.remembers() && i < protocol.checked(); i++) {
            slices.begin();
            steps.step(i);
            slices.end();
        }
        value = steps.value();
        double checked = i / ((System.nanoTime() - begun) / 1e9);
        long warm = System.nanoTime();
        long after = i + protocol.warmSteps();
        for (double s = 0; s < protocol.warmSeconds() || (i < after && s < MOST_WARM); ) {
            slices.begin();
            steps.step(i++);
            slices.end();
            s = (System.nanoTime() - warm) / 1e9;
        }
        steps.value();
        double warmed = Duration.between(started, Instant.now()).toNanos() / 1e9;
        var rates = new double[Math.max(1, protocol.blocks())];
        rates[0] = checked;
        for (int b = 0; b < protocol.blocks(); b++) {
            double each = protocol.seconds() / protocol.blocks();
            steps.prepare();
            long start = System.nanoTime();
            long from = i;
            double elapsed;
            do {
                steps.step(i++);
                elapsed = (System.nanoTime() - start) / 1e9;
            } while (elapsed < each);
            steps.value();
            rates[b] = (i - from) / ((System.nanoTime() - start) / 1e9);
        }
        Arrays.sort(rates);
        double median = (rates[(rates.length - 1) / 2] + rates[rates.length / 2]) / 2;
        return new Measurement(
                first,
                value,
                median,
                rates[0],
                rates[rates.length - 1],
                slices.reached(0.95 * median, warmed),
                mostMemory());
    }

    /** The rate in short stretches of time, to find out when full speed was reached. */
    private static final class Slices {
        private final Instant started;
        private final List<double[]> ends = new ArrayList<>();
        private long begun;
        private long steps;
        private double seconds;

        Slices(Instant started) {
            this.started = started;
        }

        void begin() {
            begun = System.nanoTime();
        }

        void end() {
            seconds += (System.nanoTime() - begun) / 1e9;
            steps++;
            if (seconds >= SLICE) {
                ends.add(
                        new double[] {
                            Duration.between(started, Instant.now()).toNanos() / 1e9,
                            steps / seconds
                        });
                seconds = 0;
                steps = 0;
            }
        }

        double reached(double rate, double otherwise) {
            return ends.stream()
                    .filter(e -> e[1] >= rate)
                    .mapToDouble(e -> e[0])
                    .findFirst()
                    .orElse(otherwise);
        }
    }

    private static long mostMemory() {
        var status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException unreadable) {
            return 0;
        }
    }

    /** One line that {@link #parse} reads. */
    public String line() {
        return String.format(
                Locale.ROOT,
                MARK + "%.6f %.9g %.6g %.6g %.6g %.6f %d",
                firstSeconds,
                value,
                stepsPerSecond,
                slowest,
                fastest,
                fullSpeedSeconds,
                peakBytes);
    }

    /** Whether {@link #parse} reads this line. */
    public static boolean isLine(String line) {
        return line.startsWith(MARK);
    }

    /** The measurement of a line. */
    public static Measurement parse(String line) {
        var part = line.substring(MARK.length()).split(" ");
        return new Measurement(
                Double.parseDouble(part[0]),
                Double.parseDouble(part[1]),
                Double.parseDouble(part[2]),
                Double.parseDouble(part[3]),
                Double.parseDouble(part[4]),
                Double.parseDouble(part[5]),
                Long.parseLong(part[6]));
    }
}
