package dev.fathom.optim.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;

import org.junit.jupiter.api.Test;

final class WeightAverageTest {
    record Point(Tensor x) {}

    /** The average after so many steps of gradient −1 and rate 1 from 0: θ_t = t. */
    private static <S> double after(int steps, WeightAverage<S> optimizer) {
        var at = new Point(Tensor.scalar(0.0));
        var step = new Optimizer.Step<>(at, optimizer.init(at));
        for (int i = 0; i < steps; i++) {
            step = optimizer.update(new Point(Tensor.scalar(-1.0)), step.state(), step.params());
        }
        assertThat(step.params().x().item()).isEqualTo(steps);
        return WeightAverage.of(step.state(), step.params()).x().item();
    }

    @Test
    void swaIsThePlainMeanOfTheChosenSteps() {
        var swa = WeightAverage.swa(Sgd.of(1), 3, 2);
        assertThat(after(2, swa)).isZero(); // not begun: the first weights
        assertThat(after(3, swa)).isCloseTo(3, within(1e-12));
        assertThat(after(4, swa)).isCloseTo(3, within(1e-12));
        assertThat(after(8, swa)).isCloseTo(5, within(1e-12)); // (3 + 5 + 7)/3
    }

    @Test
    void emaForgetsByItsDecay() {
        // 0, .25 · 1, .75 · .25 + .25 · 2 = .6875
        assertThat(after(2, WeightAverage.ema(Sgd.of(1), 0.75))).isCloseTo(0.6875, within(1e-12));
    }

    @Test
    void wrongUseIsRefused() {
        assertThatThrownBy(() -> WeightAverage.ema(Sgd.of(1), 1))
                .isInstanceOf(OptimizerException.class);
        assertThatThrownBy(() -> WeightAverage.swa(Sgd.of(1), 0, 1))
                .isInstanceOf(OptimizerException.class);
        var at = new Point(Tensor.scalar(0.0));
        assertThatThrownBy(() -> WeightAverage.of(Sgd.of(1).init(at), at))
                .isInstanceOf(OptimizerException.class)
                .hasMessageContaining("holds no average");
    }
}
