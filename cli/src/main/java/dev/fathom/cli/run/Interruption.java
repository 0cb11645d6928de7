package dev.fathom.cli.run;

import dev.fathom.train.loop.BatchResult;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a run cleanly when the process is told to end. The JVM answers Ctrl-C (SIGINT) and SIGTERM
 * by running its shutdown hooks and then ending with 130 and 143; the hook here asks the training
 * to stop after the running step and waits until its checkpoint is on the disk.
 */
public final class Interruption implements Listener, AutoCloseable {
    /** Why a run stopped, as {@link dev.fathom.train.loop.Fit#stopped} says it. */
    public static final String REASON = "interrupted";

    /** The exit code of a process that SIGINT ended, by the custom of shells. */
    public static final int EXIT_CODE = 130;

    private static final long PATIENCE_SECONDS = 60;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::request, "fathom-interruption");
    private volatile boolean wanted;

    private Interruption() {}

    /** Listens from now on, until it is closed. */
    public static Interruption listening() {
        var interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Asks the training to stop and waits until it has. */
    void request() {
        wanted = true;
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return; // a step that takes this long has hung; the last checkpoint is there
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void batchEnded(Training training, BatchResult result) {
        if (wanted) {
            training.stop(REASON);
        }
    }

    /** Says that everything is on the disk. */
    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running, and has just been told that it may end
        }
    }
}
