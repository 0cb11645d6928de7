package dev.fathom.cpu.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponentials, logarithms and their kin over tiles of {@code float}.
 *
 * <p>Each function reduces its argument, evaluates one polynomial by Horner's rule with fused
 * multiply-adds, and scales the result. No step depends on the number of lanes or on a position, so
 * an element's bits depend on its value only. The polynomials are minimax fits (weighted for
 * relative error) whose coefficients were rounded to {@code float} one after another, the remaining
 * ones being refitted each time.
 *
 * <p>Errors are stated in units in the last place of the exact result, the largest found over 20
 * million {@code float}s spread evenly over the bit patterns of the domain. Subnormal arguments and
 * results are handled like any other. {@code y} may be {@code x} at the same offset.
 *
 * <p>C2 stops inlining ordinary methods once a compilation has made 18 000 nodes, some 35 vector
 * operations, and every vector that crosses such a call is then boxed. Hence the long bodies: what
 * comes late in a kernel is written out in operations of the Vector API, which are inlined always.
 * What ends in {@code Of} is for loops that do more with a vector ({@link Chain}).
 */
public final class FloatMath {

    private static final VectorSpecies<Float> S = Width.F32;
    private static final int LANES = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Adding 1.5 2^23 leaves the nearest integer in the low bits of the significand. */
    static final float SHIFTER = 0x1.8p23f;

    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HI = 0x1.62e43p-1f;
    private static final float LN2_LO = -0x1.05c61p-29f;

    /** Below 2^-25 an odd function with slope 1 is its argument. */
    private static final float TINY = 0x1p-25f;

    /** Bits of 2/3: significands are brought to [2/3, 4/3). */
    private static final int TWO_THIRDS = 0x3f2aaaab;

    private static final int SIGN = Integer.MIN_VALUE;

    private FloatMath() {}

    /** {@code e^x}; 0 below -103.97, infinity above 88.72. Error at most 0.96 ulp. */
    public static void exp(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector r = expOf(Tiles.load(x, xo + i, n - i));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@link #exp} of a vector. */
    static FloatVector expOf(FloatVector v) {
        return expCore(v.blend(89f, v.compare(GT, 89f)).blend(-104f, v.compare(LT, -104f)));
    }

    /** {@code e^x - 1}, exact in the limit of small {@code x}. Error at most 1.38 ulp. */
    public static void expm1(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = Tiles.load(x, xo + i, n - i);
            FloatVector c = v.blend(89f, v.compare(GT, 89f)).blend(-30f, v.compare(LT, -30f));
            FloatVector r = expm1Core(c).blend(v, v.abs().compare(LT, TINY));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** Natural logarithm; NaN below 0, minus infinity at either zero. Error at most 0.89 ulp. */
    public static void log(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = Tiles.load(x, xo + i, n - i);
            VectorMask<Float> subnormal = v.compare(LT, Float.MIN_NORMAL);
            IntVector bits = v.blend(v.mul(0x1p23f), subnormal).reinterpretAsInts();
            IntVector e = bits.sub(TWO_THIRDS).lanewise(ASHR, 23);
            FloatVector m = V.cast(bits.sub(e.lanewise(LSHL, 23)).reinterpretAsFloats());
            FloatVector k = V.cast(e.convert(I2F, 0));
            FloatVector r = logCore(m.sub(1f), k.blend(k.sub(23f), subnormal));
            r = v.blend(r, v.compare(LT, Float.POSITIVE_INFINITY));
            r = r.blend(Float.NaN, v.compare(LT, 0f));
            r = r.blend(Float.NEGATIVE_INFINITY, v.compare(EQ, 0f));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /**
     * {@code log(1 + x)}, exact in the limit of small {@code x}; NaN below -1. Error at most 1.46
     * ulp.
     */
    public static void log1p(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = Tiles.load(x, xo + i, n - i);
            FloatVector u = v.add(1f);
            IntVector bits = u.reinterpretAsInts();
            IntVector e = bits.sub(TWO_THIRDS).lanewise(ASHR, 23);
            FloatVector m = V.cast(bits.sub(e.lanewise(LSHL, 23)).reinterpretAsFloats());
            // f = (1 + x) 2^-e - 1 without the rounding of 1 + x, which is lost for e > 24
            FloatVector t = V.cast(e.neg().add(127).lanewise(LSHL, 23).reinterpretAsFloats());
            FloatVector f = v.fma(t, t.sub(1f));
            FloatVector k = V.cast(e.convert(I2F, 0));
            FloatVector r = logCore(f.blend(m.sub(1f), k.compare(GT, 24f)), k);
            r = v.blend(r, v.compare(LT, Float.POSITIVE_INFINITY));
            r = r.blend(Float.NaN, v.compare(LT, -1f));
            r = r.blend(Float.NEGATIVE_INFINITY, v.compare(EQ, -1f));
            r = r.blend(v, v.abs().compare(LT, TINY));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /**
     * Hyperbolic tangent, as {@code t / (t + 2)} with {@code t = e^(2|x|) - 1}. Error at most 2.4
     * ulp.
     */
    public static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector r = tanhOf(Tiles.load(x, xo + i, n - i));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@link #tanh} of a vector. */
    static FloatVector tanhOf(FloatVector v) {
        FloatVector a = v.abs();
        a = a.blend(10f, a.compare(GT, 10f));
        FloatVector t = expm1Core(a.add(a));
        FloatVector r = t.div(t.add(2f));
        return V.cast(
                r.reinterpretAsInts().or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats());
    }

    /**
     * The logistic function {@code 1 / (1 + e^-x)}; keeps its relative accuracy as it nears 0.
     * Error at most 2.2 ulp.
     */
    public static void logistic(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector r = logisticOf(Tiles.load(x, xo + i, n - i));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@link #logistic} of a vector. */
    static FloatVector logisticOf(FloatVector v) {
        FloatVector a = v.abs().neg();
        FloatVector e = expCore(a.blend(-104f, a.compare(LT, -104f)));
        return e.blend(1f, v.compare(GE, 0f)).div(e.add(1f));
    }

    /**
     * The error function {@code 2/sqrt(pi) int_0^x e^(-t^2) dt}: {@code x + x P(x^2)} below 1, and
     * {@code 1 - T(x - 1)^4} above, where erfc falls to a fourth power at most 0.63. The
     * coefficients were rounded all at once. Error at most 1.34 ulp, over every {@code float} from
     * 0.5 on.
     */
    public static void erf(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector r = erfOf(Tiles.load(x, xo + i, n - i));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@link #erf} of a vector. */
    static FloatVector erfOf(FloatVector v) {
        FloatVector a = v.abs();
        a = a.blend(4f, a.compare(GT, 4f));
        FloatVector r = erfFar(a).blend(erfNear(a), a.compare(LT, 1f));
        return V.cast(
                r.reinterpretAsInts().or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats());
    }

    private static FloatVector erfFar(FloatVector a) {
        FloatVector s = a.sub(1f);
        FloatVector t = ZERO.broadcast(0x1.7c9318p-17f);
        t = t.lanewise(FMA, s, -0x1.0071c6p-13f);
        t = t.lanewise(FMA, s, 0x1.738b5cp-12f);
        t = t.lanewise(FMA, s, 0x1.86e7c4p-11f);
        t = t.lanewise(FMA, s, -0x1.434230p-8f);
        t = t.lanewise(FMA, s, -0x1.077cbap-8f);
        t = t.lanewise(FMA, s, 0x1.a0db22p-5f);
        t = t.lanewise(FMA, s, 0x1.1ae3f0p-8f);
        t = t.lanewise(FMA, s, -0x1.a975p-2f);
        t = t.lanewise(FMA, s, 0x1.427126p-1f);
        t = t.mul(t);
        return t.neg().lanewise(FMA, t, 1f);
    }

    private static FloatVector erfNear(FloatVector a) {
        FloatVector z = a.mul(a);
        FloatVector p = ZERO.broadcast(0x1.496a8ap-14f);
        p = p.lanewise(FMA, z, -0x1.a3f724p-11f);
        p = p.lanewise(FMA, z, 0x1.5405b8p-8f);
        p = p.lanewise(FMA, z, -0x1.b7f90ep-6f);
        p = p.lanewise(FMA, z, 0x1.ce2cf8p-4f);
        p = p.lanewise(FMA, z, -0x1.81273ep-2f);
        p = p.lanewise(FMA, z, 0x1.06eba8p-3f);
        return p.fma(a, a);
    }

    /** {@code e^v} for {@code -104 <= v <= 89} or NaN. */
    static FloatVector expCore(FloatVector v) {
        FloatVector t = v.fma(LOG2_E, SHIFTER);
        FloatVector q = expm1Reduced(v, t.sub(SHIFTER)).add(1f);
        // two factors, so that 2^128 and 2^-149 need no case of their own
        IntVector k = t.reinterpretAsInts().sub(Float.floatToRawIntBits(SHIFTER));
        IntVector half = k.lanewise(ASHR, 1);
        FloatVector low = V.cast(half.add(127).lanewise(LSHL, 23).reinterpretAsFloats());
        FloatVector rest = V.cast(k.sub(half).add(127).lanewise(LSHL, 23).reinterpretAsFloats());
        return q.mul(low).mul(rest);
    }

    /** {@code e^v - 1} for {@code -30 <= v <= 89} or NaN. */
    private static FloatVector expm1Core(FloatVector v) {
        FloatVector t = v.fma(LOG2_E, SHIFTER);
        FloatVector q = expm1Reduced(v, t.sub(SHIFTER));
        IntVector k = t.reinterpretAsInts().sub(Float.floatToRawIntBits(SHIFTER));
        // halved, because 2^128 is not a float
        FloatVector s = V.cast(k.add(126).lanewise(LSHL, 23).reinterpretAsFloats());
        FloatVector r = q.fma(s, s.sub(0.5f));
        return r.add(r);
    }

    /** {@code e^(v - k ln 2) - 1} for {@code k} the integer nearest to {@code v / ln 2}. */
    private static FloatVector expm1Reduced(FloatVector v, FloatVector k) {
        FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, v));
        FloatVector p = ZERO.broadcast(0x1.9e8b1p-13f);
        p = p.lanewise(FMA, r, 0x1.6d4052p-10f);
        p = p.lanewise(FMA, r, 0x1.1112dp-7f);
        p = p.lanewise(FMA, r, 0x1.5554f4p-5f);
        p = p.lanewise(FMA, r, 0x1.555554p-3f);
        p = p.lanewise(FMA, r, 0.5f);
        return p.fma(r.mul(r), r);
    }

    /** {@code log(1 + f) + k log 2} for {@code -1/3 <= f < 1/3}. */
    private static FloatVector logCore(FloatVector f, FloatVector k) {
        FloatVector p = ZERO.broadcast(0x1.e9d19cp-4f);
        p = p.lanewise(FMA, f, -0x1.06c2c4p-3f);
        p = p.lanewise(FMA, f, 0x1.b91ef8p-4f);
        p = p.lanewise(FMA, f, -0x1.f3b02ap-4f);
        p = p.lanewise(FMA, f, 0x1.24eb6ep-3f);
        p = p.lanewise(FMA, f, -0x1.55978cp-3f);
        p = p.lanewise(FMA, f, 0x1.9997eep-3f);
        p = p.lanewise(FMA, f, -0x1.ffff18p-3f);
        p = p.lanewise(FMA, f, 0x1.555556p-2f);
        p = p.lanewise(FMA, f, -0.5f);
        p = p.fma(f.mul(f), k.lanewise(FMA, LN2_LO, f));
        return k.lanewise(FMA, LN2_HI, p);
    }
}
