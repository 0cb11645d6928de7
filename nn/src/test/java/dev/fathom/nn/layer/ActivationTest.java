package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.init.Initializer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Optional;
import java.util.stream.IntStream;

/** Activations against closed forms, at their kinks and far out. */
final class ActivationTest {
    private static double slope(Layer f, double x) {
        return Transforms.grad((Tensor t) -> f.apply(t, Pass.eval()))
                .apply(Tensor.scalar(x))
                .item();
    }

    @Test
    void theRectifierHasNoSlopeAtZeroOfEitherSign() {
        for (double zero : new double[] {0.0, -0.0}) {
            assertThat(slope(Activation.RELU, zero)).isEqualTo(0.0);
            assertThat(Activation.RELU.of(Tensor.scalar(zero)).item()).isEqualTo(0.0);
        }
    }

    /**
     * Values from the definitions. gelu tanh at 1: ½ (1 + tanh(0.7978845608028654 · 1.044715)) =
     * 0.8411919906082768; its slope ½ (1 + t) + ½ (1 − t²) 0.7978845608028654 (1 + 3 · 0.044715)
     * with t = 0.6823839812165536. SELU at −1: λ α (1/e − 1) and λ α/e.
     */
    @ParameterizedTest
    @CsvSource({
        "GELU_TANH, 0, 0, 0.5",
        "GELU_TANH, 1, 0.8411919906082768, 1.0829640838457826",
        "SELU, 2, 2.101401974710961, 1.0507009873554805",
        "SELU, -1, -1.1113307378125628, 0.6467686030348138",
        "HARD_SIGMOID, 0, 0.5, 0.16666666666666667",
        "HARD_SIGMOID, 3, 1, 0.16666666666666667",
        "HARD_SIGMOID, 3.5, 1, 0",
        "HARD_SIGMOID, -3.5, 0, 0",
        "HARD_TANH, 0.5, 0.5, 1",
        "HARD_TANH, 1.5, 1, 0",
        "HARD_TANH, -1.5, -1, 0",
        "HARD_SWISH, 1, 0.6666666666666666, 0.8333333333333334",
        "HARD_SWISH, 4, 4, 1",
        "HARD_SWISH, -4, 0, 0"
    })
    void closedForms(Activation f, double x, double value, double slope) {
        assertThat(f.of(Tensor.scalar(x)).item()).isCloseTo(value, within(1e-13));
        assertThat(slope(f, x)).isCloseTo(slope, within(1e-13));
        assertThat(f.of(Tensor.scalar(Double.NaN)).item()).isNaN();
    }

    @Test
    void parameters() {
        assertThat(LeakyRelu.of(0.2).apply(Tensor.scalar(-3.0), Pass.eval()).item())
                .isCloseTo(-0.6, within(1e-15));
        assertThat(slope(LeakyRelu.of(0.2), -3)).isEqualTo(0.2);
        assertThat(slope(LeakyRelu.of(0.2), 3)).isEqualTo(1);
        assertThat(Elu.of(2).apply(Tensor.scalar(-1.0), Pass.eval()).item())
                .isCloseTo(2 * (Math.exp(-1) - 1), within(1e-15));
        assertThat(slope(Elu.of(2), -1)).isCloseTo(2 * Math.exp(-1), within(1e-15));
    }

    /** y = max(x, 0) + a min(x, 0); the derivative in a is the sum of the negative inputs. */
    @Test
    void thePReluIsTrained() {
        var layer = Doubles.of(PRelu.of(2));
        Tensor x = Tensor.of(new double[] {1, -2, -3, 4, -5, -6}, 3, 2);
        assertThat(layer.apply(x, Pass.eval()).toDoubles())
                .containsExactly(1, -0.5, -0.75, 4, -1.25, -1.5);
        var g = Transforms.grad((PRelu m) -> m.apply(x, Pass.eval()).sum()).apply(layer);
        assertThat(g.slope().toDoubles()).containsExactly(-3 - 5, -2 - 6);
        assertThatThrownBy(() -> PRelu.of(3).apply(Tensor.zeros(1, 2), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "PRelu: input (1, 2) does not fit 3 features on its last axis");
    }

    /** Far out no value and no derivative is NaN, in either precision. */
    @ParameterizedTest
    @EnumSource
    void farOut(Activation f) {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor x = Tensor.of(new double[] {800, -800}).cast(dtype);
            var r = Transforms.valueAndGrad((Tensor t) -> f.of(t).sum()).apply(x);
            Tensor y = f.of(x);
            double[] expected =
                    switch (f) {
                        case RELU, GELU, GELU_TANH, SILU, SOFTPLUS, HARD_SWISH ->
                                new double[] {800, 0, 1, 0};
                        case LEAKY_RELU -> new double[] {800, -8, 1, 0.01};
                        case ELU -> new double[] {800, -1, 1, 0};
                        case SELU ->
                                new double[] {
                                    840.5607898843844, -1.7580993408473766, 1.0507009873554805, 0
                                };
                        case TANH, HARD_TANH -> new double[] {1, -1, 0, 0};
                        case SIGMOID, HARD_SIGMOID -> new double[] {1, 0, 0, 0};
                        case SOFTMAX -> new double[] {1, 0, 0, 0};
                        // d/dz_i of Σ_j (z_j − ln Σ e^z) is 1 − 2 softmax_i
                        case LOG_SOFTMAX -> new double[] {0, -1600, -1, 1};
                    };
            double[] found = y.toDoubles();
            double[] slopes = r.gradient().toDoubles();
            double[] all = {found[0], found[1], slopes[0], slopes[1]};
            assertThat(all).containsExactly(expected, within(1e-4));
            if (dtype == DType.FLOAT64) {
                assertThat(all).containsExactly(expected, within(1e-12));
            }
        }
    }

    /** At ±1e30, whose square no float32 holds, nothing is NaN. */
    @ParameterizedTest
    @EnumSource
    void veryFarOut(Activation f) {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor x = Tensor.of(new double[] {1e30, -1e30}).cast(dtype);
            var r = Transforms.valueAndGrad((Tensor t) -> f.of(t).sum()).apply(x);
            assertThat(f.of(x).toDoubles()).doesNotContain(Double.NaN);
            assertThat(r.gradient().toDoubles()).doesNotContain(Double.NaN);
        }
    }

    /**
     * The constants of SELU solve their two equations; Φ(−1) = 0.15865525393145705 and Φ(−2) =
     * 0.022750131948179195.
     */
    @Test
    void theFixedPointOfSelu() {
        double lambda = Activation.SELU.of(Tensor.scalar(1.0)).item();
        double alpha = -Activation.SELU.of(Tensor.scalar(-800.0)).item() / lambda;
        double root = Math.sqrt(Math.E) * 0.15865525393145705;
        assertThat(1 / Math.sqrt(2 * Math.PI) + alpha * (root - 0.5)).isCloseTo(0, within(1e-15));
        double below = Math.exp(2) * 0.022750131948179195 - 2 * root + 0.5;
        assertThat(lambda * lambda * (0.5 + alpha * alpha * below)).isCloseTo(1, within(1e-14));
    }

    /** Sixteen wide layers, started far off: the mean goes to 0 and the variance to 1. */
    @Test
    void seluNormalisesItself() {
        Tensor x = Key.of(1).normal(256, 256).times(1.4).plus(0.3);
        for (int i = 0; i < 16; i++) {
            var dense = Dense.of(256, 256, Initializer.leCunNormal(), Key.of(2).fold(i));
            x = Activation.SELU.of(dense.apply(x, Pass.eval()));
        }
        double mean = x.mean().item();
        assertThat(mean).isCloseTo(0, within(0.1));
        assertThat(x.minus(mean).square().mean().item()).isCloseTo(1, within(0.2));
    }

    @Test
    void bothFormsOfGeluAreClose() {
        Tensor x = Tensor.of(IntStream.range(-60, 61).mapToDouble(i -> i / 10.0).toArray());
        double most = Activation.GELU.of(x).minus(Activation.GELU_TANH.of(x)).abs().max().item();
        assertThat(most).isBetween(1e-4, 5e-4);
    }

    /** The largest of k affine functions, in plain loops. */
    @Test
    void maxoutIsTheLargestPiece() {
        var layer = Doubles.of(Maxout.of(3, 2, 4, Key.of(5)));
        Tensor x = Doubles.normal(6, 5, 3);
        double[] z = layer.affine().apply(x, Pass.eval()).toDoubles(); // (5, 2·4)
        var expected = new double[10];
        for (int i = 0; i < 10; i++) {
            expected[i] =
                    Math.max(
                            Math.max(z[4 * i], z[4 * i + 1]), Math.max(z[4 * i + 2], z[4 * i + 3]));
        }
        assertThat(layer.apply(x, Pass.eval()).toDoubles()).containsExactly(expected);
        // |x| = max(x, −x) is a maxout of two pieces
        var abs = new Maxout(new Dense(Tensor.of(new double[] {1, -1}, 1, 2), Optional.empty()), 2);
        assertThat(abs.apply(Tensor.of(new double[] {-3, 2}, 2, 1), Pass.eval()).toDoubles())
                .containsExactly(3, 2);
    }
}
