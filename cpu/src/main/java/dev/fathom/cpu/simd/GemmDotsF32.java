package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

/** Products of a matrix with contiguous rows and a vector: inner products, summed in lanes. */
final class GemmDotsF32 {
    /** Use of {@link Scratch}: a column made contiguous. */
    private static final int COLUMN = 2;

    private GemmDotsF32() {}

    /** c[i] = inner product of row i of A, contiguous, with a vector. */
    static void dots(
            int m,
            int k,
            float[] a,
            int ao,
            int rsA,
            float[] v,
            int vo,
            int stepV,
            float[] c,
            int co,
            int stepC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        float[] w = v;
        int wo = vo;
        if (stepV != 1 && k > 1) {
            w = scratch.floats(COLUMN, k);
            wo = 0;
            for (int p = 0; p < k; p++) {
                w[p] = v[vo + p * stepV];
            }
        }
        if ((long) m * k <= GemmF32.SERIAL || workers.threads() == 1) {
            dotRows(0, m, k, a, ao, rsA, w, wo, c, co, stepC, accumulate);
            return;
        }
        int grain = Math.clamp(GemmF32.SERIAL / 4 / k, 1, m);
        float[] vector = w;
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
            float[] a,
            int ao,
            int rsA,
            float[] v,
            int vo,
            float[] c,
            int co,
            int stepC,
            boolean accumulate) {
        int i = from;
        if (stepC == 1 && !accumulate && GemmNarrowF32.dotsInFours(k)) {
            int rows = (to - from) / 4 * 4;
            GemmNarrowF32.dots4(rows, k, a, ao + from * rsA, rsA, v, vo, c, co + from);
            i += rows;
        }
        for (; i < to; i++) {
            float dot = GemmKernelsF32.dot(k, a, ao + i * rsA, v, vo);
            int at = co + i * stepC;
            c[at] = accumulate ? c[at] + dot : dot;
        }
    }
}
