package dev.fathom.cpu.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;

/** Matrix arithmetic by definition, for the tests of the factorisations. */
final class Check {

    private Check() {}

    static double[] random(int n, long seed) {
        return new Random(seed).doubles(n, -1, 1).toArray();
    }

    static float[] floats(double[] x) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) x[i];
        }
        return y;
    }

    static double[] doubles(float[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i];
        }
        return y;
    }

    /** {@code a (m, k) b (k, n)}. */
    static double[] product(double[] a, double[] b, int m, int k, int n) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int p = 0; p < k; p++) {
                    c[i * n + j] += a[i * k + p] * b[p * n + j];
                }
            }
        }
        return c;
    }

    static double[] transpose(double[] a, int m, int n) {
        double[] t = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                t[j * m + i] = a[i * n + j];
            }
        }
        return t;
    }

    static double[] diagonal(double... d) {
        double[] a = new double[d.length * d.length];
        for (int i = 0; i < d.length; i++) {
            a[i * d.length + i] = d[i];
        }
        return a;
    }

    static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("element %s: %s, expected %s", i, actual[i], expected[i])
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    /** That {@code q (m, k)} has orthonormal columns. */
    static void assertOrthonormal(double[] q, int m, int k, double tolerance) {
        double[] ones = new double[k];
        Arrays.fill(ones, 1);
        assertClose(product(transpose(q, m, k), q, k, m, k), diagonal(ones), tolerance);
    }

    /** That the largest component of each column is positive. */
    static void assertSigns(double[] q, int m, int k) {
        for (int j = 0; j < k; j++) {
            double largest = 0;
            for (int i = 0; i < m; i++) {
                largest = Math.max(largest, Math.abs(q[i * k + j]));
            }
            int first = 0; // of those that are largest to within rounding
            while (Math.abs(q[first * k + j]) < largest * (1 - 1e-9)) {
                first++;
            }
            assertThat(q[first * k + j]).isPositive();
        }
    }
}
