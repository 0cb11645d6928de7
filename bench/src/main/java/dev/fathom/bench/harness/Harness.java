package dev.fathom.bench.harness;

import dev.fathom.bench.harness.Side.Measured;
import dev.fathom.bench.harness.Side.Nothing;
import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Unit.Figure;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;
import dev.fathom.io.error.FileException;
import dev.fathom.io.numpy.Npz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs workloads on all sides, process by process in turn.
 *
 * @param sides Fathom first
 * @param rounds fresh processes for each side, where a process does not do a long thing once
 * @param protocol the name of what each process does
 * @param limits of this machine
 */
public record Harness(
        List<Side> sides, int rounds, String protocol, Limits limits, Progress progress) {
    /** A process that starts, and reads its problem. */
    private static final double START = 4;

    /** The share of a limit that a guess of the time assumes. */
    private static final double SHARE = 0.4;

    /** Seconds of a step, by such a guess at least, and where nothing is known of it. */
    private static final double SHORTEST = 1e-4;

    private static final double UNKNOWN = 1e-2;

    /** Copies the list. */
    public Harness {
        sides = List.copyOf(sides);
    }

    /** A side, and what it is told to run. */
    private record Contestant(String name, Side side, String workload) {}

    /**
     * One row; what a peer could not do stands in its notes.
     *
     * @throws BenchException if Fathom's own process fails
     */
    public Row run(Workload workload) {
        var measured = new LinkedHashMap<String, List<Measurement>>();
        var notes = new LinkedHashMap<String, String>();
        var empty = new LinkedHashMap<String, Long>();
        Path problem = problem(workload);
        Path cache = problem.resolveSibling(problem.getFileName() + ".aot");
        double each = processSeconds(workload, protocol, limits);
        double open = seconds(workload, sides.size(), rounds, protocol, limits);
        try {
            var contestants = contestants(workload, problem, cache, notes);
            boolean memory = workload.unit().figure() == Figure.MEMORY;
            for (var c : memory ? contestants : List.<Contestant>of()) {
                empty.put(c.name(), empty(c.side()));
            }
            int processes = rounds(workload, rounds);
            for (int round = 1; round <= processes; round++) {
                for (var c : contestants) {
                    if (notes.containsKey(c.name())) {
                        continue;
                    }
                    progress.begins(
                            String.format(
                                    Locale.ROOT,
                                    "%s: %s, process %d of %d",
                                    workload.name(),
                                    c.name(),
                                    round,
                                    processes));
                    long start = System.nanoTime();
                    switch (c.side().run(c.workload(), problem, workload.protocol(protocol))) {
                        case Measured m -> {
                            measured.computeIfAbsent(c.name(), _ -> new ArrayList<>())
                                    .add(m.measurement());
                            progress.ended(each, (System.nanoTime() - start) / 1e9);
                            open -= each;
                        }
                        case Nothing n -> notes.put(c.name(), n.reason());
                    }
                }
            }
        } finally {
            delete(problem);
            delete(cache);
            progress.skipped(open);
        }
        var ours = sides.getFirst().name();
        if (notes.containsKey(ours)) {
            throw new BenchException(workload.name() + ": " + ours + " " + notes.get(ours));
        }
        var summaries = new ArrayList<Summary>();
        measured.forEach((name, all) -> {
            if (!notes.containsKey(name)) {
                summaries.add(Summary.of(name, all, workload.unit(), empty.getOrDefault(name, 0L)));
            }
        });
        var row =
                new Row(
                        workload.name(),
                        workload.title(),
                        workload.unit(),
                        limits.share(workload, summaries.getFirst().stepsPerSecond()),
                        summaries,
                        notes);
        return row.comparable(workload.tolerance());
    }

    /** All that take part in a row, Fathom first. */
    private List<Contestant> contestants(
            Workload workload, Path problem, Path cache, Map<String, String> notes) {
        var fathom = sides.getFirst();
        var all = new ArrayList<>(List.of(new Contestant(fathom.name(), fathom, workload.name())));
        workload.against()
                .ifPresent(other ->
                        all.add(new Contestant(fathom.name() + ", " + other, fathom, other)));
        if (workload.cached()) {
            var name = fathom.name() + ", AOT cache";
            progress.begins(workload.name() + ": making the AOT cache");
            fathom.withOption("-XX:AOTCacheOutput=" + cache).run(workload.name(), problem, "quick");
            if (Files.exists(cache)) {
                var side = fathom.withOption("-XX:AOTCache=" + cache);
                all.add(new Contestant(name, side, workload.name()));
            } else {
                notes.put(name, "this Java made no cache");
            }
        }
        for (var peer : sides.subList(1, sides.size())) {
            all.add(new Contestant(peer.name(), peer, workload.ofPeers()));
        }
        return all;
    }

    /** The most memory of a process that does next to nothing. */
    private long empty(Side side) {
        var nothing = Workloads.empty();
        Path problem = problem(nothing);
        try {
            progress.begins(side.name() + ": an empty process");
            return switch (side.run(nothing.name(), problem, nothing.protocol(protocol))) {
                case Measured m -> m.measurement().peakBytes();
                case Nothing n ->
                        throw new BenchException(side.name() + ", empty process: " + n.reason());
            };
        } finally {
            delete(problem);
        }
    }

    /** Something long that is done once is done in one process. */
    private static int rounds(Workload workload, int rounds) {
        return switch (workload.protocol("")) {
            case Protocol.ONCE, Protocol.THRICE, Protocol.MEMORY, Protocol.MEMORY_SMALL -> 1;
            default -> rounds;
        };
    }

    /** About how long a row takes, guessed from what it computes. */
    public static double seconds(
            Workload workload, int sides, int rounds, String protocol, Limits limits) {
        int more = (workload.against().isPresent() ? 1 : 0) + (workload.cached() ? 2 : 0);
        return (sides + more)
                * rounds(workload, rounds)
                * processSeconds(workload, protocol, limits);
    }

    private static double processSeconds(Workload workload, String protocol, Limits limits) {
        double most = limits.mostSteps(workload);
        double step = most > 0 ? Math.max(SHORTEST, 1 / (most * SHARE)) : UNKNOWN;
        return START + Protocol.of(workload.protocol(protocol)).seconds(step);
    }

    static Path problem(Workload workload) {
        try {
            var file = Files.createTempFile("fathom-bench", ".npz");
            Npz.write(file, workload.problem());
            return file;
        } catch (IOException | FileException e) {
            throw new BenchException("the problem could not be written: " + e.getMessage());
        }
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new BenchException("could not delete " + file + ": " + e.getMessage());
        }
    }
}
