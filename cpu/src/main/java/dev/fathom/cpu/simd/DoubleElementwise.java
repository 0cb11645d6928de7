package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Elementwise arithmetic, comparison and selection over tiles of {@code double}.
 *
 * <p>Every operation here is exact or correctly rounded by IEEE 754, so a tail done lane by lane
 * has the bits the vector loop would have given. Operands are read at {@code a[ao .. ao+n)} and so
 * on; a result array may be an operand at the same offset, and must not overlap one otherwise.
 * Truth values are bytes 0 and 1.
 */
public final class DoubleElementwise {

    private static final VectorSpecies<Double> S = Width.F64;
    private static final int LANES = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    private static final int GROUP = Masks.GROUP;

    /** The first power of two from which every double is an integer. */
    private static final double BIG = 0x1p52;

    private static final long SIGN = Long.MIN_VALUE;

    private DoubleElementwise() {}

    /** {@code y = a + b}. */
    public static void add(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(DoubleVector.fromArray(S, a, ao + i))
                    .add(V.cast(DoubleVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] + b[bo + i];
        }
    }

    /** {@code y = a - b}. */
    public static void sub(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(DoubleVector.fromArray(S, a, ao + i))
                    .sub(V.cast(DoubleVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] - b[bo + i];
        }
    }

    /** {@code y = a b}. */
    public static void mul(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(DoubleVector.fromArray(S, a, ao + i))
                    .mul(V.cast(DoubleVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] * b[bo + i];
        }
    }

    /** {@code y = a / b}. */
    public static void div(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(DoubleVector.fromArray(S, a, ao + i))
                    .div(V.cast(DoubleVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] / b[bo + i];
        }
    }

    /** The larger operand; NaN if either is NaN, and {@code max(-0, +0) = +0}. */
    public static void max(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(DoubleVector.fromArray(S, a, ao + i))
                    .max(V.cast(DoubleVector.fromArray(S, b, bo + i)))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.max(a[ao + i], b[bo + i]);
        }
    }

    /** The smaller operand; NaN if either is NaN, and {@code min(-0, +0) = -0}. */
    public static void min(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(DoubleVector.fromArray(S, a, ao + i))
                    .min(V.cast(DoubleVector.fromArray(S, b, bo + i)))
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
    public static void remainder(
            double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = a[ao + i] % b[bo + i];
        }
    }

    /** {@code y = -x}. */
    public static void neg(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            v.neg().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = -x[xo + i];
        }
    }

    /** {@code y = |x|}. */
    public static void abs(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            v.abs().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.abs(x[xo + i]);
        }
    }

    /** -1, 0 or 1 by the sign of {@code x}; zeros and NaN come back as they are. */
    public static void sign(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            v.blend(1d, v.compare(VectorOperators.GT, 0d))
                    .blend(-1d, v.compare(VectorOperators.LT, 0d))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.signum(x[xo + i]);
        }
    }

    /** The largest integer not above {@code x}; keeps the sign of zero. */
    public static void floor(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            DoubleVector size = v.abs();
            // adding and taking away BIG leaves the nearest-even integer; larger ones are integers
            DoubleVector near = size.add(BIG).sub(BIG);
            near =
                    near.reinterpretAsLongs()
                            .or(v.reinterpretAsLongs().and(SIGN))
                            .reinterpretAsDoubles();
            near = near.sub(1d, near.compare(VectorOperators.GT, v));
            v.blend(near, size.compare(VectorOperators.LT, BIG)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.floor(x[xo + i]);
        }
    }

    /** The smallest integer not below {@code x}; keeps the sign of zero. */
    public static void ceil(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            // ceil(x) = -floor(-x)
            v = v.neg();
            DoubleVector size = v.abs();
            DoubleVector near = size.add(BIG).sub(BIG);
            near =
                    near.reinterpretAsLongs()
                            .or(v.reinterpretAsLongs().and(SIGN))
                            .reinterpretAsDoubles();
            near = near.sub(1d, near.compare(VectorOperators.GT, v));
            v = v.blend(near, size.compare(VectorOperators.LT, BIG));
            v.neg().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.ceil(x[xo + i]);
        }
    }

    /** The nearest integer, halves to even; keeps the sign of zero. */
    public static void round(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            DoubleVector size = v.abs();
            // adding and taking away BIG leaves the nearest-even integer; larger ones are integers
            DoubleVector near = size.add(BIG).sub(BIG);
            near =
                    near.reinterpretAsLongs()
                            .or(v.reinterpretAsLongs().and(SIGN))
                            .reinterpretAsDoubles();
            v.blend(near, size.compare(VectorOperators.LT, BIG)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.rint(x[xo + i]);
        }
    }

    /** The square root, correctly rounded; NaN below zero, {@code sqrt(-0) = -0}. */
    public static void sqrt(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            v.sqrt().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.sqrt(x[xo + i]);
        }
    }

    /** {@code 1 / sqrt(x)}: two correct roundings, at most 1.5 ulp from the true value. */
    public static void rsqrt(double[] x, int xo, double[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            DoubleVector v = V.cast(DoubleVector.fromArray(S, x, xo + i));
            ZERO.broadcast(1d).div(v.sqrt()).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = 1d / Math.sqrt(x[xo + i]);
        }
    }

    /** {@code y = (a == b)}; NaN equals nothing, {@code -0 == +0}. */
    public static void eq(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                DoubleVector u = V.cast(DoubleVector.fromArray(S, a, ao + i + k));
                DoubleVector v = V.cast(DoubleVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.EQ, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] == b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a != b)}. */
    public static void ne(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                DoubleVector u = V.cast(DoubleVector.fromArray(S, a, ao + i + k));
                DoubleVector v = V.cast(DoubleVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.NE, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] != b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a < b)}. */
    public static void lt(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                DoubleVector u = V.cast(DoubleVector.fromArray(S, a, ao + i + k));
                DoubleVector v = V.cast(DoubleVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.LT, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] < b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a <= b)}. */
    public static void le(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                DoubleVector u = V.cast(DoubleVector.fromArray(S, a, ao + i + k));
                DoubleVector v = V.cast(DoubleVector.fromArray(S, b, bo + i + k));
                bits |= u.compare(VectorOperators.LE, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] <= b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a > b)}. */
    public static void gt(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n) {
        lt(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = (a >= b)}. */
    public static void ge(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n) {
        le(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = 1} where {@code x} is neither infinite nor NaN, else 0. */
    public static void isFinite(double[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                DoubleVector size = V.cast(DoubleVector.fromArray(S, x, xo + i + k)).abs();
                bits |= size.compare(VectorOperators.LE, Double.MAX_VALUE).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (Double.isFinite(x[xo + i]) ? 1 : 0);
        }
    }

    /** {@code y = p ? a : b} element by element. */
    public static void select(
            byte[] p, int po, double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = Masks.load(p, po + i);
            for (int k = 0; k < GROUP; k += LANES) {
                DoubleVector u = V.cast(DoubleVector.fromArray(S, a, ao + i + k));
                DoubleVector v = V.cast(DoubleVector.fromArray(S, b, bo + i + k));
                v.blend(u, VectorMask.fromLong(S, bits >>> k)).intoArray(y, yo + i + k);
            }
        }
        for (; i < n; i++) {
            y[yo + i] = p[po + i] != 0 ? a[ao + i] : b[bo + i];
        }
    }

    /** Sets {@code n} elements to {@code value}. */
    public static void fill(double value, double[] y, int yo, int n) {
        Arrays.fill(y, yo, yo + n, value);
    }

    /** Copies {@code n} elements; the ranges may overlap. */
    public static void copy(double[] x, int xo, double[] y, int yo, int n) {
        System.arraycopy(x, xo, y, yo, n);
    }
}
