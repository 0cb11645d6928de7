package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;

/** Operations that move elements without computing: all linear, and each other's transposes. */
public sealed interface Structural extends Single {
    @Override
    default boolean moves() {
        return true;
    }

    /** Elements {@code start, start + stride, ... < stop} along one axis. */
    static Tensor slice(Tensor x, int axis, int start, int stop, int stride) {
        int a = x.shape().axis(axis);
        if (start < 0 || stop > x.dim(a) || start > stop || stride < 1) {
            throw new IndexException(
                    "slice: "
                            + start
                            + " to "
                            + stop
                            + " by "
                            + stride
                            + " is outside axis "
                            + a
                            + " of "
                            + x.type());
        }
        int rank = x.rank();
        var limits = x.shape().dims();
        limits[a] = stop;
        var op =
                new Slice(
                        Axes.of(Shape.of(new int[rank]).with(a, start).dims()),
                        Axes.of(limits),
                        Axes.of(Shape.of(Axes.repeat(1, rank).toArray()).with(a, stride).dims()));
        return start == 0 && stop == x.dim(a) && stride == 1 ? x : Ops.bind(op, x);
    }

    /** The tensors one after another along {@code axis}. */
    static Tensor concatenate(int axis, Tensor... parts) {
        return concatenate(axis, List.of(parts));
    }

    /** The tensors one after another along {@code axis}. */
    static Tensor concatenate(int axis, List<Tensor> parts) {
        if (parts.isEmpty()) {
            throw new ShapeException(
                    "concatenate, stack: no tensors were given; at least one is needed, since the"
                            + " result takes its shape and dtype from them");
        }
        return parts.size() == 1
                ? parts.getFirst()
                : Ops.bindAll(new Concatenate(parts.getFirst().shape().axis(axis)), parts)
                        .getFirst();
    }

    /** The same elements, row-major, in another shape. */
    record Reshape(Shape shape) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            if (t.shape().size() != shape.size()) {
                throw new ShapeException(
                        "reshape: "
                                + t
                                + " has "
                                + t.shape().size()
                                + " elements and cannot become "
                                + shape
                                + " with "
                                + shape.size());
            }
            return t.withShape(shape);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.reshape(ct, in.getFirst().shape());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.reshape(x.a(), shape.prepend(size));
        }
    }

    /** Axes in another order: axis i of the result is axis {@code order[i]} of the operand. */
    record Transpose(Axes order) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            if (!order.isPermutation(t.shape().rank())) {
                throw new ShapeException(
                        "transpose: " + order + " is not an order of the axes of " + t);
            }
            return t.withShape(t.shape().select(order));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.transpose(ct, order.inverse());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.transpose(x.a(), order.shift(1).prepend(0));
        }
    }

    /** Axis k of the operand becomes axis {@code dims[k]}; along the other axes elements repeat. */
    record Broadcast(Shape shape, Axes dims) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            boolean fits = dims.size() == t.shape().rank() && dims.areAxesOf(shape.rank());
            for (int k = 0; fits && k < dims.size(); k++) {
                fits =
                        t.shape().dim(k) == shape.dim(dims.get(k))
                                && (k == 0 || dims.get(k - 1) < dims.get(k));
            }
            if (!fits) {
                throw new ShapeException(
                        "broadcast: " + t + " does not become " + shape + " along axes " + dims);
            }
            return t.withShape(shape);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new Reduction.Sum(dims.complement(shape.rank())), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.broadcast(x.a(), shape.prepend(size), dims.shift(1).prepend(0));
        }
    }

    /** Elements {@code start, start + stride, ... < limit} along every axis. */
    record Slice(Axes start, Axes limit, Axes stride) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            int rank = t.shape().rank();
            var dims = new int[rank];
            boolean fits = start.size() == rank && limit.size() == rank && stride.size() == rank;
            for (int i = 0; fits && i < rank; i++) {
                fits =
                        start.get(i) >= 0
                                && start.get(i) <= limit.get(i)
                                && stride.get(i) >= 1
                                && limit.get(i) <= t.shape().dim(i);
                dims[i] =
                        (limit.get(i) - start.get(i) + stride.get(i) - 1)
                                / Math.max(1, stride.get(i));
            }
            if (!fits) {
                throw new IndexException(
                        "slice: " + start + " to " + limit + " by " + stride + " is outside " + t);
            }
            return t.withShape(Shape.of(dims));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            int rank = start.size();
            var high = new int[rank];
            var inner = new int[rank];
            for (int a = 0; a < rank; a++) {
                int n = ct.dim(a);
                int covered = n == 0 ? 0 : (n - 1) * stride.get(a) + 1;
                high[a] = in.getFirst().shape().dim(a) - start.get(a) - covered;
                inner[a] = stride.get(a) - 1;
            }
            return Ops.bind(new Pad(start, Axes.of(high), Axes.of(inner)), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(
                    new Slice(start.prepend(0), limit.prepend(size), stride.prepend(1)), x.a());
        }
    }

    /** Zeros put before, after and between the elements of every axis. */
    record Pad(Axes low, Axes high, Axes inner) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            int rank = t.shape().rank();
            boolean fits = low.size() == rank && high.size() == rank && inner.size() == rank;
            var dims = new int[rank];
            for (int i = 0; fits && i < rank; i++) {
                fits = low.get(i) >= 0 && high.get(i) >= 0 && inner.get(i) >= 0;
                int n = t.shape().dim(i);
                dims[i] = low.get(i) + n + Math.max(0, n - 1) * inner.get(i) + high.get(i);
            }
            if (!fits) {
                throw new ShapeException(
                        "pad: "
                                + low
                                + ", "
                                + high
                                + ", "
                                + inner
                                + " do not pad "
                                + t
                                + "; every axis needs a number of zeros >= 0 (slice to cut)");
            }
            return t.withShape(Shape.of(dims));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            int rank = low.size();
            var limit = new int[rank];
            for (int a = 0; a < rank; a++) {
                int n = in.getFirst().shape().dim(a);
                limit[a] = low.get(a) + (n == 0 ? 0 : (n - 1) * (inner.get(a) + 1) + 1);
            }
            return Ops.bind(new Slice(low, Axes.of(limit), inner.shift(1)), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(new Pad(low.prepend(0), high.prepend(0), inner.prepend(0)), x.a());
        }
    }

    /** The operands one after another along {@code axis}; linear in all of them together. */
    record Concatenate(int axis) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var first = in.getFirst();
            if (axis < 0 || axis >= first.shape().rank()) {
                throw new ShapeException("concatenate: " + first + " has no axis " + axis);
            }
            int total = 0;
            for (var t : in) {
                if (t.dtype() != first.dtype()) {
                    throw new DTypeException(
                            "concatenate: operands have types "
                                    + first
                                    + " and "
                                    + t
                                    + "; use cast");
                }
                if (t.shape().rank() != first.shape().rank()
                        || !t.shape().with(axis, 0).equals(first.shape().with(axis, 0))) {
                    throw new ShapeException(
                            "concatenate: "
                                    + first
                                    + " and "
                                    + t
                                    + " differ in another axis than "
                                    + axis);
                }
                total += t.shape().dim(axis);
            }
            return first.withShape(first.shape().with(axis, total));
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            int rank = y.rank();
            int before = 0;
            for (int k = 0; k < i; k++) {
                before += x.get(k).dim(axis);
            }
            var none = Shape.of(new int[rank]);
            var low = Axes.of(none.with(axis, before).dims());
            var high = Axes.of(none.with(axis, y.dim(axis) - before - dx.dim(axis)).dims());
            return Ops.bind(new Pad(low, high, Axes.repeat(0, rank)), dx);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            int before = 0;
            for (int k = 0; k < i; k++) {
                before += in.get(k).shape().dim(axis);
            }
            return slice(ct, axis, before, before + in.get(i).shape().dim(axis), 1);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            var parts = new ArrayList<Tensor>();
            for (int i = 0; i < x.size(); i++) {
                parts.add(Ops.withBatch(x, batched, size, i));
            }
            return concatenate(axis + 1, parts);
        }
    }

    /** The order along the given axes turned round. */
    record Reverse(Axes axes) implements Structural, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var t = in.getFirst();
            if (!axes.areAxesOf(t.shape().rank())) {
                throw new ShapeException("reverse: " + t + " has no axes " + axes);
            }
            return t;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(this, ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(new Reverse(axes.shift(1)), x.a());
        }
    }
}
