package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.BFloat16;
import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/** A row times a matrix of bfloat16 against the product with the converted matrix, bit by bit. */
@Tag("every-width")
class BFloatRowTest {
    private static final int[][] SIZES = {
        {1, 1},
        {2, 3},
        {7, 5},
        {16, 4},
        {17, 33},
        {64, 256},
        {65, 257},
        {513, 300},
        {1100, 515},
        {40, 0},
        {1500, 7}
    };

    private static float[] numbers(int n, long seed) {
        var random = new SplittableRandom(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    @Test
    void bitsAreThoseOfTheProductWithFloats() {
        for (int[] s : SIZES) {
            int n = s[0];
            int k = s[1];
            int row = n + 3;
            float[] a = numbers(2 * k + 1, n);
            short[] b = new short[k * row + 5];
            float[] wide = new float[b.length];
            float[] values = numbers(b.length, k);
            for (int i = 0; i < b.length; i++) {
                b[i] = BFloat16.of(values[i]);
                wide[i] = BFloat16.toFloat(b[i]);
            }
            float[] expected = new float[n];
            for (int threads : new int[] {1, 2, 3, 7}) {
                var workers = Workers.of(threads);
                GemmF32.gemm(
                        1,
                        n,
                        k,
                        a,
                        1,
                        2 * k,
                        2,
                        wide,
                        5,
                        row,
                        1,
                        expected,
                        0,
                        n,
                        false,
                        workers,
                        Scratch.of());
                float[] found = new float[n + 2];
                found[0] = 9;
                found[n + 1] = 9;
                BFloatRow.multiply(n, k, a, 1, 2, b, 5, row, found, 1, workers, Scratch.of());
                for (int j = 0; j < n; j++) {
                    assertThat(found[j + 1]).as("%d, %d: %d", n, k, j).isEqualTo(expected[j]);
                }
                assertThat(found[0] + found[n + 1]).isEqualTo(18);
            }
        }
    }
}
