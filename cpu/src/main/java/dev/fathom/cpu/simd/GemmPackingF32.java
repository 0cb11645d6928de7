package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The packing of the operands of a matrix product in {@code float}.
 *
 * <p>Packed A is a sequence of panels of 8 or 4 rows (and one of what is left), each with the rows
 * of one k side by side. Packed B is a sequence of stripes of {@link GemmKernelsF32#COLUMNS}
 * columns, each with the columns of one k side by side; the last stripe may be narrower inside the
 * same space.
 */
final class GemmPackingF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final int N = GemmKernelsF32.COLUMNS;

    /** Eight rows by two vectors need 19 registers. */
    private static final boolean TALL = Width.REGISTERS > 19;

    /** The four rows of a low panel. */
    private static final VectorSpecies<Float> FOUR =
            VectorSpecies.of(float.class, VectorShape.forBitSize(4 * Float.SIZE));

    private static final Class<FloatVector> V4 = Width.kind(FOUR);

    /** So many rows repay that parts of vectors are packed. */
    private static final int WHOLE = 16;

    private GemmPackingF32() {}

    /** The rows of the panel that starts when {@code left} rows are left. */
    static int panel(int left) {
        return TALL && left >= 8 ? 8 : Math.min(4, left);
    }

    /**
     * Whether it repays to pack A, which is used once for each stripe of columns. Tall panels read
     * it well where it lies if its rows are neighbours, and if they are contiguous nearly as well.
     * Low ones read contiguous rows nearly as well: the others have too little arithmetic to hide
     * that C2 checks the bounds of A in every step.
     */
    static boolean repaysA(int m, int n, int rsA, int csA) {
        if (TALL) {
            return rsA != 1 && m > 1 && (csA != 1 || (n > 4 * N && m > 8));
        }
        return m > 1 && ((rsA != 1 && csA != 1) || (n >= (rsA == 1 ? 4 : 32) * N && m > 8));
    }

    /**
     * Whether it repays to pack B, which is used once for each panel of rows. A packed row is whole
     * vectors.
     */
    static boolean repaysB(int m, int n, int k, int csB) {
        boolean parts = n % (N / 2) != 0 && m >= WHOLE;
        return csB != 1 || parts || (m > 48 && (long) n * k > 4096);
    }

    /** Packs an m by k block of A: {@code m * k} elements. */
    static void packA(int m, int k, float[] a, int ao, int rsA, int csA, float[] to, int too) {
        for (int i = 0; i < m; ) {
            int rows = panel(m - i);
            int from = ao + i * rsA;
            int at = too + i * k;
            if (rows == 8 && csA == 1 && TurnF32.FITS) {
                TurnF32.rows(k, a, from, rsA, to, at);
            } else if (rows == 8) {
                interleave(k, 8, a, from, rsA, csA, to, at);
                interleave(k, 8, a, from + 4 * rsA, rsA, csA, to, at + 4);
            } else if (rows == 4 && rsA == 1 && !TALL) {
                for (int p = 0; p < k; p++) {
                    FloatVector column = V4.cast(FloatVector.fromArray(FOUR, a, from + p * csA));
                    column.intoArray(to, at + 4 * p);
                }
            } else if (rows == 4) {
                interleave(k, 4, a, from, rsA, csA, to, at);
            } else {
                for (int r = 0; r < rows; r++) {
                    for (int p = 0; p < k; p++) {
                        to[at + p * rows + r] = a[from + r * rsA + p * csA];
                    }
                }
            }
            i += rows;
        }
    }

    /** Puts four rows side by side, {@code step} elements from one k to the next. */
    private static void interleave(
            int k, int step, float[] a, int ao, int rsA, int csA, float[] to, int at) {
        int r1 = ao + rsA;
        int r2 = r1 + rsA;
        int r3 = r2 + rsA;
        if (csA == 1) {
            for (int p = 0; p < k; p++) {
                int q = at + p * step;
                to[q] = a[ao + p];
                to[q + 1] = a[r1 + p];
                to[q + 2] = a[r2 + p];
                to[q + 3] = a[r3 + p];
            }
        } else {
            for (int p = 0; p < k; p++) {
                int q = at + p * step;
                int o = p * csA;
                to[q] = a[ao + o];
                to[q + 1] = a[r1 + o];
                to[q + 2] = a[r2 + o];
                to[q + 3] = a[r3 + o];
            }
        }
    }

    /** The elements that a packed k by n block of B takes. */
    static int packedB(int k, int n) {
        return (n + N - 1) / N * N * k;
    }

    /**
     * Packs every block of k by itself: the stripes of one, then those of the next. Neighbouring
     * tasks pack one stripe if it is one thread that will read it.
     */
    static void packB(
            int k,
            int n,
            float[] b,
            int bo,
            int rsB,
            int csB,
            boolean byColumns,
            float[] to,
            boolean serial,
            Workers workers,
            Scratch scratch) {
        int stripes = (n - 1) / N + 1;
        int blocks = (k - 1) / GemmF32.K_BLOCK + 1;
        Workers.SlotTask stripe =
                (t, slot) -> {
                    int p = (byColumns ? t % blocks : t / stripes) * GemmF32.K_BLOCK;
                    int j = (byColumns ? t / blocks : t % stripes) * N;
                    int kb = Math.min(GemmF32.K_BLOCK, k - p);
                    packStripe(
                            kb,
                            Math.min(N, n - j),
                            b,
                            bo + p * rsB + j * csB,
                            rsB,
                            csB,
                            to,
                            p * stripes * N + j * kb,
                            scratch.slot(slot)
                                    .floats(GemmF32.PACKED_A, GemmF32.M_BLOCK * GemmF32.K_BLOCK));
                };
        GemmF32.run(blocks * stripes, stripe, serial || (long) n * k <= 8192, workers);
    }

    /**
     * Packs the k by {@code width} block of B that makes one stripe.
     *
     * @param room {@code 2 * 8 * k} elements of the caller's
     */
    static void packStripe(
            int k,
            int width,
            float[] b,
            int bo,
            int rsB,
            int csB,
            float[] to,
            int too,
            float[] room) {
        int j = 0;
        if (TurnF32.FITS && rsB == 1) {
            for (; j <= width - L; j += L) {
                TurnF32.all(k, b, bo + j * csB, csB, to, too + j, N, room);
            }
        }
        packStripe(k, width - j, b, bo + j * csB, rsB, csB, to, too + j);
    }

    /** Packs the k by {@code width} block of B that makes one stripe. */
    static void packStripe(
            int k, int width, float[] b, int bo, int rsB, int csB, float[] to, int too) {
        if (csB == 1) {
            if (width == N) {
                for (int p = 0; p < k; p++) {
                    int from = bo + p * rsB;
                    int at = too + p * N;
                    V.cast(FloatVector.fromArray(S, b, from)).intoArray(to, at);
                    V.cast(FloatVector.fromArray(S, b, from + L)).intoArray(to, at + L);
                }
            } else {
                for (int p = 0; p < k; p++) {
                    System.arraycopy(b, bo + p * rsB, to, too + p * N, width);
                }
            }
            return;
        }
        int j = 0;
        for (; j <= width - 4; j += 4) {
            interleave(k, N, b, bo + j * csB, csB, rsB, to, too + j);
        }
        for (; j < width; j++) {
            for (int p = 0; p < k; p++) {
                to[too + p * N + j] = b[bo + j * csB + p * rsB];
            }
        }
    }
}
