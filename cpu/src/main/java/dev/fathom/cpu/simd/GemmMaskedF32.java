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
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

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
        FloatVector c0 = ZERO.broadcast(0f);
        FloatVector c1 = ZERO.broadcast(0f);
        FloatVector c2 = ZERO.broadcast(0f);
        FloatVector c3 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB));
                c0 = ZERO.broadcast(a[al + p * csA]).fma(b0, c0);
                c1 = ZERO.broadcast(a[al + p * csA + 1]).fma(b0, c1);
                c2 = ZERO.broadcast(a[al + p * csA + 2]).fma(b0, c2);
                c3 = ZERO.broadcast(a[al + p * csA + 3]).fma(b0, c3);
            }
        }
        VectorMask<Float> in = S.indexInRange(0, width);
        if (accumulate) {
            c0 = V.cast(FloatVector.fromArray(S, c, co, in)).add(c0);
            c1 = V.cast(FloatVector.fromArray(S, c, co + rsC, in)).add(c1);
            c2 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC, in)).add(c2);
            c3 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC, in)).add(c3);
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
        FloatVector c0 = ZERO.broadcast(0f);
        FloatVector c1 = ZERO.broadcast(0f);
        FloatVector c2 = ZERO.broadcast(0f);
        FloatVector c3 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB));
                c0 = ZERO.broadcast(a[r0 + p]).fma(b0, c0);
                c1 = ZERO.broadcast(a[r1 + p]).fma(b0, c1);
                c2 = ZERO.broadcast(a[r2 + p]).fma(b0, c2);
                c3 = ZERO.broadcast(a[r3 + p]).fma(b0, c3);
            }
        }
        VectorMask<Float> in = S.indexInRange(0, width);
        if (accumulate) {
            c0 = V.cast(FloatVector.fromArray(S, c, co, in)).add(c0);
            c1 = V.cast(FloatVector.fromArray(S, c, co + rsC, in)).add(c1);
            c2 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC, in)).add(c2);
            c3 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC, in)).add(c3);
        }
        V.cast(c0).intoArray(c, co, in);
        V.cast(c1).intoArray(c, co + rsC, in);
        V.cast(c2).intoArray(c, co + 2 * rsC, in);
        V.cast(c3).intoArray(c, co + 3 * rsC, in);
    }
}
