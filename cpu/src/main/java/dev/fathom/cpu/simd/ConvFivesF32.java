package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of {@link ConvLanesF32}: five of one operand by three or four of the other,
 * which need 32 vector registers.
 */
final class ConvFivesF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Positions of a call, or taps for the gradient. */
    static final int FIVE = 5;

    /** Four channels of five positions are 20 sums. */
    private static final boolean FEW = Width.REGISTERS < 26;

    private ConvFivesF32() {}

    /** Positions of a call, or taps for the gradient, of three or four channels. */
    static int positions(int channels) {
        return FEW ? ConvThreesF32.positions(channels) : FIVE;
    }

    /** Three or four channels of {@link #positions(int)} neighbouring positions. */
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
        if (FEW) {
            ConvThreesF32.positions(channels, steps, a, ao, stepA, w, wo, rsW, c, co, stepC);
        } else if (channels == 4) {
            four(steps, a, ao, stepA, w, wo, rsW, c, co, stepC);
        } else {
            three(steps, a, ao, stepA, w, wo, rsW, c, co, stepC);
        }
    }

    private static void three(
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
        FloatVector c30 = ZERO.broadcast(0f);
        FloatVector c31 = ZERO.broadcast(0f);
        FloatVector c32 = ZERO.broadcast(0f);
        FloatVector c40 = ZERO.broadcast(0f);
        FloatVector c41 = ZERO.broadcast(0f);
        FloatVector c42 = ZERO.broadcast(0f);
        for (int t = 0; t < steps.length; t++) {
            int at = ao + steps[t];
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
            FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + stepA));
            FloatVector a2 = V.cast(FloatVector.fromArray(S, a, at + 2 * stepA));
            FloatVector a3 = V.cast(FloatVector.fromArray(S, a, at + 3 * stepA));
            FloatVector a4 = V.cast(FloatVector.fromArray(S, a, at + 4 * stepA));
            FloatVector w0 = ZERO.broadcast(w[wo + t * rsW]);
            c00 = a0.fma(w0, c00);
            c10 = a1.fma(w0, c10);
            c20 = a2.fma(w0, c20);
            c30 = a3.fma(w0, c30);
            c40 = a4.fma(w0, c40);
            FloatVector w1 = ZERO.broadcast(w[wo + t * rsW + 1]);
            c01 = a0.fma(w1, c01);
            c11 = a1.fma(w1, c11);
            c21 = a2.fma(w1, c21);
            c31 = a3.fma(w1, c31);
            c41 = a4.fma(w1, c41);
            FloatVector w2 = ZERO.broadcast(w[wo + t * rsW + 2]);
            c02 = a0.fma(w2, c02);
            c12 = a1.fma(w2, c12);
            c22 = a2.fma(w2, c22);
            c32 = a3.fma(w2, c32);
            c42 = a4.fma(w2, c42);
        }
        int at0 = co;
        int at1 = co + stepC;
        int at2 = co + 2 * stepC;
        int at3 = co + 3 * stepC;
        int at4 = co + 4 * stepC;
        V.cast(c00).intoArray(c, at0);
        V.cast(c01).intoArray(c, at0 + L);
        V.cast(c02).intoArray(c, at0 + 2 * L);
        V.cast(c10).intoArray(c, at1);
        V.cast(c11).intoArray(c, at1 + L);
        V.cast(c12).intoArray(c, at1 + 2 * L);
        V.cast(c20).intoArray(c, at2);
        V.cast(c21).intoArray(c, at2 + L);
        V.cast(c22).intoArray(c, at2 + 2 * L);
        V.cast(c30).intoArray(c, at3);
        V.cast(c31).intoArray(c, at3 + L);
        V.cast(c32).intoArray(c, at3 + 2 * L);
        V.cast(c40).intoArray(c, at4);
        V.cast(c41).intoArray(c, at4 + L);
        V.cast(c42).intoArray(c, at4 + 2 * L);
    }

    private static void four(
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
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        FloatVector c22 = ZERO.broadcast(0f);
        FloatVector c23 = ZERO.broadcast(0f);
        FloatVector c30 = ZERO.broadcast(0f);
        FloatVector c31 = ZERO.broadcast(0f);
        FloatVector c32 = ZERO.broadcast(0f);
        FloatVector c33 = ZERO.broadcast(0f);
        FloatVector c40 = ZERO.broadcast(0f);
        FloatVector c41 = ZERO.broadcast(0f);
        FloatVector c42 = ZERO.broadcast(0f);
        FloatVector c43 = ZERO.broadcast(0f);
        for (int t = 0; t < steps.length; t++) {
            int at = ao + steps[t];
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
            FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + stepA));
            FloatVector a2 = V.cast(FloatVector.fromArray(S, a, at + 2 * stepA));
            FloatVector a3 = V.cast(FloatVector.fromArray(S, a, at + 3 * stepA));
            FloatVector a4 = V.cast(FloatVector.fromArray(S, a, at + 4 * stepA));
            FloatVector w0 = ZERO.broadcast(w[wo + t * rsW]);
            c00 = a0.fma(w0, c00);
            c10 = a1.fma(w0, c10);
            c20 = a2.fma(w0, c20);
            c30 = a3.fma(w0, c30);
            c40 = a4.fma(w0, c40);
            FloatVector w1 = ZERO.broadcast(w[wo + t * rsW + 1]);
            c01 = a0.fma(w1, c01);
            c11 = a1.fma(w1, c11);
            c21 = a2.fma(w1, c21);
            c31 = a3.fma(w1, c31);
            c41 = a4.fma(w1, c41);
            FloatVector w2 = ZERO.broadcast(w[wo + t * rsW + 2]);
            c02 = a0.fma(w2, c02);
            c12 = a1.fma(w2, c12);
            c22 = a2.fma(w2, c22);
            c32 = a3.fma(w2, c32);
            c42 = a4.fma(w2, c42);
            FloatVector w3 = ZERO.broadcast(w[wo + t * rsW + 3]);
            c03 = a0.fma(w3, c03);
            c13 = a1.fma(w3, c13);
            c23 = a2.fma(w3, c23);
            c33 = a3.fma(w3, c33);
            c43 = a4.fma(w3, c43);
        }
        int at0 = co;
        int at1 = co + stepC;
        int at2 = co + 2 * stepC;
        int at3 = co + 3 * stepC;
        int at4 = co + 4 * stepC;
        V.cast(c00).intoArray(c, at0);
        V.cast(c01).intoArray(c, at0 + L);
        V.cast(c02).intoArray(c, at0 + 2 * L);
        V.cast(c03).intoArray(c, at0 + 3 * L);
        V.cast(c10).intoArray(c, at1);
        V.cast(c11).intoArray(c, at1 + L);
        V.cast(c12).intoArray(c, at1 + 2 * L);
        V.cast(c13).intoArray(c, at1 + 3 * L);
        V.cast(c20).intoArray(c, at2);
        V.cast(c21).intoArray(c, at2 + L);
        V.cast(c22).intoArray(c, at2 + 2 * L);
        V.cast(c23).intoArray(c, at2 + 3 * L);
        V.cast(c30).intoArray(c, at3);
        V.cast(c31).intoArray(c, at3 + L);
        V.cast(c32).intoArray(c, at3 + 2 * L);
        V.cast(c33).intoArray(c, at3 + 3 * L);
        V.cast(c40).intoArray(c, at4);
        V.cast(c41).intoArray(c, at4 + L);
        V.cast(c42).intoArray(c, at4 + 2 * L);
        V.cast(c43).intoArray(c, at4 + 3 * L);
    }

    /** Adds what one call for positions made, without gaps, to the first positions of C. */
    static void add(int positions, int channels, float[] from, float[] c, int co, int stepC) {
        for (int i = 0; i < positions; i++) {
            for (int j = 0; j < channels * L; j += L) {
                int at = co + i * stepC + j;
                V.cast(FloatVector.fromArray(S, c, at))
                        .add(V.cast(FloatVector.fromArray(S, from, i * channels * L + j)))
                        .intoArray(c, at);
            }
        }
    }

    /**
     * Adds to as many vectors of C what {@link #positions(int)} taps and three or four channels
     * give over some rows.
     */
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
        if (FEW) {
            ConvThreesF32.taps(channels, high, wide, a, ao, nextA, stepA, d, dof, stepD, c, co);
        } else if (channels == 4) {
            addFour(high, wide, a, ao, nextA, stepA, d, dof, stepD, c, co);
        } else {
            addThree(high, wide, a, ao, nextA, stepA, d, dof, stepD, c, co);
        }
    }

    private static void addThree(
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
        FloatVector c30 = V.cast(FloatVector.fromArray(S, c, co + 3 * L));
        FloatVector c40 = V.cast(FloatVector.fromArray(S, c, co + 4 * L));
        FloatVector c01 = V.cast(FloatVector.fromArray(S, c, co + 5 * L));
        FloatVector c11 = V.cast(FloatVector.fromArray(S, c, co + 6 * L));
        FloatVector c21 = V.cast(FloatVector.fromArray(S, c, co + 7 * L));
        FloatVector c31 = V.cast(FloatVector.fromArray(S, c, co + 8 * L));
        FloatVector c41 = V.cast(FloatVector.fromArray(S, c, co + 9 * L));
        FloatVector c02 = V.cast(FloatVector.fromArray(S, c, co + 10 * L));
        FloatVector c12 = V.cast(FloatVector.fromArray(S, c, co + 11 * L));
        FloatVector c22 = V.cast(FloatVector.fromArray(S, c, co + 12 * L));
        FloatVector c32 = V.cast(FloatVector.fromArray(S, c, co + 13 * L));
        FloatVector c42 = V.cast(FloatVector.fromArray(S, c, co + 14 * L));
        int dat = dof;
        for (int y = 0; y < high; y++) {
            int at = ao + y * nextA;
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
                FloatVector a3 = V.cast(FloatVector.fromArray(S, a, at + 3 * L));
                c30 = a3.fma(d0, c30);
                c31 = a3.fma(d1, c31);
                c32 = a3.fma(d2, c32);
                FloatVector a4 = V.cast(FloatVector.fromArray(S, a, at + 4 * L));
                c40 = a4.fma(d0, c40);
                c41 = a4.fma(d1, c41);
                c42 = a4.fma(d2, c42);
                at += stepA;
                dat += stepD;
            }
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c10).intoArray(c, co + L);
        V.cast(c20).intoArray(c, co + 2 * L);
        V.cast(c30).intoArray(c, co + 3 * L);
        V.cast(c40).intoArray(c, co + 4 * L);
        V.cast(c01).intoArray(c, co + 5 * L);
        V.cast(c11).intoArray(c, co + 6 * L);
        V.cast(c21).intoArray(c, co + 7 * L);
        V.cast(c31).intoArray(c, co + 8 * L);
        V.cast(c41).intoArray(c, co + 9 * L);
        V.cast(c02).intoArray(c, co + 10 * L);
        V.cast(c12).intoArray(c, co + 11 * L);
        V.cast(c22).intoArray(c, co + 12 * L);
        V.cast(c32).intoArray(c, co + 13 * L);
        V.cast(c42).intoArray(c, co + 14 * L);
    }

    private static void addFour(
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
        FloatVector c30 = V.cast(FloatVector.fromArray(S, c, co + 3 * L));
        FloatVector c40 = V.cast(FloatVector.fromArray(S, c, co + 4 * L));
        FloatVector c01 = V.cast(FloatVector.fromArray(S, c, co + 5 * L));
        FloatVector c11 = V.cast(FloatVector.fromArray(S, c, co + 6 * L));
        FloatVector c21 = V.cast(FloatVector.fromArray(S, c, co + 7 * L));
        FloatVector c31 = V.cast(FloatVector.fromArray(S, c, co + 8 * L));
        FloatVector c41 = V.cast(FloatVector.fromArray(S, c, co + 9 * L));
        FloatVector c02 = V.cast(FloatVector.fromArray(S, c, co + 10 * L));
        FloatVector c12 = V.cast(FloatVector.fromArray(S, c, co + 11 * L));
        FloatVector c22 = V.cast(FloatVector.fromArray(S, c, co + 12 * L));
        FloatVector c32 = V.cast(FloatVector.fromArray(S, c, co + 13 * L));
        FloatVector c42 = V.cast(FloatVector.fromArray(S, c, co + 14 * L));
        FloatVector c03 = V.cast(FloatVector.fromArray(S, c, co + 15 * L));
        FloatVector c13 = V.cast(FloatVector.fromArray(S, c, co + 16 * L));
        FloatVector c23 = V.cast(FloatVector.fromArray(S, c, co + 17 * L));
        FloatVector c33 = V.cast(FloatVector.fromArray(S, c, co + 18 * L));
        FloatVector c43 = V.cast(FloatVector.fromArray(S, c, co + 19 * L));
        int dat = dof;
        for (int y = 0; y < high; y++) {
            int at = ao + y * nextA;
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
                FloatVector a2 = V.cast(FloatVector.fromArray(S, a, at + 2 * L));
                c20 = a2.fma(d0, c20);
                c21 = a2.fma(d1, c21);
                c22 = a2.fma(d2, c22);
                c23 = a2.fma(d3, c23);
                FloatVector a3 = V.cast(FloatVector.fromArray(S, a, at + 3 * L));
                c30 = a3.fma(d0, c30);
                c31 = a3.fma(d1, c31);
                c32 = a3.fma(d2, c32);
                c33 = a3.fma(d3, c33);
                FloatVector a4 = V.cast(FloatVector.fromArray(S, a, at + 4 * L));
                c40 = a4.fma(d0, c40);
                c41 = a4.fma(d1, c41);
                c42 = a4.fma(d2, c42);
                c43 = a4.fma(d3, c43);
                at += stepA;
                dat += stepD;
            }
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c10).intoArray(c, co + L);
        V.cast(c20).intoArray(c, co + 2 * L);
        V.cast(c30).intoArray(c, co + 3 * L);
        V.cast(c40).intoArray(c, co + 4 * L);
        V.cast(c01).intoArray(c, co + 5 * L);
        V.cast(c11).intoArray(c, co + 6 * L);
        V.cast(c21).intoArray(c, co + 7 * L);
        V.cast(c31).intoArray(c, co + 8 * L);
        V.cast(c41).intoArray(c, co + 9 * L);
        V.cast(c02).intoArray(c, co + 10 * L);
        V.cast(c12).intoArray(c, co + 11 * L);
        V.cast(c22).intoArray(c, co + 12 * L);
        V.cast(c32).intoArray(c, co + 13 * L);
        V.cast(c42).intoArray(c, co + 14 * L);
        V.cast(c03).intoArray(c, co + 15 * L);
        V.cast(c13).intoArray(c, co + 16 * L);
        V.cast(c23).intoArray(c, co + 17 * L);
        V.cast(c33).intoArray(c, co + 18 * L);
        V.cast(c43).intoArray(c, co + 19 * L);
    }
}
