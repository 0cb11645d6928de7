package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * As {@link GemmNarrowF32}, for vectors of 512 bits, each as two halves: many processors load one
 * whole vector or two halves in the same time, and with one multiply-add for each number of A that
 * is loaded it is the loads that take the time. The rules of {@link GemmKernelsF32} hold here too.
 */
final class GemmHalvesF32 {
    private static final VectorSpecies<Float> S =
            VectorSpecies.of(float.class, VectorShape.S_256_BIT);
    private static final int L = S.length();

    private GemmHalvesF32() {}

    /** 8 rows by two vectors; the rows of one step of k lie side by side. */
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
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = FloatVector.zero(S);
        FloatVector c10 = FloatVector.zero(S);
        FloatVector c11 = FloatVector.zero(S);
        FloatVector c20 = FloatVector.zero(S);
        FloatVector c21 = FloatVector.zero(S);
        FloatVector c30 = FloatVector.zero(S);
        FloatVector c31 = FloatVector.zero(S);
        FloatVector c40 = FloatVector.zero(S);
        FloatVector c41 = FloatVector.zero(S);
        FloatVector c50 = FloatVector.zero(S);
        FloatVector c51 = FloatVector.zero(S);
        FloatVector c60 = FloatVector.zero(S);
        FloatVector c61 = FloatVector.zero(S);
        FloatVector c70 = FloatVector.zero(S);
        FloatVector c71 = FloatVector.zero(S);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = FloatVector.fromArray(S, b, bl + p * rsB);
                FloatVector b1 = FloatVector.fromArray(S, b, bl + p * rsB + L);
                FloatVector a0 = FloatVector.broadcast(S, a[al + p * csA]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.broadcast(S, a[al + p * csA + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.broadcast(S, a[al + p * csA + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.broadcast(S, a[al + p * csA + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = FloatVector.broadcast(S, a[al + p * csA + 4]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = FloatVector.broadcast(S, a[al + p * csA + 5]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = FloatVector.broadcast(S, a[al + p * csA + 6]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = FloatVector.broadcast(S, a[al + p * csA + 7]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
        }
        if (accumulate) {
            c00 = FloatVector.fromArray(S, c, co).add(c00);
            c01 = FloatVector.fromArray(S, c, co + L).add(c01);
            c10 = FloatVector.fromArray(S, c, co + rsC).add(c10);
            c11 = FloatVector.fromArray(S, c, co + rsC + L).add(c11);
            c20 = FloatVector.fromArray(S, c, co + 2 * rsC).add(c20);
            c21 = FloatVector.fromArray(S, c, co + 2 * rsC + L).add(c21);
            c30 = FloatVector.fromArray(S, c, co + 3 * rsC).add(c30);
            c31 = FloatVector.fromArray(S, c, co + 3 * rsC + L).add(c31);
            c40 = FloatVector.fromArray(S, c, co + 4 * rsC).add(c40);
            c41 = FloatVector.fromArray(S, c, co + 4 * rsC + L).add(c41);
            c50 = FloatVector.fromArray(S, c, co + 5 * rsC).add(c50);
            c51 = FloatVector.fromArray(S, c, co + 5 * rsC + L).add(c51);
            c60 = FloatVector.fromArray(S, c, co + 6 * rsC).add(c60);
            c61 = FloatVector.fromArray(S, c, co + 6 * rsC + L).add(c61);
            c70 = FloatVector.fromArray(S, c, co + 7 * rsC).add(c70);
            c71 = FloatVector.fromArray(S, c, co + 7 * rsC + L).add(c71);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c10.intoArray(c, co + rsC);
        c11.intoArray(c, co + rsC + L);
        c20.intoArray(c, co + 2 * rsC);
        c21.intoArray(c, co + 2 * rsC + L);
        c30.intoArray(c, co + 3 * rsC);
        c31.intoArray(c, co + 3 * rsC + L);
        c40.intoArray(c, co + 4 * rsC);
        c41.intoArray(c, co + 4 * rsC + L);
        c50.intoArray(c, co + 5 * rsC);
        c51.intoArray(c, co + 5 * rsC + L);
        c60.intoArray(c, co + 6 * rsC);
        c61.intoArray(c, co + 6 * rsC + L);
        c70.intoArray(c, co + 7 * rsC);
        c71.intoArray(c, co + 7 * rsC + L);
    }

    /** 8 rows by two vectors; the steps of one row lie side by side. */
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
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = FloatVector.zero(S);
        FloatVector c10 = FloatVector.zero(S);
        FloatVector c11 = FloatVector.zero(S);
        FloatVector c20 = FloatVector.zero(S);
        FloatVector c21 = FloatVector.zero(S);
        FloatVector c30 = FloatVector.zero(S);
        FloatVector c31 = FloatVector.zero(S);
        FloatVector c40 = FloatVector.zero(S);
        FloatVector c41 = FloatVector.zero(S);
        FloatVector c50 = FloatVector.zero(S);
        FloatVector c51 = FloatVector.zero(S);
        FloatVector c60 = FloatVector.zero(S);
        FloatVector c61 = FloatVector.zero(S);
        FloatVector c70 = FloatVector.zero(S);
        FloatVector c71 = FloatVector.zero(S);
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
                FloatVector b1 = FloatVector.fromArray(S, b, bl + p * rsB + L);
                FloatVector a0 = FloatVector.broadcast(S, a[r0 + p]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.broadcast(S, a[r1 + p]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.broadcast(S, a[r2 + p]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.broadcast(S, a[r3 + p]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = FloatVector.broadcast(S, a[r4 + p]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = FloatVector.broadcast(S, a[r5 + p]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = FloatVector.broadcast(S, a[r6 + p]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = FloatVector.broadcast(S, a[r7 + p]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
        }
        if (accumulate) {
            c00 = FloatVector.fromArray(S, c, co).add(c00);
            c01 = FloatVector.fromArray(S, c, co + L).add(c01);
            c10 = FloatVector.fromArray(S, c, co + rsC).add(c10);
            c11 = FloatVector.fromArray(S, c, co + rsC + L).add(c11);
            c20 = FloatVector.fromArray(S, c, co + 2 * rsC).add(c20);
            c21 = FloatVector.fromArray(S, c, co + 2 * rsC + L).add(c21);
            c30 = FloatVector.fromArray(S, c, co + 3 * rsC).add(c30);
            c31 = FloatVector.fromArray(S, c, co + 3 * rsC + L).add(c31);
            c40 = FloatVector.fromArray(S, c, co + 4 * rsC).add(c40);
            c41 = FloatVector.fromArray(S, c, co + 4 * rsC + L).add(c41);
            c50 = FloatVector.fromArray(S, c, co + 5 * rsC).add(c50);
            c51 = FloatVector.fromArray(S, c, co + 5 * rsC + L).add(c51);
            c60 = FloatVector.fromArray(S, c, co + 6 * rsC).add(c60);
            c61 = FloatVector.fromArray(S, c, co + 6 * rsC + L).add(c61);
            c70 = FloatVector.fromArray(S, c, co + 7 * rsC).add(c70);
            c71 = FloatVector.fromArray(S, c, co + 7 * rsC + L).add(c71);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c10.intoArray(c, co + rsC);
        c11.intoArray(c, co + rsC + L);
        c20.intoArray(c, co + 2 * rsC);
        c21.intoArray(c, co + 2 * rsC + L);
        c30.intoArray(c, co + 3 * rsC);
        c31.intoArray(c, co + 3 * rsC + L);
        c40.intoArray(c, co + 4 * rsC);
        c41.intoArray(c, co + 4 * rsC + L);
        c50.intoArray(c, co + 5 * rsC);
        c51.intoArray(c, co + 5 * rsC + L);
        c60.intoArray(c, co + 6 * rsC);
        c61.intoArray(c, co + 6 * rsC + L);
        c70.intoArray(c, co + 7 * rsC);
        c71.intoArray(c, co + 7 * rsC + L);
    }
}
