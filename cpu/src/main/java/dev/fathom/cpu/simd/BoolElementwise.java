package dev.fathom.cpu.simd;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Logic over tiles of truth values, one byte each.
 *
 * <p>Operands must hold 0 or 1, and results do. Comparisons order false before true, so each is one
 * or two logical instructions.
 */
public final class BoolElementwise {

    private static final VectorSpecies<Byte> S =
            VectorSpecies.of(byte.class, Width.F32.vectorShape());
    private static final int LANES = S.length();
    private static final Class<ByteVector> V = Width.kind(S);

    private BoolElementwise() {}

    /** {@code y = a and b}; also the product and the smaller of two truth values. */
    public static void and(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            ByteVector v = V.cast(ByteVector.fromArray(S, b, bo + i));
            u.and(v).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] & b[bo + i]);
        }
    }

    /** {@code y = a or b}; also the larger of two truth values. */
    public static void or(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            ByteVector v = V.cast(ByteVector.fromArray(S, b, bo + i));
            u.or(v).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] | b[bo + i]);
        }
    }

    /** {@code y = a xor b}; also {@code a != b}. */
    public static void xor(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            ByteVector v = V.cast(ByteVector.fromArray(S, b, bo + i));
            u.lanewise(VectorOperators.XOR, v).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] ^ b[bo + i]);
        }
    }

    /** {@code y = (a == b)}. */
    public static void eq(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            ByteVector v = V.cast(ByteVector.fromArray(S, b, bo + i));
            u.lanewise(VectorOperators.XOR, v)
                    .lanewise(VectorOperators.XOR, (byte) 1)
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (a[ao + i] ^ b[bo + i] ^ 1);
        }
    }

    /** {@code y = (a < b)}, that is {@code not a and b}. */
    public static void lt(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            ByteVector v = V.cast(ByteVector.fromArray(S, b, bo + i));
            v.and(u.lanewise(VectorOperators.XOR, (byte) 1)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (b[bo + i] & (a[ao + i] ^ 1));
        }
    }

    /** {@code y = (a <= b)}, that is {@code not a or b}. */
    public static void le(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            ByteVector v = V.cast(ByteVector.fromArray(S, b, bo + i));
            v.or(u.lanewise(VectorOperators.XOR, (byte) 1)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (b[bo + i] | (a[ao + i] ^ 1));
        }
    }

    /** {@code y = (a > b)}. */
    public static void gt(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        lt(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = (a >= b)}. */
    public static void ge(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        le(b, bo, a, ao, y, yo, n);
    }

    /** {@code y = (a != b)}. */
    public static void ne(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        xor(a, ao, b, bo, y, yo, n);
    }

    /** {@code y = not x}. */
    public static void not(byte[] x, int xo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            V.cast(ByteVector.fromArray(S, x, xo + i))
                    .lanewise(VectorOperators.XOR, (byte) 1)
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = (byte) (x[xo + i] ^ 1);
        }
    }

    /** {@code y = p ? a : b} element by element. */
    public static void select(
            byte[] p, int po, byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            ByteVector q = V.cast(ByteVector.fromArray(S, p, po + i));
            ByteVector u = V.cast(ByteVector.fromArray(S, a, ao + i));
            V.cast(ByteVector.fromArray(S, b, bo + i))
                    .blend(u, q.compare(VectorOperators.NE, (byte) 0))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = p[po + i] != 0 ? a[ao + i] : b[bo + i];
        }
    }

    /** Sets {@code n} elements to {@code value}. */
    public static void fill(boolean value, byte[] y, int yo, int n) {
        Arrays.fill(y, yo, yo + n, (byte) (value ? 1 : 0));
    }

    /** Copies {@code n} elements; the ranges may overlap. */
    public static void copy(byte[] x, int xo, byte[] y, int yo, int n) {
        System.arraycopy(x, xo, y, yo, n);
    }
}
