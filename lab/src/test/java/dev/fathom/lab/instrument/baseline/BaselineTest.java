package dev.fathom.lab.instrument.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.lab.instrument.error.InstrumentException;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

final class BaselineTest {
    private static double[] noise(int seed, int n) {
        return Key.of(seed).normal(DType.FLOAT64, n).toDoubles();
    }

    @Test
    void polynomialsFindPolynomials() {
        var x = noise(1, 30);
        var y = Arrays.stream(x).map(v -> 2 - v + 3 * v * v * v).toArray();
        var p = Polynomial.fit(x, y, 3);
        for (double v : new double[] {-1, 0, 0.3, 2}) {
            assertThat(p.at(v)).isCloseTo(2 - v + 3 * v * v * v, within(1e-11));
        }
        // cos(3 arccos t) is T₃: one coefficient.
        var t = new double[] {-1, -0.8, -0.3, 0, 0.2, 0.7, 1};
        var q = Polynomial.fit(t, Arrays.stream(t).map(v -> 4 * v * v * v - 3 * v).toArray(), 4);
        assertThat(q.coefficients()).containsExactly(new double[] {0, 0, 0, 1, 0}, within(1e-13));
    }

    @Test
    void polynomialsAreLeastSquares() {
        var x = new double[40];
        Arrays.setAll(x, i -> Math.cos(i * Math.PI / 39) + 3);
        var y = noise(3, 40);
        assertThat(Polynomial.fit(x, y, 0).at(5))
                .isCloseTo(Arrays.stream(y).average().orElseThrow(), within(1e-13));
        // Degree 25 stays accurate: the residual is orthogonal to every power up to it.
        var p = Polynomial.fit(x, y, 25);
        for (int k : new int[] {0, 1, 7}) {
            double inner = 0;
            for (int i = 0; i < 40; i++) {
                inner += (y[i] - p.at(x[i])) * Math.pow(x[i] - 3, k);
            }
            assertThat(inner).isCloseTo(0, within(1e-11));
        }
        var few = Polynomial.fit(new double[] {0, 1, 3}, new double[] {1, 5, -2}, 10);
        assertThat(few.at(1)).isCloseTo(5, within(1e-12)); // interpolates
        assertThat(Polynomial.fit(new double[] {2}, new double[] {7}, 1).at(2))
                .isCloseTo(7, within(1e-12));
        assertThatThrownBy(() -> Polynomial.fit(x, new double[3], 1))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("40 places with 3 values");
    }

    @Test
    void treesFindSteps() {
        double[][] x = {{0}, {1}, {2}, {3}, {4}, {5}};
        double[] y = {1, 1, 5, 5, 5, 2};
        var two = RegressionTree.fit(x, y, 2);
        // Of all cuts 1.5 takes most: 2·4/6 (1 − 4.25)² = 14.08.
        assertThat(two.root())
                .isEqualTo(
                        new RegressionTree.Node.Split(
                                0,
                                1.5,
                                new RegressionTree.Node.Leaf(1),
                                new RegressionTree.Node.Leaf(4.25)));
        var three = RegressionTree.fit(x, y, 10);
        assertThat(three.leaves()).isEqualTo(3); // no more to gain
        for (int i = 0; i < 6; i++) {
            assertThat(three.at(x[i])).isEqualTo(y[i]);
        }
        assertThat(three.at(100)).isEqualTo(2);
        assertThat(RegressionTree.fit(x, y, 1).at(3)).isCloseTo(19.0 / 6, within(1e-15));
    }

    @Test
    void treesChooseTheBestOfAllSplits() {
        int n = 30;
        var x = new double[n][2];
        var y = noise(6, n);
        for (int i = 0; i < n; i++) {
            x[i] = new double[] {noise(4, n)[i], noise(5, n)[i]};
        }
        double least = Double.POSITIVE_INFINITY;
        for (int f = 0; f < 2; f++) {
            for (int cut = 0; cut < n; cut++) {
                double bar = x[cut][f];
                double sum = 0;
                for (boolean side : new boolean[] {true, false}) {
                    int place = f;
                    double mean = 0;
                    int count = 0;
                    for (int i = 0; i < n; i++) {
                        mean += x[i][place] <= bar == side ? y[i] : 0;
                        count += x[i][place] <= bar == side ? 1 : 0;
                    }
                    for (int i = 0; i < n && count > 0; i++) {
                        sum += x[i][place] <= bar == side ? Math.pow(y[i] - mean / count, 2) : 0;
                    }
                }
                least = Math.min(least, sum);
            }
        }
        var tree = RegressionTree.fit(x, y, 2);
        assertThat(error(tree, x, y)).isCloseTo(least, within(1e-12));
        double before = Double.POSITIVE_INFINITY;
        for (int leaves = 1; leaves <= n; leaves++) {
            var grown = RegressionTree.fit(x, y, leaves);
            assertThat(grown.leaves()).isEqualTo(leaves);
            assertThat(error(grown, x, y)).isLessThan(before);
            before = error(grown, x, y);
        }
        assertThat(before).isCloseTo(0, within(1e-12));
    }

    private static double error(RegressionTree tree, double[][] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += Math.pow(y[i] - tree.at(x[i]), 2);
        }
        return sum;
    }
}
