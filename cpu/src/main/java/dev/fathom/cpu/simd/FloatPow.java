package dev.fathom.cpu.simd;

import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.IS_NEGATIVE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Powers over tiles of {@code float}: {@code x^y = 2^(y log2 |x|)}, computed in {@code double}.
 *
 * <p>A power multiplies the error of its logarithm by up to 150 log 2, so a {@code float} logarithm
 * will not do. With half as many lanes of {@code double} the exponent is good to 1e-11 and the
 * result is all but correctly rounded. Special cases are those of {@link Math#pow}; in particular
 * {@code x^0 = 1} for every {@code x}, {@code 1^NaN} is NaN, and a negative base needs an integer
 * exponent.
 */
public final class FloatPow {

    private static final VectorSpecies<Double> D = Width.F64;
    private static final VectorSpecies<Float> S =
            VectorSpecies.of(
                    float.class, VectorShape.forBitSize(D.vectorShape().vectorBitSize() / 2));
    private static final int LANES = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final Class<DoubleVector> W = Width.kind(D);
    private static final DoubleVector ZERO = DoubleVector.zero(D);

    /** Adding 1.5 2^52 leaves the nearest integer in the low bits of the significand. */
    private static final double SHIFTER = 0x1.8p52;

    /** Adding and taking away 2^52 leaves the nearest integer. */
    private static final double BIG = 0x1p52;

    /** From 2^25 every float is an even integer. */
    private static final double EVEN = 0x1p25;

    private static final long BITS_OF_2_52 = 0x433L << 52;

    /** Bits of sqrt(1/2), less the exponent bias that keeps the difference from it positive. */
    private static final long ROOT_HALF = 0x3fe6a09e667f3bcdL - (1023L << 52);

    private FloatPow() {}

    /** {@code y = a^b}. Error at most 0.51 ulp. */
    public static void pow(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> in = S.indexInRange(i, n);
            FloatVector va = V.cast(FloatVector.fromArray(S, a, ao + i, in));
            FloatVector vb = V.cast(FloatVector.fromArray(S, b, bo + i, in));
            DoubleVector base = W.cast(va.convertShape(F2D, D, 0));
            DoubleVector e = W.cast(vb.convertShape(F2D, D, 0));

            // log2 |a| = k + log2 m; every float other than 0 is a normal double
            DoubleVector x = base.abs();
            LongVector bits = x.reinterpretAsLongs();
            LongVector k = bits.sub(ROOT_HALF).lanewise(LSHR, 52);
            LongVector m = bits.sub(k.lanewise(LSHL, 52)).add(1023L << 52);
            // integer to double by way of the significand of 2^52, which every machine has
            DoubleVector whole =
                    W.cast(k.or(BITS_OF_2_52).reinterpretAsDoubles()).sub(0x1p52 + 1023);
            DoubleVector f = W.cast(m.reinterpretAsDoubles()).sub(1d);
            DoubleVector s = f.div(f.add(2d));
            DoubleVector z = s.mul(s);
            DoubleVector q = ZERO.broadcast(0x1.21542115b5f8bp-2);
            q = q.lanewise(FMA, z, 0x1.479cd860f1453p-2);
            q = q.lanewise(FMA, z, 0x1.a619f65e6d069p-2);
            q = q.lanewise(FMA, z, 0x1.2776c2ef84b67p-1);
            q = q.lanewise(FMA, z, 0x1.ec709dc4c2a7cp-1);
            q = q.lanewise(FMA, z, 0x1.71547652b82fep1);
            DoubleVector log = q.fma(s, whole);
            log = x.blend(log, x.compare(LT, Double.POSITIVE_INFINITY));
            log = log.blend(Double.NEGATIVE_INFINITY, x.compare(EQ, 0d));

            // 2^t; a NaN has no exponent to add to
            DoubleVector t = log.mul(e);
            t = t.blend(160d, t.compare(GT, 160d)).blend(-160d, t.compare(LT, -160d));
            DoubleVector shifted = t.add(SHIFTER);
            f = t.sub(shifted.sub(SHIFTER));
            DoubleVector p = ZERO.broadcast(0x1.00f33b7de8238p-16);
            p = p.lanewise(FMA, f, 0x1.446127db4d111p-13);
            p = p.lanewise(FMA, f, 0x1.5d872053874b0p-10);
            p = p.lanewise(FMA, f, 0x1.3b29edcdfb479p-7);
            p = p.lanewise(FMA, f, 0x1.c6b08df766012p-5);
            p = p.lanewise(FMA, f, 0x1.ebfbe07de1df7p-3);
            p = p.lanewise(FMA, f, 0x1.62e42fef7a252p-1);
            p = p.lanewise(FMA, f, 1d);
            LongVector scaled = shifted.reinterpretAsLongs().lanewise(LSHL, 52);
            scaled = scaled.add(p.reinterpretAsLongs());
            DoubleVector r = t.blend(scaled.reinterpretAsDoubles(), t.compare(EQ, t));

            // e is an integer if pushing its fraction out changes nothing, odd if e / 2 is not one
            DoubleVector size = e.abs();
            size = size.blend(EVEN, size.compare(GT, EVEN));
            DoubleVector half = size.mul(0.5);
            DoubleVector fraction = size.add(BIG).sub(BIG).sub(size);
            DoubleVector odd = half.add(BIG).sub(BIG).sub(half);
            VectorMask<Double> negative = base.test(IS_NEGATIVE);
            VectorMask<Double> integer = fraction.compare(EQ, 0d);
            r = r.blend(r.neg(), negative.and(odd.compare(NE, 0d)).and(integer));
            VectorMask<Double> ordinary =
                    base.compare(LT, 0d).and(x.compare(LT, Double.POSITIVE_INFINITY));
            r = r.blend(Double.NaN, ordinary.andNot(integer));
            r = r.blend(1d, e.compare(EQ, 0d));
            V.cast(r.convertShape(D2F, S, 0)).intoArray(y, yo + i, in);
        }
    }
}
