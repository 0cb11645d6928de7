package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

class FloatReduceTest {

    private static final int[] LONGER = {4095, 4096, 4097, 8192, 8193, 20_000};

    private static int[] sizes() {
        int[] all = Arrays.copyOf(Kernels.SIZES, Kernels.SIZES.length + LONGER.length);
        System.arraycopy(LONGER, 0, all, Kernels.SIZES.length, LONGER.length);
        return all;
    }

    private static float[] gaussian(int n, long seed) {
        Random random = new Random(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) (1 + 0.5 * random.nextGaussian());
        }
        return x;
    }

    private interface Scalar {
        float of(float a, float b);
    }

    /** The documented order, element by element: columns of four running results, then pairs. */
    private static float inOrder(float[] x, int xo, int n, float start, Scalar op) {
        if (n > 4096) {
            int left = 4096;
            while (2 * left < n) {
                left *= 2;
            }
            return op.of(
                    inOrder(x, xo, left, start, op), inOrder(x, xo + left, n - left, start, op));
        }
        if (n <= 16) {
            float r = start;
            for (int i = 0; i < n; i++) {
                r = op.of(r, x[xo + i]);
            }
            return r;
        }
        float[] running = new float[4 * 16];
        Arrays.fill(running, start);
        for (int i = 0; i < n; i++) {
            int lane = i % running.length;
            running[lane] = op.of(running[lane], x[xo + i]);
        }
        float[] columns = new float[16];
        for (int j = 0; j < 16; j++) {
            columns[j] =
                    op.of(
                            op.of(running[j], running[j + 16]),
                            op.of(running[j + 2 * 16], running[j + 3 * 16]));
        }
        for (int width = 16; width > 1; width /= 2) {
            for (int j = 0; j < width / 2; j++) {
                columns[j] = op.of(columns[2 * j], columns[2 * j + 1]);
            }
        }
        return columns[0];
    }

    @Test
    void sumAndProductFollowTheDocumentedOrder() {
        for (int n : sizes()) {
            float[] x = gaussian(n + 3, n);
            assertThat(FloatReduce.sum(x, 3, n)).isEqualTo(inOrder(x, 3, n, 0, (a, b) -> a + b));
            assertThat(FloatReduce.prod(x, 3, n)).isEqualTo(inOrder(x, 3, n, 1, (a, b) -> a * b));
        }
    }

    @Test
    void sumIsAccurate() {
        int n = 1_000_000;
        float[] x = gaussian(n, 9);
        double exact = 0;
        double lost = 0;
        for (float v : x) {
            // Kahan's compensated sum in double
            double next = exact + (v - lost);
            lost = (next - exact) - (v - lost);
            exact = next;
        }
        assertThat(Math.abs(FloatReduce.sum(x, 0, n) - exact))
                .isLessThan(8 * exact * Math.ulp((float) 1));
    }

    @Test
    void partsCutAtSplitGiveTheSameBits() {
        int n = 30_000;
        float[] x = gaussian(n, 4);
        int cut = FloatReduce.split(n);
        assertThat(cut).isEqualTo(16_384);
        assertThat(FloatReduce.sum(x, 0, cut) + FloatReduce.sum(x, cut, n - cut))
                .isEqualTo(FloatReduce.sum(x, 0, n));
    }

    @Test
    void nanAndInfinityPass() {
        float[] x = gaussian(100, 2);
        x[70] = Float.NaN;
        assertThat(FloatReduce.sum(x, 0, 100)).isNaN();
        assertThat(FloatReduce.prod(x, 0, 100)).isNaN();
        assertThat(FloatReduce.max(x, 0, 100)).isNaN();
        assertThat(FloatReduce.min(x, 0, 100)).isNaN();
        x[71] = Float.POSITIVE_INFINITY;
        x[80] = Float.NaN;
        assertThat(FloatReduce.argMax(x, 0, 100)).isEqualTo(70);
        assertThat(FloatReduce.argMin(x, 0, 100)).isEqualTo(70);
        x[70] = 0;
        x[80] = 0;
        assertThat(FloatReduce.sum(x, 0, 100)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(FloatReduce.max(new float[] {-0f, 0f}, 0, 2)).isEqualTo(Float.valueOf(0f));
        assertThat(FloatReduce.min(new float[] {0f, -0f}, 0, 2)).isEqualTo(Float.valueOf(-0f));
        assertThat(FloatReduce.argMax(new float[] {-0f, 0f}, 0, 2)).isZero();
    }

    @Test
    void extremesAndTheirPositions() {
        for (int n : sizes()) {
            float[] x = gaussian(n + 3, n);
            float max = Float.NEGATIVE_INFINITY;
            float min = Float.POSITIVE_INFINITY;
            int argMax = 0;
            int argMin = 0;
            for (int i = 0; i < n; i++) {
                max = Math.max(max, x[i + 3]);
                min = Math.min(min, x[i + 3]);
                argMax = x[i + 3] > x[argMax + 3] ? i : argMax;
                argMin = x[i + 3] < x[argMin + 3] ? i : argMin;
            }
            assertThat(FloatReduce.max(x, 3, n)).isEqualTo(max);
            assertThat(FloatReduce.min(x, 3, n)).isEqualTo(min);
            if (n > 0) {
                assertThat(FloatReduce.argMax(x, 3, n)).isEqualTo(argMax);
                assertThat(FloatReduce.argMin(x, 3, n)).isEqualTo(argMin);
                // a second occurrence does not count
                float[] twice = Arrays.copyOf(x, 2 * n + 3);
                System.arraycopy(x, 3, twice, n + 3, n);
                assertThat(FloatReduce.argMax(twice, 3, 2 * n)).isEqualTo(argMax);
            }
        }
        assertThatThrownBy(() -> FloatReduce.argMax(new float[0], 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one element");
    }

    @Test
    void columnsAreReducedInTheOrderOfTheRows() {
        for (int rows : new int[] {0, 1, 3, 4, 5, 9}) {
            for (int cols : new int[] {0, 1, 5, 16, 17, 70}) {
                int stride = cols + 2;
                float[] x = gaussian(1 + rows * stride, rows + cols);
                float[] sum = new float[cols];
                float[] product = new float[cols];
                float[] max = new float[cols];
                float[] min = new float[cols];
                int[] argMax = new int[cols];
                int[] argMin = new int[cols];
                Arrays.fill(product, 1);
                Arrays.fill(max, Float.NEGATIVE_INFINITY);
                Arrays.fill(min, Float.POSITIVE_INFINITY);
                for (int r = 0; r < rows; r++) {
                    for (int j = 0; j < cols; j++) {
                        float v = x[1 + r * stride + j];
                        sum[j] += v;
                        product[j] *= v;
                        argMax[j] = r == 0 || v > max[j] ? r : argMax[j];
                        argMin[j] = r == 0 || v < min[j] ? r : argMin[j];
                        max[j] = Math.max(max[j], v);
                        min[j] = Math.min(min[j], v);
                    }
                }
                float[] y = new float[cols];
                FloatReduce.sumRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(sum);
                FloatReduce.prodRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(product);
                FloatReduce.maxRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(max);
                FloatReduce.minRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(min);
                if (rows > 0) {
                    int[] at = new int[cols];
                    FloatReduce.argMaxRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMax);
                    FloatReduce.argMinRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMin);
                }
            }
        }
    }

    @Test
    void columnPositionsPreferTheFirstNan() {
        float nan = Float.NaN;
        float[] x = {1, nan, 3, nan, 5, 2, nan, 7, 2};
        int[] at = new int[3];
        FloatReduce.argMaxRows(x, 0, 3, 3, 3, at, 0);
        assertThat(at).containsExactly(1, 0, 0);
        x[0] = nan;
        FloatReduce.argMinRows(x, 0, 3, 3, 3, at, 0);
        assertThat(at).containsExactly(0, 0, 1);
    }

    @Test
    void runningSums() {
        float[] x = {9, 1, 2, 3, 4};
        float[] y = new float[5];
        FloatReduce.cumSum(x, 1, y, 1, 4, false);
        assertThat(y).containsExactly(0, 1, 3, 6, 10);
        FloatReduce.cumSum(x, 1, x, 1, 4, true);
        assertThat(x).containsExactly(9, 10, 9, 7, 4);
        float[] m = {1, 2, 3, 4, 5, 6};
        float[] z = new float[6];
        FloatReduce.cumSumRows(m, 0, 3, 2, z, 0, false);
        assertThat(z).containsExactly(1, 2, 4, 6, 9, 12);
        FloatReduce.cumSumRows(m, 0, 3, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
        FloatReduce.cumSumRows(m, 0, 0, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
    }
}
