package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.transform.Chain;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Three steps of each optimizer, worked by hand from the formulas. */
class ByHandTest {
    /** Where a scalar that starts at {@code theta} stands after each of the given gradients. */
    private static <S> List<Double> path(
            Optimizer<S> optimizer, double theta, double... gradients) {
        Tensor p = Tensor.scalar(theta);
        S state = optimizer.init(p);
        var path = new ArrayList<Double>();
        for (double g : gradients) {
            var step = optimizer.update(Tensor.scalar(g), state, p);
            p = step.params();
            state = step.state();
            path.add(p.item());
        }
        return path;
    }

    private static void stands(List<Double> path, double... expected) {
        assertThat(path.stream().mapToDouble(d -> d).toArray())
                .containsExactly(expected, within(1e-14));
    }

    @Test
    void sgd() {
        stands(path(Sgd.of(0.5), 1, 2, -1, 4), 0, 0.5, -1.5);
    }

    @Test
    void momentum() {
        // v: 2, 1·0.5·2 − 1 = 0, 4
        stands(path(Momentum.of(0.5).withMomentum(0.5), 1, 2, -1, 4), 0, 0, -2);
    }

    @Test
    void nesterov() {
        // v: 2, 0, 4; g + v/2: 3, −1, 6
        stands(path(Nesterov.of(0.5).withMomentum(0.5), 1, 2, -1, 4), -0.5, 0, -3);
    }

    /** β₁ = β₂ = ½, so that the fractions are small; ε = 0. */
    @Test
    void adam() {
        // g:  2          −1            4
        // m:  1           0            2           m̂ = m/(1 − 2⁻ᵗ): 2, 0, 16/7
        // v:  2           3/2          35/4        v̂ = v/(1 − 2⁻ᵗ): 4, 2, 10
        var adam = Adam.of(0.5).withBetas(0.5, 0.5).withEpsilon(0);
        stands(path(adam, 1, 2, -1, 4), 0.5, 0.5, 0.5 - 0.5 * (16.0 / 7) / Math.sqrt(10));
    }

    @Test
    void adamsEpsilonStandsOutsideTheRootAfterTheCorrection() {
        var adam = Adam.of(1).withBetas(0.5, 0.75).withEpsilon(1);
        // v = g²/4, v̂ = g²: the step is g/(|g| + ε) = 2/3
        stands(path(adam, 0, 2), -2.0 / 3);
    }

    @Test
    void adamW() {
        // Adam's directions 1, 0, (16/7)/√10, each with λ θ of the θ before the step
        var adam = new AdamW(Adam.of(0.5).learningRate(), 0.5, 0.5, 0, 0.2, _ -> true);
        double first = 1 - 0.5 * (1 + 0.2);
        double second = first - 0.5 * 0.2 * first;
        double third = second - 0.5 * ((16.0 / 7) / Math.sqrt(10) + 0.2 * second);
        stands(path(adam, 1, 2, -1, 4), first, second, third);
    }

    @Test
    void frozenLeavesStayAsTheyAreWhateverTheDecay() {
        var params = new Pair(Tensor.of(new double[] {1, 1}, 1, 2), Tensor.of(new double[] {1}));
        var slopes = new Pair(Tensor.of(new double[] {5, 5}, 1, 2), Tensor.of(new double[] {0.5}));
        var recipe = AdamW.of(0.5).withWeightDecay(0.2).freezing("weight");
        var next = recipe.update(slopes, recipe.init(params), params).params();
        assertThat(next.weight().toDoubles()).containsExactly(1, 1);
        // 1 − α (1 + λ): Adam's first step is one of size α
        assertThat(next.bias().toDoubles()).containsExactly(new double[] {0.4}, within(1e-7));
        var both = Sgd.of(1).freezing("we*", "bias");
        assertThat(both.update(slopes, both.init(params), params).params().bias().item())
                .isEqualTo(1);
        assertThatThrownBy(() -> Sgd.of(1).freezing("weights.**").init(params))
                .isInstanceOf(OptimizerException.class)
                .hasMessageContaining("no parameter belongs to this group, so nothing would be");
    }

    @Test
    void adamWDecaysOnlyWhatItIsTold() {
        var params = new Pair(Tensor.of(new double[] {1, 1}, 1, 2), Tensor.of(new double[] {1}));
        var zeros = new Pair(Tensor.of(new double[] {0, 0}, 1, 2), Tensor.of(new double[] {0}));
        var adam = AdamW.of(0.5).withWeightDecay(0.2).decaying(leaf -> leaf.tensor().rank() > 1);
        var next = adam.update(zeros, adam.init(params), params).params();
        assertThat(next.weight().toDoubles()).containsExactly(0.9, 0.9);
        assertThat(next.bias().toDoubles()).containsExactly(1);
    }

    /** The first step is −α sign(g) whatever the size of g: relative to α the error is ε/|g|. */
    @Test
    void adamsFirstStepIsTheLearningRate() {
        for (double g : new double[] {1e-3, -1e-3, 1, -50, 1e6}) {
            stands(path(Adam.of(0.001).withEpsilon(0), 0, g), -0.001 * Math.signum(g));
            double single =
                    Adam.of(0.001)
                            .update(
                                    Tensor.scalar((float) g),
                                    Adam.of(0.001).init(Tensor.scalar(0f)),
                                    Tensor.scalar(0f))
                            .params()
                            .item();
            assertThat(single)
                    .isCloseTo(
                            -0.001 * Math.signum(g), within(0.001 * (1e-8 / Math.abs(g) + 4e-7)));
        }
    }

    @Test
    void adamStandsStillWhereTheGradientIsZero() {
        assertThat(path(Adam.of(0.1), 3, 0, 0)).containsExactly(3.0, 3.0);
    }

    @Test
    void defaultsAreThePapers() {
        var adam = Adam.of(0.1);
        assertThat(List.of(adam.beta1(), adam.beta2(), adam.epsilon()))
                .containsExactly(0.9, 0.999, 1e-8);
        assertThat(AdamW.of(0.1).weightDecay()).isEqualTo(0.01);
        assertThat(Momentum.of(0.1).momentum()).isEqualTo(0.9);
        assertThat(Nesterov.of(0.1).momentum()).isEqualTo(0.9);
    }

    @Test
    void numbersOutOfRange() {
        Tensor p = Tensor.scalar(1.0);
        assertThatThrownBy(() -> Adam.of(0.1).withBetas(1, 0.9).init(p))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("Adam: beta1 is 1.0; it must be in [0, 1)");
        assertThatThrownBy(() -> Adam.of(0.1).withBetas(0.9, -1).init(p))
                .hasMessageStartingWith("Adam: beta2 is -1.0; it must be in [0, 1)");
        assertThatThrownBy(() -> Adam.of(0.1).withEpsilon(-1).init(p))
                .hasMessageStartingWith("Adam: epsilon is -1.0; it must be at least 0");
        assertThatThrownBy(() -> Momentum.of(0.1).withMomentum(1.5).init(p))
                .hasMessageStartingWith("trace: momentum is 1.5; it must be in [0, 1)");
        assertThatThrownBy(() -> AdamW.of(0.1).withWeightDecay(-0.1).init(p))
                .hasMessageStartingWith("addDecayedWeights: decay is -0.1; it must be at least 0");
        assertThatThrownBy(() -> Sgd.of(0.1).clipped(0).init(p))
                .hasMessageStartingWith("clipByGlobalNorm: max is 0.0; it must be positive");
    }

    @Test
    void aStateOfAnotherOptimizerIsRefused() {
        Tensor p = Tensor.scalar(1.0);
        assertThatThrownBy(() -> Adam.of(0.1).update(p, Sgd.of(0.1).init(p), p))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith(
                        "chain: a state of 1 parts was given to a chain of 2; it belongs to another"
                                + " optimizer. Start from init(params)");
    }

    @Test
    void chainsNestAndAnEmptyOneIsTheIdentity() {
        var nested = Optimizer.of(chain(chain(scale(2), scale(-1)), new Chain(List.of())));
        stands(path(nested, 1, 3), -5);
    }
}
