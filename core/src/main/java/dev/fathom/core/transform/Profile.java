package dev.fathom.core.transform;

import dev.fathom.core.spi.Program.Cost;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/**
 * Where the time of a compiled function goes: what its instructions cost, in the order of the
 * program. Printed as a table, dearest first:
 *
 * <pre>
 * 42.1 %   3.20 ms   1 x   96.3 GFLOP/s   4.1 GB/s   conv (128, 28, 28, 16) * (3, 3, 16, 16)
 * </pre>
 *
 * @param runs how many runs the costs add up
 * @param costs sums over these runs; the time of a loop contains that of what stands inside it
 */
public record Profile(int runs, List<Cost> costs) {
    /** Copies the list. */
    public Profile {
        costs = List.copyOf(costs);
    }

    static Profile sum(List<List<Cost>> runs) {
        var sums = new LinkedHashMap<String, Cost>();
        for (var run : runs) {
            for (var c : run) {
                sums.merge(
                        c.name(),
                        c,
                        (a, b) ->
                                new Cost(
                                        a.name(),
                                        a.calls() + b.calls(),
                                        a.nanos() + b.nanos(),
                                        a.flop() + b.flop(),
                                        a.bytes() + b.bytes()));
            }
        }
        return new Profile(runs.size(), List.copyOf(sums.values()));
    }

    /** Nanoseconds of a run, on average; loops are counted once, with what is inside them. */
    public double nanos() {
        return costs.stream().filter(c -> !isInside(c)).mapToLong(Cost::nanos).sum()
                / (double) Math.max(1, runs);
    }

    /** Floating-point operations of a run, loops included. */
    public long flop() {
        return costs.stream().mapToLong(Cost::flop).sum() / Math.max(1, runs);
    }

    private static boolean isInside(Cost c) {
        return c.name().contains(" > ");
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        double total = nanos();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%.3f ms a run (mean of %d), %.1f GFLOP/s%n",
                        total / 1e6,
                        runs,
                        flop() / Math.max(1, total)));
        costs.stream()
                .sorted(Comparator.comparingLong(Cost::nanos).reversed())
                .forEach(c -> {
                    double nanos = Math.max(1, c.nanos());
                    text.append(
                            String.format(
                                    Locale.ROOT,
                                    "%5.1f %% %9.3f ms %5d x %7.1f GFLOP/s %6.1f GB/s  %s%n",
                                    100 * nanos / runs / Math.max(1, total),
                                    nanos / runs / 1e6,
                                    c.calls() / runs,
                                    c.flop() / nanos,
                                    c.bytes() / nanos,
                                    c.name()));
                });
        return text.toString();
    }
}
