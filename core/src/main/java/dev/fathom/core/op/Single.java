package dev.fathom.core.op;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** An operation with one result: nearly all of them. */
public sealed interface Single extends Operation
        permits Elementwise,
                Reduction,
                Structural,
                Indexing,
                Contraction,
                Window,
                Ordering,
                Source,
                Solving,
                Linear {

    /** The type of the result. */
    TensorType type(List<TensorType> in);

    /** {@link #tangents} for the one result {@code y}. */
    Tensor tangent(int i, Tensor dx, Args x, Tensor y);

    /** {@link #batch} for the one result. */
    Tensor batched(Args x, boolean[] batched, int size);

    /** Whether elements are only moved or converted, so that they may be of a storage type. */
    default boolean moves() {
        return false;
    }

    @Override
    default List<TensorType> types(List<TensorType> operands) {
        if (!moves()) {
            operands.forEach(t -> Ops.refuseStorage(this, t));
        }
        return List.of(type(operands));
    }

    @Override
    default List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
        return List.of(tangent(i, dx, x, y.a()));
    }

    @Override
    default List<Tensor> batch(Args x, boolean[] batched, int size) {
        return List.of(batched(x, batched, size));
    }
}
