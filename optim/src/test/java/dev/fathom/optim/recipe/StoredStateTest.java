package dev.fathom.optim.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.BFloat16;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Statistic;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.transform.Chain;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** An optimizer that remembers in bfloat16. */
class StoredStateTest {

    /** What is carried from step to step. */
    record State(Map<String, Tensor> model, Chain.State optimizer) {}

    private static float rounded(float v) {
        return BFloat16.toFloat(BFloat16.of(v));
    }

    /** θ ← θ − η v with v ← μ v₁₆ + g and v₁₆ ← round(v), as a plain loop. */
    @Test
    void momentumByHand() {
        var optimizer = StoredState.of(Momentum.of(0.1), "velocity");
        var params = Map.of("w", Tensor.of(new float[] {1.1f, -0.3f}));
        var state = optimizer.init(params);
        float[] w = {1.1f, -0.3f};
        float[] kept = {0, 0};
        for (int t = 0; t < 4; t++) {
            var gradients = Map.of("w", params.get("w").times(0.7)); // of 0.35 w²
            var step = optimizer.update(gradients, state, params);
            params = step.params();
            state = step.state();
            for (int i = 0; i < 2; i++) {
                float v = kept[i] * 0.9f + w[i] * 0.7f;
                w[i] += v * -0.1f;
                kept[i] = rounded(v);
            }
            assertThat(params.get("w").toFloats()).containsExactly(w);
            var remembered = Tree.leaves(state).getFirst();
            assertThat(remembered.dtype()).isEqualTo(DType.BFLOAT16);
            assertThat(remembered.toDoubles()).containsExactly(kept[0], kept[1]);
        }
    }

    @Test
    void compiledGivesTheSameBitsAndTheMeanTakesHalf() {
        Tensor target = Key.of(2).normal(31, 17);
        var optimizer = StoredState.of(Adam.of(0.01), "mean");
        var model = Map.of("w", Key.of(1).normal(31, 17));
        var first = new State(model, optimizer.init(model));
        var step =
                Transforms.jit((State s) -> {
                    var g =
                            Transforms.grad((Map<String, Tensor> m) ->
                                            m.get("w").minus(target).square().sum())
                                    .apply(s.model());
                    var next = optimizer.update(g, s.optimizer(), s.model());
                    return new State(next.params(), next.state());
                });
        var eager = first;
        var compiled = first;
        for (int t = 0; t < 5; t++) {
            var g = Map.of("w", eager.model().get("w").minus(target).times(2));
            var next = optimizer.update(g, eager.optimizer(), eager.model());
            eager = new State(next.params(), next.state());
            compiled = step.apply(compiled);
        }
        TreeAssert.assertClose("state", compiled, eager, 1e-6);
        long plain = bytes(Adam.of(0.01).init(model));
        assertThat(plain - bytes(first.optimizer())).isEqualTo(31 * 17 * 2);
        var types = Tree.leaves(compiled.optimizer()).stream().map(Tensor::dtype).toList();
        assertThat(types)
                .containsExactlyElementsOf(
                        Tree.leaves(first.optimizer()).stream().map(Tensor::dtype).toList());
    }

    private static long bytes(Object tree) {
        return Tree.leaves(tree).stream().mapToLong(t -> t.type().bytes()).sum();
    }

    /**
     * Why the mean of squares is not for bfloat16: without gradients it should halve in 693 steps.
     */
    @Test
    void aMeanOfSquaresNeverFalls() {
        var params = Map.of("w", Tensor.of(new float[] {1f}));
        var none = Map.of("w", Tensor.zeros(1));
        for (var names : List.of("mean", "meanSquare")) {
            var optimizer = StoredState.of(Adam.of(0), names);
            var state = optimizer.update(params, optimizer.init(params), params).state();
            double before = meanSquare(state);
            for (int t = 0; t < 693; t++) {
                state = optimizer.update(none, state, params).state();
            }
            double left = meanSquare(state) / before;
            assertThat(left).isCloseTo(names.equals("mean") ? 0.5 : 1, within(0.001));
        }
    }

    private static double meanSquare(Chain.State state) {
        return Tree.flatten(state).leaves().stream()
                .filter(leaf -> leaf.path().toString().contains("meanSquare"))
                .findFirst()
                .orElseThrow()
                .tensor()
                .item();
    }

    @Test
    void weightsThatAreOnlyKeptAreNotTrained() {
        var kept = Map.of("w", Tensor.ones(3).cast(DType.BFLOAT16));
        var says =
                "[w] is bfloat16, which is for keeping: a step would be smaller than its last digit"
                        + " and be lost. Train it in float32, as policy.computed(kept.net()) makes"
                        + " it of what policy.keep(net) made";
        var all = List.of(Adam.of(0.1), Sgd.of(0.1), StoredState.of(Adam.of(0.1), "mean"));
        for (var optimizer : all) {
            assertThatThrownBy(() -> optimizer.init(kept))
                    .isInstanceOf(OptimizerException.class)
                    .hasMessageStartingWith(says);
        }
        var counted = Map.of("w", Tensor.ones(3), "n", new Statistic(kept.get("w")));
        assertThat(Adam.of(0.1).init(counted).parts()).isNotEmpty(); // not trained
    }

    @Test
    void aNameThatIsNotThereIsRefused() {
        var params = Map.of("w", Tensor.of(new float[] {1f}));
        assertThatThrownBy(() -> StoredState.of(Adam.of(0.1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("StoredState.of(Adam.of(1e-3), \"mean\")");
        assertThatThrownBy(() -> StoredState.of(Adam.of(0.1), "velocity").init(params))
                .isInstanceOf(OptimizerException.class)
                .hasMessageContaining("storedState: nothing in the state is called velocity; there")
                .hasMessageContaining("meanSquare");
    }
}
