package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import java.util.Arrays;

/**
 * Matrix products in {@code float}: C = A B, or C += A B, with A (m, k), B (k, n) and C (m, n).
 *
 * <p>Element (i, p) of A is {@code a[ao + i * rsA + p * csA]} and likewise for B, so a transposed
 * or broadcast operand is a matter of strides. The columns of C are contiguous.
 *
 * <p>Large products are computed as in Van Zee and van de Geijn, "BLIS: a framework for rapidly
 * instantiating BLAS functionality" (2015): k is cut into blocks of {@link #K_BLOCK}, a block of B
 * is packed by all threads, and then each thread packs blocks of rows of A and multiplies. Small
 * products use their operands where they lie.
 *
 * <p><b>Bits.</b> Every element of C is a sum over blocks of k in ascending order, each of them one
 * chain of fused multiply-adds in ascending order. This holds for every path, so the result does
 * not depend on the number of threads, and a row of C does not depend on the other rows. There is
 * one exception, chosen by the shape and the strides alone: where a matrix with contiguous k meets
 * a single vector, or the one column that is left over of whole vectors, the products are summed in
 * lanes, in an order fixed by k.
 */
public final class GemmF32 {
    private static final int N = GemmKernelsF32.COLUMNS;

    /** A stripe of B of this depth stays in the first-level cache beside a panel of A. */
    static final int K_BLOCK = 256;

    /**
     * The most rows that a thread packs at a time; a block of A stays in the second-level cache.
     */
    static final int M_BLOCK = 64;

    /** Fewer rows than a panel, which are left at the end, go with those before them. */
    private static final int LEFT = 7;

    /** Columns of C at a time. */
    private static final int N_BLOCK = 4096;

    /** About the most elements of B that are packed at a time; they stay near. */
    static final int PACKED = 1 << 18;

    /** A tile of columns has so many stripes at least, which repay the packing of A. */
    private static final int LEAST_STRIPES = 4;

    /** Below this many multiply-adds, handing work over costs more than it saves. */
    static final long SERIAL = 1 << 17;

    /** Use of {@link Scratch}: packed A of a slot, packed B of a call. */
    static final int PACKED_A = 0;

    static final int PACKED_B = 1;

    /** From so many elements on, A or C is not in the caches of the cores. */
    private static final int FAR = 1 << 19;

    /** The processor does not foresee what is read next half a page away. */
    private static final int APART = 2048 / Float.BYTES;

    /** For the products of a batch that the threads have shared out. */
    private static final Workers ALONE = Workers.of(1);

    private GemmF32() {}

    /**
     * Multiplies two matrices.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A and rows of B; if it is 0, C is zeroed or, when accumulating, kept
     * @param a holds A from {@code ao} with row stride {@code rsA} and column stride {@code csA}
     * @param b holds B from {@code bo} with row stride {@code rsB} and column stride {@code csB}
     * @param c receives C from {@code co} with row stride {@code rsC}; must not overlap A or B
     * @param accumulate whether to add to what C holds
     * @param workers the threads to use
     * @param scratch memory of the caller
     * @throws IllegalArgumentException if a size or stride is negative, or rows of C overlap
     * @throws IndexOutOfBoundsException if an operand does not lie inside its array
     */
    public static void gemm(
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
            float[] c,
            int co,
            int rsC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        GemmCheck.operands(
                m, n, k, a.length, ao, rsA, csA, b.length, bo, rsB, csB, c.length, co, rsC);
        multiply(
                1,
                m,
                n,
                k,
                a,
                ao,
                rsA,
                csA,
                b,
                bo,
                rsB,
                csB,
                c,
                co,
                rsC,
                accumulate,
                workers,
                scratch);
    }

    /**
     * Multiplies {@code batch} pairs of matrices: pair {@code i} starts {@code i} batch strides
     * after the offsets. A batch stride of 0 repeats an operand.
     *
     * @see #batched(int, int, int, int, int, float[], int, int, int, int, int, float[], int, int,
     *     int, int, int, float[], int, int, int, int, boolean, Workers, Scratch)
     */
    public static void batched(
            int batch,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int bsA,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int bsB,
            int rsB,
            int csB,
            float[] c,
            int co,
            int bsC,
            int rsC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        batched(
                batch,
                batch,
                m,
                n,
                k,
                a,
                ao,
                0,
                bsA,
                rsA,
                csA,
                b,
                bo,
                0,
                bsB,
                rsB,
                csB,
                c,
                co,
                0,
                bsC,
                rsC,
                accumulate,
                workers,
                scratch);
    }

    /**
     * Multiplies {@code batch} pairs of matrices that lie in groups, as the heads of a sequence do:
     * pair {@code i} starts {@code i % inner} batch strides and {@code i / inner} group strides
     * after the offsets.
     *
     * @param batch the number of products
     * @param inner pairs of a group, a divisor of {@code batch}
     * @param gsA elements from one group of A to the next
     * @param bsA elements from one A to the next in a group; 0 repeats it
     * @param gsB elements from one group of B to the next
     * @param bsB elements from one B to the next in a group; 0 repeats it
     * @param gsC elements from one group of C to the next
     * @param bsC elements from one C to the next in a group; the products must not overlap, but
     *     their rows may lie side by side
     * @throws IllegalArgumentException if a size or stride is negative, or parts of C overlap
     * @throws IndexOutOfBoundsException if an operand does not lie inside its array
     * @see #gemm
     */
    public static void batched(
            int batch,
            int inner,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int gsA,
            int bsA,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int gsB,
            int bsB,
            int rsB,
            int csB,
            float[] c,
            int co,
            int gsC,
            int bsC,
            int rsC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        GemmCheck.batch(
                batch, inner, m, n, k, a.length, ao, gsA, bsA, rsA, csA, b.length, bo, gsB, bsB,
                rsB, csB, c.length, co, gsC, bsC, rsC);
        if (batch == 0) {
            return;
        }
        boolean stacked =
                inner == batch && bsB == 0 && bsA == (long) m * rsA && bsC == (long) m * rsC;
        if (batch == 1 || (stacked && (long) batch * m <= Integer.MAX_VALUE)) {
            multiply(
                    1,
                    batch * m,
                    n,
                    k,
                    a,
                    ao,
                    rsA,
                    csA,
                    b,
                    bo,
                    rsB,
                    csB,
                    c,
                    co,
                    rsC,
                    accumulate,
                    workers,
                    scratch);
            return;
        }
        long each = Math.max(1, (long) m * n * k);
        boolean many = batch >= 4 * workers.threads() || each <= SERIAL;
        boolean apart = many && workers.threads() > 1 && each * batch > SERIAL;
        scratch.reserve(workers.threads());
        int grain = Math.clamp(SERIAL / each, 1, (batch - 1) / workers.threads() + 1);
        Workers.SlotTask products =
                (chunk, slot) -> {
                    int to = Math.min(batch - chunk * grain, grain) + chunk * grain;
                    for (int i = chunk * grain; i < to; i++) {
                        multiply(
                                batch,
                                m,
                                n,
                                k,
                                a,
                                ao + i / inner * gsA + i % inner * bsA,
                                rsA,
                                csA,
                                b,
                                bo + i / inner * gsB + i % inner * bsB,
                                rsB,
                                csB,
                                c,
                                co + i / inner * gsC + i % inner * bsC,
                                rsC,
                                accumulate,
                                apart ? ALONE : workers,
                                apart ? scratch.slot(slot) : scratch);
                    }
                };
        run((batch - 1) / grain + 1, products, !apart, workers);
    }

    /**
     * The product without checks of its arguments, each access being checked anyway.
     *
     * @param batch the number of such products that are made together
     */
    private static void multiply(
            int batch,
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
            float[] c,
            int co,
            int rsC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        if (m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            if (!accumulate) {
                for (int i = 0; i < m; i++) {
                    Arrays.fill(c, co + i * rsC, co + i * rsC + n, 0);
                }
            }
            return;
        }
        if (m == 1 && rsB == 1 && csB != 1 && n > 1) {
            // C is the inner products of the columns of B, which are contiguous, with the row of A.
            GemmDotsF32.dots(n, k, b, bo, csB, a, ao, csA, c, co, 1, accumulate, workers, scratch);
        } else if (n == 1 && csA != 1 && rsC == 1 && m > 1) {
            // The transposed problem has one row, and its B is contiguous along the rows.
            multiply(
                    batch,
                    1,
                    m,
                    k,
                    b,
                    bo,
                    1,
                    rsB,
                    a,
                    ao,
                    csA,
                    rsA,
                    c,
                    co,
                    m,
                    accumulate,
                    workers,
                    scratch);
        } else {
            // A column more than whole vectors, as the keys of an odd number of tokens give, costs
            // half a tile, and as inner products little.
            boolean apart = csA == 1 && (n == 1 || (rsB == 1 && n % (N / 2) == 1));
            int columns = apart ? n - 1 : n;
            if (columns > 0) {
                tiles(
                        batch,
                        m,
                        columns,
                        k,
                        a,
                        ao,
                        rsA,
                        csA,
                        b,
                        bo,
                        rsB,
                        csB,
                        c,
                        co,
                        rsC,
                        accumulate,
                        workers,
                        scratch);
            }
            if (apart) {
                int at = bo + columns * csB;
                GemmDotsF32.dots(
                        m,
                        k,
                        a,
                        ao,
                        rsA,
                        b,
                        at,
                        rsB,
                        c,
                        co + columns,
                        rsC,
                        accumulate,
                        workers,
                        scratch);
            }
        }
    }

    private static void tiles(
            int batch,
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
            float[] c,
            int co,
            int rsC,
            boolean accumulate,
            Workers workers,
            Scratch scratch) {
        boolean packA = GemmPackingF32.repaysA(m, n, rsA, csA);
        boolean packB = GemmPackingF32.repaysB(m, n, k, csB);
        boolean serial = (long) m * n * k <= SERIAL || workers.threads() == 1;
        scratch.reserve(workers.threads());
        // tiles enough to divide, by rows and then by columns: every tile of columns packs its rows
        // of A, and every tile of rows reads all of B. Neighbours go to the same thread, so they
        // share what is larger: rows of A, or columns of B
        boolean byColumns = n >= m && n >= 2 * LEAST_STRIPES * N;
        int wanted = serial ? 1 : 8 * workers.threads();
        int lowest = serial ? M_BLOCK : m < 128 ? 16 : 32;
        int mTile = Math.clamp(m / wanted / 8 * 8, lowest, M_BLOCK);
        int mBlocks = Math.max(1, (m - 1 - LEFT) / mTile + 1);
        for (int j0 = 0; j0 < n; j0 += N_BLOCK) {
            int nb = Math.min(N_BLOCK, n - j0);
            int least = byColumns ? workers.threads() : 1;
            int nTile = columnsPerTile(nb, Math.max(least, wanted / mBlocks));
            int nTiles = (nb - 1) / nTile + 1;
            int depth = Math.max(1, PACKED / GemmPackingF32.packedB(K_BLOCK, nb)) * K_BLOCK;
            for (int k0 = 0; k0 < k; k0 += depth) {
                int kb = Math.min(depth, k - k0);
                boolean add = accumulate || k0 > 0;
                int aAt = ao + k0 * csA;
                int bAt = bo + k0 * rsB + j0 * csB;
                int cAt = co + j0;
                float[] from = b;
                if (packB) {
                    from = scratch.floats(PACKED_B, GemmPackingF32.packedB(kb, nb));
                    GemmPackingF32.packB(
                            kb, nb, b, bAt, rsB, csB, byColumns, from, serial, workers, scratch);
                }
                float[] bb = from;
                Workers.SlotTask tile =
                        (t, slot) ->
                                tile(
                                        batch,
                                        byColumns ? t % mBlocks : t / nTiles,
                                        byColumns ? t / mBlocks : t % nTiles,
                                        mTile,
                                        nTile,
                                        m,
                                        nb,
                                        kb,
                                        a,
                                        aAt,
                                        rsA,
                                        csA,
                                        packA,
                                        bb,
                                        bAt,
                                        rsB,
                                        packB,
                                        c,
                                        cAt,
                                        rsC,
                                        add,
                                        scratch.slot(slot));
                run(mBlocks * nTiles, tile, serial, workers);
            }
        }
    }

    private static int columnsPerTile(int n, int tiles) {
        int stripes = (n - 1) / N + 1;
        return Math.max(LEAST_STRIPES, (stripes - 1) / tiles + 1) * N;
    }

    static void run(int tasks, Workers.SlotTask task, boolean serial, Workers workers) {
        if (serial) {
            for (int t = 0; t < tasks; t++) {
                task.run(t, 0);
            }
        } else {
            workers.run(tasks, task);
        }
    }

    /**
     * The tile of C that lies so many tiles down and to the right: one block of k after the other.
     *
     * <p>What is likely to come from memory is asked for before it is needed.
     *
     * @param batch the number of such products that are made together
     */
    static void tile(
            int batch,
            int row,
            int column,
            int mTile,
            int nTile,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int rsA,
            int csA,
            boolean packA,
            float[] b,
            int bo,
            int rsB,
            boolean packedB,
            float[] c,
            int co,
            int rsC,
            boolean add,
            Scratch scratch) {
        int i0 = row * mTile;
        int j0 = column * nTile;
        int mb = m - i0 <= mTile + LEFT ? m - i0 : mTile;
        int nb = Math.min(nTile, n - j0);
        int from = ao + i0 * rsA;
        int width = (n + N - 1) / N * N;
        float[] seen = scratch.floats(PACKED_A, 1); // free until A is packed
        if ((long) batch * m * n >= FAR) {
            seen[0] = GemmBlockF32.touch(mb, nb, c, co + i0 * rsC + j0, rsC);
        }
        boolean asked =
                (long) batch * m * k >= FAR && (csA == 1 ? k <= K_BLOCK : rsA == 1 && csA >= APART);
        for (int p = 0; p < k; p += K_BLOCK) {
            int kb = Math.min(K_BLOCK, k - p);
            float[] aa = a;
            int at = from + p * csA;
            if (asked) {
                seen[0] =
                        csA == 1
                                ? GemmBlockF32.touch(mb, kb, a, at, rsA)
                                : GemmBlockF32.touch(kb, mb, a, at, csA);
            }
            if (packA) {
                aa = scratch.floats(PACKED_A, (M_BLOCK + LEFT) * K_BLOCK);
                GemmPackingF32.packA(mb, kb, a, at, rsA, csA, aa, 0);
                at = 0;
            }
            GemmBlockF32.multiply(
                    mb,
                    nb,
                    kb,
                    aa,
                    at,
                    rsA,
                    csA,
                    packA,
                    b,
                    packedB ? p * width + j0 * kb : bo + p * rsB + j0,
                    rsB,
                    packedB,
                    c,
                    co + i0 * rsC + j0,
                    rsC,
                    add || p > 0);
        }
    }
}
