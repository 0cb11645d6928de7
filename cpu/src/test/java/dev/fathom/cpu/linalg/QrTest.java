package dev.fathom.cpu.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class QrTest {

    private static void check(double[] a, int m, int n) {
        int k = Math.min(m, n);
        double[] q = new double[m * k];
        double[] r = new double[k * n];
        Qr.factor(a, 0, m, n, q, 0, r, 0);
        double size = 0;
        for (double v : a) {
            size = Math.max(size, Math.abs(v));
        }
        Check.assertClose(Check.product(q, r, m, k, n), a, 1e-13 * size);
        Check.assertOrthonormal(q, m, k, 1e-13);
        for (int i = 0; i < k; i++) {
            assertThat(r[i * n + i]).isNotNegative();
            for (int j = 0; j < i; j++) {
                assertThat(r[i * n + j]).isZero();
            }
        }
    }

    @Test
    void byHand() {
        // (3 1; 4 2) = (0.6 -0.8; 0.8 0.6) (5 2.2; 0 0.4)
        double[] q = new double[4];
        double[] r = new double[4];
        Qr.factor(new double[] {3, 1, 4, 2}, 0, 2, 2, q, 0, r, 0);
        Check.assertClose(q, new double[] {0.6, -0.8, 0.8, 0.6}, 1e-15);
        Check.assertClose(r, new double[] {5, 2.2, 0, 0.4}, 1e-15);
    }

    @Test
    void reconstructionOfEveryShape() {
        int[][] shapes = {{0, 0}, {0, 3}, {3, 0}, {1, 1}, {5, 5}, {9, 4}, {4, 9}, {40, 25}};
        for (int[] s : shapes) {
            check(Check.random(s[0] * s[1], s[0]), s[0], s[1]);
        }
        float[] q = new float[9 * 4];
        float[] r = new float[16];
        double[] a = Check.random(36, 1);
        Qr.factor(Check.floats(a), 0, 9, 4, q, 0, r, 0);
        Check.assertClose(Check.product(Check.doubles(q), Check.doubles(r), 9, 4, 4), a, 1e-6);
    }

    @Test
    void awkwardMatrices() {
        check(new double[12], 4, 3);
        check(new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, 3, 3);
        check(new double[] {0, 1, 0, 2, 0, 3}, 3, 2);
        check(new double[] {-1}, 1, 1);
        check(new double[] {1e300, 1e300, 1e300, -1e300}, 2, 2);
        check(new double[] {1e-300, 3e-300, 1e-300, -1e-300}, 2, 2);
    }

    @Test
    void nanIsRefused() {
        assertThatThrownBy(() ->
                        Qr.factor(
                                new double[] {1, Double.NaN},
                                0,
                                2,
                                1,
                                new double[2],
                                0,
                                new double[1],
                                0))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("element 1 is NaN");
    }
}
