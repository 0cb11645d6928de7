package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.Arrays;
import java.util.List;

/** Bilinear operations that sum products: matrix products and convolutions. */
public sealed interface Contraction extends Single {

    /** The matrix product as {@link Tensor#matmul} describes it. */
    static Tensor matmul(Tensor a, Tensor b) {
        if (a.rank() == 0 || b.rank() == 0) {
            throw new ShapeException(
                    "matmul: "
                            + a.type()
                            + " and "
                            + b.type()
                            + ": a scalar has no rows; use times");
        }
        int k = a.dim(-1);
        int rows = b.dim(b.rank() == 1 ? 0 : -2);
        if (k != rows) {
            throw new ShapeException(
                    "matmul: "
                            + a.shape()
                            + " and "
                            + b.shape()
                            + " do not fit: "
                            + k
                            + " ≠ "
                            + rows
                            + "."
                            + Hints.matmul(a.shape(), rows));
        }
        if (b.rank() <= 2) {
            return Ops.bind(new Dot(Axes.of(a.rank() - 1), Axes.of(0), Axes.of(), Axes.of()), a, b);
        }
        if (a.rank() == 1) {
            return matmul(a.expandDims(0), b).squeeze(-2);
        }
        var lead =
                Shape.broadcast(
                        "matmul",
                        a.shape().range(0, a.rank() - 2),
                        b.shape().range(0, b.rank() - 2));
        int n = lead.rank();
        Tensor left = Ops.broadcastTo(a, lead.concat(a.shape().range(a.rank() - 2, a.rank())));
        Tensor right = Ops.broadcastTo(b, lead.concat(b.shape().range(b.rank() - 2, b.rank())));
        return Ops.bind(
                new Dot(Axes.of(n + 1), Axes.of(n), Axes.range(0, n), Axes.range(0, n)),
                left,
                right);
    }

    /** Guesses at what a misfit means. */
    final class Hints {
        private Hints() {}

        static String matmul(Shape a, int rows) {
            long features = a.rank() > 2 ? a.size() / Math.max(1, a.dim(0)) : -1;
            return features == rows
                    ? " Flatten to (" + a.dim(0) + ", " + rows + ") first?"
                    : " The last axis of the left must equal the last but one of the right";
        }
    }

    private static void checkDTypes(Primitive op, TensorType a, TensorType b) {
        if (a.dtype() != b.dtype() || !a.dtype().isNumeric()) {
            throw new DTypeException(
                    op.name() + ": " + a + " and " + b + " must have one numeric dtype; use cast");
        }
    }

    private static void checkFloating(Primitive op, TensorType a, TensorType b) {
        if (a.dtype() != b.dtype() || !a.dtype().isFloating()) {
            throw new DTypeException(
                    op.name() + ": " + a + " and " + b + " must have one floating dtype; use cast");
        }
    }

    /**
     * The general product: sums over pairs of contracted axes, runs along pairs of batch axes. The
     * result has the batch axes, the other axes of the left, the other axes of the right, in this
     * order.
     */
    record Dot(Axes leftContract, Axes rightContract, Axes leftBatch, Axes rightBatch)
            implements Contraction, Linear {

        /** Axes of the left operand that stay, ascending. */
        public Axes leftFree(int rank) {
            return leftContract.concat(leftBatch).complement(rank);
        }

        /** Axes of the right operand that stay, ascending. */
        public Axes rightFree(int rank) {
            return rightContract.concat(rightBatch).complement(rank);
        }

        @Override
        public TensorType type(List<TensorType> in) {
            var a = in.get(0);
            var b = in.get(1);
            checkDTypes(this, a, b);
            boolean fits =
                    leftContract.concat(leftBatch).areAxesOf(a.shape().rank())
                            && rightContract.concat(rightBatch).areAxesOf(b.shape().rank())
                            && a.shape()
                                    .select(leftContract)
                                    .equals(b.shape().select(rightContract))
                            && a.shape().select(leftBatch).equals(b.shape().select(rightBatch));
            if (!fits) {
                throw new ShapeException(
                        "dot: "
                                + a
                                + " and "
                                + b
                                + " do not fit along contracted axes "
                                + leftContract
                                + " and "
                                + rightContract
                                + ", batch axes "
                                + leftBatch
                                + " and "
                                + rightBatch);
            }
            return a.withShape(
                    a.shape()
                            .select(leftBatch)
                            .concat(a.shape().select(leftFree(a.shape().rank())))
                            .concat(b.shape().select(rightFree(b.shape().rank()))));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            int batch = leftBatch.size();
            int leftRank = in.get(0).shape().rank();
            int rightRank = in.get(1).shape().rank();
            Axes leftFree = leftFree(leftRank);
            Axes rightFree = rightFree(rightRank);
            Axes lead = Axes.range(0, batch);
            if (i == 0) { // ct (batch, leftFree, rightFree) with the right (…): sum over rightFree
                Axes over = Axes.range(batch + leftFree.size(), ct.rank());
                Tensor d = Ops.bind(new Dot(over, rightFree, lead, rightBatch), ct, x.b());
                Axes target =
                        leftBatch.concat(leftFree).concat(partners(rightContract, leftContract));
                return Ops.transpose(d, target.inverse());
            }
            Axes over = Axes.range(batch, batch + leftFree.size());
            Tensor d = Ops.bind(new Dot(leftFree, over, leftBatch, lead), x.a(), ct);
            Axes target =
                    rightBatch.concat(partners(leftContract, rightContract)).concat(rightFree);
            return Ops.transpose(d, target.inverse());
        }

        /**
         * For the axes {@code of} in ascending order, the axes of the other side they are paired
         * with.
         */
        private static Axes partners(Axes of, Axes with) {
            int[] sorted = of.toArray();
            Arrays.sort(sorted);
            var r = new int[sorted.length];
            for (int k = 0; k < r.length; k++) {
                r[k] = with.get(of.indexOf(sorted[k]));
            }
            return Axes.of(r);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            Axes lc = batched[0] ? leftContract.shift(1) : leftContract;
            Axes lb = batched[0] ? leftBatch.shift(1) : leftBatch;
            Axes rc = batched[1] ? rightContract.shift(1) : rightContract;
            Axes rb = batched[1] ? rightBatch.shift(1) : rightBatch;
            if (batched[0] && batched[1]) {
                return Ops.bind(new Dot(lc, rc, lb.prepend(0), rb.prepend(0)), x);
            }
            int at = leftBatch.size();
            if (batched[1]) {
                at += leftFree(x.a().rank()).size();
            }
            return Ops.moveAxis(Ops.bind(new Dot(lc, rc, lb, rb), x), at, 0);
        }
    }

    /**
     * What a convolution's geometry is, per spatial axis, and how many groups its channels fall
     * into. Element o of the result meets element o·stride − low + k·dilation of the image for
     * kernel element k.
     */
    record Geometry(Axes stride, Axes low, Axes high, Axes dilation, int groups) {
        /** Number of spatial axes. */
        public int rank() {
            return stride.size();
        }

        Geometry withGroups(int other) {
            return new Geometry(stride, low, high, dilation, other);
        }

        int output(int i, int image, int kernel) {
            int covered = (kernel - 1) * dilation.get(i) + 1;
            int room = image + low.get(i) + high.get(i) - covered;
            return room < 0 ? 0 : room / stride.get(i) + 1;
        }

        /** (n, spatial.., cᵢ) and (kernel.., cᵢ/groups, cₒ) give (n, spatial.., cₒ). */
        Shape output(Primitive op, TensorType x, TensorType w) {
            int r = rank();
            boolean fits = x.shape().rank() == r + 2 && w.shape().rank() == r + 2;
            if (!fits) {
                throw new ShapeException(
                        op.name()
                                + ": image "
                                + x
                                + " and kernel "
                                + w
                                + " need "
                                + r
                                + " spatial axes: (n, spatial.., channels) and (kernel..,"
                                + " channels/groups, filters)");
            }
            int channels = x.shape().dim(r + 1);
            int filters = w.shape().dim(r + 1);
            if (groups < 1 || channels != w.shape().dim(r) * groups || filters % groups != 0) {
                throw new ShapeException(
                        op.name()
                                + ": an image with "
                                + channels
                                + " channels does not fit a kernel "
                                + w.shape()
                                + " in "
                                + groups
                                + " groups: it takes "
                                + w.shape().dim(r) * groups
                                + ". Channels come last: (n, spatial.., channels)");
            }
            var dims = new int[r + 2];
            dims[0] = x.shape().dim(0);
            dims[r + 1] = filters;
            for (int i = 0; i < r; i++) {
                dims[i + 1] = output(i, x.shape().dim(i + 1), w.shape().dim(i));
                if (dims[i + 1] <= 0) {
                    throw new ShapeException(
                            op.name()
                                    + ": kernel "
                                    + w.shape()
                                    + " is larger than the padded image "
                                    + x.shape());
                }
            }
            return Shape.of(dims);
        }

        /** The batch axis of {@code t} folded into its channels: (b, .., c) becomes (.., b·c). */
        static Tensor fold(Tensor t) {
            Tensor moved = Ops.moveAxis(t, 0, t.rank() - 2);
            int r = moved.rank();
            return Ops.reshape(
                    moved,
                    moved.shape()
                            .range(0, r - 2)
                            .concat(Shape.of(moved.dim(r - 2) * moved.dim(r - 1))));
        }

        /** The inverse of {@link #fold}. */
        static Tensor unfold(Tensor t, int size) {
            int r = t.rank();
            var split = t.shape().range(0, r - 1).concat(Shape.of(size, t.dim(r - 1) / size));
            return Ops.moveAxis(Ops.reshape(t, split), r - 1, 0);
        }

        /** (b, n, ..) as (b·n, ..). */
        static Tensor merge(Tensor t) {
            return Ops.reshape(t, t.shape().range(2, t.rank()).prepend(t.dim(0) * t.dim(1)));
        }

        /** The inverse of {@link #merge}. */
        static Tensor split(Tensor t, int size) {
            return Ops.reshape(
                    t, t.shape().range(1, t.rank()).prepend(t.dim(0) / size).prepend(size));
        }
    }

    /**
     * Convolution as networks use the word (cross-correlation), channels last: y[n, o, f] = Σ_{k,
     * c} x[n, o·stride − low + k·dilation, c] · w[k, c, f], zeros outside the image.
     */
    record Conv(Geometry geometry) implements Contraction, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            checkFloating(this, in.get(0), in.get(1));
            return in.get(0).withShape(geometry.output(this, in.get(0), in.get(1)));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            int r = geometry.rank();
            return i == 0
                    ? Ops.bind(
                            new ConvInput(geometry, in.get(0).shape().range(1, r + 1)), ct, x.b())
                    : Ops.bind(new ConvKernel(geometry, in.get(1).shape().range(0, r)), x.a(), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            if (!batched[1]) {
                return Geometry.split(Ops.bind(this, Geometry.merge(x.a()), x.b()), size);
            }
            Tensor w = Geometry.fold(x.b());
            if (!batched[0] && geometry.groups() == 1) {
                return Geometry.unfold(Ops.bind(this, x.a(), w), size);
            }
            Tensor image = Geometry.fold(Ops.withBatch(x, batched, size, 0));
            var wide = new Conv(geometry.withGroups(geometry.groups() * size));
            return Geometry.unfold(Ops.bind(wide, image, w), size);
        }
    }

    /**
     * The transpose of {@link Conv} in its image: cotangent (n, o.., f) and kernel give (n,
     * image.., c).
     */
    record ConvInput(Geometry geometry, Shape image) implements Contraction, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            checkFloating(this, in.get(0), in.get(1));
            var y = in.get(0);
            var w = in.get(1);
            int r = geometry.rank();
            var x =
                    y.withShape(
                            image.prepend(y.shape().dim(0))
                                    .concat(Shape.of(w.shape().dim(r) * geometry.groups())));
            ConvKernel.matches(this, geometry, x, w, y);
            return x;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return i == 0
                    ? Ops.bind(new Conv(geometry), ct, x.b())
                    : Ops.bind(
                            new ConvKernel(geometry, in.get(1).shape().range(0, geometry.rank())),
                            ct,
                            x.a());
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            if (!batched[1]) {
                return Geometry.split(Ops.bind(this, Geometry.merge(x.a()), x.b()), size);
            }
            var wide = new ConvInput(geometry.withGroups(geometry.groups() * size), image);
            Tensor y = Geometry.fold(Ops.withBatch(x, batched, size, 0));
            return Geometry.unfold(Ops.bind(wide, y, Geometry.fold(x.b())), size);
        }
    }

    /**
     * The transpose of {@link Conv} in its kernel: image and cotangent (n, o.., f) give (kernel..,
     * c/groups, f).
     */
    record ConvKernel(Geometry geometry, Shape kernel) implements Contraction, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            checkFloating(this, in.get(0), in.get(1));
            var x = in.get(0);
            var y = in.get(1);
            int last = geometry.rank() + 1;
            var w =
                    x.withShape(
                            kernel.concat(
                                    Shape.of(
                                            x.shape().dim(last) / geometry.groups(),
                                            y.shape().dim(last))));
            matches(this, geometry, x, w, y);
            return w;
        }

        static void matches(Primitive op, Geometry g, TensorType x, TensorType w, TensorType y) {
            var wanted = g.output(op, x, w);
            if (!wanted.equals(y.shape())) {
                throw new ShapeException(
                        op.name()
                                + ": image "
                                + x
                                + " and kernel "
                                + w
                                + " go with "
                                + wanted
                                + ", not "
                                + y);
            }
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return i == 0
                    ? Ops.bind(
                            new ConvInput(
                                    geometry, in.get(0).shape().range(1, geometry.rank() + 1)),
                            x.b(),
                            ct)
                    : Ops.bind(new Conv(geometry), x.a(), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return new ConvKernels(geometry, kernel, size).merged(x, batched, size);
        }
    }

    /**
     * A {@link ConvKernel} for each of some samples, to which equal runs of images belong: image
     * (samples·n, ..) and cotangent give (samples, kernel.., c/groups, f).
     */
    record ConvKernels(Geometry geometry, Shape kernel, int samples)
            implements Contraction, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var w = new ConvKernel(geometry, kernel).type(in);
            int images = in.getFirst().shape().dim(0);
            if (samples < 1 || images % samples != 0) {
                throw new ShapeException(
                        name()
                                + ": "
                                + images
                                + " images are not those of "
                                + samples
                                + " samples");
            }
            return w.batched(samples);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            var all = new boolean[] {true, true};
            var other = Geometry.split(x.get(1 - i), samples);
            Tensor result =
                    i == 0
                            ? new ConvInput(
                                            geometry,
                                            in.getFirst().shape().range(1, geometry.rank() + 1))
                                    .batched(new Args(List.of(other, ct)), all, samples)
                            : new Conv(geometry)
                                    .batched(new Args(List.of(other, ct)), all, samples);
            return Geometry.merge(result);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            Tensor all = new ConvKernels(geometry, kernel, samples * size).merged(x, batched, size);
            return Ops.reshape(
                    all, all.shape().range(1, all.rank()).prepend(samples).prepend(size));
        }

        private Tensor merged(Args x, boolean[] batched, int size) {
            return Ops.bind(
                    this,
                    Geometry.merge(Ops.withBatch(x, batched, size, 0)),
                    Geometry.merge(Ops.withBatch(x, batched, size, 1)));
        }
    }
}
