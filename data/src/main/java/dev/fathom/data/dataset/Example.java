package dev.fathom.data.dataset;

import dev.fathom.core.tensor.Tensor;

/**
 * One example of a data set.
 *
 * @param features float32 of the data set's feature shape
 * @param label int32 scalar for a class, float32 {@code (k)} for numbers
 */
public record Example(Tensor features, Tensor label) {}
