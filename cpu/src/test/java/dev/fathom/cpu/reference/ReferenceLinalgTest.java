package dev.fathom.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Solving;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.Random;

class ReferenceLinalgTest {
    private static final double TIGHT = 1e-13;

    /** Plain matrices, so that the checks share no code with what is checked. */
    private static double[][] matrix(Tensor t) {
        double[] v = t.toDoubles();
        var m = new double[t.dim(-2)][t.dim(-1)];
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < t.dim(-1); j++) {
                m[i][j] = v[i * t.dim(-1) + j];
            }
        }
        return m;
    }

    private static double[][] times(double[][] a, double[][] b) {
        var y = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b[0].length; j++) {
                for (int k = 0; k < b.length; k++) {
                    y[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return y;
    }

    private static double[][] transposed(double[][] a) {
        var y = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                y[j][i] = a[i][j];
            }
        }
        return y;
    }

    private static double[][] diagonal(double... d) {
        var y = new double[d.length][d.length];
        for (int i = 0; i < d.length; i++) {
            y[i][i] = d[i];
        }
        return y;
    }

    private static double[][] identity(int n) {
        var ones = new double[n];
        Arrays.fill(ones, 1);
        return diagonal(ones);
    }

    private static void assertClose(double[][] actual, double[][] expected, double tolerance) {
        assertThat(actual.length).isEqualTo(expected.length);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("row " + i).containsExactly(expected[i], within(tolerance));
        }
    }

    private static Tensor random(long seed, int... shape) {
        return Tensor.of(new Random(seed).doubles(Shape.of(shape).size(), -1, 1).toArray(), shape);
    }

    private static void assertLargestPositive(double[][] columns) {
        for (double[] v : transposed(columns)) {
            double largest = 0;
            for (double x : v) {
                largest = Math.abs(x) > Math.abs(largest) ? x : largest;
            }
            assertThat(largest).isPositive();
        }
    }

    @Test
    void choleskyByHandReadsTheLowerTriangle() {
        Tensor a = Tensor.of(new double[] {4, 99, 99, 2, 10, 99, -2, 5, 6}, 3, 3);
        // l₁₁ = 2; l₂₁ = 1, l₂₂ = √(10 − 1) = 3; l₃₁ = −1, l₃₂ = (5 + 1)/3 = 2, l₃₃ = √(6 − 1 − 4)
        // = 1
        assertThat(Oracle.of(new Solving.Cholesky(), a).toDoubles())
                .containsExactly(2, 0, 0, 1, 3, 0, -1, 2, 1);
        assertThatThrownBy(() ->
                        Oracle.of(
                                new Solving.Cholesky(), Tensor.of(new double[] {1, 0, 2, 1}, 2, 2)))
                .isInstanceOf(FathomException.class)
                .hasMessageContaining("not positive definite: pivot 1 of 2 is -3.0");
    }

    @ParameterizedTest
    @CsvSource({
        "true, false, false", "true, true, false", "false, false, false", "false, true, false",
        "true, false, true", "true, true, true", "false, false, true", "false, true, true"
    })
    void triangularSystems(boolean lower, boolean transposed, boolean unit) {
        Tensor a = random(3, 4, 4);
        Tensor b = random(4, 4, 2);
        Tensor x = Oracle.of(new Solving.TriangularSolve(lower, transposed, unit), a, b);
        double[][] t = matrix(a);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                if (i == j && unit) {
                    t[i][j] = 1;
                }
                if (lower ? j > i : j < i) {
                    t[i][j] = 0;
                }
            }
        }
        assertClose(times(transposed ? transposed(t) : t, matrix(x)), matrix(b), 1e-11);
    }

    @Test
    void singularSystemsAreErrors() {
        Tensor a = Tensor.of(new double[] {1, 2, 2, 4}, 2, 2);
        Tensor b = Tensor.of(new double[] {1, 1}, 2, 1);
        assertThatThrownBy(() -> Oracle.of(new Solving.Solve(false), a, b))
                .isInstanceOf(FathomException.class)
                .hasMessageContaining("solve: the matrix is singular");
        Tensor t = Tensor.of(new double[] {1, 0, 2, 0}, 2, 2);
        assertThatThrownBy(() -> Oracle.of(new Solving.TriangularSolve(true, false, false), t, b))
                .isInstanceOf(FathomException.class)
                .hasMessageContaining("element (1, 1) is 0");
    }

    @Test
    void solvesWithPivotingInEveryMatrixOfABatch() {
        // 0x + y = 3, 2x + y = 7 gives x = 2, y = 3; the second system is diagonal
        Tensor a = Tensor.of(new float[] {0, 1, 2, 1, 4, 0, 0, 5}, 2, 2, 2);
        Tensor b = Tensor.of(new float[] {3, 7, 8, 10}, 2, 2, 1);
        assertThat(Oracle.of(new Solving.Solve(false), a, b).toFloats())
                .containsExactly(2, 3, 2, 2);
        Tensor m = random(5, 6, 6);
        Tensor right = random(6, 6, 3);
        Tensor x = Oracle.of(new Solving.Solve(true), m, right);
        assertClose(times(transposed(matrix(m)), matrix(x)), matrix(right), 1e-12);
    }

    @ParameterizedTest
    @CsvSource({"5, 3", "3, 5", "4, 4", "1, 1", "1, 4", "4, 1"})
    void qr(int m, int n) {
        Tensor a = random(m * 10L + n, m, n);
        var y = Oracle.all(new Decomposition.Qr(), a);
        double[][] q = matrix(y.get(0));
        double[][] r = matrix(y.get(1));
        int k = Math.min(m, n);
        assertClose(times(q, r), matrix(a), TIGHT);
        assertClose(times(transposed(q), q), identity(k), TIGHT);
        for (int i = 0; i < k; i++) {
            assertThat(r[i][i]).isPositive();
            for (int j = 0; j < i; j++) {
                assertThat(r[i][j]).isZero();
            }
        }
    }

    @Test
    void qrByHandAndWithoutFullRank() {
        // (3, 4) has length 5; the second column is (−1, 7): 0.6·(−1) + 0.8·7 = 5 along it, √(50 −
        // 25) = 5 across
        var y = Oracle.all(new Decomposition.Qr(), Tensor.of(new double[] {3, -1, 4, 7}, 2, 2));
        assertClose(matrix(y.get(0)), new double[][] {{0.6, -0.8}, {0.8, 0.6}}, 1e-15);
        assertClose(matrix(y.get(1)), new double[][] {{5, 5}, {0, 5}}, 1e-14);
        var zero = Oracle.all(new Decomposition.Qr(), Tensor.of(new double[6], 3, 2));
        assertClose(times(transposed(matrix(zero.get(0))), matrix(zero.get(0))), identity(2), 0);
    }

    @Test
    void eighByHand() {
        // (2, 1; 1, 2): eigenvalues 1 and 3, vectors (1, −1)/√2 and (1, 1)/√2; upper triangle not
        // read
        var y = Oracle.all(new Decomposition.Eigh(), Tensor.of(new double[] {2, 77, 1, 2}, 2, 2));
        assertThat(y.get(0).toDoubles()).containsExactly(new double[] {1, 3}, within(1e-15));
        double h = Math.sqrt(0.5);
        assertClose(matrix(y.get(1)), new double[][] {{h, h}, {-h, h}}, 1e-15);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "7", "20"})
    void eigh(int n) {
        double[][] b = matrix(random(n, n, n));
        double[][] a = times(b, transposed(b));
        var flat = new double[n * n];
        for (int i = 0; i < n * n; i++) {
            flat[i] = a[i / n][i % n];
        }
        var y = Oracle.all(new Decomposition.Eigh(), Tensor.of(flat, n, n));
        double[] w = y.get(0).toDoubles();
        double[][] v = matrix(y.get(1));
        assertThat(w).isSorted();
        assertClose(times(times(v, diagonal(w)), transposed(v)), a, TIGHT * 10);
        assertClose(times(transposed(v), v), identity(n), TIGHT);
        assertLargestPositive(v);
    }

    @ParameterizedTest
    @CsvSource({"5, 3", "3, 5", "4, 4", "1, 1", "1, 4", "20, 12"})
    void svd(int m, int n) {
        Tensor a = random(m * 7L + n, m, n);
        var y = Oracle.all(new Decomposition.Svd(), a);
        double[][] u = matrix(y.get(0));
        double[] s = y.get(1).toDoubles();
        double[][] vt = matrix(y.get(2));
        int k = Math.min(m, n);
        assertClose(times(times(u, diagonal(s)), vt), matrix(a), TIGHT);
        assertClose(times(transposed(u), u), identity(k), TIGHT);
        assertClose(times(vt, transposed(vt)), identity(k), TIGHT);
        for (int i = 1; i < k; i++) {
            assertThat(s[i]).isBetween(0.0, s[i - 1]);
        }
        assertLargestPositive(u);
    }

    @Test
    void svdByHandAndWithoutFullRank() {
        // diag(2, −3): the larger first, the sign goes to V
        var y = Oracle.all(new Decomposition.Svd(), Tensor.of(new double[] {2, 0, 0, -3}, 2, 2));
        assertThat(y.get(0).toDoubles()).containsExactly(new double[] {0, 1, 1, 0}, within(0.0));
        assertThat(y.get(1).toDoubles()).containsExactly(3, 2);
        assertThat(y.get(2).toDoubles()).containsExactly(new double[] {0, -1, 1, 0}, within(0.0));
        for (var a :
                new Tensor[] {
                    Tensor.of(new double[6], 3, 2), // nothing
                    Tensor.of(new double[] {1, 2, 2, 4, 3, 6}, 3, 2), // rank 1
                    Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3), // rank 2
                    Tensor.of(new double[] {1e-200, 0, 0, 1e-200, 0, 0}, 3, 2)
                }) {
            var parts = Oracle.all(new Decomposition.Svd(), a);
            double[][] u = matrix(parts.get(0));
            double[][] vt = matrix(parts.get(2));
            assertClose(times(transposed(u), u), identity(u[0].length), TIGHT);
            assertClose(times(vt, transposed(vt)), identity(vt.length), TIGHT);
            assertClose(times(times(u, diagonal(parts.get(1).toDoubles())), vt), matrix(a), TIGHT);
        }
        var small =
                Oracle.all(new Decomposition.Svd(), Tensor.of(new double[] {3e-200, 4e-200}, 2, 1));
        assertThat(small.get(1).item()).isCloseTo(5e-200, within(1e-214));
    }

    @Test
    void emptyBatchesAndMatrices() {
        var y = Oracle.all(new Decomposition.Qr(), Tensor.of(new double[0], 0, 3, 2));
        assertThat(y.get(0).shape()).isEqualTo(Shape.of(0, 3, 2));
        var none = Oracle.all(new Decomposition.Svd(), Tensor.of(new double[0], 2, 0));
        assertThat(none.get(0).shape()).isEqualTo(Shape.of(2, 0));
        assertThat(Oracle.of(new Solving.Cholesky(), Tensor.of(new double[0], 0, 0)).size())
                .isZero();
        var wide = Oracle.all(new Decomposition.Svd(), Tensor.of(new double[0], 0, 2));
        assertThat(wide.get(2).shape()).isEqualTo(Shape.of(0, 2));
    }

    @Test
    void spectraOfWhatIsNotFiniteAreErrors() {
        Tensor a = Tensor.of(new double[] {1, 0, Double.NaN, 1}, 2, 2);
        assertThatThrownBy(() -> Oracle.all(new Decomposition.Eigh(), a))
                .isInstanceOf(FathomException.class)
                .hasMessageContaining("eigh")
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> Oracle.all(new Decomposition.Svd(), a))
                .hasMessageContaining("svd");
        assertThatThrownBy(() -> Oracle.all(new Decomposition.Qr(), a)).hasMessageContaining("qr");
    }
}
