package dev.fathom.optim.transform;

import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;

import org.junit.jupiter.api.Test;

/** The scale of a loss, by hand. */
final class LossScalingTest {
    private static final double NAN = Double.NaN;

    /** s = 4, doubled every two good steps; steps of −½ g with momentum ½. */
    @Test
    void byHand() {
        var scaling = new LossScaling<>(Momentum.of(0.5).withMomentum(0.5).transform(), 4, 2);
        Tensor p = Tensor.scalar(1.0);
        var state = scaling.init(p);
        // gradients of s L:    4·2   4·(−1)   ∞    4·4    NaN    2·4
        // g:                    2     −1             2             4        at s = 4 4 8 4 4 2
        // v:                    2      0      0      2      2      5
        // u:                   −1      0      0     −1      0    −2.5
        // good, then s:       1, 4   0, 8   0, 4   1, 4   0, 2   1, 2
        double[] gradients = {8, -4, Double.POSITIVE_INFINITY, 8, NAN, 8};
        double[] updates = {-1, 0, 0, -1, 0, -2.5};
        double[] scales = {4, 8, 4, 4, 2, 2};
        int[] good = {1, 0, 0, 1, 0, 1};
        int[] skipped = {0, 0, 1, 1, 2, 2};
        for (int t = 0; t < 6; t++) {
            var result = scaling.update(Tensor.scalar(gradients[t]), state, p);
            state = result.state();
            assertThat(result.updates().item()).as("step %d", t).isEqualTo(updates[t]);
            assertThat(state.scale().item()).as("step %d", t).isEqualTo(scales[t]);
            assertThat(state.good().item()).as("step %d", t).isEqualTo(good[t]);
            assertThat(state.skipped().item()).as("step %d", t).isEqualTo(skipped[t]);
        }
    }

    @Test
    void theScaleStaysInItsRange() {
        var scaling = new LossScaling<>(Sgd.of(0.5).transform(), 0x1p99, 1);
        Tensor p = Tensor.scalar(1f);
        var state = scaling.init(p);
        for (int t = 0; t < 5; t++) {
            state = scaling.update(Tensor.scalar(0f), state, p).state();
        }
        assertThat(state.scale().item()).isEqualTo(0x1p100);
        for (int t = 0; t < 130; t++) {
            state = scaling.update(Tensor.scalar(Float.NaN), state, p).state();
        }
        assertThat(state.scale().item()).isEqualTo(0x1p-14);
        assertThat(state.skipped().item()).isEqualTo(130);
    }

    /**
     * On its way back a float32 slope of 1 becomes 2⁻¹⁶⁰, which is 0, before it grows again; one of
     * 2¹⁶ comes through, and the gradient is 2⁻⁴⁰ as it should be.
     */
    @Test
    void aGradientThatVanishesWithoutIt() {
        Objective<Tensor> tiny = Objective.of(p -> p.times(0x1p120).times(0x1p-100).times(0x1p-60));
        Tensor p = Tensor.scalar(1f);
        var sgd = Sgd.of(0x1p39);
        assertThat(sgd.update(tiny, sgd.init(p), p).params().item()).isEqualTo(1);
        var scaling = LossScaling.of(sgd.transform());
        var step = Descent.scaled(scaling).update(tiny, scaling.init(p), p);
        assertThat(step.params().item()).isEqualTo(0.5);
    }

    /** Powers of two change no bit: the steps are those without scaling, compiled too. */
    @Test
    void aDescentScalesAndUnscales() {
        Objective<Tensor> bowl = Objective.of(p -> p.minus(3).square().sum());
        var plain = Momentum.of(0.05);
        var scaled = Descent.scaled(LossScaling.of(plain.transform()));
        var step =
                jit((Run r) -> {
                    var next = scaled.update(bowl, r.state(), r.params());
                    return new Run(next.params(), next.state());
                });
        Tensor p = Tensor.of(new double[] {1, -2});
        var run = new Run(p, scaled.init(p));
        Tensor q = p;
        var state = plain.init(q);
        for (int t = 0; t < 20; t++) {
            run = step.apply(run);
            var next = plain.update(bowl, state, q);
            q = next.params();
            state = next.state();
        }
        assertThat(run.params().toDoubles()).containsExactly(q.toDoubles(), within(1e-14));
        assertThat(Tree.named(run.state()).keySet()).contains("scale", "good", "skipped");
    }

    /** What goes round. */
    public record Run(Tensor params, LossScaling.State<Chain.State> state) {}

    @Test
    void messages() {
        var sgd = Sgd.of(0.1).transform();
        assertThatThrownBy(() -> new LossScaling<>(sgd, 0, 2))
                .isInstanceOf(OptimizerException.class)
                .hasMessageContaining("lossScaling: initial is 0.0; it must be in [2^-14, 2^100]");
        assertThatThrownBy(() -> new LossScaling<>(sgd, 4, 0))
                .hasMessageContaining("lossScaling: every is 0.0; it must be at least 1");
    }
}
