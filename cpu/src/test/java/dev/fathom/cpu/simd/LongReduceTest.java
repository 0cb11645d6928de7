package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class LongReduceTest {

    private static final int[] LONGER = {4095, 4096, 4097, 8192, 8193, 20_000};

    private static int[] sizes() {
        int[] all = Arrays.copyOf(Kernels.SIZES, Kernels.SIZES.length + LONGER.length);
        System.arraycopy(LONGER, 0, all, Kernels.SIZES.length, LONGER.length);
        return all;
    }

    @Test
    void sumAndProductWrap() {
        for (int n : sizes()) {
            long[] x = Kernels.longs(n + 3, n);
            long sum = 0;
            long product = 1;
            for (int i = 0; i < n; i++) {
                // odd factors, so that the product does not vanish
                x[i + 3] |= 1;
                sum += x[i + 3];
                product *= x[i + 3];
            }
            assertThat(LongReduce.sum(x, 3, n)).isEqualTo(sum);
            assertThat(LongReduce.prod(x, 3, n)).isEqualTo(product);
        }
    }

    @Test
    void extremesAndTheirPositions() {
        for (int n : sizes()) {
            long[] x = Kernels.longs(n + 3, n);
            long max = Long.MIN_VALUE;
            long min = Long.MAX_VALUE;
            int argMax = 0;
            int argMin = 0;
            for (int i = 0; i < n; i++) {
                max = Math.max(max, x[i + 3]);
                min = Math.min(min, x[i + 3]);
                argMax = x[i + 3] > x[argMax + 3] ? i : argMax;
                argMin = x[i + 3] < x[argMin + 3] ? i : argMin;
            }
            assertThat(LongReduce.max(x, 3, n)).isEqualTo(max);
            assertThat(LongReduce.min(x, 3, n)).isEqualTo(min);
            if (n > 0) {
                assertThat(LongReduce.argMax(x, 3, n)).isEqualTo(argMax);
                assertThat(LongReduce.argMin(x, 3, n)).isEqualTo(argMin);
                // a second occurrence does not count
                long[] twice = Arrays.copyOf(x, 2 * n + 3);
                System.arraycopy(x, 3, twice, n + 3, n);
                assertThat(LongReduce.argMax(twice, 3, 2 * n)).isEqualTo(argMax);
            }
        }
        assertThatThrownBy(() -> LongReduce.argMax(new long[0], 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one element");
    }

    @Test
    void columnsAreReducedInTheOrderOfTheRows() {
        for (int rows : new int[] {0, 1, 3, 4, 5, 9}) {
            for (int cols : new int[] {0, 1, 5, 16, 17, 70}) {
                int stride = cols + 2;
                long[] x = Kernels.longs(1 + rows * stride, rows + cols);
                long[] sum = new long[cols];
                long[] product = new long[cols];
                long[] max = new long[cols];
                long[] min = new long[cols];
                int[] argMax = new int[cols];
                int[] argMin = new int[cols];
                Arrays.fill(product, 1);
                Arrays.fill(max, Long.MIN_VALUE);
                Arrays.fill(min, Long.MAX_VALUE);
                for (int r = 0; r < rows; r++) {
                    for (int j = 0; j < cols; j++) {
                        long v = x[1 + r * stride + j];
                        sum[j] += v;
                        product[j] *= v;
                        argMax[j] = r == 0 || v > max[j] ? r : argMax[j];
                        argMin[j] = r == 0 || v < min[j] ? r : argMin[j];
                        max[j] = Math.max(max[j], v);
                        min[j] = Math.min(min[j], v);
                    }
                }
                long[] y = new long[cols];
                LongReduce.sumRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(sum);
                LongReduce.prodRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(product);
                LongReduce.maxRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(max);
                LongReduce.minRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(min);
                if (rows > 0) {
                    int[] at = new int[cols];
                    LongReduce.argMaxRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMax);
                    LongReduce.argMinRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMin);
                }
            }
        }
    }

    @Test
    void runningSums() {
        long[] x = {9, 1, 2, 3, 4};
        long[] y = new long[5];
        LongReduce.cumSum(x, 1, y, 1, 4, false);
        assertThat(y).containsExactly(0, 1, 3, 6, 10);
        LongReduce.cumSum(x, 1, x, 1, 4, true);
        assertThat(x).containsExactly(9, 10, 9, 7, 4);
        long[] m = {1, 2, 3, 4, 5, 6};
        long[] z = new long[6];
        LongReduce.cumSumRows(m, 0, 3, 2, z, 0, false);
        assertThat(z).containsExactly(1, 2, 4, 6, 9, 12);
        LongReduce.cumSumRows(m, 0, 3, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
        LongReduce.cumSumRows(m, 0, 0, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
    }
}
