package dev.fathom.core.tensor;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.spi.HostBuffer;

import java.util.stream.IntStream;

/**
 * An immutable n-dimensional array of numbers; the one type that everything in Fathom computes
 * with.
 *
 * <p>Binary operations broadcast as NumPy's do and insist on equal dtypes; a Java {@code double}
 * takes the dtype of the tensor it meets. Negative axes count from the end. Results are there at
 * once, except inside a transform, where a tensor may stand for a value with a derivative, a whole
 * batch, or a name in a program being recorded. The functions that are not here are static methods
 * by topic in {@link dev.fathom.core.math}.
 */
public sealed interface Tensor permits Array, Tracer {

    /** Element type and shape. */
    TensorType type();

    // ---- making tensors ------------------------------------------------------------------------

    /** A float32 tensor; {@code values} are copied, row-major; no {@code shape} makes a vector. */
    static Tensor of(float[] values, int... shape) {
        return fromHost(values.clone(), DType.FLOAT32, values.length, shape);
    }

    /** A float64 tensor. */
    static Tensor of(double[] values, int... shape) {
        return fromHost(values.clone(), DType.FLOAT64, values.length, shape);
    }

    /** An int32 tensor. */
    static Tensor of(int[] values, int... shape) {
        return fromHost(values.clone(), DType.INT32, values.length, shape);
    }

    /** An int64 tensor. */
    static Tensor of(long[] values, int... shape) {
        return fromHost(values.clone(), DType.INT64, values.length, shape);
    }

    /** A bool tensor. */
    static Tensor of(boolean[] values, int... shape) {
        var bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return fromHost(bytes, DType.BOOL, bytes.length, shape);
    }

    /** A float32 scalar. */
    static Tensor scalar(float value) {
        return fromHost(new float[] {value}, DType.FLOAT32, 1, Shape.of());
    }

    /** A float64 scalar. */
    static Tensor scalar(double value) {
        return fromHost(new double[] {value}, DType.FLOAT64, 1, Shape.of());
    }

    /** An int32 scalar. */
    static Tensor scalar(int value) {
        return fromHost(new int[] {value}, DType.INT32, 1, Shape.of());
    }

    /** An int64 scalar. */
    static Tensor scalar(long value) {
        return fromHost(new long[] {value}, DType.INT64, 1, Shape.of());
    }

    /** A bool scalar. */
    static Tensor scalar(boolean value) {
        return fromHost(new byte[] {(byte) (value ? 1 : 0)}, DType.BOOL, 1, Shape.of());
    }

    /** A tensor of one repeated value, converted to {@code dtype}. */
    static Tensor full(DType dtype, double value, int... shape) {
        return Ops.full(new TensorType(Shape.of(shape), dtype), value);
    }

    /** Zeros of float32. */
    static Tensor zeros(int... shape) {
        return full(DType.FLOAT32, 0, shape);
    }

    /** Ones of float32. */
    static Tensor ones(int... shape) {
        return full(DType.FLOAT32, 1, shape);
    }

    private static Tensor fromHost(Object array, DType dtype, int length, int[] shape) {
        return fromHost(
                array, dtype, length, shape.length == 0 ? Shape.of(length) : Shape.of(shape));
    }

    private static Tensor fromHost(Object array, DType dtype, int length, Shape shape) {
        if (shape.size() != length) {
            throw new ShapeException(
                    length + " values do not fill shape " + shape + ", which has " + shape.size());
        }
        return Array.of(new TensorType(shape, dtype), new HostBuffer(array));
    }

    // ---- asking --------------------------------------------------------------------------------

    /** The sizes of the axes. */
    default Shape shape() {
        return type().shape();
    }

    /** The element type. */
    default DType dtype() {
        return type().dtype();
    }

    /** Number of axes. */
    default int rank() {
        return shape().rank();
    }

    /** Size of one axis. */
    default int dim(int axis) {
        return shape().dim(axis);
    }

    /** Number of elements. */
    default long size() {
        return shape().size();
    }

    // ---- reading -------------------------------------------------------------------------------

    /** The elements as a fresh {@code float[]}, row-major; from float32 only, cast others first. */
    default float[] toFloats() {
        return ((float[]) HostReader.host(this, DType.FLOAT32)).clone();
    }

    /** The elements as a fresh {@code double[]}; every dtype widens to it. */
    default double[] toDoubles() {
        return HostReader.doubles(this);
    }

    /** The elements as a fresh {@code int[]}; from int32 only. */
    default int[] toInts() {
        return ((int[]) HostReader.host(this, DType.INT32)).clone();
    }

    /** The elements as a fresh {@code long[]}; from int64 and int32. */
    default long[] toLongs() {
        return HostReader.longs(this);
    }

    /** The elements as a fresh {@code boolean[]}; from bool only. */
    default boolean[] toBooleans() {
        return HostReader.booleans(this);
    }

    /**
     * The one element of a tensor of size 1, as a double.
     *
     * @throws ShapeException if there are more, or none
     */
    default double item() {
        if (size() != 1) {
            throw new ShapeException(
                    "item() reads the one element of a tensor, but shape "
                            + shape()
                            + " has "
                            + size()
                            + "; reduce it first, or use toDoubles()");
        }
        return HostReader.first(this);
    }

    // ---- arithmetic ----------------------------------------------------------------------------

    /** {@code this + other}. */
    default Tensor plus(Tensor other) {
        return Ops.binary(new Elementwise.Add(), this, other);
    }

    /** {@code this + value}. */
    default Tensor plus(double value) {
        return plus(Ops.scalar(dtype(), value));
    }

    /** {@code this - other}. */
    default Tensor minus(Tensor other) {
        return Ops.binary(new Elementwise.Sub(), this, other);
    }

    /** {@code this - value}. */
    default Tensor minus(double value) {
        return minus(Ops.scalar(dtype(), value));
    }

    /** {@code this * other}, element by element. */
    default Tensor times(Tensor other) {
        return Ops.binary(new Elementwise.Mul(), this, other);
    }

    /** {@code this * value}. */
    default Tensor times(double value) {
        return times(Ops.scalar(dtype(), value));
    }

    /** {@code this / other}; integers truncate towards zero. */
    default Tensor dividedBy(Tensor other) {
        return Ops.binary(new Elementwise.Div(), this, other);
    }

    /** {@code this / value}. */
    default Tensor dividedBy(double value) {
        return dividedBy(Ops.scalar(dtype(), value));
    }

    /** {@code -this}. */
    default Tensor negate() {
        return Ops.unary(new Elementwise.Neg(), this);
    }

    /** {@code this} to the power {@code exponent}. */
    default Tensor pow(double exponent) {
        return Ops.binary(new Elementwise.Pow(), this, Ops.scalar(dtype(), exponent));
    }

    /** {@code this * this}. */
    default Tensor square() {
        return times(this);
    }

    /** {@code e^this}. */
    default Tensor exp() {
        return Ops.unary(new Elementwise.Exp(), this);
    }

    /** The natural logarithm. */
    default Tensor log() {
        return Ops.unary(new Elementwise.Log(), this);
    }

    /** The square root. */
    default Tensor sqrt() {
        return Ops.unary(new Elementwise.Sqrt(), this);
    }

    /** The hyperbolic tangent. */
    default Tensor tanh() {
        return Ops.unary(new Elementwise.Tanh(), this);
    }

    /** The absolute value. */
    default Tensor abs() {
        return Ops.unary(new Elementwise.Abs(), this);
    }

    /** The larger of the two, element by element; NaN wins. */
    default Tensor maximum(Tensor other) {
        return Ops.binary(new Elementwise.Max(), this, other);
    }

    /** The smaller of the two, element by element; NaN wins. */
    default Tensor minimum(Tensor other) {
        return Ops.binary(new Elementwise.Min(), this, other);
    }

    /** {@code this < other}, a bool tensor. */
    default Tensor lessThan(Tensor other) {
        return Ops.binary(new Elementwise.Compare(Order.LESS), this, other);
    }

    /** {@code this > other}, a bool tensor. */
    default Tensor greaterThan(Tensor other) {
        return Ops.binary(new Elementwise.Compare(Order.GREATER), this, other);
    }

    /** {@code this == other}, a bool tensor. */
    default Tensor equalTo(Tensor other) {
        return Ops.binary(new Elementwise.Compare(Order.EQUAL), this, other);
    }

    /**
     * The elements converted to another dtype; floats truncate towards zero when they become
     * integers, and become bfloat16 by way of float32, rounded to the nearest, ties to even.
     */
    default Tensor cast(DType dtype) {
        return dtype == dtype() ? this : Ops.unary(new Elementwise.Cast(dtype), this);
    }

    /**
     * Matrix product over the last axis of this and the last but one of {@code other}; leading axes
     * broadcast; a vector counts as a row on the left and a column on the right.
     */
    default Tensor matmul(Tensor other) {
        return Contraction.matmul(this, other);
    }

    // ---- reductions ----------------------------------------------------------------------------

    /** Sum over the given axes, or over all. */
    default Tensor sum(int... axes) {
        return Ops.bind(new Reduction.Sum(shape().axes(axes)), this);
    }

    /** Mean over the given axes, or over all. */
    default Tensor mean(int... axes) {
        var total = sum(axes);
        return total.dividedBy((double) size() / Math.max(1, total.size()));
    }

    /** Largest element over the given axes, or over all. */
    default Tensor max(int... axes) {
        return Ops.bind(new Reduction.ReduceMax(shape().axes(axes)), this);
    }

    /** Smallest element over the given axes, or over all. */
    default Tensor min(int... axes) {
        return Ops.bind(new Reduction.ReduceMin(shape().axes(axes)), this);
    }

    /** Position of the first largest element along {@code axis}, int32. */
    default Tensor argMax(int axis) {
        return Ops.bind(new Reduction.ArgMax(shape().axis(axis)), this);
    }

    // ---- shape ---------------------------------------------------------------------------------

    /** The same elements in another shape; one size may be -1 and is worked out. */
    default Tensor reshape(int... shape) {
        return Ops.reshape(this, Ops.resolve(shape(), shape));
    }

    /** Axes in another order: axis i of the result is {@code axes[i]}; none given reverses them. */
    default Tensor transpose(int... axes) {
        var order =
                axes.length == 0
                        ? IntStream.range(0, rank()).map(i -> rank() - 1 - i).toArray()
                        : IntStream.of(axes).map(shape()::axis).toArray();
        return Ops.transpose(this, Axes.of(order));
    }

    /** Repeated along axes of size 1 and new leading axes to the given shape. */
    default Tensor broadcastTo(int... shape) {
        return Ops.broadcastTo(this, Shape.of(shape));
    }

    /** A new axis of size 1 before {@code axis}; -1 appends one. */
    default Tensor expandDims(int axis) {
        int at = axis < 0 ? rank() + 1 + axis : axis;
        return Ops.reshape(this, shape().insert(at, 1));
    }

    /** Without the given axes, all of size 1. */
    default Tensor squeeze(int... axes) {
        return Ops.squeeze(this, axes);
    }

    /** All axes from {@code axis} on merged into one: {@code flatten(1)} keeps the batch. */
    default Tensor flatten(int axis) {
        int at = shape().axis(axis);
        return Ops.reshape(
                this, shape().range(0, at).concat(Shape.of(shape().range(at, rank()).length())));
    }

    /** Elements {@code start .. stop-1} along {@code axis}. */
    default Tensor slice(int axis, int start, int stop) {
        return Structural.slice(this, axis, start, stop, 1);
    }

    /** Element {@code index} of the first axis, without that axis; negative counts from the end. */
    default Tensor get(int index) {
        int i = index < 0 ? dim(0) + index : index;
        return slice(0, i, i + 1).squeeze(0);
    }

    /** Sorted ascending along {@code axis}; NaN last. */
    default Tensor sort(int axis) {
        return Ops.bind(new Ordering.Sort(shape().axis(axis)), this);
    }
}
