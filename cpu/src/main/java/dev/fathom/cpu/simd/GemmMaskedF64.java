package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of matrix products in {@code double} that are less than one vector wide: the
 * rules of {@link GemmKernelsF64} hold here too. Whole vectors of B are read; of C only {@code
 * width} columns are touched. Four rows at most: the first of the two compilers gives up on longer
 * methods with masks, and then the second never sees them.
 */
final class GemmMaskedF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    private GemmMaskedF64() {}

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
            int width,
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
        VectorMask<Double> in = S.indexInRange(0, width);
        if (accumulate) {
            c0 = V.cast(DoubleVector.fromArray(S, c, co, in)).add(c0);
            c1 = V.cast(DoubleVector.fromArray(S, c, co + rsC, in)).add(c1);
            c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC, in)).add(c2);
            c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC, in)).add(c3);
        }
        V.cast(c0).intoArray(c, co, in);
        V.cast(c1).intoArray(c, co + rsC, in);
        V.cast(c2).intoArray(c, co + 2 * rsC, in);
        V.cast(c3).intoArray(c, co + 3 * rsC, in);
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
            int width,
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
        VectorMask<Double> in = S.indexInRange(0, width);
        if (accumulate) {
            c0 = V.cast(DoubleVector.fromArray(S, c, co, in)).add(c0);
            c1 = V.cast(DoubleVector.fromArray(S, c, co + rsC, in)).add(c1);
            c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC, in)).add(c2);
            c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC, in)).add(c3);
        }
        V.cast(c0).intoArray(c, co, in);
        V.cast(c1).intoArray(c, co + rsC, in);
        V.cast(c2).intoArray(c, co + 2 * rsC, in);
        V.cast(c3).intoArray(c, co + 3 * rsC, in);
    }
}
