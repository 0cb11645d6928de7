package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

/** Products of a matrix with contiguous rows and a vector: inner products, summed in lanes. */
final class GemmDotsF64 {
    /** Use of {@link Scratch}: a column made contiguous. */
    private static final int COLUMN = 2;

    private GemmDotsF64() {}

    /** c[i] = inner product of row i of A, contiguous, with a vector. */
    static void dots(
            int m,
            int k,
            double[] a,
            int ao,
            int rsA,
            double[] v,
            int vo,
            int stepV,
            double[] c,
            int co,
            int stepC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        double[] w = v;
        int wo = vo;
        if (stepV != 1 && k > 1) {
            w = scratch.doubles(COLUMN, k);
            wo = 0;
            for (int p = 0; p < k; p++) {
                w[p] = v[vo + p * stepV];
            }
        }
        if ((long) m * k <= GemmF64.SERIAL || workers.threads() == 1) {
            dotRows(0, m, k, a, ao, rsA, w, wo, c, co, stepC, accumulate);
            return;
        }
        int grain = Math.clamp(GemmF64.SERIAL / 4 / k, 1, m);
        double[] vector = w;
        int at = wo;
        workers.run(
                (m - 1) / grain + 1,
                chunk -> {
                    int from = chunk * grain;
                    int to = Math.min(m - from, grain) + from;
                    dotRows(from, to, k, a, ao, rsA, vector, at, c, co, stepC, accumulate);
                });
    }

    static void dotRows(
            int from,
            int to,
            int k,
            double[] a,
            int ao,
            int rsA,
            double[] v,
            int vo,
            double[] c,
            int co,
            int stepC,
            boolean accumulate) {
        int i = from;
        if (stepC == 1 && !accumulate && GemmNarrowF64.dotsInFours(k)) {
            int rows = (to - from) / 4 * 4;
            GemmNarrowF64.dots4(rows, k, a, ao + from * rsA, rsA, v, vo, c, co + from);
            i += rows;
        }
        for (; i < to; i++) {
            double dot = GemmKernelsF64.dot(k, a, ao + i * rsA, v, vo);
            int at = co + i * stepC;
            c[at] = accumulate ? c[at] + dot : dot;
        }
    }
}
