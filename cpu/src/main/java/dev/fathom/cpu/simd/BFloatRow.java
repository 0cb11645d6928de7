package dev.fathom.cpu.simd;

import dev.fathom.core.tensor.BFloat16;
import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * One row of floats times a matrix of bfloat16, which is read once and converted on the way: such a
 * product waits for memory, and this is half of it. c (n) = a (k) B (k, n), rows of B contiguous.
 *
 * <p>Every element is the sum that {@link GemmF32} makes of the converted matrix: blocks of k in
 * ascending order, each one chain of fused multiply-adds. So the bits are the same, for any number
 * of threads.
 */
public final class BFloatRow {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int LANES = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Columns of a task: their sums stay in the first-level cache while rows stream by. */
    private static final int TILE = 512;

    /** Multiply-adds below which handing work over costs more than it saves. */
    private static final long SERIAL = 1 << 17;

    /** Use of {@link Scratch}. */
    private static final int SUMS = 0;

    private BFloatRow() {}

    /**
     * Multiplies.
     *
     * @param a the row, from {@code ao} with stride {@code csA}
     * @param b the matrix, from {@code bo} with {@code rsB} from one row to the next
     * @param c receives the result from {@code co}; must not overlap the operands
     */
    public static void multiply(
            int n,
            int k,
            float[] a,
            int ao,
            int csA,
            short[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            Workers workers,
            Scratch scratch) {
        int tasks = (n + TILE - 1) / TILE;
        scratch.reserve(workers.threads());
        if ((long) n * k <= SERIAL || workers.threads() == 1) {
            for (int t = 0; t < tasks; t++) {
                tile(t, n, k, a, ao, csA, b, bo, rsB, c, co, scratch.slot(0));
            }
        } else {
            workers.run(
                    tasks,
                    (t, slot) -> tile(t, n, k, a, ao, csA, b, bo, rsB, c, co, scratch.slot(slot)));
        }
    }

    private static void tile(
            int t,
            int n,
            int k,
            float[] a,
            int ao,
            int csA,
            short[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            Scratch scratch) {
        int from = t * TILE;
        int width = Math.min(TILE, n - from);
        float[] sums = scratch.floats(SUMS, TILE);
        if (k == 0) {
            Arrays.fill(c, co + from, co + from + width, 0);
        }
        for (int k0 = 0; k0 < k; k0 += GemmF32.K_BLOCK) {
            int end = Math.min(k, k0 + GemmF32.K_BLOCK);
            Arrays.fill(sums, 0, width, 0);
            int p = k0;
            for (; p <= end - 4; p += 4) {
                int at = ao + p * csA;
                rows(
                        a[at],
                        a[at + csA],
                        a[at + 2 * csA],
                        a[at + 3 * csA],
                        b,
                        bo + p * rsB + from,
                        rsB,
                        sums,
                        width);
            }
            for (; p < end; p++) {
                row(a[ao + p * csA], b, bo + p * rsB + from, sums, width);
            }
            if (k0 == 0) {
                System.arraycopy(sums, 0, c, co + from, width);
            } else {
                add(sums, c, co + from, width);
            }
        }
    }

    /** Four rows onto the sums, one after the other. */
    private static void rows(
            float a0,
            float a1,
            float a2,
            float a3,
            short[] b,
            int bo,
            int rsB,
            float[] sums,
            int n) {
        int b1 = bo + rsB;
        int b2 = b1 + rsB;
        int b3 = b2 + rsB;
        FloatVector v0 = ZERO.broadcast(a0);
        FloatVector v1 = ZERO.broadcast(a1);
        FloatVector v2 = ZERO.broadcast(a2);
        FloatVector v3 = ZERO.broadcast(a3);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector s = V.cast(FloatVector.fromArray(S, sums, j));
            s = BFloats.load(b, bo + j).fma(v0, s);
            s = BFloats.load(b, b1 + j).fma(v1, s);
            s = BFloats.load(b, b2 + j).fma(v2, s);
            s = BFloats.load(b, b3 + j).fma(v3, s);
            s.intoArray(sums, j);
        }
        for (; j < n; j++) {
            float s = Math.fma(a0, BFloat16.toFloat(b[bo + j]), sums[j]);
            s = Math.fma(a1, BFloat16.toFloat(b[b1 + j]), s);
            s = Math.fma(a2, BFloat16.toFloat(b[b2 + j]), s);
            sums[j] = Math.fma(a3, BFloat16.toFloat(b[b3 + j]), s);
        }
    }

    private static void row(float a, short[] b, int bo, float[] sums, int n) {
        FloatVector v = ZERO.broadcast(a);
        int j = 0;
        for (; j <= n - LANES; j += LANES) {
            FloatVector s = V.cast(FloatVector.fromArray(S, sums, j));
            BFloats.load(b, bo + j).fma(v, s).intoArray(sums, j);
        }
        for (; j < n; j++) {
            sums[j] = Math.fma(a, BFloat16.toFloat(b[bo + j]), sums[j]);
        }
    }

    private static void add(float[] sums, float[] c, int co, int n) {
        for (int j = 0; j < n; j++) {
            c[co + j] += sums[j];
        }
    }
}
