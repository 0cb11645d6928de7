package dev.fathom.cpu.simd;

import jdk.incubator.vector.VectorSpecies;

/**
 * One block of a matrix product in {@code float} on one thread. Either operand may be packed
 * ({@link GemmPackingF32}) or used where it lies.
 */
final class GemmBlockF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final int N = GemmKernelsF32.COLUMNS;

    /** Elements of a cache line. */
    private static final int LINE = 64 / Float.BYTES;

    private static final boolean HALVES = Width.bits() == 512;

    /** Whether there are five rows where there are no registers for eight. */
    private static final boolean FIVES = Width.REGISTERS == 16;

    private GemmBlockF32() {}

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
            float[] a,
            int ao,
            int rsA,
            int csA,
            boolean packedA,
            float[] b,
            int bo,
            int rsB,
            boolean packedB,
            float[] c,
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
            float[] a,
            int ao,
            int rsA,
            int csA,
            boolean packedA,
            float[] b,
            int bo,
            int rsB,
            boolean packedB,
            float[] c,
            int co,
            int rsC,
            boolean accumulate) {
        int stepB = packedB ? N : rsB;
        int j = 0;
        if (m == 1 && !packedB && lines == 1) {
            int step = GemmKernelsF32.SINGLE_COLUMNS;
            for (; j <= n - step; j += step) {
                GemmKernelsF32.single(
                        k, a, ao, packedA ? 1 : csA, b, bo + j, rsB, c, co + j, accumulate);
            }
        }
        for (; j < n; j += N) {
            int bj = packedB ? bo + j * k * lines : bo + j;
            int width = Math.min(N, n - j);
            boolean fives = FIVES && width == N && stepB == N && !packedA && csA == 1;
            for (int i = 0; i < m; ) {
                int rows = fives && (m - i) % 5 == 0 ? 5 : GemmPackingF32.panel(m - i);
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
            float[] a,
            int ao,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            int rsC,
            boolean accumulate) {
        if (rsB == N) {
            GemmStripesF32.tile(
                    lines, nextA, nextB, rows, k, a, ao, rsA, csA, b, bo, c, co, rsC, accumulate);
        } else if (rows == 8 && rsA == 1) {
            GemmKernelsF32.col8(
                    lines, nextA, nextB, k, a, ao, csA, b, bo, rsB, c, co, rsC, accumulate);
        } else if (rows == 8) {
            GemmKernelsF32.row8(
                    lines, nextA, nextB, k, a, ao, rsA, b, bo, rsB, c, co, rsC, accumulate);
        } else if (rsA == 1) {
            GemmKernelsF32.col4(
                    lines, nextA, nextB, k, a, ao, csA, b, bo, rsB, c, co, rsC, accumulate);
        } else {
            GemmKernelsF32.row4(
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
            float[] a,
            int ao,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            int rsC,
            boolean accumulate) {
        int j = 0;
        for (; j <= width - L; j += L) {
            if (rows == 8 && HALVES && rsA == 1) {
                GemmHalvesF32.col8(
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
                GemmHalvesF32.row8(
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
                GemmNarrowF32.col8(
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
                GemmNarrowF32.row8(
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
                GemmNarrowF32.col4(
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
                GemmNarrowF32.row4(
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
                GemmMaskedF32.col4(
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
                GemmMaskedF32.row4(
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
            float[] a,
            int ao,
            int rsA,
            int csA,
            float[] b,
            int bo,
            int rsB,
            float[] c,
            int co,
            int rsC,
            boolean accumulate) {
        for (int i = 0; i < rows; i += 4) {
            int r = Math.min(4, rows - i);
            int ai = ao + i * rsA;
            int ci = co + i * rsC;
            for (int j = 0; j < width; j += L) {
                int w = Math.min(L, width - j);
                GemmKernelsF32.edge(
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
    static float touch(int m, int n, float[] a, int ao, int rsA) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
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
}
