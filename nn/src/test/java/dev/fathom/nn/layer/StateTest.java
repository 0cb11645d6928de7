package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.norm.BatchNorm;

import org.junit.jupiter.api.Test;

/** What a pass carries: running statistics, random numbers. */
class StateTest {
    private static final Key KEY = Key.of(5);

    /** Features with means 3, 30 and variances (÷ 4) 5, 500. */
    private static final Tensor X = Tensor.of(new double[] {0, 0, 2, 20, 4, 40, 6, 60}, 4, 2);

    private static BatchNorm norm() {
        return Doubles.of(BatchNorm.of(2));
    }

    @Test
    void trainingNormalisesWithTheBatch() {
        Tensor y = norm().apply(X, Pass.training(KEY));
        double s = Math.sqrt(5 + 1e-5);
        double t = Math.sqrt(500 + 1e-5);
        assertThat(y.toDoubles())
                .containsExactly(
                        new double[] {
                            -3 / s, -30 / t, -1 / s, -10 / t, 1 / s, 10 / t, 3 / s, 30 / t
                        },
                        within(1e-14));
    }

    @Test
    void gammaAndBetaScaleAndShift() {
        var layer = Tree.with(norm(), "gamma", Tensor.of(new double[] {2, 1}));
        layer = Tree.with(layer, "beta", Tensor.of(new double[] {0, 7}));
        Tensor y = layer.apply(X, Pass.training(KEY));
        assertThat(y.toDoubles()[0]).isCloseTo(-6 / Math.sqrt(5.00001), within(1e-14));
        assertThat(y.toDoubles()[1]).isCloseTo(7 - 30 / Math.sqrt(500.00001), within(1e-14));
    }

    @Test
    void runningStatisticsMoveByTenPercentAndTheVarianceIsUnbiased() {
        var pass = Pass.training(KEY);
        var layer = norm();
        layer.apply(X, pass);
        var after = pass.updated(layer);
        assertThat(after.mean().value().toDoubles())
                .containsExactly(new double[] {0.1 * 3, 0.1 * 30}, within(1e-14));
        assertThat(after.variance().value().toDoubles())
                .containsExactly(
                        new double[] {0.9 + 0.1 * 20 / 3, 0.9 + 0.1 * 2000 / 3}, within(1e-12));
        assertThat(layer.mean().value().toDoubles()).containsExactly(0, 0);
        assertThat(after.gamma()).isSameAs(layer.gamma());
    }

    @Test
    void evaluationUsesRunningStatisticsAndLeavesThem() {
        var pass = Pass.training(KEY);
        var layer = norm();
        layer.apply(X, pass);
        layer = pass.updated(layer);
        var eval = Pass.eval();
        Tensor y = layer.apply(X, eval);
        double v = 0.9 + 0.1 * 20 / 3;
        assertThat(y.toDoubles()[2]).isCloseTo((2 - 0.3) / Math.sqrt(v + 1e-5), within(1e-14));
        assertThat(eval.updated(layer)).isSameAs(layer);
    }

    @Test
    void aLayerUsedTwiceInAPassMovesTwice() {
        var layer = norm().withMomentum(0.5);
        var pass = Pass.training(KEY);
        layer.apply(X, pass);
        layer.apply(X, pass);
        // 0 → 1.5 → 2.25
        assertThat(pass.updated(layer).mean().value().toDoubles()[0])
                .isCloseTo(2.25, within(1e-14));
    }

    @Test
    void statisticsComeOutOfGradAndJitAndAreNotDifferentiated() {
        var step =
                Transforms.jit((BatchNorm m) -> {
                    var r =
                            Transforms.valueAndGradAux(
                                            (BatchNorm p) -> {
                                                var pass = Pass.training(KEY);
                                                Tensor loss = p.apply(X, pass).square().sum();
                                                return new WithAux<>(loss, pass.updated(p));
                                            })
                                    .apply(m);
                    return new Pair<>(r.gradient(), r.aux());
                });
        var result = step.apply(norm());
        assertThat(result.second().mean().value().toDoubles())
                .containsExactly(new double[] {0.3, 3}, within(1e-14));
        assertThat(result.first().mean().value().toDoubles()).containsExactly(0, 0);
        assertThat(result.first().variance().value().toDoubles()).containsExactly(0, 0);
        // Σ y² = γ² · 4 · 5/(5 + ε), so its derivative at γ = 1 is twice that
        assertThat(result.first().gamma().toDoubles()[0]).isCloseTo(40 / 5.00001, within(1e-12));
    }

    @Test
    void statisticsOfAnotherModelAreRefused() {
        var pass = Pass.training(KEY);
        norm().apply(X, pass);
        assertThatThrownBy(() -> pass.updated(norm()))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "Pass.updated: 2 running statistics of this pass do not belong to the model"
                                + " given; pass the model that was applied, and inside the same"
                                + " transform");
        assertThatThrownBy(() -> pass.update(Tensor.zeros(2), Tensor.zeros(3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Pass.update: a statistic of type float32(2,) cannot become float32(3,)");
    }

    // ---- dropout
    // ---------------------------------------------------------------------------------

    @Test
    void dropoutKeepsTheExpectationAndDropsTheShareItSays() {
        Tensor ones = Tensor.ones(100, 200);
        float[] y = Dropout.of(0.3).apply(ones, Pass.training(KEY)).toFloats();
        int dropped = 0;
        double sum = 0;
        for (float v : y) {
            assertThat(v == 0 || Math.abs(v - 1 / 0.7) < 1e-6).isTrue();
            dropped += v == 0 ? 1 : 0;
            sum += v;
        }
        // 20,000 draws: standard deviation of the share 0.0032, of the mean 0.0046; five of them
        assertThat(dropped / 20_000.0).isCloseTo(0.3, within(0.017));
        assertThat(sum / 20_000).isCloseTo(1, within(0.024));
    }

    @Test
    void dropoutIsAFunctionOfTheKey() {
        Tensor x = Tensor.ones(8, 8);
        var layer = Dropout.of(0.5);
        float[] first = layer.apply(x, Pass.training(KEY)).toFloats();
        assertThat(layer.apply(x, Pass.training(KEY)).toFloats()).containsExactly(first);
        assertThat(layer.apply(x, Pass.training(Key.of(6))).toFloats()).isNotEqualTo(first);
        var jitted = Transforms.jit((Key k) -> layer.apply(x, Pass.training(k)));
        assertThat(jitted.apply(KEY).toFloats()).containsExactly(first);
    }

    @Test
    void twoDropoutsInAPassDiffer() {
        var pass = Pass.training(KEY);
        Tensor x = Tensor.ones(8, 8);
        float[] first = Dropout.of(0.5).apply(x, pass).toFloats();
        assertThat(Dropout.of(0.5).apply(x, pass).toFloats()).isNotEqualTo(first);
    }

    @Test
    void dropoutDoesNothingInEvaluationOrWithProbabilityZero() {
        Tensor x = Tensor.ones(3);
        assertThat(Dropout.of(0.5).apply(x, Pass.eval())).isSameAs(x);
        assertThat(Dropout.of(0).apply(x, Pass.training(KEY))).isSameAs(x);
    }
}
