package dev.fathom.lab.instrument.region;

import static dev.fathom.core.math.Functions.relu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashSet;
import java.util.SplittableRandom;

final class ReluRiskTest {

    /** relu(w + b) = 1 and relu(2w + b) = 0 at w = −1, b = 2; the third example costs 4/3. */
    @Test
    void twoOfThreeByHand() {
        Tensor x = Tensor.of(new double[] {1, 1, 2, 1, 3, 1}, 3, 2);
        var found = ReluRisk.minimum(x, Tensor.of(new double[] {1, 0, -2}));
        assertThat(found.risk()).isCloseTo(4.0 / 3, within(1e-12));
        double[] w = found.weights().toDoubles();
        assertThat(w[0] + w[1]).isCloseTo(1, within(1e-12));
        assertThat(2 * w[0] + w[1]).isLessThanOrEqualTo(1e-12);
    }

    @Test
    void negativeTargetsAreBestMetByAUnitThatIsOff() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 8, 2);
        var found = ReluRisk.minimum(x, Tensor.of(new double[] {-1, -2, -1, -1, -3, -1, -1, -2}));
        assertThat(found.risk()).isCloseTo((5 + 2 * 4 + 9) / 8.0, within(1e-12));
        assertThat(found.weights().toDoubles()).containsExactly(0, 0);
    }

    /** T. Cover's count of the ways in which planes through 0 part n points in general position. */
    @ParameterizedTest
    @CsvSource({"1, 10, 2", "2, 10, 20", "2, 25, 50", "3, 10, 92", "3, 16, 242", "4, 9, 186"})
    void patternsAreAsManyAsCoverCounts(int d, int n, int count) {
        Tensor x = Key.of(d).normal(DType.FLOAT64, n, d);
        Tensor y = Key.of(9).normal(DType.FLOAT64, n);
        assertThat(ReluRisk.minimum(x, y).patterns()).isEqualTo(count);
    }

    /** Points on a line, copies and zeros: all signs that some w gives, found by trying many w. */
    @Test
    void patternsOfPointsThatAreNotInGeneralPosition() {
        var x =
                new double[] {
                    1, 0, 0, 2, 0, 0, -1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1
                };
        Tensor points = Tensor.of(x, 8, 3);
        var seen = new HashSet<Integer>();
        var w = Key.of(3).normal(DType.FLOAT64, 100_000, 3).toDoubles();
        for (int t = 0; t < w.length; t += 3) {
            int bits = 0;
            for (int i = 0; i < 8; i++) {
                double side = x[3 * i] * w[t] + x[3 * i + 1] * w[t + 1] + x[3 * i + 2] * w[t + 2];
                bits |= side > 0 ? 1 << i : 0;
            }
            seen.add(bits);
        }
        var found = ReluRisk.minimum(points, Key.of(4).normal(DType.FLOAT64, 8));
        assertThat(found.patterns()).isEqualTo(seen.size());
    }

    /**
     * With d = 2 the best length of every direction is known: 200 000 directions, then the best.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void noDirectionOfThePlaneIsBetter(int seed) {
        int n = 12;
        Tensor x = Key.of(seed).normal(DType.FLOAT64, n, 2);
        Tensor y = Key.of(100 + seed).normal(DType.FLOAT64, n).plus(0.5);
        var found = ReluRisk.minimum(x, y);
        double least = Double.POSITIVE_INFINITY;
        int directions = 200_000;
        var p = x.toDoubles();
        var t = y.toDoubles();
        for (int k = 0; k < directions; k++) {
            double angle = 2 * Math.PI * k / directions;
            double ff = 0;
            double fy = 0;
            double yy = 0;
            for (int i = 0; i < n; i++) {
                double f = p[2 * i] * Math.cos(angle) + p[2 * i + 1] * Math.sin(angle);
                f = Math.max(0, f);
                ff += f * f;
                fy += f * t[i];
                yy += t[i] * t[i];
            }
            least = Math.min(least, (yy - (fy > 0 ? fy * fy / ff : 0)) / n);
        }
        assertThat(found.risk()).isLessThanOrEqualTo(least + 1e-12).isCloseTo(least, within(1e-5));
        assertThat(risk(found.weights(), x, y)).isCloseTo(found.risk(), within(1e-12));
    }

    /** With d = 3: random steps from many places, kept where they lead down. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void noWalkEndsLower(int seed) {
        int n = 10;
        Tensor plane = Key.of(seed).normal(DType.FLOAT64, n, 2);
        Tensor ones = Tensor.ones(n, 1).cast(DType.FLOAT64);
        Tensor x = Shaping.concatenate(1, plane, ones); // a unit with a bias
        Tensor y = Key.of(50 + seed).normal(DType.FLOAT64, n).plus(0.3);
        var found = ReluRisk.minimum(x, y);
        var p = x.toDoubles();
        var t = y.toDoubles();
        var random = new SplittableRandom(seed);
        double least = Double.POSITIVE_INFINITY;
        for (int start = 0; start < 60; start++) {
            var w = new double[3];
            double here = Double.POSITIVE_INFINITY;
            for (int step = 0; step < 5000; step++) {
                double size = 3 * Math.pow(0.998, step);
                var to = w.clone();
                for (int j = 0; j < 3; j++) {
                    to[j] += size * random.nextGaussian();
                }
                double there = 0;
                for (int i = 0; i < n; i++) {
                    double f = p[3 * i] * to[0] + p[3 * i + 1] * to[1] + p[3 * i + 2] * to[2];
                    there += Math.pow(Math.max(0, f) - t[i], 2) / n;
                }
                if (there < here) {
                    here = there;
                    w = to;
                }
            }
            least = Math.min(least, here);
        }
        assertThat(found.risk()).isLessThanOrEqualTo(least + 1e-12).isCloseTo(least, within(1e-3));
    }

    @Test
    void aPlantedUnitIsFoundAgain() {
        Tensor x = Key.of(5).normal(DType.FLOAT64, 20, 3);
        Tensor w = Tensor.of(new double[] {1.5, -2, 0.5});
        Tensor y = relu(x.matmul(w));
        var found = ReluRisk.minimum(x, y);
        assertThat(found.risk()).isLessThan(1e-20);
        assertThat(found.weights().toDoubles()).containsExactly(w.toDoubles(), within(1e-9));
    }

    @Test
    void whatCannotBeEnumeratedIsRefused() {
        assertThatThrownBy(() -> ReluRisk.minimum(Tensor.ones(4, 5), Tensor.ones(4)))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("ReluRisk: d is 5.0; it must be at most 4");
        assertThatThrownBy(() -> ReluRisk.minimum(Tensor.ones(4, 2), Tensor.ones(3)))
                .hasMessageContaining("ReluRisk wants (n, d) and targets (n)");
    }

    private static double risk(Tensor w, Tensor x, Tensor y) {
        return relu(x.matmul(w)).minus(y).square().mean().item();
    }
}
