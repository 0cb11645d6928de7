package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Operations that make elements out of their positions. */
public sealed interface Source extends Single {

    @Override
    default boolean differentiableIn(int i) {
        return false;
    }

    @Override
    default Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
        return Ops.zeros(y.type());
    }

    /** Each element is its own position along {@code axis}. No operands. */
    record Iota(Shape shape, int axis, DType dtype) implements Source {
        @Override
        public TensorType type(List<TensorType> in) {
            if (!dtype.isNumeric()) {
                throw new DTypeException(
                        "iota: " + dtype + " does not count; count in float32 and cast that");
            }
            if (axis < 0 || axis >= shape.rank()) {
                throw new ShapeException(
                        "iota: " + dtype + shape + " cannot count along axis " + axis);
            }
            return new TensorType(shape, dtype);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.replicate(Ops.bind(this), size);
        }
    }

    /**
     * 32 random bits per element, int32, a function of the key (int32 (.., 2)) and the element's
     * position alone: the counter mode of Threefry-2x32-20 (Salmon, Moraes, Dror, Shaw, "Parallel
     * random numbers: as easy as 1, 2, 3", SC 2011). The element at row-major position c is the
     * exclusive or of the two words of threefry(key, (c >> 32, c)). Leading axes of the key give
     * that many independent results.
     */
    record RandomBits(Shape shape) implements Source {
        @Override
        public TensorType type(List<TensorType> in) {
            var key = in.getFirst();
            int r = key.shape().rank();
            if (key.dtype() != DType.INT32 || r < 1 || key.shape().dim(r - 1) != 2) {
                throw new ShapeException(
                        "randomBits: the key has type " + key + ", not int32(.., 2); use Key");
            }
            return new TensorType(key.shape().range(0, r - 1).concat(shape), DType.INT32);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(this, x.a());
        }
    }
}
