package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * Operations whose element positions are themselves data. Indices are int32, count from 0 and are
 * checked: one outside its axis is an error, never a wrap or a clamp.
 */
public sealed interface Indexing extends Single {

    /**
     * {@code y[p.., j.., s..] = x[p.., indices[j..], s..]} along one axis: rows of a table, labels
     * of a batch. With {@code aligned = true} the axes before {@code axis} are shared by both
     * operands, so that each row picks with its own indices.
     */
    static Tensor take(Tensor x, Tensor indices, int axis) {
        return Ops.bind(new Gather(x.shape().axis(axis), 0), x, indices);
    }

    /**
     * {@code y[.., j, ..] = x[.., indices[.., j, ..], ..]}: x and indices differ along {@code axis}
     * only.
     */
    static Tensor takeAlong(Tensor x, Tensor indices, int axis) {
        int a = x.shape().axis(axis);
        int last = x.rank() - 1;
        Tensor rows = Ops.moveAxis(x, a, last);
        Tensor picks = Ops.moveAxis(indices, a, last);
        return Ops.moveAxis(Ops.bind(new Gather(last, last), rows, picks), last, a);
    }

    /** Checks that an operand holds indices. */
    private static void checkIndices(Primitive op, TensorType t) {
        if (t.dtype() != DType.INT32) {
            throw new DTypeException(op.name() + ": indices have type " + t + ", not int32");
        }
    }

    /**
     * A window of fixed {@code sizes} whose first corner is the operand {@code start}, int32
     * (rank,).
     */
    record DynamicSlice(Shape sizes) implements Indexing, Linear {
        @Override
        public boolean moves() {
            return true;
        }

        @Override
        public TensorType type(List<TensorType> in) {
            return Windows.check(this, in.get(0), sizes, in.get(1));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new DynamicUpdate(), Ops.zeros(in.getFirst()), ct, x.b());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            if (!batched[1]) {
                Tensor zero = Ops.zeros(new TensorType(Shape.of(1), DType.INT32));
                return Ops.bind(
                        new DynamicSlice(sizes.prepend(size)),
                        x.a(),
                        Structural.concatenate(0, zero, x.b()));
            }
            var from = batched[0] ? x.a().shape().range(1, x.a().rank()) : x.a().shape();
            Tensor at = Windows.positions(x.b(), from, sizes, size);
            Tensor flat =
                    Ops.reshape(Ops.withBatch(x, batched, size, 0), Shape.of(size, from.length()));
            return Ops.reshape(Ops.bind(new Gather(1, 1), flat, at), sizes.prepend(size));
        }
    }

    /**
     * The first operand with a window replaced by the second; its corner is the third, int32
     * (rank,).
     */
    record DynamicUpdate() implements Indexing, Linear {
        @Override
        public boolean moves() {
            return true;
        }

        @Override
        public TensorType type(List<TensorType> in) {
            if (in.get(0).dtype() != in.get(1).dtype()) {
                throw new DTypeException(
                        "dynamicUpdate: " + in.get(0) + " updated with " + in.get(1));
            }
            Windows.check(this, in.get(0), in.get(1).shape(), in.get(2));
            return in.get(0);
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return i == 0
                    ? Ops.bind(this, dx, Ops.zeros(x.b().type().ofDerivative()), x.c())
                    : Ops.bind(this, Ops.zeros(x.a().type().ofDerivative()), dx, x.c());
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return i == 0
                    ? Ops.bind(this, ct, Ops.zeros(in.get(1)), x.c())
                    : Ops.bind(new DynamicSlice(in.get(1).shape()), ct, x.c());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            Tensor into = Ops.withBatch(x, batched, size, 0);
            Tensor update = Ops.withBatch(x, batched, size, 1);
            if (!batched[2]) {
                Tensor zero = Ops.zeros(new TensorType(Shape.of(1), DType.INT32));
                return Ops.bind(this, into, update, Structural.concatenate(0, zero, x.c()));
            }
            var shape = into.shape().range(1, into.rank());
            var window = update.shape().range(1, update.rank());
            Tensor at = Windows.positions(x.c(), shape, window, size);
            var flat = new TensorType(Shape.of(size, shape.length()), into.dtype());
            Tensor values = Ops.reshape(update, Shape.of(size, window.length()));
            var scatter = new ScatterAdd(1, 1);
            var marks = flat.withDType(DType.INT32);
            Tensor mark =
                    Ops.bind(
                            scatter,
                            Ops.zeros(marks),
                            at,
                            Ops.full(marks.withShape(values.shape()), 1));
            boolean truth = into.dtype() == DType.BOOL;
            Tensor numbers = truth ? values.cast(DType.INT32) : values;
            Tensor spread =
                    Ops.bind(scatter, Ops.zeros(flat.withDType(numbers.dtype())), at, numbers);
            Tensor hit = mark.greaterThan(Ops.zeros(marks));
            Tensor placed = truth ? spread.cast(DType.BOOL) : spread;
            return Ops.reshape(
                    Ops.select(hit, placed, Ops.reshape(into, flat.shape())), into.shape());
        }
    }

    /** What the two window operations have in common. */
    final class Windows {
        private Windows() {}

        static TensorType check(Primitive op, TensorType x, Shape sizes, TensorType start) {
            checkIndices(op, start);
            boolean fits =
                    sizes.rank() == x.shape().rank()
                            && start.shape().equals(Shape.of(sizes.rank()));
            for (int i = 0; fits && i < sizes.rank(); i++) {
                fits = sizes.dim(i) <= x.shape().dim(i);
            }
            if (!fits) {
                throw new ShapeException(
                        op.name()
                                + ": a window "
                                + sizes
                                + " at "
                                + start
                                + " does not lie in "
                                + x);
            }
            return x.withShape(sizes);
        }

        /**
         * Row-major positions (batch, window elements) of windows with corners {@code starts}
         * (batch, rank).
         */
        static Tensor positions(Tensor starts, Shape from, Shape window, int batch) {
            var out = window.prepend(batch);
            var type = new TensorType(out, DType.INT32);
            Tensor at = Ops.zeros(type);
            int[] steps = from.strides();
            for (int d = 0; d < window.rank(); d++) {
                Tensor corner = Ops.reshape(starts.slice(1, d, d + 1), Shape.of(batch));
                Tensor index =
                        Ops.broadcast(corner, out, Axes.of(0))
                                .plus(Ops.bind(new Source.Iota(out, d + 1, DType.INT32)));
                at = at.plus(index.times(steps[d]));
            }
            return Ops.reshape(at, Shape.of(batch, window.length()));
        }
    }

    /**
     * x of shape B+P+(n)+S and indices of shape B+J give B+P+J+S: elements along {@code axis} =
     * |B|+|P| are picked; the first {@code shared} = |B| axes go together.
     */
    record Gather(int axis, int shared) implements Indexing, Linear {
        @Override
        public boolean moves() {
            return true;
        }

        @Override
        public TensorType type(List<TensorType> in) {
            checkIndices(this, in.get(1));
            Rows.check(this, axis, shared, in.get(0), in.get(1));
            return in.get(0)
                    .withShape(Rows.picked(axis, shared, in.get(0).shape(), in.get(1).shape()));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new ScatterAdd(axis, shared), Ops.zeros(in.getFirst()), x.b(), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            if (shared == 0 && !batched[1]) {
                return Ops.bind(new Gather(axis + 1, 0), x);
            }
            if (shared == 0 && !batched[0]) {
                return Ops.moveAxis(Ops.bind(this, x), axis, 0);
            }
            return Ops.bind(
                    new Gather(axis + 1, shared + 1),
                    Ops.withBatch(x, batched, size, 0),
                    Ops.withBatch(x, batched, size, 1));
        }
    }

    /**
     * The transpose of {@link Gather}: x with each element of the third operand added where it came
     * from.
     */
    record ScatterAdd(int axis, int shared) implements Indexing, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var x = in.get(0);
            checkIndices(this, in.get(1));
            Rows.check(this, axis, shared, x, in.get(1));
            var wanted = x.withShape(Rows.picked(axis, shared, x.shape(), in.get(1).shape()));
            if (!wanted.equals(in.get(2)) || !x.dtype().isNumeric()) {
                throw new ShapeException(
                        "scatterAdd: into "
                                + x
                                + " with indices "
                                + in.get(1)
                                + " go updates of type "
                                + wanted
                                + ", not "
                                + in.get(2));
            }
            return x;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return i == 0 ? dx : Ops.bind(this, Ops.zeros(x.a().type()), x.b(), dx);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return i == 0 ? ct : Ops.bind(new Gather(axis, shared), ct, x.b());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            Tensor into = Ops.withBatch(x, batched, size, 0);
            if (shared == 0 && !batched[1]) {
                return Ops.bind(
                        new ScatterAdd(axis + 1, 0),
                        into,
                        x.b(),
                        Ops.withBatch(x, batched, size, 2));
            }
            return Ops.bind(
                    new ScatterAdd(axis + 1, shared + 1),
                    into,
                    Ops.withBatch(x, batched, size, 1),
                    Ops.withBatch(x, batched, size, 2));
        }
    }

    /** Shapes of {@link Gather} and its transpose. */
    final class Rows {
        private Rows() {}

        static Shape picked(int axis, int shared, Shape x, Shape indices) {
            return x.range(0, axis)
                    .concat(indices.range(shared, indices.rank()))
                    .concat(x.range(axis + 1, x.rank()));
        }

        static void check(Primitive op, int axis, int shared, TensorType x, TensorType indices) {
            boolean fits =
                    axis >= shared
                            && axis < x.shape().rank()
                            && indices.shape().rank() >= shared
                            && x.shape().range(0, shared).equals(indices.shape().range(0, shared));
            if (!fits) {
                throw new ShapeException(
                        op.name()
                                + ": indices "
                                + indices
                                + " do not select along axis "
                                + axis
                                + " of "
                                + x
                                + (shared > 0 ? " sharing the first " + shared + " axes" : ""));
            }
        }
    }
}
