package dev.fathom.bench.harness;

import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.measure.Unit;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What the processes of one side measured, together.
 *
 * @param side its name
 * @param figure in the unit of the row, the median over processes
 * @param least of the processes
 * @param most of the processes
 * @param stepsPerSecond the median
 * @param firstSeconds the median time to the first step
 * @param fullSpeedSeconds the median time to full speed
 * @param peakBytes the largest
 * @param value after the checked steps
 */
public record Summary(
        String side,
        double figure,
        double least,
        double most,
        double stepsPerSecond,
        double firstSeconds,
        double fullSpeedSeconds,
        long peakBytes,
        double value) {

    static Summary of(String side, List<Measurement> all, Unit unit, long emptyBytes) {
        return new Summary(
                side,
                median(all, m -> unit.of(m, emptyBytes)),
                all.stream().mapToDouble(m -> unit.of(m, emptyBytes)).min().orElseThrow(),
                all.stream().mapToDouble(m -> unit.of(m, emptyBytes)).max().orElseThrow(),
                median(all, Measurement::stepsPerSecond),
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
