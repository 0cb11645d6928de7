package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;

/** Against the chain of fused multiply-adds that the class promises, bit for bit. */
class GemmLanesTest {
    private static final int[] SIZES = {1, 2, 3, 4, 5, 9};
    private static final Workers ONE = Workers.of(1);

    /** Where each operand begins. */
    private static final int AT = 3;

    private static float[] numbers(int n, long seed) {
        var random = new Random(seed);
        var x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static double[] wide(float[] x) {
        var y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i];
        }
        return y;
    }

    /** Rows of A and C, and of B, are one element further apart than need be. */
    private static void check(int batch, int m, int n, int k, Workers workers) {
        int rowA = k * batch + 1;
        int rowB = n * batch + 1;
        int rowC = n * batch + 1;
        var a = numbers(AT + m * rowA, 1);
        var b = numbers(AT + k * rowB, 2);
        var wideA = wide(a);
        var wideB = wide(b);
        var expected = numbers(AT + m * rowC, 3);
        var c = expected.clone();
        var wideExpected = wide(expected);
        var wideC = wide(expected);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int l = 0; l < batch; l++) {
                    float sum = 0;
                    double wideSum = 0;
                    for (int p = 0; p < k; p++) {
                        int x = AT + i * rowA + p * batch + l;
                        int y = AT + p * rowB + j * batch + l;
                        sum = Math.fma(a[x], b[y], sum);
                        wideSum = Math.fma(wideA[x], wideB[y], wideSum);
                    }
                    expected[AT + i * rowC + j * batch + l] = sum;
                    wideExpected[AT + i * rowC + j * batch + l] = wideSum;
                }
            }
        }
        GemmLanesF32.batched(
                batch, m, n, k, a, AT, rowA, batch, b, AT, rowB, batch, c, AT, rowC, batch,
                workers);
        GemmLanesF64.batched(
                batch, m, n, k, wideA, AT, rowA, batch, wideB, AT, rowB, batch, wideC, AT, rowC,
                batch, workers);
        var what = "%d products %dx%dx%d".formatted(batch, m, k, n);
        assertThat(c).as(what).containsExactly(expected);
        assertThat(wideC).as(what).containsExactly(wideExpected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 8, 15, 16, 17, 31, 33, 64})
    void everyElementIsOneChain(int batch) {
        for (int m : SIZES) {
            for (int n : SIZES) {
                for (int k : new int[] {0, 1, 2, 7, 16}) {
                    check(batch, m, n, k, ONE);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void threadsDoNotChangeABit(int threads) {
        check(1000, 13, 7, 21, Workers.of(threads));
    }

    @Test
    void nothingIsNothing() {
        check(0, 2, 2, 2, ONE);
        check(16, 0, 2, 2, ONE);
        check(16, 2, 0, 2, ONE);
    }
}
