package dev.fathom.cpu.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Solving, by elimination and by substitution. */
class LuTest {

    @Test
    void byHand() {
        // 0 x + 2 y = 4, 3 x + 4 y = 5: needs an exchange of rows
        double[] a = {0, 2, 3, 4};
        double[] x = new double[2];
        Lu.solve(a, 0, 2, false, new double[] {4, 5}, 0, 1, x, 0);
        assertThat(x).containsExactly(-1, 2);
        // transposed: 3 y = 4, 2 x + 4 y = 5
        Lu.solve(a, 0, 2, true, new double[] {3, 6}, 0, 1, x, 0);
        assertThat(x).containsExactly(1, 1);
    }

    @Test
    void solutionsSatisfyTheirEquations() {
        for (int n : new int[] {0, 1, 2, 5, 30}) {
            for (int m : new int[] {0, 1, 4}) {
                double[] a = Check.random(n * n, n + 1);
                double[] b = Check.random(n * m, n + m);
                double[] x = new double[n * m];
                Lu.solve(a, 0, n, false, b, 0, m, x, 0);
                Check.assertClose(Check.product(a, x, n, n, m), b, 1e-11);
                double[] inPlace = b.clone();
                Lu.solve(a, 0, n, true, inPlace, 0, m, inPlace, 0);
                Check.assertClose(
                        Check.product(Check.transpose(a, n, n), inPlace, n, n, m), b, 1e-11);
                float[] narrow = new float[n * m];
                Lu.solve(Check.floats(a), 0, n, false, Check.floats(b), 0, m, narrow, 0);
                Check.assertClose(Check.doubles(narrow), x, 1e-2);
            }
        }
    }

    @Test
    void singularMatricesAreRefused() {
        assertThatThrownBy(() ->
                        Lu.solve(
                                new double[] {1, 2, 2, 4},
                                0,
                                2,
                                false,
                                new double[2],
                                0,
                                1,
                                new double[2],
                                0))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("singular")
                .hasMessageContaining("pivot 1 of 2");
    }

    @Test
    void everyKindOfTriangle() {
        int n = 6;
        int m = 3;
        for (int kind = 0; kind < 8; kind++) {
            boolean lower = (kind & 1) != 0;
            boolean transposed = (kind & 2) != 0;
            boolean unit = (kind & 4) != 0;
            // what lies outside the triangle must not be read
            double[] a = Check.random(n * n, kind);
            double[] triangle = a.clone();
            for (int i = 0; i < n; i++) {
                a[i * n + i] = 2 + i;
                triangle[i * n + i] = unit ? 1 : 2 + i;
                for (int j = 0; j < n; j++) {
                    if (i != j && (j < i) != lower) {
                        triangle[i * n + j] = 0;
                    }
                }
            }
            double[] b = Check.random(n * m, 9);
            double[] x = new double[n * m];
            Triangular.solve(a, 0, n, lower, transposed, unit, b, 0, m, x, 0);
            double[] operator = transposed ? Check.transpose(triangle, n, n) : triangle;
            Check.assertClose(Check.product(operator, x, n, n, m), b, 1e-12);
            float[] narrow = Check.floats(b);
            Triangular.solve(
                    Check.floats(a), 0, n, lower, transposed, unit, narrow, 0, m, narrow, 0);
            Check.assertClose(Check.doubles(narrow), x, 1e-4);
        }
    }

    @Test
    void aTriangleWithAZeroOnItsDiagonalIsRefused() {
        assertThatThrownBy(() ->
                        Triangular.solve(
                                new double[] {1, 0, 1, 0},
                                0,
                                2,
                                true,
                                false,
                                false,
                                new double[2],
                                0,
                                1,
                                new double[2],
                                0))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("diagonal element 1 of 2 is 0");
    }
}
