package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

/**
 * A piece of a network: a record of tensors and other layers that says what it computes. Nothing
 * else is needed; its gradient follows, and it is saved, printed and optimised like every other
 * tree.
 *
 * <pre>{@code
 * record Scale(Tensor factor) implements Layer {
 *     public Tensor apply(Tensor x, Pass pass) {          // x: (n, features)
 *         return x.times(factor);                         // (n, features)
 *     }
 * }
 * }</pre>
 */
@FunctionalInterface
public interface Layer {
    /** The output for input {@code x}, batch first, in the given pass. */
    Tensor apply(Tensor x, Pass pass);

    /**
     * What messages and summaries call this layer: the name of its class, unless it says otherwise.
     */
    default String label() {
        return getClass().isSynthetic() || getClass().isHidden()
                ? "layer"
                : getClass().getSimpleName();
    }
}
