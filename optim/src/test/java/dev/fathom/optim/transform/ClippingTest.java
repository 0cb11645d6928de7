package dev.fathom.optim.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;
import dev.fathom.optim.error.OptimizerException;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Clipping by hand. */
class ClippingTest {
    private static <S> List<Object> run(GradientTransform<S> t, List<Object> g) {
        return t.update(g, t.init(g), g).updates();
    }

    private static double[] numbers(Object leaf) {
        return switch (leaf) {
            case Tensor t -> t.toDoubles();
            case Statistic(Tensor t) -> t.toDoubles();
            case Object o -> throw new AssertionError("no leaf: " + o);
        };
    }

    @Test
    void theGlobalNormIsThatOfAllTrainedLeaves() {
        List<Object> g =
                List.of(
                        Tensor.of(new double[] {3, 0}),
                        Tensor.of(new double[] {4}),
                        new Statistic(Tensor.of(new double[] {100})),
                        Tensor.of(new int[] {9}));
        var clipped = run(GradientTransform.clipByGlobalNorm(1), g); // ‖g‖ = 5
        assertThat(numbers(clipped.get(0))).containsExactly(new double[] {0.6, 0}, within(1e-15));
        assertThat(numbers(clipped.get(1))).containsExactly(new double[] {0.8}, within(1e-15));
        assertThat(numbers(clipped.get(2))).containsExactly(100);
        assertThat(numbers(clipped.get(3))).containsExactly(9);
        var kept = run(GradientTransform.clipByGlobalNorm(6), g);
        assertThat(numbers(kept.get(0))).containsExactly(3, 0);
    }

    @Test
    void zerosStayZerosAndNaNSpreads() {
        List<Object> zeros = List.of(Tensor.of(new double[] {0, 0}));
        assertThat(numbers(run(GradientTransform.clipByGlobalNorm(1), zeros).getFirst()))
                .containsExactly(0, 0);
        List<Object> nan =
                List.of(Tensor.of(new double[] {Double.NaN}), Tensor.of(new double[] {1}));
        assertThat(numbers(run(GradientTransform.clipByGlobalNorm(1), nan).getLast())[0]).isNaN();
    }

    @Test
    void mixedPrecisions() {
        List<Object> g = List.of(Tensor.of(new float[] {3}), Tensor.of(new double[] {4}));
        var clipped = run(GradientTransform.clipByGlobalNorm(1), g);
        assertThat(numbers(clipped.get(0))).containsExactly(new double[] {0.6}, within(1e-7));
        assertThat(numbers(clipped.get(1))).containsExactly(new double[] {0.8}, within(1e-7));
    }

    @Test
    void byValue() {
        List<Object> g =
                List.of(Tensor.of(new double[] {-3, -0.5, 0, 2}), Tensor.of(new int[] {9}));
        var clipped = run(GradientTransform.clipByValue(1), g);
        assertThat(numbers(clipped.get(0))).containsExactly(-1, -0.5, 0, 1);
        assertThat(numbers(clipped.get(1))).containsExactly(9);
        assertThatThrownBy(() -> GradientTransform.clipByValue(-1))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("clipByValue: max is -1.0; it must be positive");
    }

    @Test
    void decayAddsWeightsAndLeavesTheRest() {
        List<Object> p = List.of(Tensor.of(new double[] {2}), Tensor.of(new boolean[] {true}));
        var decay = GradientTransform.addDecayedWeights(0.5);
        List<Object> g = List.of(Tensor.of(new double[] {1}), Tensor.of(new boolean[] {false}));
        var u = decay.update(g, decay.init(p), p).updates();
        assertThat(numbers(u.getFirst())).containsExactly(2);
        assertThat(u.getLast()).isSameAs(g.getLast());
    }
}
