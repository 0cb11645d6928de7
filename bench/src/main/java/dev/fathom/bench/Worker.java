package dev.fathom.bench;

import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.workload.Workloads;
import dev.fathom.io.numpy.Npz;

import java.nio.file.Path;

/** A process that runs one workload on Fathom: {@code Worker NAME PROBLEM.npz PROTOCOL}. */
public final class Worker {
    private Worker() {}

    /** Prints the line of a {@link Measurement}. */
    public static void main(String[] arguments) {
        var started = Measurement.started();
        var workload = Workloads.named(arguments[0]);
        var steps = workload.steps(Npz.read(Path.of(arguments[1])));
        var measured = Measurement.of(steps, Protocol.of(arguments[2]), started);
        System.out.println(measured.line());
    }
}
