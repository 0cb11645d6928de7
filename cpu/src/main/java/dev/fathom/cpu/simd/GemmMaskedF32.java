package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of matrix products in {@code float} that are less than one vector wide: the
 * rules of {@link GemmKernelsF32} hold here too. Whole vectors of B are read; of C only {@code
 * width} columns are touched. Four rows at most: the first of the two compilers gives up on longer
 * methods with masks, and then the second never sees them.
 */
final class GemmMaskedF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();

    private GemmMaskedF32() {}

    /** 4 rows by one vector; the rows of one step of k lie side by side. */
    static void col4(
            int lines,
            int nextA,
            int nextB,
            int k,
            float[] a,
            int ao,
            int csA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            int rsC,
            int width,
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = FloatVector.fromArray(S, b, bl + p * rsB);
                c0 = FloatVector.broadcast(S, a[al + p * csA]).fma(b0, c0);
                c1 = FloatVector.broadcast(S, a[al + p * csA + 1]).fma(b0, c1);
                c2 = FloatVector.broadcast(S, a[al + p * csA + 2]).fma(b0, c2);
                c3 = FloatVector.broadcast(S, a[al + p * csA + 3]).fma(b0, c3);
            }
        }
        VectorMask<Float> in = S.indexInRange(0, width);
        if (accumulate) {
            c0 = FloatVector.fromArray(S, c, co, in).add(c0);
            c1 = FloatVector.fromArray(S, c, co + rsC, in).add(c1);
            c2 = FloatVector.fromArray(S, c, co + 2 * rsC, in).add(c2);
            c3 = FloatVector.fromArray(S, c, co + 3 * rsC, in).add(c3);
        }
        c0.intoArray(c, co, in);
        c1.intoArray(c, co + rsC, in);
        c2.intoArray(c, co + 2 * rsC, in);
        c3.intoArray(c, co + 3 * rsC, in);
    }

    /** 4 rows by one vector; the steps of one row lie side by side. */
    static void row4(
            int lines,
            int nextA,
            int nextB,
            int k,
            float[] a,
            int ao,
            int rsA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            int rsC,
            int width,
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = FloatVector.fromArray(S, b, bl + p * rsB);
                c0 = FloatVector.broadcast(S, a[r0 + p]).fma(b0, c0);
                c1 = FloatVector.broadcast(S, a[r1 + p]).fma(b0, c1);
                c2 = FloatVector.broadcast(S, a[r2 + p]).fma(b0, c2);
                c3 = FloatVector.broadcast(S, a[r3 + p]).fma(b0, c3);
            }
        }
        VectorMask<Float> in = S.indexInRange(0, width);
        if (accumulate) {
            c0 = FloatVector.fromArray(S, c, co, in).add(c0);
            c1 = FloatVector.fromArray(S, c, co + rsC, in).add(c1);
            c2 = FloatVector.fromArray(S, c, co + 2 * rsC, in).add(c2);
            c3 = FloatVector.fromArray(S, c, co + 3 * rsC, in).add(c3);
        }
        c0.intoArray(c, co, in);
        c1.intoArray(c, co + rsC, in);
        c2.intoArray(c, co + 2 * rsC, in);
        c3.intoArray(c, co + 3 * rsC, in);
    }
}
