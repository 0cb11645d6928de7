package dev.fathom.cpu.reference;

import dev.fathom.core.spi.Buffer;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.BFloat16;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.Arrays;

/**
 * The elements of one tensor, row-major, with its type. Floating elements are computed with as
 * {@code double}, all others as {@code long}, which holds each of them exactly.
 */
record Values(TensorType type, Object array) {

    static Values of(TensorType type, Buffer buffer) {
        return new Values(type, buffer.host());
    }

    /** Fresh zeros. */
    static Values zeros(TensorType type) {
        return new Values(type, HostBuffer.allocate(type.dtype(), type.shape().length()).array());
    }

    /** Fresh elements: each double converted as Java's cast does; to bool: whether it is not 0. */
    static Values ofReals(TensorType type, double[] v) {
        var y = zeros(type);
        for (int i = 0; i < v.length; i++) {
            switch (type.dtype()) {
                case FLOAT32 -> ((float[]) y.array)[i] = (float) v[i];
                case FLOAT64 -> ((double[]) y.array)[i] = v[i];
                case INT32 -> ((int[]) y.array)[i] = (int) v[i];
                case INT64 -> ((long[]) y.array)[i] = (long) v[i];
                case BOOL -> ((byte[]) y.array)[i] = bit(v[i] != 0);
                case BFLOAT16 -> ((short[]) y.array)[i] = BFloat16.of((float) v[i]);
            }
        }
        return y;
    }

    /** Fresh elements: each long converted as Java's cast does; to bool: whether it is not 0. */
    static Values ofWholes(TensorType type, long[] v) {
        var y = zeros(type);
        for (int i = 0; i < v.length; i++) {
            switch (type.dtype()) {
                case FLOAT32 -> ((float[]) y.array)[i] = (float) v[i];
                case FLOAT64 -> ((double[]) y.array)[i] = (double) v[i];
                case INT32 -> ((int[]) y.array)[i] = (int) v[i];
                case INT64 -> ((long[]) y.array)[i] = v[i];
                case BOOL -> ((byte[]) y.array)[i] = bit(v[i] != 0);
                case BFLOAT16 -> ((short[]) y.array)[i] = BFloat16.of((float) v[i]);
            }
        }
        return y;
    }

    private static byte bit(boolean b) {
        return (byte) (b ? 1 : 0);
    }

    Shape shape() {
        return type.shape();
    }

    int length() {
        return type.shape().length();
    }

    /**
     * Whether the elements are to be computed with as {@link #reals} rather than {@link #wholes}.
     */
    boolean isReal() {
        return type.dtype().isFloating();
    }

    /** A copy of the elements as doubles; exact for all dtypes but int64. */
    double[] reals() {
        var v = new double[length()];
        for (int i = 0; i < v.length; i++) {
            v[i] =
                    switch (type.dtype()) {
                        case FLOAT32 -> ((float[]) array)[i];
                        case FLOAT64 -> ((double[]) array)[i];
                        case INT32 -> ((int[]) array)[i];
                        case INT64 -> ((long[]) array)[i];
                        case BOOL -> ((byte[]) array)[i];
                        case BFLOAT16 -> BFloat16.toFloat(((short[]) array)[i]);
                    };
        }
        return v;
    }

    /** A copy of the elements as longs; exact for all dtypes that are not floating. */
    long[] wholes() {
        var v = new long[length()];
        for (int i = 0; i < v.length; i++) {
            v[i] =
                    switch (type.dtype()) {
                        case FLOAT32 -> (long) ((float[]) array)[i];
                        case FLOAT64 -> (long) ((double[]) array)[i];
                        case INT32 -> ((int[]) array)[i];
                        case INT64 -> ((long[]) array)[i];
                        case BOOL -> ((byte[]) array)[i];
                        case BFLOAT16 -> (long) BFloat16.toFloat(((short[]) array)[i]);
                    };
        }
        return v;
    }

    /** The elements of an int32 tensor; the memory itself. */
    int[] indices() {
        return (int[]) array;
    }

    /** The one element of a bool scalar. */
    boolean holds() {
        return ((byte[]) array)[0] != 0;
    }

    /**
     * Copies element {@code from} of {@code x}, which has the same dtype, to element {@code to}.
     */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the dtype's element type
    void put(int to, Values x, int from) {
        System.arraycopy(x.array, from, array, to, 1);
    }

    /** The same elements in fresh memory, as a tensor of another shape. */
    Values copyAs(TensorType other) {
        return new Values(
                other,
                switch (type.dtype()) {
                    case FLOAT32 -> ((float[]) array).clone();
                    case FLOAT64 -> ((double[]) array).clone();
                    case INT32 -> ((int[]) array).clone();
                    case INT64 -> ((long[]) array).clone();
                    case BOOL -> ((byte[]) array).clone();
                    case BFLOAT16 -> ((short[]) array).clone();
                });
    }

    Values copy() {
        return copyAs(type);
    }

    /** The {@code count} elements from {@code start} on, in fresh memory. */
    @SuppressWarnings("SuspiciousSystemArraycopy")
    Values part(TensorType part, int start) {
        var y = zeros(part);
        System.arraycopy(array, start, y.array, 0, part.shape().length());
        return y;
    }

    /** Overwrites the elements from {@code start} on with all of {@code x}'s. */
    @SuppressWarnings("SuspiciousSystemArraycopy")
    void putAll(int start, Values x) {
        System.arraycopy(x.array, 0, array, start, x.length());
    }

    /** Fresh elements, all the same. */
    static double[] filled(int length, double value) {
        var v = new double[length];
        Arrays.fill(v, value);
        return v;
    }

    /** Fresh elements, all the same. */
    static long[] filled(int length, long value) {
        var v = new long[length];
        Arrays.fill(v, value);
        return v;
    }

    Buffer buffer() {
        return new HostBuffer(array);
    }

    DType dtype() {
        return type.dtype();
    }
}
