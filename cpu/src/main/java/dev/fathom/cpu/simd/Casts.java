package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Conversions between element types, with the meaning of Java's casts.
 *
 * <p>Floating point to integer truncates towards zero, saturates at the ends of the range and takes
 * NaN to 0; int from long keeps the low 32 bits; double to float and integer to floating point
 * round to nearest even. A truth value converts to 0 or 1, and a number converts to "is not zero"
 * (NaN is true).
 *
 * <p>Numeric conversions are plain loops: arrays of different types cannot overlap, which is all
 * that C2 needs to vectorise them by itself. Source and destination are therefore always different
 * arrays.
 */
public final class Casts {

    private static final int GROUP = Masks.GROUP;
    private static final Class<FloatVector> V32 = Width.kind(Width.F32);
    private static final Class<DoubleVector> V64 = Width.kind(Width.F64);

    private Casts() {}

    /** Float to double. */
    public static void floatToDouble(float[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Float to int. */
    public static void floatToInt(float[] x, int xo, int[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (int) x[xo + i];
        }
    }

    /** Float to long. */
    public static void floatToLong(float[] x, int xo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (long) x[xo + i];
        }
    }

    /** Double to float. */
    public static void doubleToFloat(double[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (float) x[xo + i];
        }
    }

    /** Double to int. */
    public static void doubleToInt(double[] x, int xo, int[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (int) x[xo + i];
        }
    }

    /** Double to long. */
    public static void doubleToLong(double[] x, int xo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (long) x[xo + i];
        }
    }

    /** Int to float. */
    public static void intToFloat(int[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Int to double. */
    public static void intToDouble(int[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Int to long. */
    public static void intToLong(int[] x, int xo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Long to float. */
    public static void longToFloat(long[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Long to double. */
    public static void longToDouble(long[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Long to int. */
    public static void longToInt(long[] x, int xo, int[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (int) x[xo + i];
        }
    }

    /** Truth value to float: 0 or 1. */
    public static void boolToFloat(byte[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Truth value to double: 0 or 1. */
    public static void boolToDouble(byte[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Truth value to int: 0 or 1. */
    public static void boolToInt(byte[] x, int xo, int[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Truth value to long: 0 or 1. */
    public static void boolToLong(byte[] x, int xo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i];
        }
    }

    /** Float to truth value: {@code x != 0}, so NaN gives 1. */
    public static void floatToBool(float[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += Width.F32.length()) {
                FloatVector v = V32.cast(FloatVector.fromArray(Width.F32, x, xo + i + k));
                bits |= v.compare(VectorOperators.NE, 0f).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (x[xo + i] != 0 ? 1 : 0);
        }
    }

    /** Double to truth value: {@code x != 0}, so NaN gives 1. */
    public static void doubleToBool(double[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += Width.F64.length()) {
                DoubleVector v = V64.cast(DoubleVector.fromArray(Width.F64, x, xo + i + k));
                bits |= v.compare(VectorOperators.NE, 0d).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (x[xo + i] != 0 ? 1 : 0);
        }
    }

    /** Int to truth value: {@code x != 0}. */
    public static void intToBool(int[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += Width.I32.length()) {
                IntVector v = IntVector.fromArray(Width.I32, x, xo + i + k);
                bits |= v.compare(VectorOperators.NE, 0).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (x[xo + i] != 0 ? 1 : 0);
        }
    }

    /** Long to truth value: {@code x != 0}. */
    public static void longToBool(long[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += Width.I64.length()) {
                LongVector v = LongVector.fromArray(Width.I64, x, xo + i + k);
                bits |= v.compare(VectorOperators.NE, 0L).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (x[xo + i] != 0 ? 1 : 0);
        }
    }
}
