package dev.fathom.bench.measure;

import java.nio.file.Path;

/** What every worker process does, whatever framework it runs. */
public final class Job {
    /** What the line begins with that says why a side cannot run a workload. */
    public static final String UNSUPPORTED = "UNSUPPORTED ";

    private Job() {}

    /** How a framework begins. */
    public interface Framework {
        /**
         * The steps of a workload.
         *
         * @param problem its weights and data, {@code .npz}
         * @throws Unsupported if this framework has nothing for it
         * @throws Exception if it fails
         */
        Steps steps(String workload, Path problem) throws Exception;
    }

    /** A workload that a framework has nothing for. */
    public static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;

        /** With the reason, which stands in the table. */
        public Unsupported(String reason) {
            super(reason);
        }
    }

    /**
     * Prints the line of a {@link Measurement}, or why there is none.
     *
     * @param arguments NAME PROBLEM.npz PROTOCOL
     */
    public static void main(String[] arguments, Framework framework) throws Exception {
        var started = Measurement.started();
        try {
            var steps = framework.steps(arguments[0], Path.of(arguments[1]));
            System.out.println(Measurement.of(steps, Protocol.of(arguments[2]), started).line());
        } catch (Unsupported e) {
            System.out.println(UNSUPPORTED + e.getMessage());
        }
    }
}
