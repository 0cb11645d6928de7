package dev.fathom.core.math;

import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Source;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

/** Tensors made from nothing but a type. */
public final class Creation {
    private Creation() {}

    /** Zeros of any type. */
    public static Tensor zeros(TensorType type) {
        return Ops.zeros(type);
    }

    /** Ones of any type. */
    public static Tensor ones(TensorType type) {
        return Ops.full(type, 1);
    }

    /** Each element is its own position along {@code axis}. */
    public static Tensor iota(TensorType type, int axis) {
        return Ops.bind(new Source.Iota(type.shape(), type.shape().axis(axis), type.dtype()));
    }

    /** 0, 1, ..., n-1 as a vector. */
    public static Tensor range(DType dtype, int n) {
        return iota(new TensorType(Shape.of(n), dtype), 0);
    }

    /** {@code count} values from {@code start} to {@code stop}, both included, float64. */
    public static Tensor linspace(double start, double stop, int count) {
        return range(DType.FLOAT64, count)
                .times((stop - start) / Math.max(1, count - 1))
                .plus(start);
    }

    /** The identity matrix (n, n). */
    public static Tensor eye(DType dtype, int n) {
        var type = new TensorType(Shape.of(n, n), DType.INT32);
        return iota(type, 0).equalTo(iota(type, 1)).cast(dtype);
    }

    /**
     * One row per index: 1 at that position of {@code classes}, 0 elsewhere: (..) to (.., classes).
     */
    public static Tensor oneHot(Tensor indices, int classes, DType dtype) {
        var type = new TensorType(indices.shape().concat(Shape.of(classes)), DType.INT32);
        Tensor positions = iota(type, -1);
        return positions
                .equalTo(indices.expandDims(-1).broadcastTo(type.shape().dims()))
                .cast(dtype);
    }
}
