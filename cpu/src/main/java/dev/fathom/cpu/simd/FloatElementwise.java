package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Elementwise arithmetic, comparison and selection over tiles of {@code float}.
 *
 * <p>Every operation here is exact or correctly rounded by IEEE 754, so a tail done lane by lane
 * has the bits the vector loop would have given. Operands are read at {@code a[ao .. ao+n)} and so
 * on; a result array may be an operand at the same offset, and must not overlap one otherwise.
 * Truth values are bytes 0 and 1.
 */
public final class FloatElementwise {

    private static final VectorSpecies<Float> S = Width.F32;
    private static final int LANES = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    private static final int GROUP = Masks.GROUP;

    /** The first power of two from which every float is an integer. */
    private static final float BIG = 0x1p23f;

    private static final int SIGN = Integer.MIN_VALUE;

    private FloatElementwise() {}

    /** {@code y = a + b}. */
    public static void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(FloatVector.fromArray(S, a, ao + i))
                    .add(V.cast(FloatVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] + b[bo + i];
        }
    }

    /** {@code y = a - b}. */
    public static void sub(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(FloatVector.fromArray(S, a, ao + i))
                    .sub(V.cast(FloatVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] - b[bo + i];
        }
    }

    /** {@code y = a b}. */
    public static void mul(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(FloatVector.fromArray(S, a, ao + i))
                    .mul(V.cast(FloatVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] * b[bo + i];
        }
    }

    /** {@code y = a / b}. */
    public static void div(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(FloatVector.fromArray(S, a, ao + i))
                    .div(V.cast(FloatVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] / b[bo + i];
        }
    }

    /** The larger operand; NaN if either is NaN, and {@code max(-0, +0) = +0}. */
    public static void max(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(FloatVector.fromArray(S, a, ao + i))
                    .max(V.cast(FloatVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.max(a[ao + i], b[bo + i]);
        }
    }

    /** The smaller operand; NaN if either is NaN, and {@code min(-0, +0) = -0}. */
    public static void min(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(FloatVector.fromArray(S, a, ao + i))
                    .min(V.cast(FloatVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.min(a[ao + i], b[bo + i]);
        }
    }

    /**
     * The remainder of the division truncated towards zero, with the sign of {@code a}, as Java's
     * {@code %}.
     */
    public static void remainder(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = a[ao + i] % b[bo + i];
        }
    }

    /** {@code y = -x}. */
    public static void neg(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            v.neg().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = -x[xo + i];
        }
    }

    /** {@code y = |x|}. */
    public static void abs(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            v.abs().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.abs(x[xo + i]);
        }
    }

    /** -1, 0 or 1 by the sign of {@code x}; zeros and NaN come back as they are. */
    public static void sign(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            v.blend(1f, v.compare(VectorOperators.GT, 0f))
                    .blend(-1f, v.compare(VectorOperators.LT, 0f))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.signum(x[xo + i]);
        }
    }

    /** The largest integer not above {@code x}; keeps the sign of zero. */
    public static void floor(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            FloatVector size = v.abs();
            // adding and taking away BIG leaves the nearest-even integer; larger ones are integers
            FloatVector near = size.add(BIG).sub(BIG);
            near =
                    near.reinterpretAsInts()
                            .or(v.reinterpretAsInts().and(SIGN))
                            .reinterpretAsFloats();
            near = near.sub(1f, near.compare(VectorOperators.GT, v));
            v.blend(near, size.compare(VectorOperators.LT, BIG)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (float) Math.floor(x[xo + i]);
        }
    }

    /** The smallest integer not below {@code x}; keeps the sign of zero. */
    public static void ceil(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            // ceil(x) = -floor(-x)
            v = v.neg();
            FloatVector size = v.abs();
            FloatVector near = size.add(BIG).sub(BIG);
            near =
                    near.reinterpretAsInts()
                            .or(v.reinterpretAsInts().and(SIGN))
                            .reinterpretAsFloats();
            near = near.sub(1f, near.compare(VectorOperators.GT, v));
            v = v.blend(near, size.compare(VectorOperators.LT, BIG));
            v.neg().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (float) Math.ceil(x[xo + i]);
        }
    }

    /** The nearest integer, halves to even; keeps the sign of zero. */
    public static void round(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            FloatVector size = v.abs();
            // adding and taking away BIG leaves the nearest-even integer; larger ones are integers
            FloatVector near = size.add(BIG).sub(BIG);
            near =
                    near.reinterpretAsInts()
                            .or(v.reinterpretAsInts().and(SIGN))
                            .reinterpretAsFloats();
            v.blend(near, size.compare(VectorOperators.LT, BIG)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (float) Math.rint(x[xo + i]);
        }
    }

    /** The square root, correctly rounded; NaN below zero, {@code sqrt(-0) = -0}. */
    public static void sqrt(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            v.sqrt().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (float) Math.sqrt(x[xo + i]);
        }
    }

    /** {@code 1 / sqrt(x)}: two correct roundings, at most 1.5 ulp from the true value. */
    public static void rsqrt(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + i));
            ZERO.broadcast(1f).div(v.sqrt()).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = 1f / (float) Math.sqrt(x[xo + i]);
        }
    }

    /** {@code y = (a == b)}; NaN equals nothing, {@code -0 == +0}. */
    public static void eq(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                FloatVector u = V.cast(FloatVector.fromArray(S, a, ao + i + k));
                FloatVector v = V.cast(FloatVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.EQ, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] == b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a != b)}. */
    public static void ne(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                FloatVector u = V.cast(FloatVector.fromArray(S, a, ao + i + k));
                FloatVector v = V.cast(FloatVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.NE, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] != b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a < b)}. */
    public static void lt(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                FloatVector u = V.cast(FloatVector.fromArray(S, a, ao + i + k));
                FloatVector v = V.cast(FloatVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.LT, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] < b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a <= b)}. */
    public static void le(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                FloatVector u = V.cast(FloatVector.fromArray(S, a, ao + i + k));
                FloatVector v = V.cast(FloatVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.LE, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] <= b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a > b)}. */
    public static void gt(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
        lt(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = (a >= b)}. */
    public static void ge(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
        le(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = 1} where {@code x} is neither infinite nor NaN, else 0. */
    public static void isFinite(float[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                FloatVector size = V.cast(FloatVector.fromArray(S, x, xo + i + k)).abs();
                bits |= size.compare(VectorOperators.LE, Float.MAX_VALUE).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (Float.isFinite(x[xo + i]) ? 1 : 0);
        }
    }

    /** {@code y = p ? a : b} element by element. */
    public static void select(
            byte[] p, int po, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = Masks.load(p, po + i);
            for (int k = 0; k < GROUP; k += LANES) {
                FloatVector u = V.cast(FloatVector.fromArray(S, a, ao + i + k));
                FloatVector v = V.cast(FloatVector.fromArray(S, b, bo + i + k));
                v.blend(u, VectorMask.fromLong(S, bits >>> k)).intoArray(y, yo + i + k);
            }
        }
        for (; i < n; i++) {
            y[yo + i] = p[po + i] != 0 ? a[ao + i] : b[bo + i];
        }
    }

    /** Sets {@code n} elements to {@code value}. */
    public static void fill(float value, float[] y, int yo, int n) {
        Arrays.fill(y, yo, yo + n, value);
    }

    /** Copies {@code n} elements; the ranges may overlap. */
    public static void copy(float[] x, int xo, float[] y, int yo, int n) {
        System.arraycopy(x, xo, y, yo, n);
    }

    /** Fills {@code n} elements with a run of {@code period}, over and over. */
    static void repeat(float[] x, int xo, int period, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += period) {
            System.arraycopy(x, xo, y, yo + i, Math.min(period, n - i));
        }
    }
}
