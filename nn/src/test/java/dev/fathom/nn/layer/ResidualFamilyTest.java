package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.init.Initializer.Fan;
import dev.fathom.nn.init.Initializer.Law;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Optional;

/** Residual blocks and what goes with them, and the first values that keep lengths. */
class ResidualFamilyTest {
    private static final Pass EVAL = Pass.eval();

    @Test
    void aPaddedShortcutTakesEverySecondPlaceAndAddsChannels() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1);
        Tensor y = new Residual.Padded(2, 2).apply(x, EVAL);
        assertThat(y.shape().dims()).containsExactly(1, 2, 2, 2);
        assertThat(y.toDoubles()).containsExactly(1, 0, 3, 0, 7, 0, 9, 0);
        Tensor cut = new Residual.Padded(1, 1).apply(y, EVAL);
        assertThat(cut.toDoubles()).containsExactly(1, 3, 7, 9);
    }

    @Test
    void pathsAreDroppedByExampleAndTheMeanStays() {
        var layer = DropPath.of(new Lambda("ones", x -> x.times(0).plus(1)), 0.25);
        Tensor x = Tensor.full(DType.FLOAT64, 0, 4000, 3);
        var y = layer.apply(x, Pass.training(Key.of(1))).toDoubles();
        int dropped = 0;
        for (int n = 0; n < 4000; n++) {
            assertThat(y[3 * n]).isIn(0.0, 1 / 0.75);
            assertThat(y[3 * n + 1]).isEqualTo(y[3 * n]);
            dropped += y[3 * n] == 0 ? 1 : 0;
        }
        // four standard deviations: 4 √(4000 · 0.25 · 0.75) < 110
        assertThat(dropped).isBetween(890, 1110);
        assertThat(layer.apply(x, EVAL).toDoubles()).containsOnly(1.0);
        assertThatThrownBy(() -> DropPath.of(layer, 1)).isInstanceOf(LayerException.class);
    }

    /** One unit: W₁ = (1, 1), W₂ = (1, −1), means (2, 1): h = 3, s = σ(3), σ(−3). */
    @Test
    void squeezeAndExciteByHand() {
        var layer =
                new SqueezeExcite(
                        new Dense(Tensor.of(new double[] {1, 1}, 2, 1), Optional.empty()),
                        new Dense(Tensor.of(new double[] {1, -1}, 1, 2), Optional.empty()));
        Tensor x = Tensor.of(new double[] {1, 0, 3, 2}, 1, 2, 2); // (n, time, channels)
        double s = 1 / (1 + Math.exp(-3));
        assertThat(layer.apply(x, EVAL).toDoubles())
                .containsExactly(new double[] {s, 0, 3 * s, 2 * (1 - s)}, within(1e-14));
        assertThatThrownBy(() -> layer.apply(Tensor.zeros(2, 2), EVAL))
                .hasMessageContaining("has no places to take the mean over");
    }

    /** h = x + B relu(A x): J' = I + J, so its singular values lie in [1 − ‖J‖, 1 + ‖J‖]. */
    @Test
    void singularValuesOfAResidualBlockAreNearOne() {
        var keys = Key.of(3).split(3);
        Tensor a = keys[0].normal(DType.FLOAT64, 6, 6).times(0.1);
        Tensor b = keys[1].normal(DType.FLOAT64, 6, 6).times(0.1);
        Tensor at = keys[2].normal(DType.FLOAT64, 6);
        Tensor inner =
                Transforms.jacobianReverse((Tensor x) -> Functions.relu(x.matmul(a)).matmul(b))
                        .apply(at);
        Tensor block =
                Transforms.jacobianReverse(
                                (Tensor x) -> x.plus(Functions.relu(x.matmul(a)).matmul(b)))
                        .apply(at);
        double epsilon = Linalg.svd(inner).s().toDoubles()[0];
        assertThat(epsilon).isBetween(1e-3, 0.5);
        for (double s : Linalg.svd(block).s().toDoubles()) {
            assertThat(s).isBetween(1 - epsilon, 1 + epsilon);
        }
    }

    // ---- first values --------------------------------------------------------------------------

    private static double variance(Tensor t) {
        return t.square().mean().item();
    }

    @Test
    void variancesAreThoseAskedFor() {
        for (var law : Law.values()) {
            for (var fan : Fan.values()) {
                double n =
                        switch (fan) {
                            case IN -> 50;
                            case OUT -> 400;
                            case AVERAGE -> 225;
                        };
                Tensor w =
                        Initializer.varianceScaling(2, fan, law)
                                .of(Key.of(5), DType.FLOAT64, 50, 400, 50, 400);
                assertThat(variance(w) * n / 2).as("%s %s", law, fan).isCloseTo(1, within(0.05));
            }
        }
        Tensor cut = Initializer.truncatedNormal(1).of(Key.of(5), DType.FLOAT64, 1, 1, 40_000);
        assertThat(variance(cut)).isCloseTo(1, within(0.03));
        double edge = 2 / 0.8796256610342398;
        assertThat(Arrays.stream(cut.toDoubles()).map(Math::abs).max().orElseThrow())
                .isBetween(0.97 * edge, edge);
        assertThatThrownBy(() -> Initializer.varianceScaling(0, Fan.IN, Law.NORMAL))
                .hasMessageContaining("the scale is 0.0; it must be positive");
    }

    @Test
    void orthogonalMatricesHaveOneSingularValue() {
        for (int[] shape : new int[][] {{5, 5}, {7, 3}, {3, 7}, {3, 3, 2, 4}}) {
            int columns = shape[shape.length - 1];
            int rows = Arrays.stream(shape).reduce(1, (p, q) -> p * q) / columns;
            Tensor w = Initializer.orthogonal(2).of(Key.of(1), DType.FLOAT64, 1, 1, shape);
            for (double s : Linalg.svd(w.reshape(rows, columns)).s().toDoubles()) {
                assertThat(s).isCloseTo(2, within(1e-12));
            }
        }
        assertThatThrownBy(() -> Initializer.orthogonal(1).of(Key.of(1), DType.FLOAT32, 1, 1, 4))
                .hasMessageContaining("a parameter of shape [4] is no matrix");
    }

    @Test
    void theIdentityHandsOnWhatItGets() {
        Tensor w = Initializer.identity().of(Key.of(1), DType.FLOAT64, 3, 3, 3, 3, 2, 4);
        assertThat(w.sum().item()).isEqualTo(2);
        assertThat(w.toDoubles()[4 * 8]).isEqualTo(1);
        assertThat(w.toDoubles()[4 * 8 + 4 + 1]).isEqualTo(1);
        assertThatThrownBy(
                        () -> Initializer.identity().of(Key.of(1), DType.FLOAT64, 3, 3, 2, 2, 2, 2))
                .hasMessageContaining("a kernel of size 2 has no middle");
    }

    @Test
    void aDeltaOrthogonalKernelKeepsTheLengthOfAnyImage() {
        Tensor w = Initializer.deltaOrthogonal(1).of(Key.of(1), DType.FLOAT64, 3, 3, 3, 3, 2, 5);
        Tensor x = Key.of(2).normal(DType.FLOAT64, 1, 6, 7, 2);
        Tensor y = Convolutions.conv(x, w, Convolutions.Padding.SAME);
        assertThat(y.square().sum().item()).isCloseTo(x.square().sum().item(), within(1e-11));
        assertThatThrownBy(() ->
                        Initializer.deltaOrthogonal(1)
                                .of(Key.of(1), DType.FLOAT64, 3, 3, 3, 3, 5, 2))
                .hasMessageContaining("it takes in ≤ out");
    }

    /** Units that begin alike stay alike: the weight matrix keeps rank 1. */
    @Test
    void symmetryIsNotBrokenByGradients() {
        var same =
                new TwoLayers(
                        Tensor.full(DType.FLOAT64, 0.3, 3, 4),
                        Tensor.full(DType.FLOAT64, 0.2, 4, 1));
        Tensor x = Key.of(4).normal(DType.FLOAT64, 8, 3);
        Tensor y = Key.of(5).normal(DType.FLOAT64, 8, 1);
        var net = same;
        for (int i = 0; i < 20; i++) {
            var g =
                    Transforms.grad((TwoLayers n) ->
                                    x.matmul(n.hidden())
                                            .tanh()
                                            .matmul(n.output())
                                            .minus(y)
                                            .square()
                                            .mean())
                            .apply(net);
            net =
                    new TwoLayers(
                            net.hidden().minus(g.hidden().times(0.1)),
                            net.output().minus(g.output().times(0.1)));
        }
        var s = Linalg.svd(net.hidden()).s().toDoubles();
        assertThat(s[0]).isGreaterThan(0.1);
        assertThat(s[1] / s[0]).isLessThan(1e-12);
    }

    /** Public, so that it is a tree. */
    public record TwoLayers(Tensor hidden, Tensor output) {}
}
