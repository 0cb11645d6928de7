package dev.fathom.bench.harness;

import dev.fathom.bench.harness.Side.Measured;
import dev.fathom.bench.harness.Side.Nothing;
import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.workload.Workload;
import dev.fathom.io.error.FileException;
import dev.fathom.io.numpy.Npz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Runs workloads on all sides, process by process in turn.
 *
 * @param sides Fathom first
 * @param rounds fresh processes for each side
 * @param protocol the name of what each process does
 * @param limits of this machine
 * @param says told what is being done
 */
public record Harness(
        List<Side> sides, int rounds, String protocol, Limits limits, Consumer<String> says) {
    /** Two sides that differ by more than this, relative, did not compute the same. */
    public static final double TOLERANCE = 1e-3;

    /** Copies the list. */
    public Harness {
        sides = List.copyOf(sides);
    }

    /**
     * One row; what a peer could not do stands in its notes.
     *
     * @throws BenchException if Fathom's own process fails
     */
    public Row run(Workload workload) {
        var measured = new LinkedHashMap<Side, List<Measurement>>();
        sides.forEach(side -> measured.put(side, new ArrayList<>()));
        var notes = new LinkedHashMap<String, String>();
        Path problem = problem(workload);
        try {
            for (int round = 1; round <= rounds; round++) {
                for (var side : sides) {
                    if (notes.containsKey(side.name())) {
                        continue;
                    }
                    says.accept(
                            String.format(
                                    Locale.ROOT,
                                    "%s: %s, process %d of %d",
                                    workload.name(),
                                    side.name(),
                                    round,
                                    rounds));
                    switch (side.run(workload.name(), problem, protocol)) {
                        case Measured m -> measured.get(side).add(m.measurement());
                        case Nothing n -> notes.put(side.name(), n.reason());
                    }
                }
            }
        } finally {
            delete(problem);
        }
        var ours = sides.getFirst().name();
        if (notes.containsKey(ours)) {
            throw new BenchException(workload.name() + ": " + ours + " " + notes.get(ours));
        }
        var summaries = new ArrayList<Summary>();
        measured.forEach((side, all) -> {
            if (!notes.containsKey(side.name())) {
                summaries.add(Summary.of(side.name(), all));
            }
        });
        double gigaflop = workload.flop() / 1e9;
        double fraction = gigaflop * summaries.getFirst().stepsPerSecond() / limits.gigaflops();
        return checked(
                new Row(workload.name(), workload.title(), gigaflop, fraction, summaries, notes));
    }

    /** The row without the peers that did not compute the same. */
    static Row checked(Row row) {
        var same = new ArrayList<>(List.of(row.fathom()));
        var notes = new LinkedHashMap<>(row.notes());
        for (var peer : row.sides().subList(1, row.sides().size())) {
            if (row.difference(peer) <= TOLERANCE) {
                same.add(peer);
            } else {
                notes.put(
                        peer.side(),
                        String.format(
                                Locale.ROOT,
                                "did not compute the same: it arrives at %.6g, Fathom at %.6g",
                                peer.value(),
                                row.fathom().value()));
            }
        }
        return new Row(row.workload(), row.title(), row.gigaflop(), row.fraction(), same, notes);
    }

    private static Path problem(Workload workload) {
        try {
            var file = Files.createTempFile("fathom-bench", ".npz");
            Npz.write(file, workload.problem());
            return file;
        } catch (IOException | FileException e) {
            throw new BenchException("the problem could not be written: " + e.getMessage());
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new BenchException("could not delete " + file + ": " + e.getMessage());
        }
    }
}
