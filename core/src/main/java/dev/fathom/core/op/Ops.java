package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.BFloat16;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The way from a function call to a primitive: operands are broadcast to one shape, the primitive
 * is handed to the current interpreter.
 */
public final class Ops {
    private Ops() {}

    /** Applies a primitive with one result. */
    public static Tensor bind(Single op, Tensor... operands) {
        return Interpreter.current().apply(op, List.of(operands)).getFirst();
    }

    /** Applies a primitive with one result. */
    public static Tensor bind(Single op, Args operands) {
        return Interpreter.current().apply(op, operands.known()).getFirst();
    }

    /** Applies any primitive. */
    public static List<Tensor> bindAll(Primitive op, List<Tensor> operands) {
        return Interpreter.current().apply(op, operands);
    }

    /** Applies an elementwise function of one operand. */
    public static Tensor unary(Single op, Tensor x) {
        return bind(op, x);
    }

    /** Applies an elementwise function of two operands, broadcast to their common shape. */
    public static Tensor binary(Single op, Tensor a, Tensor b) {
        if (a.dtype() != b.dtype()) {
            throw new DTypeException(
                    op.name()
                            + ": operands have dtypes "
                            + a.dtype()
                            + " and "
                            + b.dtype()
                            + " (types "
                            + a.type()
                            + " and "
                            + b.type()
                            + "); Fathom never converts by itself, use cast");
        }
        var shape = Shape.broadcast(op.name(), a.shape(), b.shape());
        return bind(op, broadcastTo(a, shape), broadcastTo(b, shape));
    }

    /** Throws where an operation would compute with elements that are only for keeping. */
    static void refuseStorage(Primitive op, TensorType t) {
        if (t.dtype().isStorage()) {
            throw new DTypeException(
                    op.name()
                            + ": "
                            + t
                            + " is a storage type and has no arithmetic; cast it to float32 first,"
                            + " or let a Policy do so where it is used");
        }
    }

    /** A concrete scalar of the given dtype. */
    public static Tensor scalar(DType dtype, double value) {
        return Array.of(
                new TensorType(Shape.of(), dtype),
                new HostBuffer(
                        switch (dtype) {
                            case FLOAT32 -> new float[] {(float) value};
                            case FLOAT64 -> new double[] {value};
                            case INT32 -> new int[] {exact(dtype, value, (int) value).intValue()};
                            case INT64 ->
                                    new long[] {exact(dtype, value, (long) value).longValue()};
                            case BOOL -> new byte[] {(byte) (value != 0 ? 1 : 0)};
                            case BFLOAT16 -> new short[] {BFloat16.of((float) value)};
                        }));
    }

    private static Number exact(DType dtype, double value, long whole) {
        if (whole != value) {
            throw new DTypeException(
                    "the number "
                            + value
                            + " is not a value of "
                            + dtype
                            + "; cast the tensor to a floating dtype");
        }
        return whole;
    }

    /** {@code value} repeated over {@code type}. */
    public static Tensor full(TensorType type, double value) {
        return broadcastTo(scalar(type.dtype(), value), type.shape());
    }

    /** Zeros of the given type. */
    public static Tensor zeros(TensorType type) {
        return full(type, 0);
    }

    /** NumPy's broadcasting of one operand to {@code shape}. */
    public static Tensor broadcastTo(Tensor x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        int lead = shape.rank() - x.rank();
        if (lead < 0) {
            throw new ShapeException("shape " + x.shape() + " does not broadcast to " + shape);
        }
        var kept = new int[x.rank()];
        int n = 0;
        for (int i = 0; i < x.rank(); i++) {
            if (x.dim(i) == shape.dim(lead + i)) {
                kept[n++] = i;
            } else if (x.dim(i) != 1) {
                throw new ShapeException("shape " + x.shape() + " does not broadcast to " + shape);
            }
        }
        var keep = Axes.of(Arrays.copyOf(kept, n));
        return broadcast(reshape(x, x.shape().select(keep)), shape, keep.shift(lead));
    }

    /** Axis k of {@code x} becomes axis {@code dims[k]} of {@code shape}; the others repeat. */
    public static Tensor broadcast(Tensor x, Shape shape, Axes dims) {
        return x.shape().equals(shape) && dims.isIdentity()
                ? x
                : bind(new Structural.Broadcast(shape, dims), x);
    }

    /** {@code x} in another shape with as many elements. */
    public static Tensor reshape(Tensor x, Shape shape) {
        return x.shape().equals(shape) ? x : bind(new Structural.Reshape(shape), x);
    }

    /** Axis i of the result is axis {@code order[i]} of {@code x}. */
    public static Tensor transpose(Tensor x, Axes order) {
        return order.isIdentity() && order.size() == x.rank()
                ? x
                : bind(new Structural.Transpose(order), x);
    }

    /** Moves axis {@code from} to position {@code to}, the others keep their order. */
    public static Tensor moveAxis(Tensor x, int from, int to) {
        if (from == to) {
            return x;
        }
        var rest = Axes.of(from).complement(x.rank()).toArray();
        var order = new int[x.rank()];
        for (int i = 0, r = 0; i < order.length; i++) {
            order[i] = i == to ? from : rest[r++];
        }
        return transpose(x, Axes.of(order));
    }

    /** {@code x} repeated along a new leading axis. */
    public static Tensor replicate(Tensor x, int size) {
        return broadcast(x, x.shape().prepend(size), Axes.range(1, x.rank() + 1));
    }

    /** Operand {@code i} with its batch axis, repeated if it has none. */
    public static Tensor withBatch(Args x, boolean[] batched, int size, int i) {
        return batched[i] ? x.get(i) : replicate(x.get(i), size);
    }

    /** {@code where(p, a, b)}, element by element; p, a and b of one shape. */
    public static Tensor select(Tensor p, Tensor a, Tensor b) {
        return bind(new Elementwise.Select(), p, a, b);
    }

    /** {@code x} itself, and a constant to every derivative. */
    public static Tensor stopGradient(Tensor x) {
        return x.dtype().isFloating() ? bind(new Elementwise.StopGradient(), x) : x;
    }

    /** Removes axes of size 1; none given removes all of them. */
    public static Tensor squeeze(Tensor x, int... axes) {
        var shape = x.shape();
        var drop =
                axes.length > 0
                        ? shape.axes(axes)
                        : Axes.of(
                                IntStream.range(0, x.rank())
                                        .filter(i -> shape.dim(i) == 1)
                                        .toArray());
        for (int i = 0; i < drop.size(); i++) {
            if (shape.dim(drop.get(i)) != 1) {
                throw new ShapeException(
                        "squeeze: axis "
                                + drop.get(i)
                                + " of shape "
                                + shape
                                + " has size "
                                + shape.dim(drop.get(i))
                                + ", not 1");
            }
        }
        return reshape(x, shape.without(drop));
    }

    /** A requested shape with at most one -1, which is worked out from the number of elements. */
    public static Shape resolve(Shape from, int[] wanted) {
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] == -1 && unknown < 0) {
                unknown = i;
            } else {
                known *= wanted[i];
            }
        }
        if (unknown < 0) {
            return Shape.of(wanted);
        }
        if (known <= 0 || from.size() % known != 0) {
            throw new ShapeException(
                    "reshape: "
                            + from
                            + " with "
                            + from.size()
                            + " elements cannot become "
                            + Arrays.toString(wanted));
        }
        var r = wanted.clone();
        r[unknown] = (int) (from.size() / known);
        return Shape.of(r);
    }
}
