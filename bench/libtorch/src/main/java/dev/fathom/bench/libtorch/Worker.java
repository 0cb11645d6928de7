package dev.fathom.bench.libtorch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

import dev.fathom.bench.measure.Job;

import java.nio.file.Files;

/** A process that runs one workload on libtorch: {@code Worker NAME PROBLEM.npz PROTOCOL}. */
public final class Worker {
    private Worker() {}

    /** As {@link Job#main}. */
    public static void main(String[] arguments) throws Exception {
        try (var manager = NDManager.newBaseManager()) {
            Job.main(
                    arguments,
                    (name, problem) -> {
                        try (var in = Files.newInputStream(problem)) {
                            return Networks.of(name, NDList.decode(manager, in));
                        }
                    });
        }
    }
}
