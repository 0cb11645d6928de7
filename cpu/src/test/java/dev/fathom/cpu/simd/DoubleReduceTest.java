package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

class DoubleReduceTest {

    private static final int[] LONGER = {4095, 4096, 4097, 8192, 8193, 20_000};

    private static int[] sizes() {
        int[] all = Arrays.copyOf(Kernels.SIZES, Kernels.SIZES.length + LONGER.length);
        System.arraycopy(LONGER, 0, all, Kernels.SIZES.length, LONGER.length);
        return all;
    }

    private static double[] gaussian(int n, long seed) {
        Random random = new Random(seed);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = 1 + 0.5 * random.nextGaussian();
        }
        return x;
    }

    private interface Scalar {
        double of(double a, double b);
    }

    /** The documented order, element by element: columns of four running results, then pairs. */
    private static double inOrder(double[] x, int xo, int n, double start, Scalar op) {
        if (n > 4096) {
            int left = 4096;
            while (2 * left < n) {
                left *= 2;
            }
            return op.of(
                    inOrder(x, xo, left, start, op), inOrder(x, xo + left, n - left, start, op));
        }
        if (n <= 16) {
            double r = start;
            for (int i = 0; i < n; i++) {
                r = op.of(r, x[xo + i]);
            }
            return r;
        }
        double[] running = new double[4 * 8];
        Arrays.fill(running, start);
        for (int i = 0; i < n; i++) {
            int lane = i % running.length;
            running[lane] = op.of(running[lane], x[xo + i]);
        }
        double[] columns = new double[8];
        for (int j = 0; j < 8; j++) {
            columns[j] =
                    op.of(
                            op.of(running[j], running[j + 8]),
                            op.of(running[j + 2 * 8], running[j + 3 * 8]));
        }
        for (int width = 8; width > 1; width /= 2) {
            for (int j = 0; j < width / 2; j++) {
                columns[j] = op.of(columns[2 * j], columns[2 * j + 1]);
            }
        }
        return columns[0];
    }

    @Test
    void sumAndProductFollowTheDocumentedOrder() {
        for (int n : sizes()) {
            double[] x = gaussian(n + 3, n);
            assertThat(DoubleReduce.sum(x, 3, n)).isEqualTo(inOrder(x, 3, n, 0, (a, b) -> a + b));
            assertThat(DoubleReduce.prod(x, 3, n)).isEqualTo(inOrder(x, 3, n, 1, (a, b) -> a * b));
        }
    }

    @Test
    void sumIsAccurate() {
        int n = 1_000_000;
        double[] x = gaussian(n, 9);
        double exact = 0;
        double lost = 0;
        for (double v : x) {
            // Kahan's compensated sum in double
            double next = exact + (v - lost);
            lost = (next - exact) - (v - lost);
            exact = next;
        }
        assertThat(Math.abs(DoubleReduce.sum(x, 0, n) - exact))
                .isLessThan(8 * exact * Math.ulp((double) 1));
    }

    @Test
    void partsCutAtSplitGiveTheSameBits() {
        int n = 30_000;
        double[] x = gaussian(n, 4);
        int cut = DoubleReduce.split(n);
        assertThat(cut).isEqualTo(16_384);
        assertThat(DoubleReduce.sum(x, 0, cut) + DoubleReduce.sum(x, cut, n - cut))
                .isEqualTo(DoubleReduce.sum(x, 0, n));
    }

    @Test
    void nanAndInfinityPass() {
        double[] x = gaussian(100, 2);
        x[70] = Double.NaN;
        assertThat(DoubleReduce.sum(x, 0, 100)).isNaN();
        assertThat(DoubleReduce.prod(x, 0, 100)).isNaN();
        assertThat(DoubleReduce.max(x, 0, 100)).isNaN();
        assertThat(DoubleReduce.min(x, 0, 100)).isNaN();
        x[71] = Double.POSITIVE_INFINITY;
        x[80] = Double.NaN;
        assertThat(DoubleReduce.argMax(x, 0, 100)).isEqualTo(70);
        assertThat(DoubleReduce.argMin(x, 0, 100)).isEqualTo(70);
        x[70] = 0;
        x[80] = 0;
        assertThat(DoubleReduce.sum(x, 0, 100)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(DoubleReduce.max(new double[] {-0d, 0d}, 0, 2)).isEqualTo(Double.valueOf(0d));
        assertThat(DoubleReduce.min(new double[] {0d, -0d}, 0, 2)).isEqualTo(Double.valueOf(-0d));
        assertThat(DoubleReduce.argMax(new double[] {-0d, 0d}, 0, 2)).isZero();
    }

    @Test
    void extremesAndTheirPositions() {
        for (int n : sizes()) {
            double[] x = gaussian(n + 3, n);
            double max = Double.NEGATIVE_INFINITY;
            double min = Double.POSITIVE_INFINITY;
            int argMax = 0;
            int argMin = 0;
            for (int i = 0; i < n; i++) {
                max = Math.max(max, x[i + 3]);
                min = Math.min(min, x[i + 3]);
                argMax = x[i + 3] > x[argMax + 3] ? i : argMax;
                argMin = x[i + 3] < x[argMin + 3] ? i : argMin;
            }
            assertThat(DoubleReduce.max(x, 3, n)).isEqualTo(max);
            assertThat(DoubleReduce.min(x, 3, n)).isEqualTo(min);
            if (n > 0) {
                assertThat(DoubleReduce.argMax(x, 3, n)).isEqualTo(argMax);
                assertThat(DoubleReduce.argMin(x, 3, n)).isEqualTo(argMin);
                // a second occurrence does not count
                double[] twice = Arrays.copyOf(x, 2 * n + 3);
                System.arraycopy(x, 3, twice, n + 3, n);
                assertThat(DoubleReduce.argMax(twice, 3, 2 * n)).isEqualTo(argMax);
            }
        }
        assertThatThrownBy(() -> DoubleReduce.argMax(new double[0], 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one element");
    }

    @Test
    void columnsAreReducedInTheOrderOfTheRows() {
        for (int rows : new int[] {0, 1, 3, 4, 5, 9}) {
            for (int cols : new int[] {0, 1, 5, 16, 17, 70}) {
                int stride = cols + 2;
                double[] x = gaussian(1 + rows * stride, rows + cols);
                double[] sum = new double[cols];
                double[] product = new double[cols];
                double[] max = new double[cols];
                double[] min = new double[cols];
                int[] argMax = new int[cols];
                int[] argMin = new int[cols];
                Arrays.fill(product, 1);
                Arrays.fill(max, Double.NEGATIVE_INFINITY);
                Arrays.fill(min, Double.POSITIVE_INFINITY);
                for (int r = 0; r < rows; r++) {
                    for (int j = 0; j < cols; j++) {
                        double v = x[1 + r * stride + j];
                        sum[j] += v;
                        product[j] *= v;
                        argMax[j] = r == 0 || v > max[j] ? r : argMax[j];
                        argMin[j] = r == 0 || v < min[j] ? r : argMin[j];
                        max[j] = Math.max(max[j], v);
                        min[j] = Math.min(min[j], v);
                    }
                }
                double[] y = new double[cols];
                DoubleReduce.sumRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(sum);
                DoubleReduce.prodRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(product);
                DoubleReduce.maxRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(max);
                DoubleReduce.minRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(min);
                if (rows > 0) {
                    int[] at = new int[cols];
                    DoubleReduce.argMaxRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMax);
                    DoubleReduce.argMinRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMin);
                }
            }
        }
    }

    @Test
    void columnPositionsPreferTheFirstNan() {
        double nan = Double.NaN;
        double[] x = {1, nan, 3, nan, 5, 2, nan, 7, 2};
        int[] at = new int[3];
        DoubleReduce.argMaxRows(x, 0, 3, 3, 3, at, 0);
        assertThat(at).containsExactly(1, 0, 0);
        x[0] = nan;
        DoubleReduce.argMinRows(x, 0, 3, 3, 3, at, 0);
        assertThat(at).containsExactly(0, 0, 1);
    }

    @Test
    void runningSums() {
        double[] x = {9, 1, 2, 3, 4};
        double[] y = new double[5];
        DoubleReduce.cumSum(x, 1, y, 1, 4, false);
        assertThat(y).containsExactly(0, 1, 3, 6, 10);
        DoubleReduce.cumSum(x, 1, x, 1, 4, true);
        assertThat(x).containsExactly(9, 10, 9, 7, 4);
        double[] m = {1, 2, 3, 4, 5, 6};
        double[] z = new double[6];
        DoubleReduce.cumSumRows(m, 0, 3, 2, z, 0, false);
        assertThat(z).containsExactly(1, 2, 4, 6, 9, 12);
        DoubleReduce.cumSumRows(m, 0, 3, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
        DoubleReduce.cumSumRows(m, 0, 0, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
    }
}
