package dev.fathom.bench.tensorflow;

import dev.fathom.bench.measure.Job;
import dev.fathom.io.numpy.Npz;

/** A process that runs one workload on TensorFlow: {@code Worker NAME PROBLEM.npz PROTOCOL}. */
public final class Worker {
    private Worker() {}

    /** As {@link Job#main}. */
    public static void main(String[] arguments) throws Exception {
        Job.main(arguments, framework());
    }

    static Job.Framework framework() {
        return (name, problem) -> new Networks(new Model(Npz.read(problem))).of(name);
    }
}
