package dev.fathom.train.metric;

import dev.fathom.core.tensor.Tensor;

/** A mean over examples. */
public interface Metric {
    /** What it is called in histories and messages. */
    String name();

    /** True if a larger number is a better model. */
    boolean higherIsBetter();

    /**
     * The sum over the examples of a batch, a scalar of any dtype. Runs inside {@code jit}.
     *
     * @param output of the model, (n, ...)
     * @param target (n) or (n, k)
     */
    Tensor total(Tensor output, Tensor target);

    /**
     * The number to show for a mean over all examples: itself, unless the metric says otherwise.
     */
    default double shown(double mean) {
        return mean;
    }
}
