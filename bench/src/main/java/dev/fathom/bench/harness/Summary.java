package dev.fathom.bench.harness;

import dev.fathom.bench.measure.Measurement;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What the processes of one side measured, together.
 *
 * @param side its name
 * @param stepsPerSecond the median over processes
 * @param slowest of the processes
 * @param fastest of the processes
 * @param firstSeconds the median time to the first step
 * @param fullSpeedSeconds the median time to full speed
 * @param peakBytes the largest
 * @param value after the checked steps
 */
public record Summary(
        String side,
        double stepsPerSecond,
        double slowest,
        double fastest,
        double firstSeconds,
        double fullSpeedSeconds,
        long peakBytes,
        double value) {

    /** With rates of the {@code parts} that a measured step consists of. */
    static Summary of(String side, List<Measurement> all, int parts) {
        return new Summary(
                side,
                parts * median(all, Measurement::stepsPerSecond),
                parts * all.stream().mapToDouble(Measurement::stepsPerSecond).min().orElseThrow(),
                parts * all.stream().mapToDouble(Measurement::stepsPerSecond).max().orElseThrow(),
                median(all, Measurement::firstSeconds),
                median(all, Measurement::fullSpeedSeconds),
                all.stream().mapToLong(Measurement::peakBytes).max().orElse(0),
                all.getFirst().value());
    }

    private static double median(List<Measurement> all, ToDoubleFunction<Measurement> number) {
        var sorted = all.stream().mapToDouble(number).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
