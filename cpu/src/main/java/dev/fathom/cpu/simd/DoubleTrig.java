package dev.fathom.cpu.simd;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sine, cosine and arc tangent over tiles of {@code double}; see {@link FloatTrig}. The vector form
 * of sine and cosine serves {@code |x| <= 2^20}; larger arguments, and every arc tangent, go
 * through {@link StrictMath} one at a time.
 */
public final class DoubleTrig {

    private static final VectorSpecies<Double> S = Width.F64;
    private static final int LANES = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    /** Up to here the three-part reduction is used. */
    private static final double LIMIT = 0x1p20;

    private static final double TWO_OVER_PI = 0x1.45f306dc9c883p-1;
    private static final double HALF_PI_1 = 0x1.921fb54442d18p0;
    private static final double HALF_PI_2 = 0x1.1a62633145c07p-54;
    private static final double HALF_PI_3 = -0x1.f1976b7ed8fbcp-110;

    private DoubleTrig() {}

    /** Sine of {@code x} radians; NaN for infinities. Error at most 1.55 ulp. */
    public static void sin(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector v = Tiles.load(x, xo + i, n - i);
            DoubleVector a = v.abs();
            DoubleVector t = a.fma(TWO_OVER_PI, DoubleMath.SHIFTER);
            DoubleVector r = quarter(a, t.sub(DoubleMath.SHIFTER), t.reinterpretAsLongs());
            DoubleVector s =
                    V.cast(
                            r.reinterpretAsLongs()
                                    .lanewise(XOR, v.reinterpretAsLongs().and(Long.MIN_VALUE))
                                    .reinterpretAsDoubles());
            VectorMask<Double> large = a.compare(GT, LIMIT);
            if (large.anyTrue()) {
                int count = Math.min(LANES, n - i);
                for (int k = 0; k < count; k++) {
                    double u = x[xo + i + k];
                    if (Math.abs(u) > LIMIT) {
                        y[yo + i + k] = StrictMath.sin(u);
                    }
                }
                V.cast(s).intoArray(y, yo + i, large.not().and(S.indexInRange(i, n)));
            } else {
                if (n - i >= LANES) {
                    V.cast(s).intoArray(y, yo + i);
                } else {
                    V.cast(s).intoArray(y, yo + i, S.indexInRange(0, n - i));
                }
            }
        }
    }

    /** Cosine of {@code x} radians; NaN for infinities. Error at most 1.55 ulp. */
    public static void cos(double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            DoubleVector a = Tiles.load(x, xo + i, n - i).abs();
            DoubleVector t = a.fma(TWO_OVER_PI, DoubleMath.SHIFTER);
            // cos(x) = sin(x + pi/2): one quarter further
            DoubleVector r = quarter(a, t.sub(DoubleMath.SHIFTER), t.reinterpretAsLongs().add(1));
            VectorMask<Double> large = a.compare(GT, LIMIT);
            if (large.anyTrue()) {
                int count = Math.min(LANES, n - i);
                for (int k = 0; k < count; k++) {
                    double u = x[xo + i + k];
                    if (Math.abs(u) > LIMIT) {
                        y[yo + i + k] = StrictMath.cos(u);
                    }
                }
                V.cast(r).intoArray(y, yo + i, large.not().and(S.indexInRange(i, n)));
            } else {
                if (n - i >= LANES) {
                    V.cast(r).intoArray(y, yo + i);
                } else {
                    V.cast(r).intoArray(y, yo + i, S.indexInRange(0, n - i));
                }
            }
        }
    }

    /** The angle of the point {@code (x, y)} in [-pi, pi], as {@link StrictMath#atan2}. */
    public static void atan2(double[] y, int yo, double[] x, int xo, double[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = StrictMath.atan2(y[yo + i], x[xo + i]);
        }
    }

    /** {@code sin(a - k pi/2 + q pi/2)}, where the low two bits of {@code q} count. */
    private static DoubleVector quarter(DoubleVector a, DoubleVector k, LongVector q) {
        DoubleVector r = k.lanewise(FMA, -HALF_PI_1, a);
        r = k.lanewise(FMA, -HALF_PI_2, r);
        r = k.lanewise(FMA, -HALF_PI_3, r);
        DoubleVector z = r.mul(r);
        DoubleVector s = sineTerms(z).fma(z.mul(r), r);
        DoubleVector c = cosineTerms(z).fma(z.mul(z), z.fma(-0.5, 1d));
        VectorMask<Double> odd = q.and(1).compare(NE, 0).cast(S);
        LongVector sign = q.and(2).lanewise(LSHL, 62);
        return V.cast(
                s.blend(c, odd).reinterpretAsLongs().lanewise(XOR, sign).reinterpretAsDoubles());
    }

    private static DoubleVector sineTerms(DoubleVector z) {
        DoubleVector p = ZERO.broadcast(0x1.5d7fd01425edcp-33);
        p = p.lanewise(FMA, z, -0x1.ae5e2590cc549p-26);
        p = p.lanewise(FMA, z, 0x1.71de3527546e5p-19);
        p = p.lanewise(FMA, z, -0x1.a01a019bb7c99p-13);
        p = p.lanewise(FMA, z, 0x1.111111110f5c6p-7);
        p = p.lanewise(FMA, z, -0x1.5555555555547p-3);
        return p;
    }

    private static DoubleVector cosineTerms(DoubleVector z) {
        DoubleVector p = ZERO.broadcast(-0x1.8f9994bcf5808p-37);
        p = p.lanewise(FMA, z, 0x1.1ee9c44d1ed35p-29);
        p = p.lanewise(FMA, z, -0x1.27e4f7d14d23bp-22);
        p = p.lanewise(FMA, z, 0x1.a01a019c65d8fp-16);
        p = p.lanewise(FMA, z, -0x1.6c16c16c14e91p-10);
        p = p.lanewise(FMA, z, 0x1.555555555554ap-5);
        return p;
    }
}
