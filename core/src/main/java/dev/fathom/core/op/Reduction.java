package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * Operations that combine the elements along some axes, in a fixed order, and remove those axes.
 */
public sealed interface Reduction extends Single {

    /** A reduction over several axes. */
    sealed interface Over extends Reduction {
        /** The axes that disappear, ascending. */
        Axes axes();

        /** The same over other axes. */
        Over over(Axes axes);

        /** Whether an axis of size 0 has a result. */
        default boolean hasIdentity() {
            return true;
        }

        /** Whether it takes bool. */
        default boolean logical() {
            return false;
        }

        @Override
        default TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            if (logical() != (t.dtype() == DType.BOOL)) {
                throw new DTypeException(name() + ": not defined on " + t);
            }
            if (!axes().areAxesOf(t.shape().rank())) {
                throw new ShapeException(name() + ": " + t + " has no axes " + axes());
            }
            if (!hasIdentity() && t.shape().select(axes()).size() == 0) {
                throw new ShapeException(
                        name() + ": nothing to choose from along axes " + axes() + " of " + t);
            }
            return t.withShape(t.shape().without(axes()));
        }

        @Override
        default Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(over(axes().shift(1)), x.a());
        }

        /** A result repeated back over the reduced axes. */
        default Tensor spread(Tensor y, TensorType to) {
            return Ops.broadcast(y, to.shape(), axes().complement(to.shape().rank()));
        }
    }

    /** Σ over the axes. */
    record Sum(Axes axes) implements Over, Linear {
        @Override
        public Over over(Axes other) {
            return new Sum(other);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return spread(ct, in.getFirst());
        }
    }

    /** ∏ over the axes; the derivative multiplies by all others, zeros included. */
    record Product(Axes axes) implements Over {
        @Override
        public Over over(Axes other) {
            return new Product(other);
        }

        /**
         * Folds halves onto each other carrying (p, dp), so that no division by a factor is needed.
         */
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            var order = axes.concat(axes.complement(x.a().rank()));
            int n = x.a().shape().select(axes).length();
            if (n == 0) {
                return Ops.zeros(y.type());
            }
            var flat = y.shape().prepend(n);
            Tensor p = Ops.reshape(Ops.transpose(x.a(), order), flat);
            Tensor dp = Ops.reshape(Ops.transpose(dx, order), flat);
            while (n > 1) {
                int half = n / 2;
                Tensor p1 = p.slice(0, 0, half);
                Tensor p2 = p.slice(0, half, 2 * half);
                Tensor d1 = dp.slice(0, 0, half);
                Tensor d2 = dp.slice(0, half, 2 * half);
                Tensor product = p1.times(p2);
                Tensor change = d1.times(p2).plus(p1.times(d2));
                if (n % 2 == 1) {
                    product = Structural.concatenate(0, product, p.slice(0, n - 1, n));
                    change = Structural.concatenate(0, change, dp.slice(0, n - 1, n));
                }
                p = product;
                dp = change;
                n = half + n % 2;
            }
            return Ops.reshape(dp, y.shape());
        }
    }

    /** The largest element; NaN wins. Ties share the derivative equally. */
    record ReduceMax(Axes axes) implements Over {
        @Override
        public Over over(Axes other) {
            return new ReduceMax(other);
        }

        @Override
        public boolean hasIdentity() {
            return false;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Extremes.tangent(this, dx, x.a(), y);
        }
    }

    /** The smallest element; NaN wins. Ties share the derivative equally. */
    record ReduceMin(Axes axes) implements Over {
        @Override
        public Over over(Axes other) {
            return new ReduceMin(other);
        }

        @Override
        public boolean hasIdentity() {
            return false;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Extremes.tangent(this, dx, x.a(), y);
        }
    }

    /** The derivative that maximum and minimum have in common. */
    final class Extremes {
        private Extremes() {}

        /** Mean of the tangents at the places where the extreme is taken. */
        static Tensor tangent(Over op, Tensor dx, Tensor x, Tensor y) {
            Tensor hit = x.equalTo(op.spread(y, x.type())).cast(x.dtype());
            Tensor count = Ops.bind(new Sum(op.axes()), hit);
            return Ops.bind(new Sum(op.axes()), dx.times(hit)).dividedBy(count);
        }
    }

    /** Whether any element holds. */
    record Any(Axes axes) implements Over {
        @Override
        public Over over(Axes other) {
            return new Any(other);
        }

        @Override
        public boolean logical() {
            return true;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Ops.zeros(y.type());
        }
    }

    /** Whether all elements hold. */
    record All(Axes axes) implements Over {
        @Override
        public Over over(Axes other) {
            return new All(other);
        }

        @Override
        public boolean logical() {
            return true;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Ops.zeros(y.type());
        }
    }

    /**
     * Position of the first largest element along one axis, int32; the first NaN if there is one.
     */
    record ArgMax(int axis) implements Reduction {
        @Override
        public TensorType type(List<TensorType> in) {
            return Positions.type(this, axis, in.getFirst());
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
            return Ops.bind(new ArgMax(axis + 1), x.a());
        }
    }

    /**
     * Position of the first smallest element along one axis, int32; the first NaN if there is one.
     */
    record ArgMin(int axis) implements Reduction {
        @Override
        public TensorType type(List<TensorType> in) {
            return Positions.type(this, axis, in.getFirst());
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
            return Ops.bind(new ArgMin(axis + 1), x.a());
        }
    }

    /** The type rule of the two position searches. */
    final class Positions {
        private Positions() {}

        static TensorType type(Primitive op, int axis, TensorType t) {
            if (!t.dtype().isNumeric()) {
                throw new DTypeException(op.name() + ": not defined on " + t);
            }
            if (axis < 0 || axis >= t.shape().rank() || t.shape().dim(axis) == 0) {
                throw new ShapeException(
                        op.name() + ": nothing to choose from along axis " + axis + " of " + t);
            }
            return new TensorType(t.shape().without(Axes.of(axis)), DType.INT32);
        }
    }

    /** Running sum along one axis: yₖ = x₀ + … + xₖ, or from the end if {@code reverse}. */
    record CumSum(int axis, boolean reverse) implements Reduction, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            if (!t.dtype().isNumeric() || axis < 0 || axis >= t.shape().rank()) {
                throw new ShapeException(name() + ": no sums along axis " + axis + " of " + t);
            }
            return t;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new CumSum(axis, !reverse), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(new CumSum(axis + 1, reverse), x.a());
        }
    }
}
