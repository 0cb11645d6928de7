package dev.fathom.bench.libtorch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Steps;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that runs one workload on libtorch: {@code Worker NAME PROBLEM.npz PROTOCOL}. */
public final class Worker {
    private Worker() {}

    /** Prints the line of a measurement, or {@code UNSUPPORTED}. */
    public static void main(String[] arguments) throws IOException {
        var started = Measurement.started();
        try (var manager = NDManager.newBaseManager()) {
            NDList problem;
            try (InputStream in = Files.newInputStream(Path.of(arguments[1]))) {
                problem = NDList.decode(manager, in);
            }
            Steps steps = Networks.of(arguments[0], problem);
            if (steps == null) {
                System.out.println("UNSUPPORTED");
                return;
            }
            System.out.println(Measurement.of(steps, Protocol.of(arguments[2]), started).line());
        }
    }
}
