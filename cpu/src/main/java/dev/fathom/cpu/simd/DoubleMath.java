package dev.fathom.cpu.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponentials, logarithms and their kin over tiles of {@code double}; see {@link FloatMath} for
 * how the kernels work. Errors are the largest found at 20 000 points of each domain against
 * 200-bit arithmetic. Powers go through {@link StrictMath} element by element.
 */
public final class DoubleMath {

    private static final VectorSpecies<Double> S = Width.F64;
    private static final int LANES = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    /** Adding 1.5 2^52 leaves the nearest integer in the low bits of the significand. */
    static final double SHIFTER = 0x1.8p52;

    private static final double LOG2_E = 0x1.71547652b82fep0;
    private static final double LN2_HI = 0x1.62e42fefa39efp-1;
    private static final double LN2_LO = 0x1.abc9e3b39803fp-56;

    /** Below 2^-54 an odd function with slope 1 is its argument. */
    private static final double TINY = 0x1p-54;

    /** Bits of sqrt(1/2), less the exponent bias that keeps the difference from it positive. */
    private static final long ROOT_HALF = 0x3fe6a09e667f3bcdL - (1023L << 52);

    private static final long SIGN = Long.MIN_VALUE;

    private DoubleMath() {}

    /** {@code e^x}; 0 below -745.13, infinity above 709.78. Error at most 0.95 ulp. */
    public static void exp(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            v = v.blend(710d, v.compare(GT, 710d)).blend(-746d, v.compare(LT, -746d));
            DoubleVector r = expCore(v);
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@code e^x - 1}, exact in the limit of small {@code x}. Error at most 1.7 ulp. */
    public static void expm1(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            DoubleVector c = v.blend(710d, v.compare(GT, 710d)).blend(-50d, v.compare(LT, -50d));
            DoubleVector r = expm1Core(c).blend(v, v.abs().compare(LT, TINY));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** Natural logarithm; NaN below 0, minus infinity at either zero. Error at most 0.75 ulp. */
    public static void log(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            VectorMask<Double> subnormal = v.compare(LT, Double.MIN_NORMAL);
            LongVector bits = v.blend(v.mul(0x1p54), subnormal).reinterpretAsLongs();
            LongVector e = bits.sub(ROOT_HALF).lanewise(LSHR, 52);
            DoubleVector f = significand(bits, e).sub(1d);
            DoubleVector k = exponent(e);
            DoubleVector r = logCore(f, k.blend(k.sub(54d), subnormal));
            r = v.blend(r, v.compare(LT, Double.POSITIVE_INFINITY));
            r = r.blend(Double.NaN, v.compare(LT, 0d));
            r = r.blend(Double.NEGATIVE_INFINITY, v.compare(EQ, 0d));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /**
     * {@code log(1 + x)}, exact in the limit of small {@code x}; NaN below -1. Error at most 1.35
     * ulp.
     */
    public static void log1p(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            LongVector bits = v.add(1d).reinterpretAsLongs();
            LongVector e = bits.sub(ROOT_HALF).lanewise(LSHR, 52);
            // f = (1 + x) 2^-k - 1 without the rounding of 1 + x, which is lost for k > 53
            DoubleVector t = V.cast(e.neg().add(2046).lanewise(LSHL, 52).reinterpretAsDoubles());
            DoubleVector f = v.fma(t, t.sub(1d));
            DoubleVector k = exponent(e);
            f = f.blend(significand(bits, e).sub(1d), k.compare(GT, 53d));
            DoubleVector r = logCore(f, k);
            r = v.blend(r, v.compare(LT, Double.POSITIVE_INFINITY));
            r = r.blend(Double.NaN, v.compare(LT, -1d));
            r = r.blend(Double.NEGATIVE_INFINITY, v.compare(EQ, -1d));
            r = r.blend(v, v.abs().compare(LT, TINY));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /**
     * Hyperbolic tangent, as {@code t / (t + 2)} with {@code t = e^(2|x|) - 1}. Error at most 2.2
     * ulp.
     */
    public static void tanh(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            DoubleVector a = v.abs();
            a = a.blend(20d, a.compare(GT, 20d));
            DoubleVector t = expm1Core(a.add(a));
            DoubleVector r = t.div(t.add(2d));
            r =
                    V.cast(
                            r.reinterpretAsLongs()
                                    .or(v.reinterpretAsLongs().and(SIGN))
                                    .reinterpretAsDoubles());
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /**
     * The logistic function {@code 1 / (1 + e^-x)}; keeps its relative accuracy as it nears 0.
     * Error at most 2.2 ulp.
     */
    public static void logistic(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            DoubleVector a = v.abs().neg();
            DoubleVector e = expCore(a.blend(-746d, a.compare(LT, -746d)));
            DoubleVector r = e.blend(1d, v.compare(GE, 0d)).div(e.add(1d));
            if (n - i >= LANES) {
                V.cast(r).intoArray(y, yo + i);
            } else {
                V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /**
     * The error function {@code 2/sqrt(pi) int_0^x e^(-t^2) dt}: {@code x + x P(x^2)} below 1, and
     * {@code 1 - e^-(x + x Q(x))} above. Error at most 0.95 ulp.
     */
    public static void erf(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            DoubleVector a = v.abs();
            a = a.blend(6d, a.compare(GT, 6d));
            DoubleVector q = ZERO.broadcast(-0x1.a86974248be3ep-40);
            q = q.lanewise(FMA, a, 0x1.26b671ef279a6p-34);
            q = q.lanewise(FMA, a, -0x1.7f481c28b22c6p-30);
            q = q.lanewise(FMA, a, 0x1.35ea9ba27fd2bp-26);
            q = q.lanewise(FMA, a, -0x1.5c8f434680290p-23);
            q = q.lanewise(FMA, a, 0x1.204fe6a49082ap-20);
            q = q.lanewise(FMA, a, -0x1.68358a3ec234fp-18);
            q = q.lanewise(FMA, a, 0x1.5471056f2b368p-16);
            q = q.lanewise(FMA, a, -0x1.d4c5c982305e8p-15);
            q = q.lanewise(FMA, a, 0x1.8f239085cf279p-14);
            q = q.lanewise(FMA, a, -0x1.ddb0feb5568b3p-22);
            q = q.lanewise(FMA, a, -0x1.2da46d07c7b10p-11);
            q = q.lanewise(FMA, a, 0x1.bbe21793dcd5bp-10);
            q = q.lanewise(FMA, a, -0x1.bdbb199363224p-13);
            q = q.lanewise(FMA, a, -0x1.3956c099032e5p-6);
            q = q.lanewise(FMA, a, 0x1.a4f2e995f49d3p-4);
            q = q.lanewise(FMA, a, 0x1.45f317cdb066ap-1);
            q = q.lanewise(FMA, a, 0x1.06eba0395f7ccp-3);
            q = q.fma(a, a).neg();
            // expCore once more: as a call it would come too late in this kernel to be inlined
            DoubleVector t = q.fma(LOG2_E, SHIFTER);
            DoubleVector k = t.sub(SHIFTER);
            DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, q));
            DoubleVector e = ZERO.broadcast(0x1.1ee88c2168af4p-29);
            e = e.lanewise(FMA, r, 0x1.af60e9787465bp-26);
            e = e.lanewise(FMA, r, 0x1.27e53749b055bp-22);
            e = e.lanewise(FMA, r, 0x1.71ddf73269b82p-19);
            e = e.lanewise(FMA, r, 0x1.a01a017ab7160p-16);
            e = e.lanewise(FMA, r, 0x1.a01a01b04b7dbp-13);
            e = e.lanewise(FMA, r, 0x1.6c16c16c1f5aep-10);
            e = e.lanewise(FMA, r, 0x1.111111110f5cfp-7);
            e = e.lanewise(FMA, r, 0x1.555555555553dp-5);
            e = e.lanewise(FMA, r, 0x1.5555555555559p-3);
            e = e.lanewise(FMA, r, 0x1.0000000000000p-1);
            e = e.fma(r.mul(r), r).add(1d);
            DoubleVector scale =
                    V.cast(
                            t.reinterpretAsLongs()
                                    .add(1023)
                                    .lanewise(LSHL, 52)
                                    .reinterpretAsDoubles());
            e = ZERO.broadcast(1d).sub(e.mul(scale));
            DoubleVector z = a.mul(a);
            DoubleVector p = ZERO.broadcast(0x1.058489e9096ccp-34);
            p = p.lanewise(FMA, z, -0x1.386f059cb57fbp-30);
            p = p.lanewise(FMA, z, 0x1.f7a58bf797301p-27);
            p = p.lanewise(FMA, z, -0x1.5f1d5c8dd91e2p-23);
            p = p.lanewise(FMA, z, 0x1.b9def6754a575p-20);
            p = p.lanewise(FMA, z, -0x1.f4d1dfa36b336p-17);
            p = p.lanewise(FMA, z, 0x1.f9a321a7468e9p-14);
            p = p.lanewise(FMA, z, -0x1.c02db3d92ab38p-11);
            p = p.lanewise(FMA, z, 0x1.565bcd0db1c0ap-8);
            p = p.lanewise(FMA, z, -0x1.b82ce31284a68p-6);
            p = p.lanewise(FMA, z, 0x1.ce2f21a042b24p-4);
            p = p.lanewise(FMA, z, -0x1.812746b0379e6p-2);
            p = p.lanewise(FMA, z, 0x1.06eba8214db69p-3);
            e = e.blend(p.fma(a, a), a.compare(LT, 1d));
            e =
                    V.cast(
                            e.reinterpretAsLongs()
                                    .or(v.reinterpretAsLongs().and(SIGN))
                                    .reinterpretAsDoubles());
            if (n - i >= LANES) {
                V.cast(e).intoArray(y, yo + i);
            } else {
                V.cast(e).intoArray(y, yo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@code y = a^b}, with the special cases of {@link Math#pow}. */
    public static void pow(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = StrictMath.pow(a[ao + i], b[bo + i]);
        }
    }

    /** {@code e^v} for {@code -746 <= v <= 710} or NaN. */
    private static DoubleVector expCore(DoubleVector v) {
        DoubleVector t = v.fma(LOG2_E, SHIFTER);
        DoubleVector q = expm1Reduced(v, t.sub(SHIFTER)).add(1d);
        // two factors, so that 2^1024 and 2^-1074 need no case of their own
        LongVector k = t.reinterpretAsLongs().sub(Double.doubleToRawLongBits(SHIFTER));
        LongVector half = k.lanewise(ASHR, 1);
        DoubleVector low = V.cast(half.add(1023).lanewise(LSHL, 52).reinterpretAsDoubles());
        DoubleVector rest = V.cast(k.sub(half).add(1023).lanewise(LSHL, 52).reinterpretAsDoubles());
        return q.mul(low).mul(rest);
    }

    /** {@code e^v - 1} for {@code -50 <= v <= 710} or NaN. */
    private static DoubleVector expm1Core(DoubleVector v) {
        DoubleVector t = v.fma(LOG2_E, SHIFTER);
        DoubleVector q = expm1Reduced(v, t.sub(SHIFTER));
        LongVector k = t.reinterpretAsLongs().sub(Double.doubleToRawLongBits(SHIFTER));
        // halved, because 2^1024 is not a double
        DoubleVector s = V.cast(k.add(1022).lanewise(LSHL, 52).reinterpretAsDoubles());
        DoubleVector r = q.fma(s, s.sub(0.5));
        return r.add(r);
    }

    /** {@code e^(v - k ln 2) - 1} for {@code k} the integer nearest to {@code v / ln 2}. */
    private static DoubleVector expm1Reduced(DoubleVector v, DoubleVector k) {
        DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, v));
        DoubleVector p = ZERO.broadcast(0x1.1ee88c2168af4p-29);
        p = p.lanewise(FMA, r, 0x1.af60e9787465bp-26);
        p = p.lanewise(FMA, r, 0x1.27e53749b055bp-22);
        p = p.lanewise(FMA, r, 0x1.71ddf73269b82p-19);
        p = p.lanewise(FMA, r, 0x1.a01a017ab7160p-16);
        p = p.lanewise(FMA, r, 0x1.a01a01b04b7dbp-13);
        p = p.lanewise(FMA, r, 0x1.6c16c16c1f5aep-10);
        p = p.lanewise(FMA, r, 0x1.111111110f5cfp-7);
        p = p.lanewise(FMA, r, 0x1.555555555553dp-5);
        p = p.lanewise(FMA, r, 0x1.5555555555559p-3);
        p = p.lanewise(FMA, r, 0x1.0000000000000p-1);
        return p.fma(r.mul(r), r);
    }

    /**
     * {@code log(1 + f) + k log 2} for {@code sqrt(1/2) <= 1 + f < sqrt(2)}: with {@code s = f / (2
     * + f)} and {@code z = s^2}, {@code log(1 + f) = 2 s + s z P(z)}, and {@code 2 s = f - s f} is
     * subtracted from {@code f} so that the error of {@code s} is scaled down.
     */
    private static DoubleVector logCore(DoubleVector f, DoubleVector k) {
        DoubleVector s = f.div(f.add(2d));
        DoubleVector z = s.mul(s);
        DoubleVector p = ZERO.broadcast(0x1.2f08ee7dd8530p-3);
        p = p.lanewise(FMA, z, 0x1.39a165025552ep-3);
        p = p.lanewise(FMA, z, 0x1.7466420e448b4p-3);
        p = p.lanewise(FMA, z, 0x1.c71c51fae8b0ap-3);
        p = p.lanewise(FMA, z, 0x1.2492494201c68p-2);
        p = p.lanewise(FMA, z, 0x1.999999997fca1p-2);
        p = p.lanewise(FMA, z, 0x1.5555555555593p-1);
        DoubleVector h = f.mul(0.5).mul(f);
        DoubleVector correction = p.fma(z, h).fma(s, k.mul(LN2_LO));
        return k.lanewise(FMA, LN2_HI, f.sub(h.sub(correction)));
    }

    /** The significand left in {@code bits} when the biased exponent {@code e} is taken away. */
    private static DoubleVector significand(LongVector bits, LongVector e) {
        return V.cast(bits.sub(e.lanewise(LSHL, 52)).add(1023L << 52).reinterpretAsDoubles());
    }

    /** A biased exponent as a number: by way of the significand of 2^52, on every machine. */
    private static DoubleVector exponent(LongVector e) {
        return V.cast(e.or(Double.doubleToRawLongBits(0x1p52)).reinterpretAsDoubles())
                .sub(0x1p52 + 1023);
    }
}
