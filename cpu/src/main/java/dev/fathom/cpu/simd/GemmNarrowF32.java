package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of matrix products in {@code float} that are one vector wide: the rules of
 * {@link GemmKernelsF32} hold here too.
 */
final class GemmNarrowF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();

    private GemmNarrowF32() {}

    /** 8 rows by one vector; the rows of one step of k lie side by side. */
    static void col8(
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
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        FloatVector c4 = FloatVector.zero(S);
        FloatVector c5 = FloatVector.zero(S);
        FloatVector c6 = FloatVector.zero(S);
        FloatVector c7 = FloatVector.zero(S);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = FloatVector.fromArray(S, b, bl + p * rsB);
                c0 = FloatVector.broadcast(S, a[al + p * csA]).fma(b0, c0);
                c1 = FloatVector.broadcast(S, a[al + p * csA + 1]).fma(b0, c1);
                c2 = FloatVector.broadcast(S, a[al + p * csA + 2]).fma(b0, c2);
                c3 = FloatVector.broadcast(S, a[al + p * csA + 3]).fma(b0, c3);
                c4 = FloatVector.broadcast(S, a[al + p * csA + 4]).fma(b0, c4);
                c5 = FloatVector.broadcast(S, a[al + p * csA + 5]).fma(b0, c5);
                c6 = FloatVector.broadcast(S, a[al + p * csA + 6]).fma(b0, c6);
                c7 = FloatVector.broadcast(S, a[al + p * csA + 7]).fma(b0, c7);
            }
        }
        if (accumulate) {
            c0 = c0.add(FloatVector.fromArray(S, c, co));
            c1 = c1.add(FloatVector.fromArray(S, c, co + rsC));
            c2 = c2.add(FloatVector.fromArray(S, c, co + 2 * rsC));
            c3 = c3.add(FloatVector.fromArray(S, c, co + 3 * rsC));
            c4 = c4.add(FloatVector.fromArray(S, c, co + 4 * rsC));
            c5 = c5.add(FloatVector.fromArray(S, c, co + 5 * rsC));
            c6 = c6.add(FloatVector.fromArray(S, c, co + 6 * rsC));
            c7 = c7.add(FloatVector.fromArray(S, c, co + 7 * rsC));
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + rsC);
        c2.intoArray(c, co + 2 * rsC);
        c3.intoArray(c, co + 3 * rsC);
        c4.intoArray(c, co + 4 * rsC);
        c5.intoArray(c, co + 5 * rsC);
        c6.intoArray(c, co + 6 * rsC);
        c7.intoArray(c, co + 7 * rsC);
    }

    /** 8 rows by one vector; the steps of one row lie side by side. */
    static void row8(
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
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        FloatVector c4 = FloatVector.zero(S);
        FloatVector c5 = FloatVector.zero(S);
        FloatVector c6 = FloatVector.zero(S);
        FloatVector c7 = FloatVector.zero(S);
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
                FloatVector b0 = FloatVector.fromArray(S, b, bl + p * rsB);
                c0 = FloatVector.broadcast(S, a[r0 + p]).fma(b0, c0);
                c1 = FloatVector.broadcast(S, a[r1 + p]).fma(b0, c1);
                c2 = FloatVector.broadcast(S, a[r2 + p]).fma(b0, c2);
                c3 = FloatVector.broadcast(S, a[r3 + p]).fma(b0, c3);
                c4 = FloatVector.broadcast(S, a[r4 + p]).fma(b0, c4);
                c5 = FloatVector.broadcast(S, a[r5 + p]).fma(b0, c5);
                c6 = FloatVector.broadcast(S, a[r6 + p]).fma(b0, c6);
                c7 = FloatVector.broadcast(S, a[r7 + p]).fma(b0, c7);
            }
        }
        if (accumulate) {
            c0 = c0.add(FloatVector.fromArray(S, c, co));
            c1 = c1.add(FloatVector.fromArray(S, c, co + rsC));
            c2 = c2.add(FloatVector.fromArray(S, c, co + 2 * rsC));
            c3 = c3.add(FloatVector.fromArray(S, c, co + 3 * rsC));
            c4 = c4.add(FloatVector.fromArray(S, c, co + 4 * rsC));
            c5 = c5.add(FloatVector.fromArray(S, c, co + 5 * rsC));
            c6 = c6.add(FloatVector.fromArray(S, c, co + 6 * rsC));
            c7 = c7.add(FloatVector.fromArray(S, c, co + 7 * rsC));
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + rsC);
        c2.intoArray(c, co + 2 * rsC);
        c3.intoArray(c, co + 3 * rsC);
        c4.intoArray(c, co + 4 * rsC);
        c5.intoArray(c, co + 5 * rsC);
        c6.intoArray(c, co + 6 * rsC);
        c7.intoArray(c, co + 7 * rsC);
    }

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
        if (accumulate) {
            c0 = c0.add(FloatVector.fromArray(S, c, co));
            c1 = c1.add(FloatVector.fromArray(S, c, co + rsC));
            c2 = c2.add(FloatVector.fromArray(S, c, co + 2 * rsC));
            c3 = c3.add(FloatVector.fromArray(S, c, co + 3 * rsC));
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + rsC);
        c2.intoArray(c, co + 2 * rsC);
        c3.intoArray(c, co + 3 * rsC);
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
        if (accumulate) {
            c0 = c0.add(FloatVector.fromArray(S, c, co));
            c1 = c1.add(FloatVector.fromArray(S, c, co + rsC));
            c2 = c2.add(FloatVector.fromArray(S, c, co + 2 * rsC));
            c3 = c3.add(FloatVector.fromArray(S, c, co + 3 * rsC));
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + rsC);
        c2.intoArray(c, co + 2 * rsC);
        c3.intoArray(c, co + 3 * rsC);
    }
}
