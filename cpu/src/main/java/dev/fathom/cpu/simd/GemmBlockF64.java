package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One block of a matrix product in {@code double} on one thread, and the packing of its operands.
 *
 * <p>Packed A is a sequence of panels of 8 or 4 rows (and one of what is left), each with the rows
 * of one k side by side. Packed B is a sequence of stripes of {@link GemmKernelsF64#COLUMNS}
 * columns, each with the columns of one k side by side; the last stripe may be narrower inside the
 * same space. Either operand may also be used where it lies.
 */
final class GemmBlockF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final int N = GemmKernelsF64.COLUMNS;

    /** Elements of a cache line. */
    private static final int LINE = 64 / Double.BYTES;

    /** Eight rows by two vectors need 19 registers: AVX-512 has them, and so has every AArch64. */
    private static final boolean TALL = Width.bits() == 512 || Width.bits() == 128;

    private static final boolean HALVES = Width.bits() == 512;

    private GemmBlockF64() {}

    /** The rows of the panel that starts when {@code left} rows are left. */
    private static int panel(int left) {
        return TALL && left >= 8 ? 8 : Math.min(4, left);
    }

    /**
     * C = A B, or C += A B if {@code accumulate}, with all of k at once.
     *
     * @param packedA whether A is packed; {@code rsA} and {@code csA} are not used then
     * @param packedB whether B is packed; {@code rsB} is not used then
     */
    static void multiply(
            int m,
            int n,
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            boolean packedA,
            double[] b,
            int bo,
            int rsB,
            boolean packedB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        multiply(
                1,
                0,
                0,
                m,
                n,
                k,
                a,
                ao,
                rsA,
                csA,
                packedA,
                b,
                bo,
                rsB,
                packedB,
                c,
                co,
                rsC,
                accumulate);
    }

    /**
     * C = the sum over {@code lines} products A B of the same shape, of which each next one begins
     * {@code nextA} and {@code nextB} elements later; C += the sum if {@code accumulate}.
     *
     * @param packedA whether A is packed, of one line only; {@code rsA} and {@code csA} are not
     *     used then
     * @param packedB whether B is packed, all lines in one stripe; {@code rsB} is not used then
     */
    static void multiply(
            int lines,
            int nextA,
            int nextB,
            int m,
            int n,
            int k,
            double[] a,
            int ao,
            int rsA,
            int csA,
            boolean packedA,
            double[] b,
            int bo,
            int rsB,
            boolean packedB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        int stepB = packedB ? N : rsB;
        int j = 0;
        if (m == 1 && !packedB && lines == 1) {
            int step = GemmKernelsF64.SINGLE_COLUMNS;
            for (; j <= n - step; j += step) {
                GemmKernelsF64.single(
                        k, a, ao, packedA ? 1 : csA, b, bo + j, rsB, c, co + j, accumulate);
            }
        }
        for (; j < n; j += N) {
            int bj = packedB ? bo + j * k * lines : bo + j;
            int width = Math.min(N, n - j);
            for (int i = 0; i < m; ) {
                int rows = panel(m - i);
                if (rows < 4 && m >= 4 && !accumulate && !packedA) {
                    i = m - 4; // some rows once more, with the same bits
                    rows = 4;
                }
                int ai = packedA ? ao + i * k : ao + i * rsA;
                int rs = packedA ? 1 : rsA;
                int cs = packedA ? rows : csA;
                int at = co + i * rsC + j;
                if (rows < 4 || (rs != 1 && cs != 1) || (width % L != 0 && !packedB)) {
                    for (int l = 0; l < lines; l++) {
                        edges(
                                rows,
                                width,
                                k,
                                a,
                                ai + l * nextA,
                                rs,
                                cs,
                                b,
                                bj + l * nextB,
                                stepB,
                                c,
                                at,
                                rsC,
                                accumulate || l > 0);
                    }
                } else if (width < N) {
                    narrow(
                            lines,
                            nextA,
                            nextB,
                            rows,
                            width,
                            k,
                            a,
                            ai,
                            rs,
                            cs,
                            b,
                            bj,
                            stepB,
                            c,
                            at,
                            rsC,
                            accumulate);
                } else {
                    full(
                            lines,
                            nextA,
                            nextB,
                            rows,
                            k,
                            a,
                            ai,
                            rs,
                            cs,
                            b,
                            bj,
                            stepB,
                            c,
                            at,
                            rsC,
                            accumulate);
                }
                i += rows;
            }
        }
    }

    private static void full(
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
            int rsB,
            double[] c,
            int co,
            int rsC,
            boolean accumulate) {
        if (rows == 8 && rsA == 1) {
            GemmKernelsF64.col8(
                    lines, nextA, nextB, k, a, ao, csA, b, bo, rsB, c, co, rsC, accumulate);
        } else if (rows == 8) {
            GemmKernelsF64.row8(
                    lines, nextA, nextB, k, a, ao, rsA, b, bo, rsB, c, co, rsC, accumulate);
        } else if (rsA == 1) {
            GemmKernelsF64.col4(
                    lines, nextA, nextB, k, a, ao, csA, b, bo, rsB, c, co, rsC, accumulate);
        } else {
            GemmKernelsF64.row4(
                    lines, nextA, nextB, k, a, ao, rsA, b, bo, rsB, c, co, rsC, accumulate);
        }
    }

    /** A stripe that is not full, of a B that has room for whole vectors. */
    private static void narrow(
            int lines,
            int nextA,
            int nextB,
            int rows,
            int width,
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
            int rsC,
            boolean accumulate) {
        int j = 0;
        for (; j <= width - L; j += L) {
            if (rows == 8 && HALVES && rsA == 1) {
                GemmHalvesF64.col8(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ao,
                        csA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        co + j,
                        rsC,
                        accumulate);
            } else if (rows == 8 && HALVES) {
                GemmHalvesF64.row8(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ao,
                        rsA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        co + j,
                        rsC,
                        accumulate);
            } else if (rows == 8 && rsA == 1) {
                GemmNarrowF64.col8(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ao,
                        csA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        co + j,
                        rsC,
                        accumulate);
            } else if (rows == 8) {
                GemmNarrowF64.row8(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ao,
                        rsA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        co + j,
                        rsC,
                        accumulate);
            } else if (rsA == 1) {
                GemmNarrowF64.col4(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ao,
                        csA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        co + j,
                        rsC,
                        accumulate);
            } else {
                GemmNarrowF64.row4(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ao,
                        rsA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        co + j,
                        rsC,
                        accumulate);
            }
        }
        if (j == width) {
            return;
        }
        int w = width - j;
        for (int i = 0; i < rows; i += 4) {
            int ai = ao + i * rsA;
            int ci = co + i * rsC + j;
            if (rsA == 1) {
                GemmMaskedF64.col4(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ai,
                        csA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        ci,
                        rsC,
                        w,
                        accumulate);
            } else {
                GemmMaskedF64.row4(
                        lines,
                        nextA,
                        nextB,
                        k,
                        a,
                        ai,
                        rsA,
                        b,
                        bo + j,
                        rsB,
                        c,
                        ci,
                        rsC,
                        w,
                        accumulate);
            }
        }
    }

    private static void edges(
            int rows,
            int width,
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
            int rsC,
            boolean accumulate) {
        for (int i = 0; i < rows; i += 4) {
            int r = Math.min(4, rows - i);
            int ai = ao + i * rsA;
            int ci = co + i * rsC;
            for (int j = 0; j < width; j += L) {
                int w = Math.min(L, width - j);
                GemmKernelsF64.edge(
                        r, w, k, a, ai, rsA, csA, b, bo + j, rsB, c, ci + j, rsC, accumulate);
            }
        }
    }

    /**
     * Reads an element of each cache line of a matrix whose rows are contiguous: many lines are on
     * their way at once, more than where products wait for what they read.
     *
     * @return what nobody needs; but what is not returned is not read
     */
    static double touch(int m, int n, double[] a, int ao, int rsA) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int i = 0; i < m; i++) {
            int row = ao + i * rsA;
            for (int j = 0; j < n; j += 4 * LINE) {
                s0 += a[row + j];
                s1 += a[row + Math.min(n - 1, j + LINE)];
                s2 += a[row + Math.min(n - 1, j + 2 * LINE)];
                s3 += a[row + Math.min(n - 1, j + 3 * LINE)];
            }
        }
        return s0 + s1 + s2 + s3;
    }

    /** Packs an m by k block of A: {@code m * k} elements. */
    static void packA(int m, int k, double[] a, int ao, int rsA, int csA, double[] to, int too) {
        for (int i = 0; i < m; ) {
            int rows = panel(m - i);
            int from = ao + i * rsA;
            int at = too + i * k;
            if (rows == 8 && csA == 1 && TurnF64.FITS) {
                TurnF64.rows(k, a, from, rsA, to, at);
            } else if (rows == 8) {
                interleave8(k, a, from, rsA, csA, to, at);
            } else if (rows == 4) {
                interleave4(k, a, from, rsA, csA, to, at);
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

    private static void interleave8(
            int k, double[] a, int ao, int rsA, int csA, double[] to, int at) {
        interleave(k, 8, a, ao, rsA, csA, to, at);
        interleave(k, 8, a, ao + 4 * rsA, rsA, csA, to, at + 4);
    }

    private static void interleave4(
            int k, double[] a, int ao, int rsA, int csA, double[] to, int at) {
        interleave(k, 4, a, ao, rsA, csA, to, at);
    }

    /** Puts four rows side by side, {@code step} elements from one k to the next. */
    private static void interleave(
            int k, int step, double[] a, int ao, int rsA, int csA, double[] to, int at) {
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
            double[] b,
            int bo,
            int rsB,
            int csB,
            boolean byColumns,
            double[] to,
            boolean serial,
            Workers workers,
            Scratch scratch) {
        int stripes = (n - 1) / N + 1;
        int blocks = (k - 1) / GemmF64.K_BLOCK + 1;
        Workers.SlotTask stripe =
                (t, slot) -> {
                    int p = (byColumns ? t % blocks : t / stripes) * GemmF64.K_BLOCK;
                    int j = (byColumns ? t / blocks : t % stripes) * N;
                    int kb = Math.min(GemmF64.K_BLOCK, k - p);
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
                                    .doubles(GemmF64.PACKED_A, GemmF64.M_BLOCK * GemmF64.K_BLOCK));
                };
        GemmF64.run(blocks * stripes, stripe, serial || (long) n * k <= 8192, workers);
    }

    /**
     * Packs the k by {@code width} block of B that makes one stripe.
     *
     * @param room {@code 2 * 8 * k} elements of the caller's
     */
    static void packStripe(
            int k,
            int width,
            double[] b,
            int bo,
            int rsB,
            int csB,
            double[] to,
            int too,
            double[] room) {
        int j = 0;
        if (TurnF64.FITS && rsB == 1) {
            for (; j <= width - L; j += L) {
                TurnF64.all(k, b, bo + j * csB, csB, to, too + j, N, room);
            }
        }
        packStripe(k, width - j, b, bo + j * csB, rsB, csB, to, too + j);
    }

    /** Packs the k by {@code width} block of B that makes one stripe. */
    static void packStripe(
            int k, int width, double[] b, int bo, int rsB, int csB, double[] to, int too) {
        if (csB == 1) {
            if (width == N) {
                for (int p = 0; p < k; p++) {
                    int from = bo + p * rsB;
                    int at = too + p * N;
                    V.cast(DoubleVector.fromArray(S, b, from)).intoArray(to, at);
                    V.cast(DoubleVector.fromArray(S, b, from + L)).intoArray(to, at + L);
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
