package dev.fathom.train.history;

import dev.fathom.train.error.SettingException;

import java.util.List;
import java.util.Optional;

/**
 * The number by which epochs are compared: of the validation data if there is any, else of
 * training.
 *
 * @param name {@code loss} or the name of a metric
 * @param higherIsBetter true for accuracy, false for errors
 * @param minDelta how much better than the best an epoch must be to count as better, at least 0
 */
public record Monitor(String name, boolean higherIsBetter, double minDelta) {
    /** Checks the difference. */
    public Monitor {
        if (!(minDelta >= 0)) {
            throw new SettingException("minDelta is " + minDelta + "; it must be at least 0");
        }
    }

    /** The smaller the loss, the better. */
    public static Monitor loss() {
        return new Monitor("loss", false, 0);
    }

    /** The same with another least difference. */
    public Monitor withMinDelta(double minDelta) {
        return new Monitor(name, higherIsBetter, minDelta);
    }

    /** The number of an epoch. */
    public double of(EpochRecord epoch) {
        var value = epoch.judged().get(name);
        if (value == null) {
            throw new SettingException(
                    "there is no number called '"
                            + name
                            + "'; epochs have "
                            + epoch.judged().keySet());
        }
        return value;
    }

    /** Whether {@code value} is better than {@code best}; a NaN never is. */
    public boolean isBetter(double value, double best) {
        if (Double.isNaN(best)) {
            return !Double.isNaN(value);
        }
        return higherIsBetter ? value > best + minDelta : value < best - minDelta;
    }

    /**
     * The best epoch: going through them in order, the last that was better than the best before
     * it.
     */
    public Optional<EpochRecord> best(List<EpochRecord> epochs) {
        Optional<EpochRecord> best = Optional.empty();
        for (var epoch : epochs) {
            double value = of(epoch);
            if (best.map(b -> isBetter(value, of(b))).orElse(!Double.isNaN(value))) {
                best = Optional.of(epoch);
            }
        }
        return best;
    }
}
