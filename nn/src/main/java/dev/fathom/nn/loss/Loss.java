package dev.fathom.nn.loss;

import dev.fathom.core.tensor.Tensor;

/** How wrong the output of a model is: a scalar, the mean over the batch. */
@FunctionalInterface
public interface Loss {
    /** The loss of a batch of outputs against its targets. */
    Tensor apply(Tensor output, Tensor target);
}
