package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Random;

class GatherTest {

    private static final int[][] SHAPES = {
        // batch, outer, size, count, inner
        {1, 1, 5, 7, 1},
        {1, 1, 5, 7, 3},
        {2, 3, 4, 6, 1},
        {2, 3, 4, 6, 19},
        {3, 1, 1, 2, 2},
        {1, 2, 4, 0, 3},
        {0, 2, 4, 1, 3},
        {1, 1, 9, 4, 0}
    };

    @Test
    void takeAndAddFloat() {
        for (int[] s : SHAPES) {
            int batch = s[0];
            int outer = s[1];
            int size = s[2];
            int count = s[3];
            int inner = s[4];
            Random random = new Random(1);
            int[] index = random.ints(batch * count + 1, 0, size).toArray();
            float[] x = new float[batch * outer * size * inner + 1];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(100);
            }
            float[] y = new float[batch * outer * count * inner + 2];
            Gather.take(x, 1, index, 1, y, 2, batch, outer, size, count, inner);
            float[] z = x.clone();
            Gather.scatterAdd(y, 2, index, 1, z, 1, batch, outer, size, count, inner);
            float[] sum = x.clone();
            for (int b = 0; b < batch; b++) {
                for (int p = 0; p < outer; p++) {
                    for (int i = 0; i < count; i++) {
                        int at = index[1 + b * count + i];
                        for (int k = 0; k < inner; k++) {
                            int from = 1 + ((b * outer + p) * size + at) * inner + k;
                            int to = 2 + ((b * outer + p) * count + i) * inner + k;
                            assertThat(y[to]).isEqualTo(x[from]);
                            sum[from] += y[to];
                        }
                    }
                }
            }
            assertThat(z).containsExactly(sum);
        }
    }

    @Test
    void takeAndAddDouble() {
        for (int[] s : SHAPES) {
            int batch = s[0];
            int outer = s[1];
            int size = s[2];
            int count = s[3];
            int inner = s[4];
            Random random = new Random(1);
            int[] index = random.ints(batch * count + 1, 0, size).toArray();
            double[] x = new double[batch * outer * size * inner + 1];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(100);
            }
            double[] y = new double[batch * outer * count * inner + 2];
            Gather.take(x, 1, index, 1, y, 2, batch, outer, size, count, inner);
            double[] z = x.clone();
            Gather.scatterAdd(y, 2, index, 1, z, 1, batch, outer, size, count, inner);
            double[] sum = x.clone();
            for (int b = 0; b < batch; b++) {
                for (int p = 0; p < outer; p++) {
                    for (int i = 0; i < count; i++) {
                        int at = index[1 + b * count + i];
                        for (int k = 0; k < inner; k++) {
                            int from = 1 + ((b * outer + p) * size + at) * inner + k;
                            int to = 2 + ((b * outer + p) * count + i) * inner + k;
                            assertThat(y[to]).isEqualTo(x[from]);
                            sum[from] += y[to];
                        }
                    }
                }
            }
            assertThat(z).containsExactly(sum);
        }
    }

    @Test
    void takeAndAddInt() {
        for (int[] s : SHAPES) {
            int batch = s[0];
            int outer = s[1];
            int size = s[2];
            int count = s[3];
            int inner = s[4];
            Random random = new Random(1);
            int[] index = random.ints(batch * count + 1, 0, size).toArray();
            int[] x = new int[batch * outer * size * inner + 1];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(100);
            }
            int[] y = new int[batch * outer * count * inner + 2];
            Gather.take(x, 1, index, 1, y, 2, batch, outer, size, count, inner);
            int[] z = x.clone();
            Gather.scatterAdd(y, 2, index, 1, z, 1, batch, outer, size, count, inner);
            int[] sum = x.clone();
            for (int b = 0; b < batch; b++) {
                for (int p = 0; p < outer; p++) {
                    for (int i = 0; i < count; i++) {
                        int at = index[1 + b * count + i];
                        for (int k = 0; k < inner; k++) {
                            int from = 1 + ((b * outer + p) * size + at) * inner + k;
                            int to = 2 + ((b * outer + p) * count + i) * inner + k;
                            assertThat(y[to]).isEqualTo(x[from]);
                            sum[from] += y[to];
                        }
                    }
                }
            }
            assertThat(z).containsExactly(sum);
        }
    }

    @Test
    void takeAndAddLong() {
        for (int[] s : SHAPES) {
            int batch = s[0];
            int outer = s[1];
            int size = s[2];
            int count = s[3];
            int inner = s[4];
            Random random = new Random(1);
            int[] index = random.ints(batch * count + 1, 0, size).toArray();
            long[] x = new long[batch * outer * size * inner + 1];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(100);
            }
            long[] y = new long[batch * outer * count * inner + 2];
            Gather.take(x, 1, index, 1, y, 2, batch, outer, size, count, inner);
            long[] z = x.clone();
            Gather.scatterAdd(y, 2, index, 1, z, 1, batch, outer, size, count, inner);
            long[] sum = x.clone();
            for (int b = 0; b < batch; b++) {
                for (int p = 0; p < outer; p++) {
                    for (int i = 0; i < count; i++) {
                        int at = index[1 + b * count + i];
                        for (int k = 0; k < inner; k++) {
                            int from = 1 + ((b * outer + p) * size + at) * inner + k;
                            int to = 2 + ((b * outer + p) * count + i) * inner + k;
                            assertThat(y[to]).isEqualTo(x[from]);
                            sum[from] += y[to];
                        }
                    }
                }
            }
            assertThat(z).containsExactly(sum);
        }
    }

    @Test
    void takeAndAddByte() {
        for (int[] s : SHAPES) {
            int batch = s[0];
            int outer = s[1];
            int size = s[2];
            int count = s[3];
            int inner = s[4];
            Random random = new Random(1);
            int[] index = random.ints(batch * count + 1, 0, size).toArray();
            byte[] x = new byte[batch * outer * size * inner + 1];
            for (int i = 0; i < x.length; i++) {
                x[i] = (byte) random.nextInt(100);
            }
            byte[] y = new byte[batch * outer * count * inner + 2];
            Gather.take(x, 1, index, 1, y, 2, batch, outer, size, count, inner);
            for (int b = 0; b < batch; b++) {
                for (int p = 0; p < outer; p++) {
                    for (int i = 0; i < count; i++) {
                        int at = index[1 + b * count + i];
                        for (int k = 0; k < inner; k++) {
                            int from = 1 + ((b * outer + p) * size + at) * inner + k;
                            int to = 2 + ((b * outer + p) * count + i) * inner + k;
                            assertThat(y[to]).isEqualTo(x[from]);
                        }
                    }
                }
            }
        }
    }

    @Test
    void repeatedPositionsAddInOrder() {
        // (1e8 + 1) - 1e8 is 0 in float, and 1 in any other order
        float[] y = new float[1];
        Gather.scatterAdd(new float[] {1e8f, 1, -1e8f}, 0, new int[3], 0, y, 0, 1, 1, 1, 3, 1);
        assertThat(y[0]).isZero();
    }

    @Test
    void positionsOutsideTheAxisAreNamed() {
        float[] x = new float[4];
        float[] y = new float[4];
        assertThatThrownBy(() -> Gather.take(x, 0, new int[] {0, 4}, 0, y, 0, 1, 1, 4, 2, 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage(
                        "index 4 at position 1 is outside an axis of size 4; indices must be 0 to"
                                + " 3");
        assertThatThrownBy(() -> Gather.scatterAdd(x, 0, new int[] {-1}, 0, y, 0, 1, 1, 4, 1, 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("index -1 at position 0");
        assertThatThrownBy(() -> Gather.narrow(new long[] {1L << 32}, 0, new int[1], 0, 1, 4))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("index 4294967296");
        int[] narrow = new int[3];
        Gather.narrow(new long[] {9, 3, 0}, 1, narrow, 1, 2, 4);
        assertThat(narrow).containsExactly(0, 3, 0);
    }
}
