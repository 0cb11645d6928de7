package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of {@link ConvLanesF32} for 16 vector registers, where those of {@link
 * ConvFivesF32} would keep half of their sums in memory: three of one operand by three of the
 * other, or two by four.
 */
final class ConvThreesF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    private ConvThreesF32() {}

    /** Positions of a call, or taps for the gradient, of three or four channels. */
    static int positions(int channels) {
        return channels == 4 ? 2 : 3;
    }

    /** Three channels of three neighbouring positions, or four of two. */
    static void positions(
            int channels,
            int[] steps,
            float[] a,
            int ao,
            int stepA,
            float[] w,
            int wo,
            int rsW,
            float[] c,
            int co,
            int stepC) {
        if (channels == 4) {
            twoByFour(steps, a, ao, stepA, w, wo, rsW, c, co, stepC);
        } else {
            threeByThree(steps, a, ao, stepA, w, wo, rsW, c, co, stepC);
        }
    }

    /** Adds to as many vectors of C what three taps and channels, or two and four, give. */
    static void taps(
            int channels,
            int high,
            int wide,
            float[] a,
            int ao,
            int nextA,
            int stepA,
            float[] d,
            int dof,
            int stepD,
            float[] c,
            int co) {
        if (channels == 4) {
            addTwoByFour(high, wide, a, ao, nextA, stepA, d, dof, stepD, c, co);
        } else {
            addThreeByThree(high, wide, a, ao, nextA, stepA, d, dof, stepD, c, co);
        }
    }

    private static void threeByThree(
            int[] steps,
            float[] a,
            int ao,
            int stepA,
            float[] w,
            int wo,
            int rsW,
            float[] c,
            int co,
            int stepC) {
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c02 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c12 = ZERO.broadcast(0f);
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        FloatVector c22 = ZERO.broadcast(0f);
        for (int t = 0; t < steps.length; t++) {
            int at = ao + steps[t];
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
            FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + stepA));
            FloatVector a2 = V.cast(FloatVector.fromArray(S, a, at + 2 * stepA));
            FloatVector w0 = ZERO.broadcast(w[wo + t * rsW]);
            c00 = a0.fma(w0, c00);
            c10 = a1.fma(w0, c10);
            c20 = a2.fma(w0, c20);
            FloatVector w1 = ZERO.broadcast(w[wo + t * rsW + 1]);
            c01 = a0.fma(w1, c01);
            c11 = a1.fma(w1, c11);
            c21 = a2.fma(w1, c21);
            FloatVector w2 = ZERO.broadcast(w[wo + t * rsW + 2]);
            c02 = a0.fma(w2, c02);
            c12 = a1.fma(w2, c12);
            c22 = a2.fma(w2, c22);
        }
        int at1 = co + stepC;
        int at2 = at1 + stepC;
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c02).intoArray(c, co + 2 * L);
        V.cast(c10).intoArray(c, at1);
        V.cast(c11).intoArray(c, at1 + L);
        V.cast(c12).intoArray(c, at1 + 2 * L);
        V.cast(c20).intoArray(c, at2);
        V.cast(c21).intoArray(c, at2 + L);
        V.cast(c22).intoArray(c, at2 + 2 * L);
    }

    private static void twoByFour(
            int[] steps,
            float[] a,
            int ao,
            int stepA,
            float[] w,
            int wo,
            int rsW,
            float[] c,
            int co,
            int stepC) {
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c02 = ZERO.broadcast(0f);
        FloatVector c03 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c12 = ZERO.broadcast(0f);
        FloatVector c13 = ZERO.broadcast(0f);
        for (int t = 0; t < steps.length; t++) {
            int at = ao + steps[t];
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
            FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + stepA));
            FloatVector w0 = ZERO.broadcast(w[wo + t * rsW]);
            c00 = a0.fma(w0, c00);
            c10 = a1.fma(w0, c10);
            FloatVector w1 = ZERO.broadcast(w[wo + t * rsW + 1]);
            c01 = a0.fma(w1, c01);
            c11 = a1.fma(w1, c11);
            FloatVector w2 = ZERO.broadcast(w[wo + t * rsW + 2]);
            c02 = a0.fma(w2, c02);
            c12 = a1.fma(w2, c12);
            FloatVector w3 = ZERO.broadcast(w[wo + t * rsW + 3]);
            c03 = a0.fma(w3, c03);
            c13 = a1.fma(w3, c13);
        }
        int at1 = co + stepC;
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c02).intoArray(c, co + 2 * L);
        V.cast(c03).intoArray(c, co + 3 * L);
        V.cast(c10).intoArray(c, at1);
        V.cast(c11).intoArray(c, at1 + L);
        V.cast(c12).intoArray(c, at1 + 2 * L);
        V.cast(c13).intoArray(c, at1 + 3 * L);
    }

    private static void addThreeByThree(
            int high,
            int wide,
            float[] a,
            int ao,
            int nextA,
            int stepA,
            float[] d,
            int dof,
            int stepD,
            float[] c,
            int co) {
        FloatVector c00 = V.cast(FloatVector.fromArray(S, c, co));
        FloatVector c10 = V.cast(FloatVector.fromArray(S, c, co + L));
        FloatVector c20 = V.cast(FloatVector.fromArray(S, c, co + 2 * L));
        FloatVector c01 = V.cast(FloatVector.fromArray(S, c, co + 3 * L));
        FloatVector c11 = V.cast(FloatVector.fromArray(S, c, co + 4 * L));
        FloatVector c21 = V.cast(FloatVector.fromArray(S, c, co + 5 * L));
        FloatVector c02 = V.cast(FloatVector.fromArray(S, c, co + 6 * L));
        FloatVector c12 = V.cast(FloatVector.fromArray(S, c, co + 7 * L));
        FloatVector c22 = V.cast(FloatVector.fromArray(S, c, co + 8 * L));
        for (int y = 0; y < high; y++) {
            int at = ao + y * nextA;
            int dat = dof + y * wide * stepD;
            for (int x = 0; x < wide; x++) {
                FloatVector d0 = V.cast(FloatVector.fromArray(S, d, dat));
                FloatVector d1 = V.cast(FloatVector.fromArray(S, d, dat + L));
                FloatVector d2 = V.cast(FloatVector.fromArray(S, d, dat + 2 * L));
                FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
                c00 = a0.fma(d0, c00);
                c01 = a0.fma(d1, c01);
                c02 = a0.fma(d2, c02);
                FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + L));
                c10 = a1.fma(d0, c10);
                c11 = a1.fma(d1, c11);
                c12 = a1.fma(d2, c12);
                FloatVector a2 = V.cast(FloatVector.fromArray(S, a, at + 2 * L));
                c20 = a2.fma(d0, c20);
                c21 = a2.fma(d1, c21);
                c22 = a2.fma(d2, c22);
                at += stepA;
                dat += stepD;
            }
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c10).intoArray(c, co + L);
        V.cast(c20).intoArray(c, co + 2 * L);
        V.cast(c01).intoArray(c, co + 3 * L);
        V.cast(c11).intoArray(c, co + 4 * L);
        V.cast(c21).intoArray(c, co + 5 * L);
        V.cast(c02).intoArray(c, co + 6 * L);
        V.cast(c12).intoArray(c, co + 7 * L);
        V.cast(c22).intoArray(c, co + 8 * L);
    }

    private static void addTwoByFour(
            int high,
            int wide,
            float[] a,
            int ao,
            int nextA,
            int stepA,
            float[] d,
            int dof,
            int stepD,
            float[] c,
            int co) {
        FloatVector c00 = V.cast(FloatVector.fromArray(S, c, co));
        FloatVector c10 = V.cast(FloatVector.fromArray(S, c, co + L));
        FloatVector c01 = V.cast(FloatVector.fromArray(S, c, co + 2 * L));
        FloatVector c11 = V.cast(FloatVector.fromArray(S, c, co + 3 * L));
        FloatVector c02 = V.cast(FloatVector.fromArray(S, c, co + 4 * L));
        FloatVector c12 = V.cast(FloatVector.fromArray(S, c, co + 5 * L));
        FloatVector c03 = V.cast(FloatVector.fromArray(S, c, co + 6 * L));
        FloatVector c13 = V.cast(FloatVector.fromArray(S, c, co + 7 * L));
        for (int y = 0; y < high; y++) {
            int at = ao + y * nextA;
            int dat = dof + y * wide * stepD;
            for (int x = 0; x < wide; x++) {
                FloatVector d0 = V.cast(FloatVector.fromArray(S, d, dat));
                FloatVector d1 = V.cast(FloatVector.fromArray(S, d, dat + L));
                FloatVector d2 = V.cast(FloatVector.fromArray(S, d, dat + 2 * L));
                FloatVector d3 = V.cast(FloatVector.fromArray(S, d, dat + 3 * L));
                FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
                c00 = a0.fma(d0, c00);
                c01 = a0.fma(d1, c01);
                c02 = a0.fma(d2, c02);
                c03 = a0.fma(d3, c03);
                FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + L));
                c10 = a1.fma(d0, c10);
                c11 = a1.fma(d1, c11);
                c12 = a1.fma(d2, c12);
                c13 = a1.fma(d3, c13);
                at += stepA;
                dat += stepD;
            }
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c10).intoArray(c, co + L);
        V.cast(c01).intoArray(c, co + 2 * L);
        V.cast(c11).intoArray(c, co + 3 * L);
        V.cast(c02).intoArray(c, co + 4 * L);
        V.cast(c12).intoArray(c, co + 5 * L);
        V.cast(c03).intoArray(c, co + 6 * L);
        V.cast(c13).intoArray(c, co + 7 * L);
    }
}
