package dev.fathom.train.listener;

import dev.fathom.train.checkpoint.Checkpoints;
import dev.fathom.train.error.CheckpointException;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.BatchResult;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.nio.file.Path;

/**
 * Saves a checkpoint at the beginning of a run, after every epoch, and, if asked for, every so many
 * steps. A listener is for one run at a time.
 */
public final class CheckpointListener implements Listener {
    private final Checkpoints checkpoints;
    private final long everySteps;
    private long saved = -1;

    private CheckpointListener(Checkpoints checkpoints, long everySteps) {
        this.checkpoints = checkpoints;
        this.everySteps = everySteps;
    }

    /** After every epoch, to {@code folder}, keeping the newest three and the best. */
    public static CheckpointListener to(Path folder) {
        return to(Checkpoints.in(folder));
    }

    /** After every epoch, to these checkpoints. */
    public static CheckpointListener to(Checkpoints checkpoints) {
        return new CheckpointListener(checkpoints, Long.MAX_VALUE);
    }

    /** Also whenever the number of steps is a multiple of {@code steps}. */
    public CheckpointListener everySteps(long steps) {
        if (steps < 1) {
            throw new SettingException(
                    "checkpoints every " + steps + " steps make no sense; at least 1");
        }
        return new CheckpointListener(checkpoints, steps);
    }

    @Override
    public void fitStarted(Training training) {
        checkpoints.removeLeftovers();
        if (!training.resumed() && !checkpoints.files().isEmpty()) {
            throw new CheckpointException(
                    checkpoints.folder()
                            + " has the checkpoints of another run. Resume that run with"
                            + " Trainer.resume(folder), or give this one a folder of its own");
        }
        saved = -1;
        save(training);
    }

    @Override
    public void batchEnded(Training training, BatchResult result) {
        // after the last batch of an epoch comes its end, where there is more to save
        if (result.step() % everySteps == 0 && result.batch() < training.batches()) {
            save(training);
        }
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        save(training);
    }

    @Override
    public void fitEnded(Training training) {
        save(training);
    }

    private void save(Training training) {
        var checkpoint = training.checkpoint();
        if (checkpoint.step() != saved) {
            checkpoints.save(checkpoint);
            saved = checkpoint.step();
        }
    }
}
