package dev.fathom.train.checkpoint;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

/**
 * What a training step maps to its successor.
 *
 * @param model parameters and running statistics
 * @param optimizer what the optimizer remembers
 * @param key the randomness of the whole run; step t uses {@code key.fold(t)}
 * @param step t, steps made so far, int32 ()
 */
public record State<M, S>(M model, S optimizer, Key key, Tensor step) {
    /** Before the first step. */
    public static <M, S> State<M, S> initial(M model, S optimizer, Key key) {
        return new State<>(model, optimizer, key, Tensor.full(DType.INT32, 0));
    }

    /**
     * With memory of its own, so that the original outlives a step that takes its argument's memory
     * over.
     */
    public State<M, S> copy() {
        return Copy.of(this);
    }
}
