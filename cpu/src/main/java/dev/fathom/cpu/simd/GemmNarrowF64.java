package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.util.function.IntPredicate;

/**
 * The innermost loops of matrix products in {@code double} that are one vector wide: the rules of
 * {@link GemmKernelsF64} hold here too.
 */
final class GemmNarrowF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    /** Lanes further on, from the end to the beginning, and a quarter of the lanes back. */
    private static final VectorShuffle<Double> HALF = VectorShuffle.iota(S, L / 2, 1, true);

    private static final VectorShuffle<Double> QUARTER = VectorShuffle.iota(S, L / 4, 1, true);
    private static final VectorShuffle<Double> BACK = VectorShuffle.iota(S, L - L / 4, 1, true);
    private static final VectorShuffle<Double> BY_2 = VectorShuffle.iota(S, 2 % L, 1, true);
    private static final VectorShuffle<Double> BY_1 = VectorShuffle.iota(S, 1 % L, 1, true);

    /** The first lane of each quarter. */
    private static final VectorShuffle<Double> EACH =
            S.shuffleFromOp(lane -> lane < 4 ? lane * (L / 4) : 0);

    /** The upper half of the lanes, the second and fourth quarter, the first four. */
    private static final VectorMask<Double> UPPER = lanes(lane -> lane >= L / 2);

    private static final VectorMask<Double> ODD = lanes(lane -> lane / Math.max(1, L / 4) % 2 == 1);
    private static final VectorMask<Double> FOUR = lanes(lane -> lane < 4);

    private GemmNarrowF64() {}

    private static VectorMask<Double> lanes(IntPredicate which) {
        var bits = new boolean[L];
        for (int i = 0; i < L; i++) {
            bits[i] = which.test(i);
        }
        return VectorMask.fromArray(S, bits, 0);
    }

    /** Whether {@link #dots4} may be used: there are four lanes, and k is below four vectors. */
    static boolean dotsInFours(int k) {
        return L >= 4 && k < 4 * L;
    }

    /** 8 rows by one vector; the rows of one step of k lie side by side. */
    static void col8(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int ao,
            int csA,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c0 = ZERO.broadcast(0f);
        DoubleVector c1 = ZERO.broadcast(0f);
        DoubleVector c2 = ZERO.broadcast(0f);
        DoubleVector c3 = ZERO.broadcast(0f);
        DoubleVector c4 = ZERO.broadcast(0f);
        DoubleVector c5 = ZERO.broadcast(0f);
        DoubleVector c6 = ZERO.broadcast(0f);
        DoubleVector c7 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * rsB));
                c0 = ZERO.broadcast(a[al + p * csA]).fma(b0, c0);
                c1 = ZERO.broadcast(a[al + p * csA + 1]).fma(b0, c1);
                c2 = ZERO.broadcast(a[al + p * csA + 2]).fma(b0, c2);
                c3 = ZERO.broadcast(a[al + p * csA + 3]).fma(b0, c3);
                c4 = ZERO.broadcast(a[al + p * csA + 4]).fma(b0, c4);
                c5 = ZERO.broadcast(a[al + p * csA + 5]).fma(b0, c5);
                c6 = ZERO.broadcast(a[al + p * csA + 6]).fma(b0, c6);
                c7 = ZERO.broadcast(a[al + p * csA + 7]).fma(b0, c7);
            }
        }
        if (accumulate) {
            c0 = V.cast(DoubleVector.fromArray(S, c, co)).add(c0);
            c1 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c1);
            c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c2);
            c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c3);
            c4 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC)).add(c4);
            c5 = V.cast(DoubleVector.fromArray(S, c, co + 5 * rsC)).add(c5);
            c6 = V.cast(DoubleVector.fromArray(S, c, co + 6 * rsC)).add(c6);
            c7 = V.cast(DoubleVector.fromArray(S, c, co + 7 * rsC)).add(c7);
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + rsC);
        V.cast(c2).intoArray(c, co + 2 * rsC);
        V.cast(c3).intoArray(c, co + 3 * rsC);
        V.cast(c4).intoArray(c, co + 4 * rsC);
        V.cast(c5).intoArray(c, co + 5 * rsC);
        V.cast(c6).intoArray(c, co + 6 * rsC);
        V.cast(c7).intoArray(c, co + 7 * rsC);
    }

    /** 8 rows by one vector; the steps of one row lie side by side. */
    static void row8(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int ao,
            int rsA,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c0 = ZERO.broadcast(0f);
        DoubleVector c1 = ZERO.broadcast(0f);
        DoubleVector c2 = ZERO.broadcast(0f);
        DoubleVector c3 = ZERO.broadcast(0f);
        DoubleVector c4 = ZERO.broadcast(0f);
        DoubleVector c5 = ZERO.broadcast(0f);
        DoubleVector c6 = ZERO.broadcast(0f);
        DoubleVector c7 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            int r4 = r3 + rsA;
            int r5 = r4 + rsA;
            int r6 = r5 + rsA;
            int r7 = r6 + rsA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * rsB));
                c0 = ZERO.broadcast(a[r0 + p]).fma(b0, c0);
                c1 = ZERO.broadcast(a[r1 + p]).fma(b0, c1);
                c2 = ZERO.broadcast(a[r2 + p]).fma(b0, c2);
                c3 = ZERO.broadcast(a[r3 + p]).fma(b0, c3);
                c4 = ZERO.broadcast(a[r4 + p]).fma(b0, c4);
                c5 = ZERO.broadcast(a[r5 + p]).fma(b0, c5);
                c6 = ZERO.broadcast(a[r6 + p]).fma(b0, c6);
                c7 = ZERO.broadcast(a[r7 + p]).fma(b0, c7);
            }
        }
        if (accumulate) {
            c0 = V.cast(DoubleVector.fromArray(S, c, co)).add(c0);
            c1 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c1);
            c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c2);
            c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c3);
            c4 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC)).add(c4);
            c5 = V.cast(DoubleVector.fromArray(S, c, co + 5 * rsC)).add(c5);
            c6 = V.cast(DoubleVector.fromArray(S, c, co + 6 * rsC)).add(c6);
            c7 = V.cast(DoubleVector.fromArray(S, c, co + 7 * rsC)).add(c7);
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + rsC);
        V.cast(c2).intoArray(c, co + 2 * rsC);
        V.cast(c3).intoArray(c, co + 3 * rsC);
        V.cast(c4).intoArray(c, co + 4 * rsC);
        V.cast(c5).intoArray(c, co + 5 * rsC);
        V.cast(c6).intoArray(c, co + 6 * rsC);
        V.cast(c7).intoArray(c, co + 7 * rsC);
    }

    /** 4 rows by one vector; the rows of one step of k lie side by side. */
    static void col4(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int ao,
            int csA,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c0 = ZERO.broadcast(0f);
        DoubleVector c1 = ZERO.broadcast(0f);
        DoubleVector c2 = ZERO.broadcast(0f);
        DoubleVector c3 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * rsB));
                c0 = ZERO.broadcast(a[al + p * csA]).fma(b0, c0);
                c1 = ZERO.broadcast(a[al + p * csA + 1]).fma(b0, c1);
                c2 = ZERO.broadcast(a[al + p * csA + 2]).fma(b0, c2);
                c3 = ZERO.broadcast(a[al + p * csA + 3]).fma(b0, c3);
            }
        }
        if (accumulate) {
            c0 = V.cast(DoubleVector.fromArray(S, c, co)).add(c0);
            c1 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c1);
            c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c2);
            c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c3);
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + rsC);
        V.cast(c2).intoArray(c, co + 2 * rsC);
        V.cast(c3).intoArray(c, co + 3 * rsC);
    }

    /** 4 rows by one vector; the steps of one row lie side by side. */
    static void row4(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int ao,
            int rsA,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c0 = ZERO.broadcast(0f);
        DoubleVector c1 = ZERO.broadcast(0f);
        DoubleVector c2 = ZERO.broadcast(0f);
        DoubleVector c3 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * rsB));
                c0 = ZERO.broadcast(a[r0 + p]).fma(b0, c0);
                c1 = ZERO.broadcast(a[r1 + p]).fma(b0, c1);
                c2 = ZERO.broadcast(a[r2 + p]).fma(b0, c2);
                c3 = ZERO.broadcast(a[r3 + p]).fma(b0, c3);
            }
        }
        if (accumulate) {
            c0 = V.cast(DoubleVector.fromArray(S, c, co)).add(c0);
            c1 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c1);
            c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c2);
            c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c3);
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + rsC);
        V.cast(c2).intoArray(c, co + 2 * rsC);
        V.cast(c3).intoArray(c, co + 3 * rsC);
    }

    /**
     * Inner products of the rows of A, four at a time, with a vector, as {@link GemmKernelsF64#dot}
     * sums them: the rows are added up in one vector instead of one after another. For k below four
     * vectors.
     */
    static void dots4(
            int rows, int k, double[] a, int ao, int rsA, double[] v, int vo, double[] c, int co) {
        DoubleVector zero = ZERO.broadcast(0f);
        for (int i = 0; i < rows; i += 4) {
            DoubleVector c0 = zero;
            DoubleVector c1 = zero;
            DoubleVector c2 = zero;
            DoubleVector c3 = zero;
            for (int p = 0; p < k; p += L) {
                VectorMask<Double> in = S.indexInRange(p, k);
                DoubleVector b = V.cast(DoubleVector.fromArray(S, v, vo + p, in));
                int at = ao + i * rsA + p;
                c0 = V.cast(DoubleVector.fromArray(S, a, at, in)).fma(b, c0);
                c1 = V.cast(DoubleVector.fromArray(S, a, at + rsA, in)).fma(b, c1);
                c2 = V.cast(DoubleVector.fromArray(S, a, at + 2 * rsA, in)).fma(b, c2);
                c3 = V.cast(DoubleVector.fromArray(S, a, at + 3 * rsA, in)).fma(b, c3);
            }
            // the sums of the halves of two rows side by side, then those of the quarters of four
            c0 = V.cast(c0);
            c1 = V.cast(c1);
            c2 = V.cast(c2);
            c3 = V.cast(c3);
            c0 = c0.blend(c2.rearrange(HALF), UPPER).add(c0.rearrange(HALF).blend(c2, UPPER));
            c1 = c1.blend(c3.rearrange(HALF), UPPER).add(c1.rearrange(HALF).blend(c3, UPPER));
            c0 = c0.blend(c1.rearrange(BACK), ODD).add(c0.rearrange(QUARTER).blend(c1, ODD));
            if (L >= 16) {
                c0 = c0.add(c0.rearrange(BY_2));
            }
            if (L >= 8) {
                c0 = c0.add(c0.rearrange(BY_1));
            }
            c0.add(zero).rearrange(EACH).intoArray(c, co + i, FOUR);
        }
    }
}
