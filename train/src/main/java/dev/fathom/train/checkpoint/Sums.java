package dev.fathom.train.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sums over the examples of a set, or of the part of an epoch that is done.
 *
 * @param loss the sum of the losses of the examples
 * @param metrics the sums of the metrics, in their order
 * @param examples how many
 * @param seconds time spent on them
 */
public record Sums(double loss, List<Double> metrics, long examples, double seconds) {
    /** Copies the list. */
    public Sums {
        metrics = List.copyOf(metrics);
    }

    /** Of nothing. */
    public static Sums zero(int metrics) {
        return new Sums(0, Collections.nCopies(metrics, 0.0), 0, 0);
    }

    /** With one more batch of {@code size} examples of mean loss {@code loss}. */
    public Sums plus(double loss, List<Double> totals, int size) {
        var sums = new ArrayList<Double>(metrics.size());
        for (int i = 0; i < metrics.size(); i++) {
            sums.add(metrics.get(i) + totals.get(i));
        }
        return new Sums(this.loss + loss * size, sums, examples + size, seconds);
    }

    /** With the time set. */
    public Sums withSeconds(double seconds) {
        return new Sums(loss, metrics, examples, seconds);
    }
}
