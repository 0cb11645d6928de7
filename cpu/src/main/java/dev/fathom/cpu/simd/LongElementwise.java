package dev.fathom.cpu.simd;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Elementwise arithmetic, comparison and selection over tiles of {@code long}.
 *
 * <p>Arithmetic wraps as in Java. Operands are read at {@code a[ao .. ao+n)} and so on; a result
 * array may be an operand at the same offset, and must not overlap one otherwise. Truth values are
 * bytes 0 and 1.
 */
public final class LongElementwise {

    private static final VectorSpecies<Long> S = Width.I64;
    private static final int LANES = S.length();

    private static final int GROUP = Masks.GROUP;

    private LongElementwise() {}

    /** {@code y = a + b}. */
    public static void add(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .add(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] + b[bo + i];
        }
    }

    /** {@code y = a - b}. */
    public static void sub(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .sub(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] - b[bo + i];
        }
    }

    /** {@code y = a b}. */
    public static void mul(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .mul(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] * b[bo + i];
        }
    }

    /**
     * The quotient truncated towards zero.
     *
     * @throws ArithmeticException if a divisor is 0; the elements before it have then been written
     */
    public static void div(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = a[ao + i] / b[bo + i];
        }
    }

    /** The larger operand. */
    public static void max(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .max(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.max(a[ao + i], b[bo + i]);
        }
    }

    /** The smaller operand. */
    public static void min(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .min(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.min(a[ao + i], b[bo + i]);
        }
    }

    /**
     * The remainder of the truncating division, with the sign of {@code a}, as Java's {@code %}.
     *
     * @throws ArithmeticException if a divisor is 0; the elements before it have then been written
     */
    public static void remainder(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = a[ao + i] % b[bo + i];
        }
    }

    /** Bitwise and. */
    public static void and(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .and(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] & b[bo + i];
        }
    }

    /** Bitwise or. */
    public static void or(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .or(LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] | b[bo + i];
        }
    }

    /** Bitwise exclusive or. */
    public static void xor(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, a, ao + i)
                    .lanewise(VectorOperators.XOR, LongVector.fromArray(S, b, bo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = a[ao + i] ^ b[bo + i];
        }
    }

    /** {@code y = -x}. */
    public static void neg(long[] x, int xo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector v = LongVector.fromArray(S, x, xo + i);
            v.neg().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = -x[xo + i];
        }
    }

    /** {@code y = |x|}; the smallest value stays as it is, as in Java. */
    public static void abs(long[] x, int xo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, x, xo + i).abs().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.abs(x[xo + i]);
        }
    }

    /** -1, 0 or 1 by the sign of {@code x}. */
    public static void sign(long[] x, int xo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector v = LongVector.fromArray(S, x, xo + i);
            v.max(-1).min(1).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Long.signum(x[xo + i]);
        }
    }

    /** Bitwise complement. */
    public static void not(long[] x, int xo, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector v = LongVector.fromArray(S, x, xo + i);
            v.not().intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = ~x[xo + i];
        }
    }

    /** Logical (zero-filling) right shift by {@code distance} bits, {@code 0 <= distance < 64}. */
    public static void shiftRight(long[] x, int xo, int distance, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, x, xo + i)
                    .lanewise(VectorOperators.LSHR, distance)
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = x[xo + i] >>> distance;
        }
    }

    /** Left shift by {@code distance} bits, {@code 0 <= distance < 64}. */
    public static void shiftLeft(long[] x, int xo, int distance, long[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            LongVector.fromArray(S, x, xo + i)
                    .lanewise(VectorOperators.LSHL, distance)
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = x[xo + i] << distance;
        }
    }

    /** {@code y = (a == b)}. */
    public static void eq(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                LongVector u = LongVector.fromArray(S, a, ao + i + k);
                LongVector v = LongVector.fromArray(S, b, bo + i + k);
                bits |= u.compare(VectorOperators.EQ, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] == b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a != b)}. */
    public static void ne(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                LongVector u = LongVector.fromArray(S, a, ao + i + k);
                LongVector v = LongVector.fromArray(S, b, bo + i + k);
                bits |= u.compare(VectorOperators.NE, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] != b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a < b)}. */
    public static void lt(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                LongVector u = LongVector.fromArray(S, a, ao + i + k);
                LongVector v = LongVector.fromArray(S, b, bo + i + k);
                bits |= u.compare(VectorOperators.LT, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] < b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a <= b)}. */
    public static void le(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = 0;
            for (int k = 0; k < GROUP; k += LANES) {
                LongVector u = LongVector.fromArray(S, a, ao + i + k);
                LongVector v = LongVector.fromArray(S, b, bo + i + k);
                bits |= u.compare(VectorOperators.LE, v).toLong() << k;
            }
            Masks.store(bits, y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] <= b[bo + i] ? 1 : 0);
        }
    }

    /** {@code y = (a > b)}. */
    public static void gt(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n) {
        lt(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = (a >= b)}. */
    public static void ge(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n) {
        le(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = p ? a : b} element by element. */
    public static void select(
            byte[] p, int po, long[] a, int ao, long[] b, int bo, long[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - GROUP; i += GROUP) {
            long bits = Masks.load(p, po + i);
            for (int k = 0; k < GROUP; k += LANES) {
                LongVector u = LongVector.fromArray(S, a, ao + i + k);
                LongVector v = LongVector.fromArray(S, b, bo + i + k);
                v.blend(u, VectorMask.fromLong(S, bits >>> k)).intoArray(y, yo + i + k);
            }
        }
        for (; i < n; i++) {
            y[yo + i] = p[po + i] != 0 ? a[ao + i] : b[bo + i];
        }
    }

    /** Sets {@code n} elements to {@code value}. */
    public static void fill(long value, long[] y, int yo, int n) {
        Arrays.fill(y, yo, yo + n, value);
    }

    /** Copies {@code n} elements; the ranges may overlap. */
    public static void copy(long[] x, int xo, long[] y, int yo, int n) {
        System.arraycopy(x, xo, y, yo, n);
    }
}
