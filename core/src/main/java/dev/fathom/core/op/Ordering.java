package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Sorting along one axis; stable, NaN last in both directions. */
public sealed interface Ordering extends Single {

    /** The axis sorted along. */
    int axis();

    private static void check(Primitive op, int axis, TensorType t) {
        if (!t.dtype().isNumeric()) {
            throw new DTypeException(op.name() + ": not defined on " + t);
        }
        if (axis < 0 || axis >= t.shape().rank()) {
            throw new ShapeException(op.name() + ": " + t + " has no axis " + axis);
        }
    }

    /** The elements in ascending order; the derivative moves with them. */
    record Sort(int axis) implements Ordering {
        @Override
        public TensorType type(List<TensorType> in) {
            check(this, axis, in.getFirst());
            return in.getFirst();
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Indexing.takeAlong(dx, Ops.bind(new ArgSort(axis, false), x.a()), axis);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(new Sort(axis + 1), x.a());
        }
    }

    /** The positions, int32, in the order of their elements. */
    record ArgSort(int axis, boolean descending) implements Ordering {
        @Override
        public TensorType type(List<TensorType> in) {
            check(this, axis, in.getFirst());
            return in.getFirst().withDType(DType.INT32);
        }

        @Override
        public boolean differentiableIn(int i) {
            return false;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Ops.zeros(y.type());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(new ArgSort(axis + 1, descending), x.a());
        }
    }
}
