package dev.fathom.cpu.simd;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.IS_NEGATIVE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sine, cosine and arc tangent over tiles of {@code float}; see {@link FloatMath} for how the
 * kernels work and how errors are stated.
 *
 * <p>Sine and cosine subtract the nearest multiple of pi/2 in three parts with fused multiply-adds
 * (Cody and Waite, 1980), which is accurate for {@code |x| <= 2^17}. Larger arguments are rare and
 * need more digits of pi than a few multiplications can bring; they go through {@link StrictMath}
 * one at a time.
 */
public final class FloatTrig {

    private static final VectorSpecies<Float> S = Width.F32;
    private static final int LANES = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Up to here the three-part reduction is used. */
    private static final float LIMIT = 0x1p17f;

    private static final float TWO_OVER_PI = 0x1.45f306p-1f;
    private static final float HALF_PI_1 = 0x1.921fb6p0f;
    private static final float HALF_PI_2 = -0x1.777a5cp-25f;
    private static final float HALF_PI_3 = -0x1.ee59dap-50f;

    private static final int SIGN = Integer.MIN_VALUE;

    private FloatTrig() {}

    /** Sine of {@code x} radians; NaN for infinities. Error at most 1.55 ulp. */
    public static void sin(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = Tiles.load(x, xo + i, n - i);
            FloatVector a = v.abs();
            FloatVector t = a.fma(TWO_OVER_PI, FloatMath.SHIFTER);
            FloatVector r = quarter(a, t.sub(FloatMath.SHIFTER), t.reinterpretAsInts());
            FloatVector s =
                    V.cast(
                            r.reinterpretAsInts()
                                    .lanewise(XOR, v.reinterpretAsInts().and(SIGN))
                                    .reinterpretAsFloats());
            VectorMask<Float> large = a.compare(GT, LIMIT);
            if (large.anyTrue()) {
                int count = Math.min(LANES, n - i);
                for (int k = 0; k < count; k++) {
                    float u = x[xo + i + k];
                    if (Math.abs(u) > LIMIT) {
                        y[yo + i + k] = (float) StrictMath.sin(u);
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
    public static void cos(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector a = Tiles.load(x, xo + i, n - i).abs();
            FloatVector t = a.fma(TWO_OVER_PI, FloatMath.SHIFTER);
            // cos(x) = sin(x + pi/2): one quarter further
            FloatVector r = quarter(a, t.sub(FloatMath.SHIFTER), t.reinterpretAsInts().add(1));
            VectorMask<Float> large = a.compare(GT, LIMIT);
            if (large.anyTrue()) {
                int count = Math.min(LANES, n - i);
                for (int k = 0; k < count; k++) {
                    float u = x[xo + i + k];
                    if (Math.abs(u) > LIMIT) {
                        y[yo + i + k] = (float) StrictMath.cos(u);
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

    /**
     * The angle of the point {@code (x, y)} in [-pi, pi], with the special cases of {@link
     * Math#atan2}. Error at most 1.5 ulp.
     */
    public static void atan2(float[] y, int yo, float[] x, int xo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector vy = Tiles.load(y, yo + i, n - i);
            FloatVector vx = Tiles.load(x, xo + i, n - i);
            FloatVector ay = vy.abs();
            FloatVector ax = vx.abs();
            VectorMask<Float> steep = ay.compare(GT, ax);
            FloatVector small = ay.blend(ax, steep);
            FloatVector large = ax.blend(ay, steep);
            FloatVector a = small.div(large);
            a = a.blend(0f, large.compare(EQ, 0f));
            a = a.blend(1f, small.compare(EQ, Float.POSITIVE_INFINITY));
            // atan(a) = a + a^3 P(a^2) for 0 <= a <= 1
            FloatVector z = a.mul(a);
            FloatVector p = ZERO.broadcast(-0x1.d4965ap-10f);
            p = p.lanewise(FMA, z, 0x1.64c114p-7f);
            p = p.lanewise(FMA, z, -0x1.fdfbb6p-6f);
            p = p.lanewise(FMA, z, 0x1.da5ebcp-5f);
            p = p.lanewise(FMA, z, -0x1.58155cp-4f);
            p = p.lanewise(FMA, z, 0x1.c08f64p-4f);
            p = p.lanewise(FMA, z, -0x1.2420b6p-3f);
            p = p.lanewise(FMA, z, 0x1.9991e6p-3f);
            p = p.lanewise(FMA, z, -0x1.55553ep-2f);
            FloatVector r = p.fma(z.mul(a), a);
            // (hi - r) + lo for pi/2 and pi: the second part halves the error of the sum
            FloatVector complement = r.neg().add(HALF_PI_1).add(HALF_PI_2);
            r = r.blend(complement, steep);
            FloatVector opposite = r.neg().add(2 * HALF_PI_1).add(2 * HALF_PI_2);
            r = r.blend(opposite, vx.test(IS_NEGATIVE));
            r =
                    V.cast(
                            r.reinterpretAsInts()
                                    .or(vy.reinterpretAsInts().and(SIGN))
                                    .reinterpretAsFloats());
            r = r.blend(Float.NaN, vx.test(IS_NAN).or(vy.test(IS_NAN)));
            if (n - i >= LANES) {
                V.cast(r).intoArray(out, oo + i);
            } else {
                V.cast(r).intoArray(out, oo + i, S.indexInRange(0, n - i));
            }
        }
    }

    /** {@code sin(|x| - k pi/2 + q pi/2)}, where the low two bits of {@code q} count. */
    private static FloatVector quarter(FloatVector a, FloatVector k, IntVector q) {
        FloatVector r = k.lanewise(FMA, -HALF_PI_1, a);
        r = k.lanewise(FMA, -HALF_PI_2, r);
        r = k.lanewise(FMA, -HALF_PI_3, r);
        FloatVector z = r.mul(r);
        FloatVector s = ZERO.broadcast(0x1.7b20a6p-19f);
        s = s.lanewise(FMA, z, -0x1.a05636p-13f);
        s = s.lanewise(FMA, z, 0x1.111172p-7f);
        s = s.lanewise(FMA, z, -0x1.555556p-3f);
        s = s.fma(z.mul(r), r);
        FloatVector c = ZERO.broadcast(0x1.99911cp-16f);
        c = c.lanewise(FMA, z, -0x1.6c0af4p-10f);
        c = c.lanewise(FMA, z, 0x1.555548p-5f);
        c = c.fma(z.mul(z), z.fma(-0.5f, 1f));
        VectorMask<Float> odd = q.and(1).compare(NE, 0).cast(S);
        IntVector sign = q.and(2).lanewise(LSHL, 30);
        return V.cast(
                s.blend(c, odd).reinterpretAsInts().lanewise(XOR, sign).reinterpretAsFloats());
    }
}
