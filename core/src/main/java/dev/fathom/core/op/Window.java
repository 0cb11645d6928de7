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
            return Partners.check(this, frame, x, y);
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
            return Ops.bind(new Pick(frame), x.a(), dx);
        }
    }

    /**
     * (x, v): for each window the element of v at the place of the first maximum of x; linear in v.
     */
    record Pick(Frame frame) implements Window, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            if (!in.get(0).equals(in.get(1))) {
                throw new ShapeException("pick: " + in.get(0) + " and " + in.get(1) + " differ");
            }
            return in.getFirst().withShape(frame.output(this, in.getFirst()));
        }

        @Override
        public boolean differentiableIn(int i) {
            return i == 1;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new Unpick(frame), x.a(), ct);
        }
    }

    /**
     * (x, u): zeros like x, each element of u added at the place of its window's first maximum;
     * linear in u.
     */
    record Unpick(Frame frame) implements Window, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            return Partners.check(this, frame, in.get(0), in.get(1));
        }

        @Override
        public boolean differentiableIn(int i) {
            return i == 1;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new Pick(frame), x.a(), ct);
        }
    }

    /** Checks an image against the values of its windows. */
    final class Partners {
        private Partners() {}

        static TensorType check(Primitive op, Frame frame, TensorType x, TensorType y) {
            var wanted = x.withShape(frame.output(op, x));
            if (!wanted.equals(y)) {
                throw new ShapeException(
                        op.name() + ": windows of " + x + " give " + wanted + ", not " + y);
            }
            return x;
        }
    }
}
