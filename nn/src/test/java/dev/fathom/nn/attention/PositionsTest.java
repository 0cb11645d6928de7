package dev.fathom.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;

/** What is added to a sequence so that order counts. */
final class PositionsTest {
    /** d = 4: waves of 1 and of 1/100 radians per position. */
    @Test
    void sinusoidalByHand() {
        Tensor x = Doubles.normal(1, 1, 3, 4);
        Tensor added = SinusoidalPositions.of().apply(x, Pass.eval()).minus(x);
        assertThat(added.toDoubles())
                .containsExactly(
                        new double[] {
                            0,
                            1,
                            0,
                            1,
                            Math.sin(1),
                            Math.cos(1),
                            Math.sin(0.01),
                            Math.cos(0.01),
                            Math.sin(2),
                            Math.cos(2),
                            Math.sin(0.02),
                            Math.cos(0.02)
                        },
                        within(1e-15));
    }

    /** Section 3.5: P(pos + k) is a fixed turn of P(pos), so P(pos) · P(pos + k) is Σ cos(k θᵢ). */
    @Test
    void sinusoidalProductsDependOnDifferencesOnly() {
        Tensor p = SinusoidalPositions.table(DType.FLOAT64, 50, 8);
        Tensor products = p.matmul(p.transpose());
        double expected = Math.cos(7) + Math.cos(0.7) + Math.cos(0.07) + Math.cos(0.007); // k = 7
        for (int pos = 0; pos + 7 < 50; pos++) {
            assertThat(products.get(pos).get(pos + 7).item()).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void learnedAddsItsRows() {
        var layer = LearnedPositions.of(6, 4, Key.of(1));
        Tensor x = Tensor.zeros(2, 3, 4);
        Tensor y = layer.apply(x, Pass.eval());
        assertThat(y.get(1).toFloats()).isEqualTo(layer.table().slice(0, 0, 3).toFloats());
        assertThatThrownBy(() -> layer.apply(Tensor.zeros(1, 7, 4), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("a sequence of 7 is longer than the 6 positions learned");
        assertThatThrownBy(() -> layer.apply(Tensor.zeros(1, 4), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("LearnedPositions: input (1, 4) is not (n, t, 4)");
    }
}
