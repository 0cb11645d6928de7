package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Many small matrix products in {@code double} at once, one in each lane: C = A B for every one of
 * {@code batch} triples of matrices whose elements (i, p) lie side by side, those of the first
 * product first. No matrix is too small or too odd for it, since no lane is lost to a row's end.
 *
 * <p><b>Bits.</b> Every element of C is one chain of fused multiply-adds over k in ascending order.
 */
public final class GemmLanesF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    /** Below this many multiply-adds, handing work over costs more than it saves. */
    private static final long SERIAL = 1 << 17;

    private GemmLanesF64() {}

    /**
     * Multiplies. Element (i, p) of matrix A of product l is {@code a[ao + i * rsA + p * csA + l]},
     * and likewise for B and C; C must not overlap A or B.
     *
     * @param batch the number of products
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A and rows of B; if it is 0, C is zeroed
     */
    public static void batched(
            int batch,
            int m,
            int n,
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            double[] b,
            int bo,
            int rsB,
            int csB,
            double[] c,
            int co,
            int rsC,
            int csC,
            Workers workers) {
        int vectors = (batch - 1) / L + 1;
        long each = (long) m * n * Math.max(1, k) * L;
        int grain = Math.clamp(SERIAL / Math.max(1, each), 1, Math.max(1, vectors));
        workers.runRange(
                batch == 0 ? 0 : vectors,
                grain,
                (from, to) -> {
                    for (int v = from; v < to; v++) {
                        int l = v * L;
                        column(
                                Math.min(L, batch - l),
                                m,
                                n,
                                k,
                                a,
                                ao + l,
                                rsA,
                                csA,
                                b,
                                bo + l,
                                rsB,
                                csB,
                                c,
                                co + l,
                                rsC,
                                csC);
                    }
                });
    }

    /** The products of one vector of lanes. */
    private static void column(
            int lanes,
            int m,
            int n,
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            double[] b,
            int bo,
            int rsB,
            int csB,
            double[] c,
            int co,
            int rsC,
            int csC) {
        int whole = lanes == L ? m / 4 * 4 : 0;
        for (int i = 0; i < whole; i += 4) {
            int ai = ao + i * rsA;
            int ci = co + i * rsC;
            int j = 0;
            for (; j < n - 1; j += 2) {
                tile(k, a, ai, rsA, csA, b, bo + j * csB, rsB, csB, c, ci + j * csC, rsC, csC);
            }
            if (j < n) {
                rows(k, a, ai, rsA, csA, b, bo + j * csB, rsB, c, ci + j * csC, rsC);
            }
        }
        VectorMask<Double> in = S.indexInRange(0, lanes);
        for (int i = whole; i < m; i++) {
            for (int j = 0; j < n; j++) {
                int at = co + i * rsC + j * csC;
                one(k, a, ao + i * rsA, csA, b, bo + j * csB, rsB, c, at, in);
            }
        }
    }

    /** Four rows, two columns. */
    private static void tile(
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            double[] b,
            int bo,
            int rsB,
            int csB,
            double[] c,
            int co,
            int rsC,
            int csC) {
        DoubleVector c00 = ZERO.broadcast(0f);
        DoubleVector c01 = ZERO.broadcast(0f);
        DoubleVector c10 = ZERO.broadcast(0f);
        DoubleVector c11 = ZERO.broadcast(0f);
        DoubleVector c20 = ZERO.broadcast(0f);
        DoubleVector c21 = ZERO.broadcast(0f);
        DoubleVector c30 = ZERO.broadcast(0f);
        DoubleVector c31 = ZERO.broadcast(0f);
        for (int p = 0; p < k; p++) {
            int ap = ao + p * csA;
            DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bo + p * rsB));
            DoubleVector b1 = V.cast(DoubleVector.fromArray(S, b, bo + p * rsB + csB));
            DoubleVector a0 = V.cast(DoubleVector.fromArray(S, a, ap));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            DoubleVector a1 = V.cast(DoubleVector.fromArray(S, a, ap + rsA));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            DoubleVector a2 = V.cast(DoubleVector.fromArray(S, a, ap + 2 * rsA));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            DoubleVector a3 = V.cast(DoubleVector.fromArray(S, a, ap + 3 * rsA));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + csC);
        V.cast(c10).intoArray(c, co + rsC);
        V.cast(c11).intoArray(c, co + rsC + csC);
        V.cast(c20).intoArray(c, co + 2 * rsC);
        V.cast(c21).intoArray(c, co + 2 * rsC + csC);
        V.cast(c30).intoArray(c, co + 3 * rsC);
        V.cast(c31).intoArray(c, co + 3 * rsC + csC);
    }

    /** Four rows, one column. */
    private static void rows(
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co,
            int rsC) {
        DoubleVector c0 = ZERO.broadcast(0f);
        DoubleVector c1 = ZERO.broadcast(0f);
        DoubleVector c2 = ZERO.broadcast(0f);
        DoubleVector c3 = ZERO.broadcast(0f);
        for (int p = 0; p < k; p++) {
            int ap = ao + p * csA;
            DoubleVector b0 = V.cast(DoubleVector.fromArray(S, b, bo + p * rsB));
            c0 = V.cast(DoubleVector.fromArray(S, a, ap)).fma(b0, c0);
            c1 = V.cast(DoubleVector.fromArray(S, a, ap + rsA)).fma(b0, c1);
            c2 = V.cast(DoubleVector.fromArray(S, a, ap + 2 * rsA)).fma(b0, c2);
            c3 = V.cast(DoubleVector.fromArray(S, a, ap + 3 * rsA)).fma(b0, c3);
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + rsC);
        V.cast(c2).intoArray(c, co + 2 * rsC);
        V.cast(c3).intoArray(c, co + 3 * rsC);
    }

    /** One row, one column, some lanes. */
    private static void one(
            int k,
            double[] a,
            int ao,
            int csA,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co,
            VectorMask<Double> in) {
        DoubleVector sum = ZERO.broadcast(0f);
        for (int p = 0; p < k; p++) {
            DoubleVector x = V.cast(DoubleVector.fromArray(S, a, ao + p * csA, in));
            sum = x.fma(V.cast(DoubleVector.fromArray(S, b, bo + p * rsB, in)), sum);
        }
        V.cast(sum).intoArray(c, co, in);
    }
}
