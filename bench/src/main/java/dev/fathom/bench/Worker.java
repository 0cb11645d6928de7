package dev.fathom.bench;

import dev.fathom.bench.measure.Job;
import dev.fathom.bench.workload.Workloads;
import dev.fathom.io.numpy.Npz;

/** A process that runs one workload on Fathom: {@code Worker NAME PROBLEM.npz PROTOCOL}. */
public final class Worker {
    private Worker() {}

    /** As {@link Job#main}. */
    public static void main(String[] arguments) throws Exception {
        Job.main(arguments, (name, problem) -> Workloads.named(name).steps(Npz.read(problem)));
    }
}
