package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Reductions and running sums over {@code float}, in an order that depends on the length only.
 *
 * <p>Floating-point addition is not associative, so the order is part of the result. A contiguous
 * run of up to {@value #BLOCK} elements is added into 64 running sums, element {@code i} into sum
 * {@code i mod 64}, and the sums are added in pairs: those 16 apart first, then neighbours. (Runs
 * of up to {@value #SHORT} are added from left to right.) Longer runs are cut at {@link #split} and
 * the two halves added. Narrow vectors make several passes over a block, so 128, 256 and 512 bits
 * give the same bits, and threads that cut at {@code split} do too. The error grows with the
 * logarithm of the length.
 *
 * <p>Maxima and minima are NaN if any element is, and rank -0 below +0.
 */
public final class FloatReduce {

    /** Elements added without another level of pairing; a power of two. */
    public static final int BLOCK = 4096;

    /** Up to here a plain loop is faster than setting up vectors. */
    static final int SHORT = 16;

    private static final VectorSpecies<Float> S = Width.F32;
    private static final int LANES = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Columns of the block read as a matrix of four running sums to a column. */
    private static final int COLUMNS = 16;

    private static final int GROUP = 4 * COLUMNS;

    private static final VectorShuffle<Float> SWAP_1 = swap(1);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_8 = swap(8);

    private FloatReduce() {}

    /**
     * Exchanges the lanes whose numbers differ in one bit; the identity where there are too few.
     */
    private static VectorShuffle<Float> swap(int bit) {
        return S.shuffleFromOp(lane -> bit < LANES ? lane ^ bit : lane);
    }

    /** Where a run of {@code n > BLOCK} elements is cut: a power of two times the block. */
    public static int split(int n) {
        return BLOCK * Integer.highestOneBit((n - 1) / BLOCK);
    }

    /** The sum of {@code n} elements; 0 if there are none. */
    public static float sum(float[] x, int xo, int n) {
        if (n > BLOCK) {
            int left = split(n);
            return sum(x, xo, left) + sum(x, xo + left, n - left);
        }
        if (n <= SHORT) {
            float r = 0f;
            for (int i = 0; i < n; i++) {
                r += x[xo + i];
            }
            return r;
        }
        return switch (COLUMNS / LANES) {
            case 1 -> sumPass(x, xo, n, 0);
            case 2 -> sumPass(x, xo, n, 0) + sumPass(x, xo, n, LANES);
            default ->
                    (sumPass(x, xo, n, 0) + sumPass(x, xo, n, LANES))
                            + (sumPass(x, xo, n, 2 * LANES) + sumPass(x, xo, n, 3 * LANES));
        };
    }

    /** The sums of {@code runs} runs of {@code each} elements, one after another. */
    static void sums(float[] x, int xo, int runs, int each, float[] y, int yo) {
        for (int r = 0; r < runs; r++) {
            y[yo + r] = sum(x, xo + r * each, each);
        }
    }

    /** The part of a block's sum that columns {@code from .. from + LANES} hold. */
    private static float sumPass(float[] x, int xo, int n, int from) {
        FloatVector a = ZERO.broadcast(0f);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = from;
        for (int end = n - GROUP + from; i <= end; i += GROUP) {
            int at = xo + i;
            a = V.cast(FloatVector.fromArray(S, x, at)).add(a);
            b = V.cast(FloatVector.fromArray(S, x, at + COLUMNS)).add(b);
            c = V.cast(FloatVector.fromArray(S, x, at + 2 * COLUMNS)).add(c);
            d = V.cast(FloatVector.fromArray(S, x, at + 3 * COLUMNS)).add(d);
        }
        // at most four partial vectors; they stay in their columns
        a = sumRest(a, x, xo + i, n - i);
        b = sumRest(b, x, xo + i + COLUMNS, n - i - COLUMNS);
        c = sumRest(c, x, xo + i + 2 * COLUMNS, n - i - 2 * COLUMNS);
        d = sumRest(d, x, xo + i + 3 * COLUMNS, n - i - 3 * COLUMNS);
        FloatVector v = V.cast(a).add(b).add(V.cast(c).add(d));
        v = v.add(v.rearrange(SWAP_1));
        v = v.add(v.rearrange(SWAP_2));
        if (LANES > 4) {
            v = v.add(v.rearrange(SWAP_4));
        }
        if (LANES > 8) {
            v = v.add(v.rearrange(SWAP_8));
        }
        return v.lane(0);
    }

    /**
     * Adds what is left of a run. The load stands here: in a method of its own it would be compiled
     * as a call where runs are seldom ragged, and a vector that a call returns lies on the heap.
     */
    private static FloatVector sumRest(FloatVector v, float[] x, int at, int left) {
        // a running sum is never -0, so adding 0 in the lanes beyond the end changes nothing
        return left > 0
                ? V.cast(FloatVector.fromArray(S, x, at, S.indexInRange(0, left))).add(v)
                : v;
    }

    /** The product of {@code n} elements, paired like the sum; 1 if there are none. */
    public static float prod(float[] x, int xo, int n) {
        if (n > BLOCK) {
            int left = split(n);
            return prod(x, xo, left) * prod(x, xo + left, n - left);
        }
        if (n <= SHORT) {
            float r = 1f;
            for (int i = 0; i < n; i++) {
                r *= x[xo + i];
            }
            return r;
        }
        return switch (COLUMNS / LANES) {
            case 1 -> prodPass(x, xo, n, 0);
            case 2 -> prodPass(x, xo, n, 0) * prodPass(x, xo, n, LANES);
            default ->
                    (prodPass(x, xo, n, 0) * prodPass(x, xo, n, LANES))
                            * (prodPass(x, xo, n, 2 * LANES) * prodPass(x, xo, n, 3 * LANES));
        };
    }

    /** The part of a block's product that columns {@code from .. from + LANES} hold. */
    private static float prodPass(float[] x, int xo, int n, int from) {
        FloatVector a = ZERO.broadcast(1f);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = from;
        for (int end = n - GROUP + from; i <= end; i += GROUP) {
            int at = xo + i;
            a = V.cast(FloatVector.fromArray(S, x, at)).mul(a);
            b = V.cast(FloatVector.fromArray(S, x, at + COLUMNS)).mul(b);
            c = V.cast(FloatVector.fromArray(S, x, at + 2 * COLUMNS)).mul(c);
            d = V.cast(FloatVector.fromArray(S, x, at + 3 * COLUMNS)).mul(d);
        }
        // at most four partial vectors; they stay in their columns
        a = prodRest(a, x, xo + i, n - i);
        b = prodRest(b, x, xo + i + COLUMNS, n - i - COLUMNS);
        c = prodRest(c, x, xo + i + 2 * COLUMNS, n - i - 2 * COLUMNS);
        d = prodRest(d, x, xo + i + 3 * COLUMNS, n - i - 3 * COLUMNS);
        FloatVector v = V.cast(a).mul(b).mul(V.cast(c).mul(d));
        v = v.mul(v.rearrange(SWAP_1));
        v = v.mul(v.rearrange(SWAP_2));
        if (LANES > 4) {
            v = v.mul(v.rearrange(SWAP_4));
        }
        if (LANES > 8) {
            v = v.mul(v.rearrange(SWAP_8));
        }
        return v.lane(0);
    }

    private static FloatVector prodRest(FloatVector v, float[] x, int at, int left) {
        if (left <= 0) {
            return v;
        }
        VectorMask<Float> in = S.indexInRange(0, left);
        return ZERO.broadcast(1f).blend(V.cast(FloatVector.fromArray(S, x, at, in)), in).mul(v);
    }

    /** The largest of {@code n} elements; minus infinity if there are none. */
    public static float max(float[] x, int xo, int n) {
        float r = Float.NEGATIVE_INFINITY;
        int i = 0;
        if (n >= 2 * LANES) {
            FloatVector a = V.cast(FloatVector.fromArray(S, x, xo));
            FloatVector b = V.cast(FloatVector.fromArray(S, x, xo + LANES));
            for (i = 2 * LANES; i <= n - 2 * LANES; i += 2 * LANES) {
                a = V.cast(FloatVector.fromArray(S, x, xo + i)).max(a);
                b = V.cast(FloatVector.fromArray(S, x, xo + i + LANES)).max(b);
            }
            r = V.cast(a).max(b).reduceLanes(VectorOperators.MAX);
        }
        for (; i < n; i++) {
            r = Math.max(r, x[xo + i]);
        }
        return r;
    }

    /** The smallest of {@code n} elements; infinity if there are none. */
    public static float min(float[] x, int xo, int n) {
        float r = Float.POSITIVE_INFINITY;
        int i = 0;
        if (n >= 2 * LANES) {
            FloatVector a = V.cast(FloatVector.fromArray(S, x, xo));
            FloatVector b = V.cast(FloatVector.fromArray(S, x, xo + LANES));
            for (i = 2 * LANES; i <= n - 2 * LANES; i += 2 * LANES) {
                a = V.cast(FloatVector.fromArray(S, x, xo + i)).min(a);
                b = V.cast(FloatVector.fromArray(S, x, xo + i + LANES)).min(b);
            }
            r = V.cast(a).min(b).reduceLanes(VectorOperators.MIN);
        }
        for (; i < n; i++) {
            r = Math.min(r, x[xo + i]);
        }
        return r;
    }

    /**
     * The position from 0 of the first largest element, or of the first NaN.
     *
     * @throws IllegalArgumentException if there are no elements
     */
    public static int argMax(float[] x, int xo, int n) {
        requireElements(n);
        return indexOf(x, xo, n, max(x, xo, n));
    }

    /**
     * The position from 0 of the first smallest element, or of the first NaN.
     *
     * @throws IllegalArgumentException if there are no elements
     */
    public static int argMin(float[] x, int xo, int n) {
        requireElements(n);
        return indexOf(x, xo, n, min(x, xo, n));
    }

    private static int indexOf(float[] x, int xo, int n, float value) {
        boolean nan = value != value;
        int i = 0;
        for (int end = S.loopBound(n); i < end; i += LANES) {
            FloatVector a = V.cast(FloatVector.fromArray(S, x, xo + i));
            VectorMask<Float> hit = nan ? a.test(VectorOperators.IS_NAN) : a.eq(value);
            if (hit.anyTrue()) {
                return i + hit.firstTrue();
            }
        }
        while (nan ? x[xo + i] == x[xo + i] : x[xo + i] != value) {
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
            float[] x, int xo, int rows, int cols, int rowStride, float[] y, int yo) {
        FloatElementwise.fill(0f, y, yo, cols);
        addRows(x, xo, rows, cols, rowStride, y, yo);
    }

    /** Adds the rows of a matrix to {@code y}, in order: {@code y[j] += x[0, j]}, and so on. */
    public static void addRows(
            float[] x, int xo, int rows, int cols, int rowStride, float[] y, int yo) {
        int r = 0;
        if (cols % LANES == 0 && (long) rows * rowStride <= BLOCK) {
            for (int j = 0; j < cols; j += LANES) { // in the first-level cache rows can wait
                FloatVector v = V.cast(FloatVector.fromArray(S, y, yo + j));
                for (int i = 0; i < rows; i++) {
                    v = V.cast(FloatVector.fromArray(S, x, xo + i * rowStride + j)).add(v);
                }
                V.cast(v).intoArray(y, yo + j);
            }
            return;
        }
        for (; r <= rows - 4; r += 4) {
            int at = xo + r * rowStride;
            int j = 0;
            for (int end = S.loopBound(cols); j < end; j += LANES) {
                FloatVector v = V.cast(FloatVector.fromArray(S, y, yo + j));
                v = V.cast(FloatVector.fromArray(S, x, at + j)).add(v);
                v = V.cast(FloatVector.fromArray(S, x, at + rowStride + j)).add(v);
                v = V.cast(FloatVector.fromArray(S, x, at + 2 * rowStride + j)).add(v);
                v = V.cast(FloatVector.fromArray(S, x, at + 3 * rowStride + j)).add(v);
                V.cast(v).intoArray(y, yo + j);
            }
            for (; j < cols; j++) {
                float s = y[yo + j] + x[at + j];
                s = s + x[at + rowStride + j];
                s = s + x[at + 2 * rowStride + j];
                y[yo + j] = s + x[at + 3 * rowStride + j];
            }
        }
        for (; r < rows; r++) {
            FloatElementwise.add(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Column products of a matrix, the rows in order. */
    public static void prodRows(
            float[] x, int xo, int rows, int cols, int rowStride, float[] y, int yo) {
        FloatElementwise.fill(1f, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            FloatElementwise.mul(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Column maxima of a matrix. */
    public static void maxRows(
            float[] x, int xo, int rows, int cols, int rowStride, float[] y, int yo) {
        FloatElementwise.fill(Float.NEGATIVE_INFINITY, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            FloatElementwise.max(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Column minima of a matrix. */
    public static void minRows(
            float[] x, int xo, int rows, int cols, int rowStride, float[] y, int yo) {
        FloatElementwise.fill(Float.POSITIVE_INFINITY, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            FloatElementwise.min(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /**
     * For each column of a matrix, the first row that holds its largest element, or its first NaN.
     *
     * @throws IllegalArgumentException if there are no rows
     */
    public static void argMaxRows(
            float[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        requireElements(rows);
        Arrays.fill(y, yo, yo + cols, 0);
        for (int r = 1; r < rows; r++) {
            int at = xo + r * rowStride;
            for (int j = 0; j < cols; j++) {
                float v = x[at + j];
                float best = x[xo + y[yo + j] * rowStride + j];
                if (v > best || (v != v && best == best)) {
                    y[yo + j] = r;
                }
            }
        }
    }

    /**
     * For each column of a matrix, the first row that holds its smallest element, or its first NaN.
     *
     * @throws IllegalArgumentException if there are no rows
     */
    public static void argMinRows(
            float[] x, int xo, int rows, int cols, int rowStride, int[] y, int yo) {
        requireElements(rows);
        Arrays.fill(y, yo, yo + cols, 0);
        for (int r = 1; r < rows; r++) {
            int at = xo + r * rowStride;
            for (int j = 0; j < cols; j++) {
                float v = x[at + j];
                float best = x[xo + y[yo + j] * rowStride + j];
                if (v < best || (v != v && best == best)) {
                    y[yo + j] = r;
                }
            }
        }
    }

    /**
     * Running sums of a run: {@code y[i] = x[0] + ... + x[i]}, or from the end if {@code reverse}:
     * {@code y[i] = x[i] + ... + x[n-1]}. Added one after another; {@code y} may be {@code x}.
     */
    public static void cumSum(float[] x, int xo, float[] y, int yo, int n, boolean reverse) {
        float s = 0f;
        for (int i = 0; i < n; i++) {
            int at = reverse ? n - 1 - i : i;
            s += x[xo + at];
            y[yo + at] = s;
        }
    }

    /** Running sums down the columns of a contiguous matrix, or up them if {@code reverse}. */
    public static void cumSumRows(
            float[] x, int xo, int rows, int cols, float[] y, int yo, boolean reverse) {
        if (rows == 0) {
            return;
        }
        int first = reverse ? rows - 1 : 0;
        int step = reverse ? -cols : cols;
        int at = first * cols;
        System.arraycopy(x, xo + at, y, yo + at, cols);
        for (int r = 1; r < rows; r++) {
            FloatElementwise.add(y, yo + at, x, xo + at + step, y, yo + at + step, cols);
            at += step;
        }
    }
}
