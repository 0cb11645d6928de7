package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of matrix products in {@code float}: a small tile of C stays in registers
 * while k runs.
 *
 * <p>Every kernel forms each element of its tile as one chain of fused multiply-adds over k in
 * ascending order, starting from zero, and then stores it or adds it to what is there. So the bits
 * of an element do not depend on which kernel made it.
 *
 * <p>Tiles are written out with one local variable per accumulator, loads and stores included: C2
 * keeps only locals in registers, and a helper method that takes vectors is not always inlined,
 * which puts every vector on the heap. {@code col8} and {@code row8} need 19 vector registers;
 * {@code col4} and {@code row4} fit in 16 and also finish what is left of the rows. In the {@code
 * col} form the elements of A for one k are neighbours, so C2 merges their range checks: it is the
 * faster one.
 */
final class GemmKernelsF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Lane i takes lane i + 8, and so on. */
    private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(S, 8 % L, 1, true);

    private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(S, 4 % L, 1, true);
    private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(S, 2 % L, 1, true);
    private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(S, 1 % L, 1, true);

    /** The columns of a full tile: two vectors. */
    static final int COLUMNS = 2 * L;

    /** The columns of {@link #single}. */
    static final int SINGLE_COLUMNS = 8 * L;

    private GemmKernelsF32() {}

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
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        FloatVector c30 = ZERO.broadcast(0f);
        FloatVector c31 = ZERO.broadcast(0f);
        FloatVector c40 = ZERO.broadcast(0f);
        FloatVector c41 = ZERO.broadcast(0f);
        FloatVector c50 = ZERO.broadcast(0f);
        FloatVector c51 = ZERO.broadcast(0f);
        FloatVector c60 = ZERO.broadcast(0f);
        FloatVector c61 = ZERO.broadcast(0f);
        FloatVector c70 = ZERO.broadcast(0f);
        FloatVector c71 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB));
                FloatVector b1 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB + L));
                FloatVector a0 = ZERO.broadcast(a[al + p * csA]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = ZERO.broadcast(a[al + p * csA + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = ZERO.broadcast(a[al + p * csA + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = ZERO.broadcast(a[al + p * csA + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = ZERO.broadcast(a[al + p * csA + 4]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = ZERO.broadcast(a[al + p * csA + 5]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = ZERO.broadcast(a[al + p * csA + 6]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = ZERO.broadcast(a[al + p * csA + 7]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
        }
        if (accumulate) {
            c00 = V.cast(FloatVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(FloatVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(FloatVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(FloatVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
            c40 = V.cast(FloatVector.fromArray(S, c, co + 4 * rsC)).add(c40);
            c41 = V.cast(FloatVector.fromArray(S, c, co + 4 * rsC + L)).add(c41);
            c50 = V.cast(FloatVector.fromArray(S, c, co + 5 * rsC)).add(c50);
            c51 = V.cast(FloatVector.fromArray(S, c, co + 5 * rsC + L)).add(c51);
            c60 = V.cast(FloatVector.fromArray(S, c, co + 6 * rsC)).add(c60);
            c61 = V.cast(FloatVector.fromArray(S, c, co + 6 * rsC + L)).add(c61);
            c70 = V.cast(FloatVector.fromArray(S, c, co + 7 * rsC)).add(c70);
            c71 = V.cast(FloatVector.fromArray(S, c, co + 7 * rsC + L)).add(c71);
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c10).intoArray(c, co + rsC);
        V.cast(c11).intoArray(c, co + rsC + L);
        V.cast(c20).intoArray(c, co + 2 * rsC);
        V.cast(c21).intoArray(c, co + 2 * rsC + L);
        V.cast(c30).intoArray(c, co + 3 * rsC);
        V.cast(c31).intoArray(c, co + 3 * rsC + L);
        V.cast(c40).intoArray(c, co + 4 * rsC);
        V.cast(c41).intoArray(c, co + 4 * rsC + L);
        V.cast(c50).intoArray(c, co + 5 * rsC);
        V.cast(c51).intoArray(c, co + 5 * rsC + L);
        V.cast(c60).intoArray(c, co + 6 * rsC);
        V.cast(c61).intoArray(c, co + 6 * rsC + L);
        V.cast(c70).intoArray(c, co + 7 * rsC);
        V.cast(c71).intoArray(c, co + 7 * rsC + L);
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
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        FloatVector c30 = ZERO.broadcast(0f);
        FloatVector c31 = ZERO.broadcast(0f);
        FloatVector c40 = ZERO.broadcast(0f);
        FloatVector c41 = ZERO.broadcast(0f);
        FloatVector c50 = ZERO.broadcast(0f);
        FloatVector c51 = ZERO.broadcast(0f);
        FloatVector c60 = ZERO.broadcast(0f);
        FloatVector c61 = ZERO.broadcast(0f);
        FloatVector c70 = ZERO.broadcast(0f);
        FloatVector c71 = ZERO.broadcast(0f);
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
                FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB));
                FloatVector b1 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB + L));
                FloatVector a0 = ZERO.broadcast(a[r0 + p]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = ZERO.broadcast(a[r1 + p]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = ZERO.broadcast(a[r2 + p]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = ZERO.broadcast(a[r3 + p]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = ZERO.broadcast(a[r4 + p]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = ZERO.broadcast(a[r5 + p]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = ZERO.broadcast(a[r6 + p]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = ZERO.broadcast(a[r7 + p]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
        }
        if (accumulate) {
            c00 = V.cast(FloatVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(FloatVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(FloatVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(FloatVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
            c40 = V.cast(FloatVector.fromArray(S, c, co + 4 * rsC)).add(c40);
            c41 = V.cast(FloatVector.fromArray(S, c, co + 4 * rsC + L)).add(c41);
            c50 = V.cast(FloatVector.fromArray(S, c, co + 5 * rsC)).add(c50);
            c51 = V.cast(FloatVector.fromArray(S, c, co + 5 * rsC + L)).add(c51);
            c60 = V.cast(FloatVector.fromArray(S, c, co + 6 * rsC)).add(c60);
            c61 = V.cast(FloatVector.fromArray(S, c, co + 6 * rsC + L)).add(c61);
            c70 = V.cast(FloatVector.fromArray(S, c, co + 7 * rsC)).add(c70);
            c71 = V.cast(FloatVector.fromArray(S, c, co + 7 * rsC + L)).add(c71);
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c10).intoArray(c, co + rsC);
        V.cast(c11).intoArray(c, co + rsC + L);
        V.cast(c20).intoArray(c, co + 2 * rsC);
        V.cast(c21).intoArray(c, co + 2 * rsC + L);
        V.cast(c30).intoArray(c, co + 3 * rsC);
        V.cast(c31).intoArray(c, co + 3 * rsC + L);
        V.cast(c40).intoArray(c, co + 4 * rsC);
        V.cast(c41).intoArray(c, co + 4 * rsC + L);
        V.cast(c50).intoArray(c, co + 5 * rsC);
        V.cast(c51).intoArray(c, co + 5 * rsC + L);
        V.cast(c60).intoArray(c, co + 6 * rsC);
        V.cast(c61).intoArray(c, co + 6 * rsC + L);
        V.cast(c70).intoArray(c, co + 7 * rsC);
        V.cast(c71).intoArray(c, co + 7 * rsC + L);
    }

    /** 4 rows by two vectors; the rows of one step of k lie side by side. */
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
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        FloatVector c30 = ZERO.broadcast(0f);
        FloatVector c31 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB));
                FloatVector b1 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB + L));
                FloatVector a0 = ZERO.broadcast(a[al + p * csA]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = ZERO.broadcast(a[al + p * csA + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = ZERO.broadcast(a[al + p * csA + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = ZERO.broadcast(a[al + p * csA + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
            }
        }
        if (accumulate) {
            c00 = V.cast(FloatVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(FloatVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(FloatVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(FloatVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c10).intoArray(c, co + rsC);
        V.cast(c11).intoArray(c, co + rsC + L);
        V.cast(c20).intoArray(c, co + 2 * rsC);
        V.cast(c21).intoArray(c, co + 2 * rsC + L);
        V.cast(c30).intoArray(c, co + 3 * rsC);
        V.cast(c31).intoArray(c, co + 3 * rsC + L);
    }

    /** 4 rows by two vectors; the steps of one row lie side by side. */
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
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        FloatVector c30 = ZERO.broadcast(0f);
        FloatVector c31 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            for (int p = 0; p < k; p++) {
                FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB));
                FloatVector b1 = V.cast(FloatVector.fromArray(S, b, bl + p * rsB + L));
                FloatVector a0 = ZERO.broadcast(a[r0 + p]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = ZERO.broadcast(a[r1 + p]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = ZERO.broadcast(a[r2 + p]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = ZERO.broadcast(a[r3 + p]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
            }
        }
        if (accumulate) {
            c00 = V.cast(FloatVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(FloatVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(FloatVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(FloatVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(FloatVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(FloatVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c10).intoArray(c, co + rsC);
        V.cast(c11).intoArray(c, co + rsC + L);
        V.cast(c20).intoArray(c, co + 2 * rsC);
        V.cast(c21).intoArray(c, co + 2 * rsC + L);
        V.cast(c30).intoArray(c, co + 3 * rsC);
        V.cast(c31).intoArray(c, co + 3 * rsC + L);
    }

    /**
     * Up to 4 rows by up to one vector of columns, with any strides of A: what the full tiles leave
     * over. Rows beyond {@code rows} repeat row 0 and are not stored.
     */
    static void edge(
            int rows,
            int columns,
            int k,
            float[] a,
            int ao,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            int rsC,
            boolean accumulate) {
        VectorMask<Float> in = S.indexInRange(0, columns);
        FloatVector c0 = ZERO.broadcast(0f);
        FloatVector c1 = ZERO.broadcast(0f);
        FloatVector c2 = ZERO.broadcast(0f);
        FloatVector c3 = ZERO.broadcast(0f);
        int r1 = rows > 1 ? ao + rsA : ao;
        int r2 = rows > 2 ? ao + 2 * rsA : ao;
        int r3 = rows > 3 ? ao + 3 * rsA : ao;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = V.cast(FloatVector.fromArray(S, b, bo + p * rsB, in));
            c0 = ZERO.broadcast(a[ao + p * csA]).fma(b0, c0);
            c1 = ZERO.broadcast(a[r1 + p * csA]).fma(b0, c1);
            c2 = ZERO.broadcast(a[r2 + p * csA]).fma(b0, c2);
            c3 = ZERO.broadcast(a[r3 + p * csA]).fma(b0, c3);
        }
        if (accumulate) {
            c0 = V.cast(FloatVector.fromArray(S, c, co, in)).add(c0);
            c1 = rows > 1 ? c1.add(V.cast(FloatVector.fromArray(S, c, co + rsC, in))) : c1;
            c2 = rows > 2 ? c2.add(V.cast(FloatVector.fromArray(S, c, co + 2 * rsC, in))) : c2;
            c3 = rows > 3 ? c3.add(V.cast(FloatVector.fromArray(S, c, co + 3 * rsC, in))) : c3;
        }
        V.cast(c0).intoArray(c, co, in);
        if (rows > 1) {
            V.cast(c1).intoArray(c, co + rsC, in);
        }
        if (rows > 2) {
            V.cast(c2).intoArray(c, co + 2 * rsC, in);
        }
        if (rows > 3) {
            V.cast(c3).intoArray(c, co + 3 * rsC, in);
        }
    }

    /** One row by eight vectors: the product of a vector and a matrix. */
    static void single(
            int k,
            float[] a,
            int ao,
            int csA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            boolean accumulate) {
        FloatVector c0 = ZERO.broadcast(0f);
        FloatVector c1 = ZERO.broadcast(0f);
        FloatVector c2 = ZERO.broadcast(0f);
        FloatVector c3 = ZERO.broadcast(0f);
        FloatVector c4 = ZERO.broadcast(0f);
        FloatVector c5 = ZERO.broadcast(0f);
        FloatVector c6 = ZERO.broadcast(0f);
        FloatVector c7 = ZERO.broadcast(0f);
        for (int p = 0; p < k; p++) {
            FloatVector a0 = ZERO.broadcast(a[ao + p * csA]);
            int at = bo + p * rsB;
            c0 = a0.fma(V.cast(FloatVector.fromArray(S, b, at)), c0);
            c1 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + L)), c1);
            c2 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + 2 * L)), c2);
            c3 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + 3 * L)), c3);
            c4 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + 4 * L)), c4);
            c5 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + 5 * L)), c5);
            c6 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + 6 * L)), c6);
            c7 = a0.fma(V.cast(FloatVector.fromArray(S, b, at + 7 * L)), c7);
        }
        if (accumulate) {
            c0 = V.cast(FloatVector.fromArray(S, c, co)).add(c0);
            c1 = V.cast(FloatVector.fromArray(S, c, co + L)).add(c1);
            c2 = V.cast(FloatVector.fromArray(S, c, co + 2 * L)).add(c2);
            c3 = V.cast(FloatVector.fromArray(S, c, co + 3 * L)).add(c3);
            c4 = V.cast(FloatVector.fromArray(S, c, co + 4 * L)).add(c4);
            c5 = V.cast(FloatVector.fromArray(S, c, co + 5 * L)).add(c5);
            c6 = V.cast(FloatVector.fromArray(S, c, co + 6 * L)).add(c6);
            c7 = V.cast(FloatVector.fromArray(S, c, co + 7 * L)).add(c7);
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + L);
        V.cast(c2).intoArray(c, co + 2 * L);
        V.cast(c3).intoArray(c, co + 3 * L);
        V.cast(c4).intoArray(c, co + 4 * L);
        V.cast(c5).intoArray(c, co + 5 * L);
        V.cast(c6).intoArray(c, co + 6 * L);
        V.cast(c7).intoArray(c, co + 7 * L);
    }

    /**
     * The inner product of two contiguous vectors. The lanes are added in a fixed order: the order
     * of {@code reduceLanes} may change when the JIT compiler takes over.
     */
    static float dot(int k, float[] a, int ao, float[] b, int bo) {
        FloatVector s0 = ZERO.broadcast(0f);
        FloatVector s1 = ZERO.broadcast(0f);
        FloatVector s2 = ZERO.broadcast(0f);
        FloatVector s3 = ZERO.broadcast(0f);
        int p = 0;
        for (; p <= k - 4 * L; p += 4 * L) {
            s0 =
                    V.cast(FloatVector.fromArray(S, a, ao + p))
                            .fma(V.cast(FloatVector.fromArray(S, b, bo + p)), s0);
            int q = p + L;
            s1 =
                    V.cast(FloatVector.fromArray(S, a, ao + q))
                            .fma(V.cast(FloatVector.fromArray(S, b, bo + q)), s1);
            q += L;
            s2 =
                    V.cast(FloatVector.fromArray(S, a, ao + q))
                            .fma(V.cast(FloatVector.fromArray(S, b, bo + q)), s2);
            q += L;
            s3 =
                    V.cast(FloatVector.fromArray(S, a, ao + q))
                            .fma(V.cast(FloatVector.fromArray(S, b, bo + q)), s3);
        }
        for (; p < k; p += L) {
            VectorMask<Float> in = S.indexInRange(p, k);
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, ao + p, in));
            s0 = a0.fma(V.cast(FloatVector.fromArray(S, b, bo + p, in)), s0);
        }
        return sum(s0.add(s1).add(s2.add(s3)));
    }

    /** The upper half of the lanes is added to the lower one, until there is one lane. */
    static float sum(FloatVector lanes) {
        FloatVector s = lanes;
        if (L >= 16) {
            s = s.add(s.rearrange(BY_8));
        }
        if (L >= 8) {
            s = s.add(s.rearrange(BY_4));
        }
        if (L >= 4) {
            s = s.add(s.rearrange(BY_2));
        }
        if (L >= 2) {
            s = s.add(s.rearrange(BY_1));
        }
        return s.lane(0);
    }
}
