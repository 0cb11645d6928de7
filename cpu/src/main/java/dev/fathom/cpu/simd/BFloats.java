package dev.fathom.cpu.simd;

import dev.fathom.core.tensor.BFloat16;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Conversions from and to bfloat16, the upper half of a float, in {@code short[]}: the same bits as
 * {@link BFloat16}. Between float and bfloat16 a vector at a time; the others, which are rare, go
 * by way of float one by one.
 */
public final class BFloats {
    private static final VectorSpecies<Float> F = Width.F32;
    private static final VectorSpecies<Integer> I = Width.I32;

    /** As many lanes as a vector of floats. */
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Width.bits() / 2));

    private static final Class<FloatVector> V = Width.kind(F);
    private static final Class<ShortVector> W = Width.kind(S);
    private static final int LANES = F.length();
    private static final int NAN = 0x7fc0_0000;

    private BFloats() {}

    /** Float to bfloat16, to the nearest, ties to even. */
    public static void fromFloat(float[] x, int xo, short[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            store(rounded(V.cast(FloatVector.fromArray(F, x, xo + i))), y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = BFloat16.of(x[xo + i]);
        }
    }

    /** Bfloat16 to float, exactly. */
    public static void toFloat(short[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            load(x, xo + i).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = BFloat16.toFloat(x[xo + i]);
        }
    }

    /** The floats that are kept of a vector: their lower halves are 0. */
    static FloatVector rounded(FloatVector v) {
        IntVector bits = v.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        IntVector upper = bits.add(0x7fff).add(odd).and(0xffff_0000);
        return V.cast(
                upper.blend(NAN, v.compare(VectorOperators.NE, v).cast(I)).reinterpretAsFloats());
    }

    /** Writes a vector of rounded floats. */
    static void store(FloatVector v, short[] y, int at) {
        IntVector upper = v.reinterpretAsInts().lanewise(VectorOperators.LSHR, 16);
        ((ShortVector) upper.convertShape(VectorOperators.I2S, S, 0)).intoArray(y, at);
    }

    /** A vector of floats out of as many bfloat16. */
    static FloatVector load(short[] x, int at) {
        IntVector v =
                (IntVector)
                        W.cast(ShortVector.fromArray(S, x, at))
                                .convertShape(VectorOperators.S2I, I, 0);
        return V.cast(v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
    }

    /** Double to bfloat16. */
    public static void fromDouble(double[] x, int xo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = BFloat16.of((float) x[xo + i]);
        }
    }

    /** Int to bfloat16. */
    public static void fromInt(int[] x, int xo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = BFloat16.of((float) x[xo + i]);
        }
    }

    /** Long to bfloat16. */
    public static void fromLong(long[] x, int xo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = BFloat16.of((float) x[xo + i]);
        }
    }

    /** Truth value to bfloat16. */
    public static void fromBool(byte[] x, int xo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = BFloat16.of(x[xo + i]);
        }
    }

    /** Bfloat16 to double. */
    public static void toDouble(short[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = BFloat16.toFloat(x[xo + i]);
        }
    }

    /** Bfloat16 to int. */
    public static void toInt(short[] x, int xo, int[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (int) BFloat16.toFloat(x[xo + i]);
        }
    }

    /** Bfloat16 to long. */
    public static void toLong(short[] x, int xo, long[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (long) BFloat16.toFloat(x[xo + i]);
        }
    }

    /** Bfloat16 to truth value: {@code x != 0}, so NaN gives 1. */
    public static void toBool(short[] x, int xo, byte[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (byte) (BFloat16.toFloat(x[xo + i]) != 0 ? 1 : 0);
        }
    }

    /** {@code y = p ? a : b} element by element. */
    public static void select(
            byte[] p, int po, short[] a, int ao, short[] b, int bo, short[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = p[po + i] != 0 ? a[ao + i] : b[bo + i];
        }
    }
}
