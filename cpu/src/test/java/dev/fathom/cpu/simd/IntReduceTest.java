package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class IntReduceTest {

    private static final int[] LONGER = {4095, 4096, 4097, 8192, 8193, 20_000};

    private static int[] sizes() {
        int[] all = Arrays.copyOf(Kernels.SIZES, Kernels.SIZES.length + LONGER.length);
        System.arraycopy(LONGER, 0, all, Kernels.SIZES.length, LONGER.length);
        return all;
    }

    @Test
    void sumAndProductWrap() {
        for (int n : sizes()) {
            int[] x = Kernels.ints(n + 3, n);
            int sum = 0;
            int product = 1;
            for (int i = 0; i < n; i++) {
                // odd factors, so that the product does not vanish
                x[i + 3] |= 1;
                sum += x[i + 3];
                product *= x[i + 3];
            }
            assertThat(IntReduce.sum(x, 3, n)).isEqualTo(sum);
            assertThat(IntReduce.prod(x, 3, n)).isEqualTo(product);
        }
    }

    @Test
    void extremesAndTheirPositions() {
        for (int n : sizes()) {
            int[] x = Kernels.ints(n + 3, n);
            int max = Integer.MIN_VALUE;
            int min = Integer.MAX_VALUE;
            int argMax = 0;
            int argMin = 0;
            for (int i = 0; i < n; i++) {
                max = Math.max(max, x[i + 3]);
                min = Math.min(min, x[i + 3]);
                argMax = x[i + 3] > x[argMax + 3] ? i : argMax;
                argMin = x[i + 3] < x[argMin + 3] ? i : argMin;
            }
            assertThat(IntReduce.max(x, 3, n)).isEqualTo(max);
            assertThat(IntReduce.min(x, 3, n)).isEqualTo(min);
            if (n > 0) {
                assertThat(IntReduce.argMax(x, 3, n)).isEqualTo(argMax);
                assertThat(IntReduce.argMin(x, 3, n)).isEqualTo(argMin);
                // a second occurrence does not count
                int[] twice = Arrays.copyOf(x, 2 * n + 3);
                System.arraycopy(x, 3, twice, n + 3, n);
                assertThat(IntReduce.argMax(twice, 3, 2 * n)).isEqualTo(argMax);
            }
        }
        assertThatThrownBy(() -> IntReduce.argMax(new int[0], 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one element");
    }

    @Test
    void columnsAreReducedInTheOrderOfTheRows() {
        for (int rows : new int[] {0, 1, 3, 4, 5, 9}) {
            for (int cols : new int[] {0, 1, 5, 16, 17, 70}) {
                int stride = cols + 2;
                int[] x = Kernels.ints(1 + rows * stride, rows + cols);
                int[] sum = new int[cols];
                int[] product = new int[cols];
                int[] max = new int[cols];
                int[] min = new int[cols];
                int[] argMax = new int[cols];
                int[] argMin = new int[cols];
                Arrays.fill(product, 1);
                Arrays.fill(max, Integer.MIN_VALUE);
                Arrays.fill(min, Integer.MAX_VALUE);
                for (int r = 0; r < rows; r++) {
                    for (int j = 0; j < cols; j++) {
                        int v = x[1 + r * stride + j];
                        sum[j] += v;
                        product[j] *= v;
                        argMax[j] = r == 0 || v > max[j] ? r : argMax[j];
                        argMin[j] = r == 0 || v < min[j] ? r : argMin[j];
                        max[j] = Math.max(max[j], v);
                        min[j] = Math.min(min[j], v);
                    }
                }
                int[] y = new int[cols];
                IntReduce.sumRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(sum);
                IntReduce.prodRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(product);
                IntReduce.maxRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(max);
                IntReduce.minRows(x, 1, rows, cols, stride, y, 0);
                assertThat(y).containsExactly(min);
                if (rows > 0) {
                    int[] at = new int[cols];
                    IntReduce.argMaxRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMax);
                    IntReduce.argMinRows(x, 1, rows, cols, stride, at, 0);
                    assertThat(at).containsExactly(argMin);
                }
            }
        }
    }

    @Test
    void runningSums() {
        int[] x = {9, 1, 2, 3, 4};
        int[] y = new int[5];
        IntReduce.cumSum(x, 1, y, 1, 4, false);
        assertThat(y).containsExactly(0, 1, 3, 6, 10);
        IntReduce.cumSum(x, 1, x, 1, 4, true);
        assertThat(x).containsExactly(9, 10, 9, 7, 4);
        int[] m = {1, 2, 3, 4, 5, 6};
        int[] z = new int[6];
        IntReduce.cumSumRows(m, 0, 3, 2, z, 0, false);
        assertThat(z).containsExactly(1, 2, 4, 6, 9, 12);
        IntReduce.cumSumRows(m, 0, 3, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
        IntReduce.cumSumRows(m, 0, 0, 2, z, 0, true);
        assertThat(z).containsExactly(9, 12, 8, 10, 5, 6);
    }
}
