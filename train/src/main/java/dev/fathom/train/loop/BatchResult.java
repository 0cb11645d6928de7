package dev.fathom.train.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One step in numbers.
 *
 * @param step steps made since the beginning of the run, this one included
 * @param batch which batch of its epoch, from 1
 * @param size examples in it
 * @param loss of this batch, before the update
 * @param means over the part of the epoch that is done, by name, {@code loss} first
 * @param examples examples in that part
 * @param seconds time spent on that part
 */
public record BatchResult(
        long step,
        int batch,
        int size,
        double loss,
        Map<String, Double> means,
        long examples,
        double seconds) {
    /** Keeps the order. */
    public BatchResult {
        means = Collections.unmodifiableMap(new LinkedHashMap<>(means));
    }
}
