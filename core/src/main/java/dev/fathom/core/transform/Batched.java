package dev.fathom.core.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;

/** One example as the function sees it; behind it the whole batch, with the batch axis first. */
final class Batched extends Tracer {
    private final Batch owner;
    private final Tensor whole;

    Batched(Batch owner, Tensor whole) {
        this.owner = owner;
        this.whole = whole;
    }

    Batch owner() {
        return owner;
    }

    Tensor whole() {
        return whole;
    }

    @Override
    public TensorType type() {
        var t = whole.type();
        return t.withShape(t.shape().range(1, t.shape().rank()));
    }

    @Override
    public String role() {
        return "one example of a batch of " + whole.dim(0) + " (vmap)";
    }

    @Override
    public String toString() {
        return "one example of " + whole;
    }
}
