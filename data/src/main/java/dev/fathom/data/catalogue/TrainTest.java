package dev.fathom.data.catalogue;

import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.error.MalformedDataException;

/**
 * A data set with its published division.
 *
 * @param train what to learn from, and to split again for choosing settings
 * @param test what to measure the result on, once
 */
public record TrainTest(Dataset train, Dataset test) {
    /**
     * Checks that what is learned can be measured.
     *
     * @throws MalformedDataException if the parts have examples of different shapes, or the test
     *     part has classes that the training part has not
     */
    public TrainTest {
        if (!train.featureShape().equals(test.featureShape())) {
            throw new MalformedDataException(
                    train.name()
                            + ": the training examples have shape "
                            + train.featureShape()
                            + " and the test examples "
                            + test.featureShape());
        }
        if (train.isClassification() && test.outputs() > train.outputs()) {
            throw new MalformedDataException(
                    train.name()
                            + ": the test labels reach "
                            + (test.outputs() - 1)
                            + " and the training labels only "
                            + (train.outputs() - 1)
                            + "; what was never shown cannot be learned");
        }
    }

    /**
     * Both parts with the mean and deviation of the training part taken out; see {@link
     * Normalisation}.
     */
    public TrainTest normalised() {
        var normalisation = Normalisation.of(train);
        return new TrainTest(train.normalisedBy(normalisation), test.normalisedBy(normalisation));
    }
}
