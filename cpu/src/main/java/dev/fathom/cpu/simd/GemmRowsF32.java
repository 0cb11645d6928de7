package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

/**
 * Matrix products in {@code float} that are nowhere as a whole: C = A B is made some rows at a
 * time, and whoever wants it takes them while they are in the cache of the core that made them. An
 * optimizer's update takes a gradient of weights so, which then never passes through memory.
 *
 * <p>The bits are those of {@link GemmF32}: a row of C does not depend on the other rows.
 */
public final class GemmRowsF32 {
    /** About so many elements of C are handed on at a time. */
    private static final int TAKEN = 1 << 14;

    /** Rows that are at least handed on at a time: whole vectors, and B is read that often less. */
    private static final int LEAST = 16;

    /** C comes in so many parts at least, or some threads get none. */
    private static final int PARTS = 8;

    /** Uses of {@link Scratch} beside those of {@link GemmF32}: rows of C. */
    private static final int ROWS = 2;

    private GemmRowsF32() {}

    /**
     * Whether a product can be made so: B is packed once for all rows, those are enough to divide,
     * and no column is left over of whole vectors, which {@link GemmF32} may do by itself.
     */
    public static boolean suits(int m, int n, int k) {
        return m >= PARTS * LEAST
                && n >= GemmKernelsF32.COLUMNS
                && n % (GemmKernelsF32.COLUMNS / 2) != 1
                && (long) m * n >= TAKEN
                && n <= TAKEN / LEAST
                && k > 0
                && (long) k * GemmPackingF32.packedB(1, n) <= GemmF32.PACKED;
    }

    /** The rows of a part; the last may have fewer. */
    public static int rows(int m, int n) {
        int many = Math.min(Math.max(TAKEN / n, 2 * LEAST), m / PARTS);
        return Math.clamp(many / LEAST * LEAST, LEAST, GemmF32.M_BLOCK);
    }

    /**
     * Multiplies two matrices.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A and rows of B
     * @param a holds A from {@code ao} with row stride {@code rsA} and column stride {@code csA}
     * @param b holds B from {@code bo} with row stride {@code rsB} and column stride {@code csB}
     * @param taker of the rows of C
     * @param workers the threads to use
     * @param scratch memory of the caller
     * @throws IllegalArgumentException if the product does not {@link #suits}, or a stride is
     *     negative
     * @throws IndexOutOfBoundsException if an operand does not lie inside its array
     */
    public static void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int rsB,
            int csB,
            RowTaker taker,
            Workers workers,
            Scratch scratch) {
        if (!suits(m, n, k)) {
            throw new IllegalArgumentException(
                    "a product " + m + "x" + k + "x" + n + " is not made by rows");
        }
        GemmCheck.operands(m, n, k, a.length, ao, rsA, csA, b.length, bo, rsB, csB, m * n, 0, n);
        scratch.reserve(workers.threads());
        float[] packed = scratch.floats(GemmF32.PACKED_B, GemmPackingF32.packedB(k, n));
        GemmPackingF32.packB(k, n, b, bo, rsB, csB, false, packed, false, workers, scratch);
        int rows = rows(m, n);
        boolean packA =
                (rsA != 1 && Width.REGISTERS > 16) || GemmPackingF32.repaysA(rows, n, rsA, csA);
        int parts = (m - 1) / rows + 1;
        workers.run(
                parts,
                (Workers.SlotTask)
                        (t, slot) -> {
                            int from = t * rows;
                            int to = Math.min(m, from + rows);
                            float[] c = scratch.slot(slot).floats(ROWS, rows * n);
                            GemmF32.tile(
                                    parts,
                                    0,
                                    0,
                                    rows,
                                    n,
                                    to - from,
                                    n,
                                    k,
                                    a,
                                    ao + from * rsA,
                                    rsA,
                                    csA,
                                    packA,
                                    packed,
                                    0,
                                    0,
                                    true,
                                    c,
                                    0,
                                    n,
                                    false,
                                    scratch.slot(slot));
                            taker.take(c, t, from * n, to * n, slot);
                        });
    }
}
