package dev.fathom.cpu.simd;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Reductions and running sums over {@code int}. Arithmetic wraps as in Java, so the order in which
 * elements are combined does not matter.
 */
public final class IntReduce {

    private static final VectorSpecies<Integer> S = Width.I32;
    private static final int LANES = S.length();

    private IntReduce() {}

    /** The sum of {@code n} elements; 0 if there are none. */
    public static int sum(int[] x, int xo, int n) {
        IntVector v = IntVector.broadcast(S, 0);
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            v = v.add(IntVector.fromArray(S, x, xo + i));
        }
        int r = v.reduceLanes(VectorOperators.ADD);
        for (; i < n; i++) {
            r += x[xo + i];
        }
        return r;
    }

    /** The product of {@code n} elements; 1 if there are none. */
    public static int prod(int[] x, int xo, int n) {
        IntVector v = IntVector.broadcast(S, 1);
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            v = v.mul(IntVector.fromArray(S, x, xo + i));
        }
        int r = v.reduceLanes(VectorOperators.MUL);
        for (; i < n; i++) {
            r *= x[xo + i];
        }
        return r;
    }

    /** The largest of {@code n} elements; the smallest int if there are none. */
    public static int max(int[] x, int xo, int n) {
        int r = Integer.MIN_VALUE;
        int i = 0;
        if (n >= 2 * LANES) {
            IntVector a = IntVector.fromArray(S, x, xo);
            IntVector b = IntVector.fromArray(S, x, xo + LANES);
            for (i = 2 * LANES; i <= n - 2 * LANES; i += 2 * LANES) {
                a = a.max(IntVector.fromArray(S, x, xo + i));
                b = b.max(IntVector.fromArray(S, x, xo + i + LANES));
            }
            r = a.max(b).reduceLanes(VectorOperators.MAX);
        }
        for (; i < n; i++) {
            r = Math.max(r, x[xo + i]);
        }
        return r;
    }

    /** The smallest of {@code n} elements; the largest int if there are none. */
    public static int min(int[] x, int xo, int n) {
        int r = Integer.MAX_VALUE;
        int i = 0;
        if (n >= 2 * LANES) {
            IntVector a = IntVector.fromArray(S, x, xo);
            IntVector b = IntVector.fromArray(S, x, xo + LANES);
            for (i = 2 * LANES; i <= n - 2 * LANES; i += 2 * LANES) {
                a = a.min(IntVector.fromArray(S, x, xo + i));
                b = b.min(IntVector.fromArray(S, x, xo + i + LANES));
            }
            r = a.min(b).reduceLanes(VectorOperators.MIN);
        }
        for (; i < n; i++) {
            r = Math.min(r, x[xo + i]);
        }
        return r;
    }

    /**
     * The position from 0 of the first largest element.
     *
     * @throws IllegalArgumentException if there are no elements
     */
    public static int argMax(int[] x, int xo, int n) {
        requireElements(n);
        return indexOf(x, xo, n, max(x, xo, n));
    }

    /**
     * The position from 0 of the first smallest element.
     *
     * @throws IllegalArgumentException if there are no elements
     */
    public static int argMin(int[] x, int xo, int n) {
        requireElements(n);
        return indexOf(x, xo, n, min(x, xo, n));
    }

    private static int indexOf(int[] x, int xo, int n, int value) {
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            VectorMask<Integer> hit = IntVector.fromArray(S, x, xo + i).eq(value);
            if (hit.anyTrue()) {
                return i + hit.firstTrue();
            }
        }
        while (x[xo + i] != value) {
            i++;
        }
        return i;
    }

    private static void requireElements(int n) {
        if (n == 0) {
            throw new IllegalArgumentException(
                    "argMax and argMin need at least one element, but the reduced axis has size 0");
        }
    }

    /**
     * Column sums of a matrix: {@code y[j] = x[0, j] + x[1, j] + ...}, the rows in order.
     *
     * @param rowStride elements from the start of one row to the start of the next
     */
    public static void sumRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        IntElementwise.fill(0, y, yo, cols);
        addRows(x, xo, rows, cols, rowStride, y, yo);
    }

    /** Adds the rows of a matrix to {@code y}, in order: {@code y[j] += x[0, j]}, and so on. */
    public static void addRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        int r = 0;
        for (; r <= rows - 4; r += 4) {
            int at = xo + r * rowStride;
            int j = 0;
            for (int end = S.loopBound(cols); j < end; j += LANES) {
                IntVector v = IntVector.fromArray(S, y, yo + j);
                v = v.add(IntVector.fromArray(S, x, at + j));
                v = v.add(IntVector.fromArray(S, x, at + rowStride + j));
                v = v.add(IntVector.fromArray(S, x, at + 2 * rowStride + j));
                v = v.add(IntVector.fromArray(S, x, at + 3 * rowStride + j));
                v.intoArray(y, yo + j);
            }
            for (; j < cols; j++) {
                int s = y[yo + j] + x[at + j];
                s = s + x[at + rowStride + j];
                s = s + x[at + 2 * rowStride + j];
                y[yo + j] = s + x[at + 3 * rowStride + j];
            }
        }
        for (; r < rows; r++) {
            IntElementwise.add(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Column products of a matrix, the rows in order. */
    public static void prodRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        IntElementwise.fill(1, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            IntElementwise.mul(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Column maxima of a matrix. */
    public static void maxRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        IntElementwise.fill(Integer.MIN_VALUE, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            IntElementwise.max(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Column minima of a matrix. */
    public static void minRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        IntElementwise.fill(Integer.MAX_VALUE, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            IntElementwise.min(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /**
     * For each column of a matrix, the first row that holds its largest element.
     *
     * @throws IllegalArgumentException if there are no rows
     */
    public static void argMaxRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        requireElements(rows);
        Arrays.fill(y, yo, yo + cols, 0);
        for (int r = 1; r < rows; r++) {
            int at = xo + r * rowStride;
            for (int j = 0; j < cols; j++) {
                int v = x[at + j];
                int best = x[xo + y[yo + j] * rowStride + j];
                if (v > best) {
                    y[yo + j] = r;
                }
            }
        }
    }

    /**
     * For each column of a matrix, the first row that holds its smallest element.
     *
     * @throws IllegalArgumentException if there are no rows
     */
    public static void argMinRows(
            int[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        requireElements(rows);
        Arrays.fill(y, yo, yo + cols, 0);
        for (int r = 1; r < rows; r++) {
            int at = xo + r * rowStride;
            for (int j = 0; j < cols; j++) {
                int v = x[at + j];
                int best = x[xo + y[yo + j] * rowStride + j];
                if (v < best) {
                    y[yo + j] = r;
                }
            }
        }
    }

    /**
     * Running sums of a run: {@code y[i] = x[0] + ... + x[i]}, or from the end if {@code reverse}:
     * {@code y[i] = x[i] + ... + x[n-1]}. Added one after another; {@code y} may be {@code x}.
     */
    public static void cumSum(int[] x, int xo, int[] y, int yo, int n, boolean reverse) {
        int s = 0;
        for (int i = 0; i < n; i++) {
            int at = reverse ? n - 1 - i : i;
            s += x[xo + at];
            y[yo + at] = s;
        }
    }

    /** Running sums down the columns of a contiguous matrix, or up them if {@code reverse}. */
    public static void cumSumRows(
            int[] x, int xo, int rows, int cols, int[] y, int yo, boolean reverse) {
        if (rows == 0) {
            return;
        }
        int first = reverse ? rows - 1 : 0;
        int step = reverse ? -cols : cols;
        int at = first * cols;
        System.arraycopy(x, xo + at, y, yo + at, cols);
        for (int r = 1; r < rows; r++) {
            IntElementwise.add(y, yo + at, x, xo + at + step, y, yo + at + step, cols);
            at += step;
        }
    }
}
