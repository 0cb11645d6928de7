package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class BoolReduceTest {

    @Test
    void anyFindsOneTrueAndAllOneFalse() {
        for (int n : Kernels.SIZES) {
            byte[] x = new byte[n + 4];
            // neighbours outside the range must not count
            x[1] = 1;
            x[n + 2] = 1;
            assertThat(BoolReduce.any(x, 2, n)).isFalse();
            byte[] y = new byte[n + 4];
            Arrays.fill(y, 2, n + 2, (byte) 1);
            assertThat(BoolReduce.all(y, 2, n)).isTrue();
            for (int i = 0; i < n; i++) {
                x[2 + i] = 1;
                assertThat(BoolReduce.any(x, 2, n)).isTrue();
                x[2 + i] = 0;
                y[2 + i] = 0;
                assertThat(BoolReduce.all(y, 2, n)).isFalse();
                y[2 + i] = 1;
            }
        }
    }

    @Test
    void columns() {
        byte[] x = {0, 1, 1, 9, 0, 1, 0, 9};
        byte[] y = new byte[3];
        BoolReduce.anyRows(x, 0, 2, 3, 4, y, 0);
        assertThat(y).containsExactly(0, 1, 1);
        BoolReduce.allRows(x, 0, 2, 3, 4, y, 0);
        assertThat(y).containsExactly(0, 1, 0);
        BoolReduce.anyRows(x, 0, 0, 3, 4, y, 0);
        assertThat(y).containsExactly(0, 0, 0);
        BoolReduce.allRows(x, 0, 0, 3, 4, y, 0);
        assertThat(y).containsExactly(1, 1, 1);
    }
}
