package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Pooling over windows of the spatial axes of (n, spatial.., channels). */
public sealed interface Window extends Single {

    /**
     * Size, step and padding of the windows, per spatial axis. Padding takes no part in a maximum.
     */
    record Frame(Axes size, Axes stride, Axes low, Axes high) {

        Shape output(Primitive op, TensorType x) {
            int r = size.size();
            if (x.shape().rank() != r + 2) {
                throw new ShapeException(
                        op.name() + ": " + x + " is not (n, " + r + " spatial axes, channels)");
            }
            if (!x.dtype().isFloating()) {
                throw new DTypeException(
                        op.name() + ": not defined on " + x + "; cast to float32 first");
            }
            var dims = x.shape().dims();
            for (int i = 0; i < r; i++) {
                int room = dims[i + 1] + low.get(i) + high.get(i) - size.get(i);
                if (room < 0 || low.get(i) >= size.get(i) || high.get(i) >= size.get(i)) {
                    throw new ShapeException(
                            op.name()
                                    + ": windows "
                                    + size
                                    + " with padding "
                                    + low
                                    + ", "
                                    + high
                                    + " do not fit "
                                    + x
                                    + "; padding must be smaller than the window");
                }
                dims[i + 1] = room / stride.get(i) + 1;
            }
            return Shape.of(dims);
        }
    }

    /** The windows. */
    Frame frame();

    @Override
    default Tensor batched(Args x, boolean[] batched, int size) {
        var merged = x;
        for (int i = 0; i < x.size(); i++) {
            merged = merged.with(i, Contraction.Geometry.merge(Ops.withBatch(x, batched, size, i)));
        }
        return Contraction.Geometry.split(Ops.bind(this, merged), size);
    }

    /** The type of factors for the channels of images of this type. */
    static TensorType factors(TensorType x) {
        return x.withShape(x.shape().range(x.shape().rank() - 1, x.shape().rank()));
    }

    /** Sum over each window. */
    record SumPool(Frame frame) implements Window, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            return in.getFirst().withShape(frame.output(this, in.getFirst()));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            int r = frame.size().size();
            return Ops.bind(new Spread(frame, in.getFirst().shape().range(1, r + 1)), ct);
        }
    }

    /** The transpose of {@link SumPool}: each value added to every element of its window. */
    record Spread(Frame frame, Shape image) implements Window, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var y = in.getFirst();
            int last = y.shape().rank() - 1;
            var x =
                    y.withShape(
                            image.prepend(y.shape().dim(0)).concat(Shape.of(y.shape().dim(last))));
            return Partners.check(this, x, x.withShape(frame.output(this, x)), y);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new SumPool(frame), ct);
        }
    }

    /**
     * The largest element of each window; NaN wins. The derivative goes to the first place that has
     * it.
     */
    record MaxPool(Frame frame) implements Window {
        @Override
        public TensorType type(List<TensorType> in) {
            return in.getFirst().withShape(frame.output(this, in.getFirst()));
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Ops.bind(new Pick(frame), x.a(), Ops.full(factors(x.a().type()), 1), dx);
        }
    }

    /** An operation that looks up where the largest element of each window is. */
    sealed interface Places extends Window permits Pick, Unpick {
        @Override
        default boolean differentiableIn(int i) {
            return i == 2;
        }

        /** The shape of a value for each window, if there is a factor for each channel. */
        default Shape checkedOutput(List<TensorType> in) {
            var x = in.get(0);
            var shape = frame().output(this, x);
            if (!in.get(1).equals(factors(x))) {
                throw new ShapeException(
                        name()
                                + ": "
                                + x
                                + " wants a factor for each channel, "
                                + factors(x)
                                + ", not "
                                + in.get(1));
            }
            return shape;
        }

        /** Factors of one's own for each member of a batch are multiplied with the images. */
        @Override
        default Tensor batched(Args x, boolean[] batched, int size) {
            if (!batched[1]) {
                var merged = x;
                for (int i = 0; i < x.size(); i += 2) {
                    Tensor all = Ops.withBatch(x, batched, size, i);
                    merged = merged.with(i, Contraction.Geometry.merge(all));
                }
                return Contraction.Geometry.split(Ops.bind(this, merged), size);
            }
            Tensor image = Ops.withBatch(x, batched, size, 0); // (b, n, spatial.., c)
            Tensor k = Ops.broadcast(x.b(), image.shape(), Axes.of(0, image.rank() - 1));
            Tensor one = Ops.full(factors(image.type()), 1);
            var scaled = x.with(0, Ops.binary(new Elementwise.Mul(), image, k)).with(1, one);
            return batched(scaled, new boolean[] {true, false, batched[2]}, size);
        }
    }

    /**
     * (x, k, v): for each window the element of v at the place of the first maximum of k·x, k being
     * a factor for each channel: of x the maximum where k is positive, the minimum where it is
     * negative. Linear in v.
     */
    record Pick(Frame frame) implements Places, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            if (!in.get(0).equals(in.get(2))) {
                throw new ShapeException("pick: " + in.get(0) + " and " + in.get(2) + " differ");
            }
            return in.get(0).withShape(checkedOutput(in));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new Unpick(frame), x.a(), x.b(), ct);
        }
    }

    /**
     * (x, k, u): zeros like x, each element of u added at the place of its window's first maximum
     * of k·x; linear in u.
     */
    record Unpick(Frame frame) implements Places, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            var wanted = in.get(0).withShape(checkedOutput(in));
            return Partners.check(this, in.get(0), wanted, in.get(2));
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new Pick(frame), x.a(), x.b(), ct);
        }
    }

    /** Checks an image against the values of its windows. */
    final class Partners {
        private Partners() {}

        static TensorType check(Primitive op, TensorType x, TensorType wanted, TensorType y) {
            if (!wanted.equals(y)) {
                throw new ShapeException(
                        op.name() + ": windows of " + x + " give " + wanted + ", not " + y);
            }
            return x;
        }
    }
}
