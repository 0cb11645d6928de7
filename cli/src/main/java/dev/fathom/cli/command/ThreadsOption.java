package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.machine.Machine;

import picocli.CommandLine.Option;

import java.util.Optional;

/** The option {@code --threads}, which has to be heard before the backend is loaded. */
final class ThreadsOption {
    private static final int MOST = 1024;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads that compute; all processors if not given. The result is the same, to"
                            + " the bit.")
    private Optional<Integer> threads = Optional.empty();

    /** Tells the backend, which reads it once when it is loaded. */
    void apply() {
        if (threads.isPresent()) {
            int n = threads.get();
            if (n < 1 || n > MOST) {
                throw new UsageException("--threads is a number from 1 to " + MOST + ", not " + n);
            }
            System.setProperty(Machine.THREADS, Integer.toString(n));
        }
    }
}
