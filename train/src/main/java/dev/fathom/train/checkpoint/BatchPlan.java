package dev.fathom.train.checkpoint;

import dev.fathom.data.dataset.Batches;

import java.util.Optional;

/**
 * What the order of the batches depends on. A run can only be continued with the same.
 *
 * @param data the name of the data set
 * @param examples how many it has
 * @param batchSize examples in a batch
 * @param seed of the order, if it is shuffled
 * @param dropsLast whether a last batch that is not full is left out
 */
public record BatchPlan(
        String data, int examples, int batchSize, Optional<Long> seed, boolean dropsLast) {
    /** Of these batches. */
    public static BatchPlan of(Batches batches) {
        return new BatchPlan(
                batches.data().name() + batches.augmentation().map(a -> " (" + a + ")").orElse(""),
                batches.data().size(),
                batches.batchSize(),
                batches.seed().isPresent()
                        ? Optional.of(batches.seed().getAsLong())
                        : Optional.empty(),
                batches.dropsLast());
    }

    @Override
    public String toString() {
        return data
                + ", "
                + examples
                + " examples in batches of "
                + batchSize
                + seed.map(s -> ", shuffled by seed " + s).orElse(", in order")
                + (dropsLast ? ", without the last one if it is not full" : "");
    }
}
