package dev.fathom.cpu.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class SymmetricEigenTest {

    private static double[] check(double[] a, int n) {
        double[] w = new double[n];
        double[] v = new double[n * n];
        SymmetricEigen.factor(a, 0, n, w, 0, v, 0);
        double size = 0;
        for (double x : a) {
            size = Math.max(size, Math.abs(x));
        }
        double[] vw = Check.product(v, Check.diagonal(w), n, n, n);
        Check.assertClose(
                Check.product(vw, Check.transpose(v, n, n), n, n, n), a, 1e-13 * size * n);
        Check.assertOrthonormal(v, n, n, 1e-13 * n);
        Check.assertSigns(v, n, n);
        for (int i = 1; i < n; i++) {
            assertThat(w[i]).isGreaterThanOrEqualTo(w[i - 1]);
        }
        return w;
    }

    private static double[] symmetric(int n, long seed) {
        double[] b = Check.random(n * n, seed);
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i * n + j] = b[i * n + j] + b[j * n + i];
            }
        }
        return a;
    }

    @Test
    void byHand() {
        // eigenvalues 1 and 3 with (1, -1) and (1, 1) over sqrt 2; only the lower triangle is read
        double[] w = new double[2];
        double[] v = new double[4];
        SymmetricEigen.factor(new double[] {2, 99, 1, 2}, 0, 2, w, 0, v, 0);
        double h = Math.sqrt(0.5);
        Check.assertClose(w, new double[] {1, 3}, 1e-15);
        assertThat(Math.abs(v[0])).isCloseTo(h, within(1e-15));
        assertThat(v[0] + v[2]).isCloseTo(0, within(1e-15));
        assertThat(v[1]).isCloseTo(h, within(1e-15));
        assertThat(v[3]).isCloseTo(h, within(1e-15));
    }

    /** The second difference matrix has the eigenvalues 2 - 2 cos(k pi / (n + 1)). */
    @Test
    void closedForm() {
        int n = 12;
        double[] a = new double[n * n];
        double[] expected = new double[n];
        for (int i = 0; i < n; i++) {
            a[i * n + i] = 2;
            if (i > 0) {
                a[i * n + i - 1] = -1;
                a[(i - 1) * n + i] = -1;
            }
            expected[i] = 2 - 2 * Math.cos((i + 1) * Math.PI / (n + 1));
        }
        Check.assertClose(check(a, n), expected, 1e-14);
    }

    @Test
    void randomMatrices() {
        for (int n : new int[] {0, 1, 2, 3, 4, 10, 50}) {
            check(symmetric(n, n), n);
        }
        double[] a = symmetric(6, 1);
        float[] w = new float[6];
        float[] v = new float[36];
        SymmetricEigen.factor(Check.floats(a), 0, 6, w, 0, v, 0);
        Check.assertClose(Check.doubles(w), check(a, 6), 1e-6);
    }

    @Test
    void awkwardMatrices() {
        check(new double[25], 5);
        Check.assertClose(check(Check.diagonal(3, 1, 3, 1, 3), 5), new double[] {1, 1, 3, 3, 3}, 0);
        // all ones: eigenvalue 6 once and 0 five times
        double[] ones = new double[36];
        Arrays.fill(ones, 1);
        Check.assertClose(check(ones, 6), new double[] {0, 0, 0, 0, 0, 6}, 1e-14);
        // eigenvalues +1 and -1, three times each
        double[] exchange = new double[36];
        for (int i = 0; i < 6; i++) {
            exchange[i * 6 + 5 - i] = 1;
        }
        Check.assertClose(check(exchange, 6), new double[] {-1, -1, -1, 1, 1, 1}, 1e-14);
        check(new double[] {1e300, 1e300, 1e300, -1e300}, 2);
        check(new double[] {1e-310, 2e-310, 2e-310, 1e-310}, 2);
        // graded over 30 orders of magnitude
        double[] graded = symmetric(8, 3);
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 8; j++) {
                graded[i * 8 + j] *= Math.pow(10, -2 * (i + j));
            }
        }
        check(graded, 8);
        // Wilkinson's matrix: pairs of eigenvalues equal to 14 digits
        double[] wilkinson = new double[21 * 21];
        for (int i = 0; i < 21; i++) {
            wilkinson[i * 21 + i] = Math.abs(i - 10);
            if (i > 0) {
                wilkinson[i * 21 + i - 1] = 1;
                wilkinson[(i - 1) * 21 + i] = 1;
            }
        }
        // the largest, from Wilkinson, "The Algebraic Eigenvalue Problem", page 309
        assertThat(check(wilkinson, 21)[20]).isCloseTo(10.74619418290339, within(1e-13));
    }

    @Test
    void infinityIsRefused() {
        assertThatThrownBy(() ->
                        SymmetricEigen.factor(
                                new double[] {Double.POSITIVE_INFINITY},
                                0,
                                1,
                                new double[1],
                                0,
                                new double[1],
                                0))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("element 0 is Infinity");
    }
}
