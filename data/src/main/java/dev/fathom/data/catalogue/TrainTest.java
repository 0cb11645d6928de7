package dev.fathom.data.catalogue;

import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;

/**
 * A data set with its published division.
 *
 * @param train what to learn from, and to split again for choosing settings
 * @param test what to measure the result on, once
 */
public record TrainTest(Dataset train, Dataset test) {
    /**
     * Both parts with the mean and deviation of the training part taken out; see {@link
     * Normalisation}.
     */
    public TrainTest normalised() {
        var normalisation = Normalisation.of(train);
        return new TrainTest(train.normalisedBy(normalisation), test.normalisedBy(normalisation));
    }
}
