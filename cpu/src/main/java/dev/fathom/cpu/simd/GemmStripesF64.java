package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The full tiles of {@link GemmKernelsF64} for a B whose rows are a stripe apart, as packed ones
 * are: the same methods, with a constant in place of the row stride, and {@code packed4}, which is
 * {@code col4} for a packed A.
 *
 * <p>Before a loop with constant steps C2 checks the bounds of an array once, otherwise in every
 * step. Four rows by two vectors of 256 bits, whose arithmetic takes four cycles, go from 69 to 90
 * GFLOP/s, with a packed A to 96 (docs/design/0015). {@code tools/twins} makes these methods.
 */
final class GemmStripesF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);
    private static final int N = GemmKernelsF64.COLUMNS;

    private GemmStripesF64() {}

    /**
     * A full tile of so many rows, 8 or 4, where {@code rsA} or {@code csA} is 1; or of 5, where
     * {@code csA} is.
     */
    static void tile(
            int lines,
            int nextA,
            int nextB,
            int rows,
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            double[] b,
            int bo,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        if (rows == 8 && rsA == 1) {
            col8(lines, nextA, nextB, k, a, ao, csA, b, bo, c, co, rsC, accumulate);
        } else if (rows == 5) {
            row5(lines, nextA, nextB, k, a, ao, rsA, b, bo, c, co, rsC, accumulate);
        } else if (rows == 8) {
            row8(lines, nextA, nextB, k, a, ao, rsA, b, bo, c, co, rsC, accumulate);
        } else if (rsA == 1 && csA == 4) {
            packed4(lines, nextA, nextB, k, a, ao, b, bo, c, co, rsC, accumulate);
        } else if (rsA == 1) {
            col4(lines, nextA, nextB, k, a, ao, csA, b, bo, c, co, rsC, accumulate);
        } else {
            row4(lines, nextA, nextB, k, a, ao, rsA, b, bo, c, co, rsC, accumulate);
        }
    }

    /**
     * 5 rows by two vectors; the steps of one row lie side by side. As many sums as there are
     * multiply-adds under way, and fewer indices for each than with four rows.
     */
    private static void row5(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int ao,
            int rsA,
            double[] b,
            int bo,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        DoubleVector c40 = ZERO.broadcast(0f);
        DoubleVector c41 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            int r4 = r3 + rsA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * N));
                DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bl + p * N + L));
                DoubleVector a0 = ZERO.broadcast(a[r0 + p]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                DoubleVector a1 = ZERO.broadcast(a[r1 + p]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                DoubleVector a2 = ZERO.broadcast(a[r2 + p]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                DoubleVector a3 = ZERO.broadcast(a[r3 + p]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                DoubleVector a4 = ZERO.broadcast(a[r4 + p]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
            }
        }
        if (accumulate) {
            c00 = V.cast(DoubleVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(DoubleVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(DoubleVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
            c40 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC)).add(c40);
            c41 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC + L)).add(c41);
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
    }

    /** 8 rows by two vectors; the rows of one step of k lie side by side. */
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
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        DoubleVector c40 = ZERO.broadcast(0f);
        DoubleVector c41 = ZERO.broadcast(0f);
        DoubleVector c50 = ZERO.broadcast(0f);
        DoubleVector c51 = ZERO.broadcast(0f);
        DoubleVector c60 = ZERO.broadcast(0f);
        DoubleVector c61 = ZERO.broadcast(0f);
        DoubleVector c70 = ZERO.broadcast(0f);
        DoubleVector c71 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * N));
                DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bl + p * N + L));
                DoubleVector a0 = ZERO.broadcast(a[al + p * csA]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                DoubleVector a1 = ZERO.broadcast(a[al + p * csA + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                DoubleVector a2 = ZERO.broadcast(a[al + p * csA + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                DoubleVector a3 = ZERO.broadcast(a[al + p * csA + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                DoubleVector a4 = ZERO.broadcast(a[al + p * csA + 4]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                DoubleVector a5 = ZERO.broadcast(a[al + p * csA + 5]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                DoubleVector a6 = ZERO.broadcast(a[al + p * csA + 6]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                DoubleVector a7 = ZERO.broadcast(a[al + p * csA + 7]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
        }
        if (accumulate) {
            c00 = V.cast(DoubleVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(DoubleVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(DoubleVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
            c40 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC)).add(c40);
            c41 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC + L)).add(c41);
            c50 = V.cast(DoubleVector.fromArray(S, c, co + 5 * rsC)).add(c50);
            c51 = V.cast(DoubleVector.fromArray(S, c, co + 5 * rsC + L)).add(c51);
            c60 = V.cast(DoubleVector.fromArray(S, c, co + 6 * rsC)).add(c60);
            c61 = V.cast(DoubleVector.fromArray(S, c, co + 6 * rsC + L)).add(c61);
            c70 = V.cast(DoubleVector.fromArray(S, c, co + 7 * rsC)).add(c70);
            c71 = V.cast(DoubleVector.fromArray(S, c, co + 7 * rsC + L)).add(c71);
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
            double[] a,
            int ao,
            int rsA,
            double[] b,
            int bo,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        DoubleVector c40 = ZERO.broadcast(0f);
        DoubleVector c41 = ZERO.broadcast(0f);
        DoubleVector c50 = ZERO.broadcast(0f);
        DoubleVector c51 = ZERO.broadcast(0f);
        DoubleVector c60 = ZERO.broadcast(0f);
        DoubleVector c61 = ZERO.broadcast(0f);
        DoubleVector c70 = ZERO.broadcast(0f);
        DoubleVector c71 = ZERO.broadcast(0f);
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
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * N));
                DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bl + p * N + L));
                DoubleVector a0 = ZERO.broadcast(a[r0 + p]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                DoubleVector a1 = ZERO.broadcast(a[r1 + p]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                DoubleVector a2 = ZERO.broadcast(a[r2 + p]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                DoubleVector a3 = ZERO.broadcast(a[r3 + p]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                DoubleVector a4 = ZERO.broadcast(a[r4 + p]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                DoubleVector a5 = ZERO.broadcast(a[r5 + p]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                DoubleVector a6 = ZERO.broadcast(a[r6 + p]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                DoubleVector a7 = ZERO.broadcast(a[r7 + p]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
        }
        if (accumulate) {
            c00 = V.cast(DoubleVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(DoubleVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(DoubleVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
            c40 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC)).add(c40);
            c41 = V.cast(DoubleVector.fromArray(S, c, co + 4 * rsC + L)).add(c41);
            c50 = V.cast(DoubleVector.fromArray(S, c, co + 5 * rsC)).add(c50);
            c51 = V.cast(DoubleVector.fromArray(S, c, co + 5 * rsC + L)).add(c51);
            c60 = V.cast(DoubleVector.fromArray(S, c, co + 6 * rsC)).add(c60);
            c61 = V.cast(DoubleVector.fromArray(S, c, co + 6 * rsC + L)).add(c61);
            c70 = V.cast(DoubleVector.fromArray(S, c, co + 7 * rsC)).add(c70);
            c71 = V.cast(DoubleVector.fromArray(S, c, co + 7 * rsC + L)).add(c71);
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
            double[] a,
            int ao,
            int csA,
            double[] b,
            int bo,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * N));
                DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bl + p * N + L));
                DoubleVector a0 = ZERO.broadcast(a[al + p * csA]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                DoubleVector a1 = ZERO.broadcast(a[al + p * csA + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                DoubleVector a2 = ZERO.broadcast(a[al + p * csA + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                DoubleVector a3 = ZERO.broadcast(a[al + p * csA + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
            }
        }
        if (accumulate) {
            c00 = V.cast(DoubleVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(DoubleVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(DoubleVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
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
            double[] a,
            int ao,
            int rsA,
            double[] b,
            int bo,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int r0 = ao + l * nextA;
            int r1 = r0 + rsA;
            int r2 = r1 + rsA;
            int r3 = r2 + rsA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * N));
                DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bl + p * N + L));
                DoubleVector a0 = ZERO.broadcast(a[r0 + p]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                DoubleVector a1 = ZERO.broadcast(a[r1 + p]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                DoubleVector a2 = ZERO.broadcast(a[r2 + p]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                DoubleVector a3 = ZERO.broadcast(a[r3 + p]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
            }
        }
        if (accumulate) {
            c00 = V.cast(DoubleVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(DoubleVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(DoubleVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
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

    /** 4 rows by two vectors; the rows of a packed panel. */
    static void packed4(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int ao,
            double[] b,
            int bo,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        for (int l = 0; l < lines; l++) {
            int bl = bo + l * nextB;
            int al = ao + l * nextA;
            for (int p = 0; p < k; p++) {
                DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bl + p * N));
                DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bl + p * N + L));
                DoubleVector a0 = ZERO.broadcast(a[al + p * 4]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                DoubleVector a1 = ZERO.broadcast(a[al + p * 4 + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                DoubleVector a2 = ZERO.broadcast(a[al + p * 4 + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                DoubleVector a3 = ZERO.broadcast(a[al + p * 4 + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
            }
        }
        if (accumulate) {
            c00 = V.cast(DoubleVector.fromArray(S, c, co)).add(c00);
            c01 = V.cast(DoubleVector.fromArray(S, c, co + L)).add(c01);
            c10 = V.cast(DoubleVector.fromArray(S, c, co + rsC)).add(c10);
            c11 = V.cast(DoubleVector.fromArray(S, c, co + rsC + L)).add(c11);
            c20 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC)).add(c20);
            c21 = V.cast(DoubleVector.fromArray(S, c, co + 2 * rsC + L)).add(c21);
            c30 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC)).add(c30);
            c31 = V.cast(DoubleVector.fromArray(S, c, co + 3 * rsC + L)).add(c31);
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
}
