package dev.fathom.train.listener;

import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.util.List;
import java.util.Optional;

/**
 * Multiplies the learning rate by {@code factor} whenever {@code patience} epochs in a row were no
 * better than the best before them; then the counting starts again. The optimizer must be
 * adjustable, such as {@code Sgd.of(0.1).adjustable()}.
 *
 * <p>The rate is a function of the history alone, so that a run that was killed goes on with the
 * same rate. We differ from PyTorch: it waits for patience + 1 epochs, and its least difference is
 * a share of the best value; ours is {@link Monitor#minDelta}.
 *
 * @param factor in (0, 1)
 * @param patience at least 1
 * @param least the multiple of the first rate below which it never falls, in [0, 1]
 * @param watched the number that must improve; the trainer's monitor if none is given
 */
public record ReduceOnPlateau(double factor, int patience, double least, Optional<Monitor> watched)
        implements Listener {
    /** Checks the numbers. */
    public ReduceOnPlateau {
        if (!(factor > 0 && factor < 1) || patience < 1 || !(least >= 0 && least <= 1)) {
            throw new SettingException(
                    "ReduceOnPlateau: factor "
                            + factor
                            + ", patience "
                            + patience
                            + ", least "
                            + least
                            + "; needed are a factor in (0, 1), at least 1 epoch of patience, and"
                            + " least in [0, 1]");
        }
    }

    /** Watches the trainer's monitor; the rate may fall without end. */
    public static ReduceOnPlateau of(double factor, int patience) {
        return new ReduceOnPlateau(factor, patience, 0, Optional.empty());
    }

    /** Watches another number, or the same with a least difference. */
    public ReduceOnPlateau watching(Monitor monitor) {
        return new ReduceOnPlateau(factor, patience, least, Optional.of(monitor));
    }

    /** With a multiple of the first rate below which it never falls. */
    public ReduceOnPlateau withLeast(double least) {
        return new ReduceOnPlateau(factor, patience, least, watched);
    }

    /** The multiple of the first learning rate after these epochs. */
    public double scale(List<EpochRecord> history, Monitor monitor) {
        double best = Double.NaN;
        int since = 0;
        double scale = 1;
        for (var epoch : history) {
            double value = monitor.of(epoch);
            if (monitor.isBetter(value, best)) {
                best = value;
                since = 0;
            } else if (++since == patience) {
                scale = Math.max(least, scale * factor);
                since = 0;
            }
        }
        return scale;
    }

    @Override
    public void fitStarted(Training training) {
        set(training);
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        set(training);
    }

    private void set(Training training) {
        training.scaleLearningRate(scale(training.history(), watched.orElse(training.monitor())));
    }
}
