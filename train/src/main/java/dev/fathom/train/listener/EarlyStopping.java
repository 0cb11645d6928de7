package dev.fathom.train.listener;

import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.util.Optional;

/**
 * Ends a run when {@code patience} epochs in a row were no better than the best before them. The
 * best model is {@link dev.fathom.train.loop.Fit#best}.
 *
 * @param patience how many epochs without improvement end the run, at least 1
 * @param watched the number that must improve; the trainer's monitor if none is given
 */
public record EarlyStopping(int patience, Optional<Monitor> watched) implements Listener {
    /** Checks the patience. */
    public EarlyStopping {
        if (patience < 1) {
            throw new SettingException(
                    "patience is "
                            + patience
                            + "; at least 1 epoch must be allowed to be no better");
        }
    }

    /** Watches the trainer's monitor. */
    public static EarlyStopping of(int patience) {
        return new EarlyStopping(patience, Optional.empty());
    }

    /** Watches another number, or the same with a least difference. */
    public EarlyStopping watching(Monitor monitor) {
        return new EarlyStopping(patience, Optional.of(monitor));
    }

    @Override
    public void fitStarted(Training training) {
        check(training);
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        check(training);
    }

    private void check(Training training) {
        var monitor = watched.orElse(training.monitor());
        var history = training.history();
        // with nothing but NaN there is no best epoch, and patience counts from the start
        int best = monitor.best(history).map(EpochRecord::epoch).orElse(0);
        int since = history.isEmpty() ? 0 : history.getLast().epoch() - best;
        if (since >= patience) {
            training.stop(
                    monitor.name()
                            + " has not improved for "
                            + since
                            + (since == 1 ? " epoch" : " epochs")
                            + (best == 0 ? "" : ", best in epoch " + best));
        }
    }
}
