package dev.fathom.bench.harness;

import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.workload.Workload;
import dev.fathom.io.error.FileException;
import dev.fathom.io.numpy.Npz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
     * One row.
     *
     * @throws BenchException if a process fails, or if two sides did not compute the same
     */
    public Row run(Workload workload) {
        var measured = new ArrayList<List<Measurement>>();
        sides.forEach(_ -> measured.add(new ArrayList<>()));
        Path problem = problem(workload);
        try {
            for (int round = 0; round < rounds; round++) {
                for (int s = 0; s < sides.size(); s++) {
                    var side = sides.get(s);
                    says.accept(
                            String.format(
                                    Locale.ROOT,
                                    "%s: %s, process %d of %d",
                                    workload.name(),
                                    side.name(),
                                    round + 1,
                                    rounds));
                    Optional<Measurement> m = side.run(workload.name(), problem, protocol);
                    m.ifPresent(measured.get(s)::add);
                }
            }
        } finally {
            delete(problem);
        }
        var summaries = new ArrayList<Summary>();
        for (int s = 0; s < sides.size(); s++) {
            if (!measured.get(s).isEmpty()) {
                summaries.add(Summary.of(sides.get(s).name(), measured.get(s), workload.parts()));
            }
        }
        double gigaflop = workload.flop() / workload.parts() / 1e9;
        double fraction = gigaflop * summaries.getFirst().stepsPerSecond() / limits.gigaflops();
        var row = new Row(workload.name(), workload.title(), gigaflop, fraction, summaries);
        for (var peer : summaries.subList(1, summaries.size())) {
            if (!(row.difference(peer) <= TOLERANCE)) {
                throw new BenchException(
                        String.format(
                                Locale.ROOT,
                                "%s: Fathom arrives at %.6g, %s at %.6g: they do not compute the"
                                        + " same, so their speeds cannot be compared",
                                workload.name(),
                                row.fathom().value(),
                                peer.side(),
                                peer.value()));
            }
        }
        return row;
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
