package dev.fathom.cpu.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class SvdTest {

    private static double[] check(double[] a, int m, int n) {
        int k = Math.min(m, n);
        double[] u = new double[m * k];
        double[] s = new double[k];
        double[] vt = new double[k * n];
        Svd.factor(a, 0, m, n, u, 0, s, 0, vt, 0);
        double size = 0;
        for (double x : a) {
            size = Math.max(size, Math.abs(x));
        }
        double[] us = Check.product(u, Check.diagonal(s), m, k, k);
        Check.assertClose(Check.product(us, vt, m, k, n), a, 1e-13 * size);
        Check.assertOrthonormal(u, m, k, 1e-13);
        Check.assertOrthonormal(Check.transpose(vt, k, n), n, k, 1e-13);
        Check.assertSigns(u, m, k);
        for (int i = 0; i < k; i++) {
            assertThat(s[i]).isNotNegative();
            assertThat(i == 0 || s[i] <= s[i - 1]).isTrue();
        }
        return s;
    }

    @Test
    void byHand() {
        // A A^T = (25 20; 20 25), with eigenvalues 45 and 5; the transpose has the same
        double[] expected = {Math.sqrt(45), Math.sqrt(5)};
        Check.assertClose(check(new double[] {3, 4, 0, 5}, 2, 2), expected, 1e-14);
        Check.assertClose(check(new double[] {3, 0, 4, 5}, 2, 2), expected, 1e-14);
        Check.assertClose(check(new double[] {0, 0, -2}, 3, 1), new double[] {2}, 0);
    }

    @Test
    void everyShape() {
        int[][] shapes = {{0, 0}, {0, 3}, {3, 0}, {1, 1}, {5, 5}, {9, 4}, {4, 9}, {40, 25}};
        for (int[] s : shapes) {
            check(Check.random(s[0] * s[1], s[0]), s[0], s[1]);
        }
        double[] a = Check.random(36, 1);
        float[] u = new float[36];
        float[] s = new float[4];
        float[] vt = new float[16];
        Svd.factor(Check.floats(a), 0, 9, 4, u, 0, s, 0, vt, 0);
        Check.assertClose(Check.doubles(s), check(a, 9, 4), 1e-6);
    }

    @Test
    void awkwardMatrices() {
        check(new double[12], 4, 3);
        check(new double[12], 3, 4);
        double[] ones = new double[12];
        Arrays.fill(ones, 1);
        Check.assertClose(check(ones, 4, 3), new double[] {Math.sqrt(12), 0, 0}, 1e-15);
        Check.assertClose(check(ones, 3, 4), new double[] {Math.sqrt(12), 0, 0}, 1e-15);
        Check.assertClose(check(Check.diagonal(2, -2, 2), 3, 3), new double[] {2, 2, 2}, 0);
        check(new double[] {1e300, 1e300, 1e300, -1e300}, 2, 2);
        check(new double[] {1e-300, 2e-300, 3e-300, -1e-300}, 2, 2);
        // rank two in five columns
        double[] left = Check.random(16, 4);
        double[] right = Check.random(10, 5);
        double[] s = check(Check.product(left, right, 8, 2, 5), 8, 5);
        assertThat(s[1]).isGreaterThan(0.1);
        assertThat(s[2]).isLessThan(1e-14);
    }

    /** One-sided Jacobi finds small singular values of a scaled matrix to full precision. */
    @Test
    void smallSingularValuesOfScaledColumns() {
        double[] a = {1, 1e-10, 1, -1e-10};
        double[] s = check(a, 2, 2);
        assertThat(s[0] / Math.sqrt(2)).isBetween(1 - 1e-15, 1 + 1e-15);
        assertThat(s[1] / (Math.sqrt(2) * 1e-10)).isBetween(1 - 1e-15, 1 + 1e-15);
    }

    @Test
    void nanIsRefused() {
        assertThatThrownBy(() ->
                        Svd.factor(
                                new double[] {Double.NaN},
                                0,
                                1,
                                1,
                                new double[1],
                                0,
                                new double[1],
                                0,
                                new double[1],
                                0))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("finite");
    }
}
