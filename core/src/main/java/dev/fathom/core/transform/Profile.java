package dev.fathom.core.transform;

import dev.fathom.core.spi.Program.Cost;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Where the time of a compiled function goes: what its instructions cost, in the order of the
 * program. Printed as two tables, by kernel and by layer, dearest first; the backward pass counts
 * for the layer whose forward pass it belongs to.
 *
 * <pre>
 * 42.1 %   3.20 ms   1 x   4 % idle   96.3 GFLOP/s   4.1 GB/s   conv (128, 28, 28, 16) * (3, 3, 16, 16)
 * </pre>
 *
 * @param runs how many runs the costs add up: of those that were made the middle half by time,
 *     since a run in which the JVM compiles or something else has the machine may take ten times as
 *     long
 * @param costs sums over these runs; the time of a loop contains that of what stands inside it
 * @param allocated bytes that the calling thread allocates in a run, besides the results; empty if
 *     the backend does not know
 * @param traces how often the function was recorded before, once per new structure or types of its
 *     argument: more than once is a reason to look
 * @param limit what the machine can do, if it was measured: see {@link #against}
 */
public record Profile(
        int runs, List<Cost> costs, OptionalLong allocated, int traces, Optional<Limit> limit) {
    /** How to read the names of kernels and layers. */
    public static final String LEGEND =
            "dot MxKxN: (M, K) times (K, N). fused(N: ...): these operations, N elements each,"
                    + " tile by tile. dot ... fused(...): they take the rows of the product as"
                    + " they are made. A > B: B inside A; where threads share A out, what one of"
                    + " them did. An update that takes a gradient so"
                    + " counts for the layer of the product.";

    /** Copies the list. */
    public Profile {
        costs = List.copyOf(costs);
    }

    /**
     * What a machine can do at most.
     *
     * @param gigaflops multiply-adds from registers, 10⁹ operations a second
     * @param gigabytes copied through memory, read and written, 10⁹ bytes a second
     */
    public record Limit(double gigaflops, double gigabytes) {
        /** Checks that there is something to be measured by. */
        public Limit {
            if (!(gigaflops > 0 && gigabytes > 0)) {
                throw new IllegalArgumentException(
                        "a machine does more than nothing: %s GFLOP/s, %s GB/s"
                                .formatted(gigaflops, gigabytes));
            }
        }

        String summary() {
            return String.format(
                    Locale.ROOT,
                    "; the machine does at most %.0f GFLOP/s and copies %.0f GB/s",
                    gigaflops,
                    gigabytes);
        }

        /** The share of the nearer of the two that some work reaches, and which it is. */
        String share(Cost c) {
            double arithmetic = c.flop() / (gigaflops * Math.max(1, c.nanos()));
            double memory = c.bytes() / (gigabytes * Math.max(1, c.nanos()));
            return arithmetic >= memory
                    ? String.format(Locale.ROOT, "%3.0f %% of arithmetic", 100 * arithmetic)
                    : String.format(Locale.ROOT, "%3.0f %% of memory", 100 * memory);
        }
    }

    /**
     * The same costs beside what the machine can do: each line then says how much of it was
     * reached, of arithmetic or of memory, whichever is nearer (Williams, Waterman and Patterson,
     * <em>Roofline</em>, 2009). More than all of memory comes out of caches; more than all of
     * arithmetic is an algorithm that needs less than the definition, which is what is counted.
     */
    public Profile against(Limit most) {
        return new Profile(runs, costs, allocated, traces, Optional.of(most));
    }

    static Profile sum(List<List<Cost>> runs, OptionalLong allocated, int traces) {
        var middle = middleHalf(runs);
        var sums = new LinkedHashMap<List<String>, Cost>();
        for (var run : middle) {
            for (var c : run) {
                sums.merge(List.of(c.name(), c.layer()), c, Cost::plus);
            }
        }
        return new Profile(
                middle.size(), List.copyOf(sums.values()), allocated, traces, Optional.empty());
    }

    /** The runs without the fastest quarter and the slowest, both rounded down. */
    private static List<List<Cost>> middleHalf(List<List<Cost>> runs) {
        int quarter = runs.size() / 4;
        return runs.stream()
                .sorted(Comparator.comparingLong(Profile::outermost))
                .toList()
                .subList(quarter, runs.size() - quarter);
    }

    /** Nanoseconds of a run, on average; loops are counted once, with what is inside them. */
    public double nanos() {
        return outermost(costs) / (double) Math.max(1, runs);
    }

    private static long outermost(List<Cost> costs) {
        return costs.stream().filter(c -> !isInside(c)).mapToLong(Cost::nanos).sum();
    }

    /** Floating-point operations of a run, loops included. */
    public long flop() {
        return costs.stream().mapToLong(Cost::flop).sum() / Math.max(1, runs);
    }

    /** The share of the time that threads had nothing to do, from 0 to 1. */
    public double idle() {
        double idle = costs.stream().filter(c -> !isInside(c)).mapToLong(Cost::idle).sum();
        return idle / Math.max(1, runs) / Math.max(1, nanos());
    }

    private static boolean isInside(Cost c) {
        return c.name().contains(" > ");
    }

    /**
     * The costs by layer, dearest first; what belongs to no layer, or to several at once, such as
     * the update of all weights, has the empty name. A loop counts where its body does.
     */
    public List<Cost> layers() {
        return sorted(grouped(own(), Cost::layer));
    }

    /** The costs by kernel, dearest first; those in loops apart from those outside. */
    public List<Cost> kernels() {
        return sorted(grouped(costs, Cost::name));
    }

    /** A page with the two tables and a picture of layers and kernels as wide as they take long. */
    public String html(String title) {
        return ProfilePage.of(title, this);
    }

    /** The costs, with loops reduced to what their bodies do not account for. */
    List<Cost> own() {
        var left = new ArrayList<Cost>();
        var inside = new HashMap<String, Long>(); // time spent below each name
        var idle = new HashMap<String, Long>(); // and idle time
        for (var c : costs) {
            int end = c.name().lastIndexOf(" > ");
            if (end >= 0) {
                inside.merge(c.name().substring(0, end), c.nanos(), Long::sum);
                idle.merge(c.name().substring(0, end), c.idle(), Long::sum);
            }
        }
        for (var c : costs) {
            long below = Math.min(c.nanos(), inside.getOrDefault(c.name(), 0L));
            inside.computeIfPresent(c.name(), (_, all) -> all - below);
            long waited = Math.min(c.idle(), idle.getOrDefault(c.name(), 0L));
            idle.computeIfPresent(c.name(), (_, all) -> all - waited);
            left.add(
                    new Cost(
                            c.name(),
                            c.layer(),
                            c.calls(),
                            c.nanos() - below,
                            c.idle() - waited,
                            c.flop(),
                            c.bytes()));
        }
        return left;
    }

    private static List<Cost> grouped(List<Cost> costs, Function<Cost, String> by) {
        var groups = new LinkedHashMap<String, Cost>();
        for (var c : costs) {
            var name = by.apply(c);
            groups.merge(
                    name,
                    new Cost(name, c.layer(), c.calls(), c.nanos(), c.idle(), c.flop(), c.bytes()),
                    Cost::plus);
        }
        return List.copyOf(groups.values());
    }

    private static List<Cost> sorted(List<Cost> costs) {
        return costs.stream().sorted(Comparator.comparingLong(Cost::nanos).reversed()).toList();
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        text.append(summary()).append(System.lineSeparator());
        headings(text, "kernel");
        kernels().forEach(c -> line(text, c, c.name()));
        var layers = layers();
        if (layers.size() > 1 || layers.stream().anyMatch(c -> !c.name().isEmpty())) {
            headings(text, "layer");
            layers.forEach(c -> line(text, c, c.name().isEmpty() ? "(no layer)" : c.name()));
        }
        return text.toString();
    }

    /** Time, rate, idle threads, allocations, recordings and the machine in a sentence. */
    String summary() {
        return String.format(
                        Locale.ROOT,
                        "%.3f ms a run (mean of the middle %d), %.1f GFLOP/s, threads idle %.0f %%",
                        nanos() / 1e6,
                        runs,
                        flop() / Math.max(1, nanos()),
                        100 * idle())
                + (allocated.isPresent()
                        ? ", " + allocated.getAsLong() + " bytes allocated besides the results"
                        : "")
                + ", recorded "
                + traces
                + (traces == 1 ? " time by calls" : " times by calls")
                + limit.map(Limit::summary).orElse("");
    }

    private void headings(StringBuilder text, String what) {
        text.append(
                String.format(
                        "%7s %12s %7s %10s %15s %11s  %s%s%n",
                        "share",
                        "time a run",
                        "calls",
                        "threads",
                        "arithmetic",
                        "memory",
                        limit.map(_ -> String.format("%-20s  ", "of the machine")).orElse(""),
                        what));
    }

    private void line(StringBuilder text, Cost c, String name) {
        double nanos = Math.max(1, c.nanos());
        text.append(
                String.format(
                        Locale.ROOT,
                        "%5.1f %% %9.3f ms %5d x %3.0f %% idle %7.1f GFLOP/s %6.1f GB/s  %s%s%n",
                        100 * nanos / runs / Math.max(1, nanos()),
                        nanos / runs / 1e6,
                        c.calls() / runs,
                        100 * c.idle() / nanos,
                        c.flop() / nanos,
                        c.bytes() / nanos,
                        limit.map(l -> String.format("%-20s  ", l.share(c))).orElse(""),
                        name));
    }
}
