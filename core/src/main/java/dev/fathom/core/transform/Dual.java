package dev.fathom.core.transform;

import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;

/** A value with its tangent: x + ε dx. */
final class Dual extends Tracer {
    private final Forward owner;
    private final Tensor primal;
    private final Tensor tangent;

    Dual(Forward owner, Tensor primal, Tensor tangent) {
        this.owner = owner;
        this.primal = primal;
        this.tangent = tangent;
    }

    Forward owner() {
        return owner;
    }

    Tensor primal() {
        return primal;
    }

    Tensor tangent() {
        return tangent;
    }

    @Override
    public TensorType type() {
        return primal.type();
    }

    @Override
    public String role() {
        return "a value being differentiated (grad, vjp, jvp)";
    }

    /** A value being differentiated is known wherever the value itself is. */
    @Override
    public Array concrete() {
        return switch (primal) {
            case Array a -> a;
            case Tracer t -> t.concrete();
        };
    }

    @Override
    public String toString() {
        return primal + " with a tangent";
    }
}
