package dev.fathom.bench.dl4j;

import dev.fathom.bench.measure.Job;
import dev.fathom.io.numpy.Npz;

/** A process that runs one workload on Deeplearning4j: {@code Worker NAME PROBLEM.npz PROTOCOL}. */
public final class Worker {
    private Worker() {}

    /** As {@link Job#main}. */
    public static void main(String[] arguments) throws Exception {
        Job.main(arguments, framework());
    }

    static Job.Framework framework() {
        return (name, problem) -> Networks.of(name, new Problem(Npz.read(problem)));
    }
}
