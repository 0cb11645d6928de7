package dev.fathom.train.history;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One epoch in numbers. The training numbers are means over the epoch of what each step saw before
 * its update, with dropout and batch statistics as they were then; the validation numbers are those
 * of the model at its end.
 *
 * @param epoch which one, from 1
 * @param step optimizer steps since the beginning of the run
 * @param examples examples trained on in this epoch
 * @param seconds how long it took, validation included
 * @param train by name, {@code loss} first
 * @param validation by name, {@code loss} first; empty without validation data
 */
public record EpochRecord(
        int epoch,
        long step,
        long examples,
        double seconds,
        Map<String, Double> train,
        Map<String, Double> validation) {
    /** Keeps the order. */
    public EpochRecord {
        train = Collections.unmodifiableMap(new LinkedHashMap<>(train));
        validation = Collections.unmodifiableMap(new LinkedHashMap<>(validation));
    }

    /** The same numbers without the time, which no two runs share. */
    public EpochRecord untimed() {
        return new EpochRecord(epoch, step, examples, 0, train, validation);
    }

    /** Validation numbers if there are any, else those of training. */
    public Map<String, Double> judged() {
        return validation.isEmpty() ? train : validation;
    }
}
