package dev.fathom.optim.sharpness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Descents;
import dev.fathom.optim.Objective;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

final class SharpnessTest {
    private static final Objective<Tensor> SQUARE = Objective.of(t -> t.square().sum());

    /** A descent and the place its gradient is made of, as plain numbers on the valley. */
    record Row(String name, Descent<?> descent, Rule rule) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** The gradient handed to the base at θ in step t, counted from 0. */
    interface Rule {
        double[] gradient(double[] theta, int t);
    }

    private static double[] slope(double[] t) {
        return Descents.valleySlope(3, t);
    }

    private static double[] at(double[] theta, double[] offset) {
        return slope(new double[] {theta[0] + offset[0], theta[1] + offset[1]});
    }

    private static double[] sam(double rho, double[] theta) {
        var g = slope(theta);
        double n = Math.hypot(g[0], g[1]);
        return at(theta, new double[] {rho * g[0] / n, rho * g[1] / n});
    }

    private static double[] asam(double rho, double eta, double[] theta) {
        var g = slope(theta);
        double tx = Math.abs(theta[0]) + eta;
        double ty = Math.abs(theta[1]) + eta;
        double n = Math.hypot(tx * g[0], ty * g[1]);
        return at(theta, new double[] {rho * tx * tx * g[0] / n, rho * ty * ty * g[1] / n});
    }

    private static double[] gsam(double rho, double alpha, double[] theta) {
        var g = slope(theta);
        var p = sam(rho, theta);
        double along = (g[0] * p[0] + g[1] * p[1]) / (p[0] * p[0] + p[1] * p[1]);
        return new double[] {
            p[0] - alpha * (g[0] - along * p[0]), p[1] - alpha * (g[1] - along * p[1])
        };
    }

    private static double[] filtered(double gamma, int samples, Key key, double[] theta, int step) {
        var mean = new double[2];
        for (int i = 0; i < samples; i++) {
            var z = key.fold(step).fold(i).fold(0).normal(DType.FLOAT64, 2).toDoubles();
            double width = gamma * Math.hypot(theta[0], theta[1]);
            var g = at(theta, new double[] {width * z[0], width * z[1]});
            mean[0] += g[0] / samples;
            mean[1] += g[1] / samples;
        }
        return mean;
    }

    static Stream<Row> rows() {
        var base = Momentum.of(0.01);
        var key = Key.of(4);
        return Stream.of(
                new Row("sam", Sam.of(base, 0.1), (th, _) -> sam(0.1, th)),
                new Row(
                        "asam",
                        Asam.of(base).withRho(0.1).withEta(0.02),
                        (th, _) -> asam(0.1, 0.02, th)),
                new Row(
                        "gsam",
                        Gsam.of(base).withRho(0.1).withAlpha(0.3),
                        (th, _) -> gsam(0.1, 0.3, th)),
                new Row(
                        "lpf-sgd",
                        LpfSgd.of(base, key).withGamma(0.05).withSamples(3),
                        (th, t) -> filtered(0.05, 3, key, th, t)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void fiftyStepsAreThoseOfThePlainLoop(Row row) {
        var path = Descents.path(row.descent(), Descents.valley(3), 50, -0.5, 0.7);
        var theta = new double[] {-0.5, 0.7};
        var v = new double[2];
        for (int t = 0; t < 50; t++) {
            var g = row.rule().gradient(theta, t);
            for (int i = 0; i < 2; i++) {
                v[i] = 0.9 * v[i] + g[i];
                theta[i] -= 0.01 * v[i];
            }
            assertThat(path.get(t)).containsExactly(theta, within(1e-12));
        }
    }

    /** Up to what the perturbation, which does not shrink, leaves: a hundredth here. */
    @Test
    void reachesTheBottomOfTwoBowls() {
        var base = Momentum.of(0.01);
        List<Descent<?>> small =
                List.of(
                        Sam.of(base, 0.01),
                        Asam.of(base).withRho(0.01),
                        Gsam.of(base).withRho(0.01),
                        LpfSgd.of(base, Key.of(3)));
        for (var descent : small) {
            assertThat(Descents.end(descent, Descents.BOWL, 400, 1.5, -0.8))
                    .as(descent.toString())
                    .containsExactly(new double[] {0, 0}, within(0.02));
            assertThat(Descents.end(descent, Descents.valley(3), 1200, -0.5, 0.5))
                    .as(descent.toString())
                    .containsExactly(new double[] {1, 1}, within(0.05));
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void restartEqualsNoRestart(Row row) {
        Descents.restartEqualsNoRestart(row.descent(), Descents.valley(3), 20, -0.5, 0.7);
    }

    @Test
    void samByHand() {
        // E = θ², g = 2θ, ε = ½: 2 − 0.1·2·2.5 = 1.5; 1.5 − 0.2·2 = 1.1; 1.1 − 0.2·1.6 = 0.78
        stands(Sam.of(Sgd.of(0.1), 0.5), 1.5, 1.1, 0.78);
    }

    @Test
    void asamByHand() {
        // T = θ + 1, ε = T/2: 3/2, 2.3/2, 1.81/2; 2 − 0.2·3.5; 1.3 − 0.2·2.45; 0.81 − 0.2·1.715
        stands(Asam.of(Sgd.of(0.1)).withRho(0.5).withEta(1), 1.3, 0.81, 0.467);
    }

    @Test
    void gsamByHand() {
        // in one dimension nothing lies across: SAM
        stands(Gsam.of(Sgd.of(0.1)).withRho(0.5).withAlpha(0.7), 1.5, 1.1, 0.78);
        // E = (x² + 4y²)/2 at (3, 1): g = (3, 4), ε = (0.3, 0.4), p = (3.3, 5.6),
        // ⟨g, p⟩/⟨p, p⟩ = 32.3/42.25
        double r = 32.3 / 42.25;
        Objective<Tensor> bowl =
                Objective.of(t -> t.square().times(Tensor.of(new double[] {0.5, 2})).sum());
        var gsam = Gsam.of(Sgd.of(0.1)).withRho(0.5).withAlpha(0.5);
        assertThat(Descents.path(gsam, bowl, 1, 3, 1).getFirst())
                .containsExactly(
                        new double[] {
                            3 - 0.1 * (3.3 - 0.5 * (3 - 3.3 * r)),
                            1 - 0.1 * (5.6 - 0.5 * (4 - 5.6 * r))
                        },
                        within(1e-14));
    }

    /** The gradient of E smoothed by a Gaussian is that of E for a quadratic, on average. */
    @Test
    void filteredNoiseIsAsWideAsTheFilterOfTheWeight() {
        var lpf = LpfSgd.of(Sgd.of(0.1), Key.of(1)).withGamma(0.5);
        // unit 0 has weights of norm 5, unit 1 of norm 13
        Tensor w = Descents.matrix(new double[] {3, 5}, new double[] {4, -12});
        int n = 4000;
        var square = new double[4];
        for (int i = 0; i < n; i++) {
            var tau = lpf.noise(w, Key.of(2), i).toDoubles();
            for (int k = 0; k < 4; k++) {
                square[k] += tau[k] * tau[k] / n;
            }
        }
        // variance (γ·norm)²; the mean of n squares of normal numbers has relative spread √(2/n)
        double spread = 5 * Math.sqrt(2.0 / n);
        assertThat(square[0]).isCloseTo(6.25, within(6.25 * spread));
        assertThat(square[1]).isCloseTo(42.25, within(42.25 * spread));
        assertThat(square[2]).isCloseTo(6.25, within(6.25 * spread));
        assertThat(square[3]).isCloseTo(42.25, within(42.25 * spread));
    }

    @Test
    void lpfWithoutNoiseIsItsBase() {
        // 2 − 0.2·2 = 1.6, 1.28, 1.024
        stands(LpfSgd.of(Sgd.of(0.1), Key.of(0)).withGamma(0).withSamples(4), 1.6, 1.28, 1.024);
    }

    private static void stands(Descent<?> descent, double... expected) {
        var path = Descents.path(descent, SQUARE, expected.length, 2);
        for (int t = 0; t < expected.length; t++) {
            assertThat(path.get(t)[0]).isCloseTo(expected[t], within(1e-14));
        }
    }

    /**
     * A ravine along x with two minima of the same depth: 0.05 (x² − 1)² + (6 − 5 tanh x) y²/2, x
     * counted from {@code centre}. Its walls have curvature 9.8 at −1 and 2.2 at 1. P. Bartlett et
     * al., "The dynamics of sharpness-aware minimization: bouncing across ravines and drifting
     * towards wide minima", 2023.
     */
    private static Objective<Tensor> ravine(double centre) {
        return Objective.of(t -> {
            Tensor x = t.slice(0, 0, 1).minus(centre);
            Tensor y = t.slice(0, 1, 2);
            Tensor floor = x.square().minus(1).square().times(0.05);
            Tensor wall = x.tanh().times(-2.5).plus(3).times(y.square());
            return floor.plus(wall).sum();
        });
    }

    @Test
    void findsTheFlatMinimumWhereDescentFindsTheSharpOne() {
        var sgd = Sgd.of(0.02);
        assertThat(Descents.end(sgd, ravine(0), 4000, -0.3, 0.1))
                .containsExactly(new double[] {-1, 0}, within(0.02));
        flat(Sam.of(sgd, 0.5), 0);
        flat(Asam.of(sgd).withRho(0.5).withEta(1), 0);
        flat(Gsam.of(sgd).withRho(0.5), 0);
        // the filter is as wide as the weights are large, so it needs weights away from 0
        assertThat(Descents.end(sgd, ravine(3), 4000, 2.7, 0.1)[0]).isCloseTo(2, within(0.02));
        flat(LpfSgd.of(sgd, Key.of(3)).withGamma(0.15), 3);
    }

    private static void flat(Descent<?> descent, double centre) {
        var end = Descents.end(descent, ravine(centre), 4000, centre - 0.3, 0.1);
        assertThat(end[0] - centre)
                .as("%s ends at %s", descent, Arrays.toString(end))
                .isGreaterThan(0.5);
    }

    @Test
    void atAStationaryPointNothingMoves() {
        for (var row : rows().limit(3).toList()) {
            assertThat(Descents.end(row.descent(), Descents.BOWL, 3, 0, 0))
                    .as(row.name())
                    .containsExactly(0, 0);
        }
    }

    @Test
    void numbersOutOfRange() {
        var sgd = Sgd.of(0.1);
        assertThatThrownBy(() -> Sam.of(sgd, -1))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("SAM: rho is -1.0; it must be at least 0");
        assertThatThrownBy(() -> Asam.of(sgd).withEta(-1))
                .hasMessageStartingWith("ASAM: eta is -1.0; it must be at least 0");
        assertThatThrownBy(() -> Gsam.of(sgd).withAlpha(-1))
                .hasMessageStartingWith("GSAM: alpha is -1.0; it must be at least 0");
        assertThatThrownBy(() -> LpfSgd.of(sgd, Key.of(0)).withSamples(0))
                .hasMessageStartingWith("LPF-SGD: samples is 0.0; it must be at least 1");
    }
}
