package dev.fathom.nn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.core.tree.Statistic;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Layers that change their weights before they use them. */
final class WeightsTest {
    private static final Key KEY = Key.of(8);
    private static final Tensor X = Doubles.normal(1, 5, 3);

    private static Dense dense() {
        return new Dense(
                Doubles.normal(2, 3, 4), Optional.of(Tensor.of(new double[] {1, 0, -1, 2})));
    }

    /** w of a wrapped layer: what it does to unit vectors, less its bias. */
    private static double[][] weights(Layer layer, int in) {
        Tensor zero = Tensor.full(DType.FLOAT64, 0, 1, in);
        var w = new double[in][];
        for (int i = 0; i < in; i++) {
            var e = new double[in];
            e[i] = 1;
            w[i] =
                    layer.apply(Tensor.of(e, 1, in), Pass.eval())
                            .minus(layer.apply(zero, Pass.eval()))
                            .toDoubles();
        }
        return w;
    }

    // ---- weight normalisation ------------------------------------------------------------------

    @Test
    void weightNormIsItsFormula() {
        Tensor gain = Tensor.of(new double[] {2, 1, 0.5, -1});
        double[] v = dense().weight().toDoubles();
        double[][] w = weights(new WeightNorm(dense(), gain), 3);
        for (int j = 0; j < 4; j++) {
            double length = Math.sqrt(v[j] * v[j] + v[4 + j] * v[4 + j] + v[8 + j] * v[8 + j]);
            for (int i = 0; i < 3; i++) {
                assertThat(w[i][j])
                        .isCloseTo(gain.toDoubles()[j] * v[4 * i + j] / length, within(1e-14));
            }
        }
        TreeAssert.assertClose(
                "at first nothing changes",
                WeightNorm.of(dense()).apply(X, Pass.eval()),
                dense().apply(X, Pass.eval()),
                1e-13);
    }

    /** Equation 4 of the paper: ∇v = g/‖v‖ (∇w − (∇w·v) v/‖v‖²), which stands on v. */
    @Test
    void theGradientStandsAtRightAnglesOnTheDirection() {
        var layer = WeightNorm.of(dense());
        var g =
                Transforms.grad((WeightNorm m) -> m.apply(X, Pass.eval()).tanh().sum())
                        .apply(layer);
        double[] v = layer.layer().weight().toDoubles();
        double[] dv = g.layer().weight().toDoubles();
        for (int j = 0; j < 4; j++) {
            double product = 0;
            double size = 0;
            for (int i = 0; i < 3; i++) {
                product += v[4 * i + j] * dv[4 * i + j];
                size += Math.abs(v[4 * i + j] * dv[4 * i + j]);
            }
            assertThat(size).isGreaterThan(1e-2);
            assertThat(product).isCloseTo(0, within(1e-13));
        }
    }

    @Test
    void afterInitialisationEveryUnitHasMeanZeroAndVarianceOne() {
        var keys = KEY.split(3);
        var net =
                Doubles.of(
                        Sequential.of(
                                WeightNorm.of(Conv2d.of(2, 3, 3, keys[0])),
                                Activation.RELU,
                                Flatten.of(),
                                WeightNorm.of(Dense.of(48, 7, keys[1])),
                                Activation.RELU,
                                WeightNorm.of(Dense.of(7, 5, keys[2]))));
        Tensor x = Doubles.normal(3, 40, 4, 4, 2).times(3).plus(1);
        var ready = WeightNorm.initialised(net, x, KEY);
        var outputs = new ArrayList<Tensor>();
        ready.apply(
                x,
                Pass.training(
                        KEY,
                        (_, _, _, y) -> {
                            outputs.add(y);
                            return y;
                        }));
        assertThat(outputs).hasSize(3);
        for (var y : outputs) {
            int units = y.dim(-1);
            int m = (int) (y.size() / units);
            double[] values = y.toDoubles();
            for (int u = 0; u < units; u++) {
                double sum = 0;
                double squares = 0;
                for (int i = 0; i < m; i++) {
                    sum += values[i * units + u];
                    squares += values[i * units + u] * values[i * units + u];
                }
                assertThat(sum / m).isCloseTo(0, within(1e-12));
                assertThat(squares / m).isCloseTo(1, within(1e-12));
            }
        }
        // the directions are those it had
        assertThat(Tree.named(ready).get("layers[3].layer.weight"))
                .isSameAs(Tree.named(net).get("layers[3].layer.weight"));
    }

    @Test
    void oneLayerByHand() {
        // v = (3, 4), g = 5: the unit gives 3·1 + 4·0 and 3·1 + 4·2
        var layer =
                new Dense(
                        Tensor.of(new double[] {3, 4}, 2, 1),
                        Optional.of(Tensor.of(new double[] {9})));
        Tensor x = Tensor.of(new double[] {1, 0, 1, 2}, 2, 2);
        // outputs 3 and 11: mean 7, deviation 4
        var ready = WeightNorm.initialised(WeightNorm.of(layer), x, KEY);
        assertThat(ready.gain().item()).isCloseTo(5.0 / 4, within(1e-14));
        assertThat(ready.layer().bias().orElseThrow().item()).isCloseTo(-7.0 / 4, within(1e-14));
        assertThat(ready.apply(x, Pass.eval()).toDoubles())
                .containsExactly(new double[] {-1, 1}, within(1e-14));
    }

    @Test
    void whatCannotBeInitialisedIsSaid() {
        assertThatThrownBy(() -> WeightNorm.initialised(dense(), X, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "WeightNorm: the model has no weight-normalised layer to initialise; wrap");
        var bare = Sequential.of(WeightNorm.of(dense().withoutBias()));
        assertThatThrownBy(() -> WeightNorm.initialised(bare, X, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "WeightNorm: the layer at layers[0].layer has no bias, so its mean cannot"
                                + " be moved to 0; make it with one");
        assertThatThrownBy(
                        () -> WeightNorm.initialised(WeightNorm.of(dense()), X.slice(0, 0, 1), KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("gives the same for all of the batch (1, 4)");
    }

    // ---- weight standardisation ----------------------------------------------------------------

    @Test
    void weightsWithoutADirectionAreRefused() {
        var some = Tensor.of(new float[] {1, 0, 2, 0}, 2, 2);
        var dense = new Dense(some, Optional.empty());
        assertThatThrownBy(() -> WeightNorm.of(dense))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining(
                        "WeightNorm: all weights of unit 1 of (2, 2) are 0, which have no"
                                + " direction; dividing by their length would give NaN. To begin"
                                + " with a layer that gives 0, set the gain to 0 and leave the"
                                + " weights");
        assertThat(SpectralNorm.of(dense, Key.of(1)).vector()).isNotNull();
        var zero = new Dense(Tensor.zeros(2, 2), Optional.empty());
        assertThatThrownBy(() -> SpectralNorm.of(zero, Key.of(1)))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining(
                        "SpectralNorm: all weights of (2, 2) are 0; dividing by their largest"
                                + " singular value would give NaN. Draw them at random");
        var narrow = Dense.of(1, 3, Key.of(1));
        for (ThrowableAssert.ThrowingCallable make :
                List.<ThrowableAssert.ThrowingCallable>of(
                        () -> WeightStandardisation.of(narrow),
                        () -> WeightStandardisation.scaled(narrow))) {
            assertThatThrownBy(make)
                    .isInstanceOf(LayerException.class)
                    .hasMessageContaining(
                            "WeightStandardisation: each unit of (1, 3) has one weight, which less"
                                    + " its mean is 0: the layer would give its bias alone. Leave"
                                    + " such a layer as it is");
        }
    }

    @Test
    void weightStandardisationIsItsFormula() {
        double[] v = dense().weight().toDoubles();
        double[][] plain = weights(WeightStandardisation.of(dense()), 3);
        double[][] scaled = weights(WeightStandardisation.scaled(dense()), 3);
        for (int j = 0; j < 4; j++) {
            double mean = (v[j] + v[4 + j] + v[8 + j]) / 3;
            double variance = 0;
            for (int i = 0; i < 3; i++) {
                variance += (v[4 * i + j] - mean) * (v[4 * i + j] - mean) / 3;
            }
            double squares = 0;
            for (int i = 0; i < 3; i++) {
                double d = v[4 * i + j] - mean;
                assertThat(plain[i][j]).isCloseTo(d / Math.sqrt(variance + 1e-5), within(1e-13));
                assertThat(scaled[i][j])
                        .isCloseTo(d / Math.sqrt(3 * (variance + 1e-8)), within(1e-13));
                squares += scaled[i][j] * scaled[i][j];
            }
            assertThat(squares).isCloseTo(1, within(1e-6)); // N σ² / N σ²
        }
        assertThatThrownBy(() -> new WeightStandardisation(dense(), Optional.empty(), 1, 0))
                .hasMessageStartingWith(
                        "WeightStandardisation: epsilon is 0.0; it must be positive");
    }

    /** γ relu(z) has variance 1 for standard normal z: E relu = 1/√(2π), E relu² = ½. */
    @Test
    void theGainOfARectifier() {
        assertThat(WeightStandardisation.RELU_GAIN).isCloseTo(1.712858550449663, within(1e-14));
        assertThat(1 / (0.5 - 1 / (2 * Math.PI)))
                .isCloseTo(
                        WeightStandardisation.RELU_GAIN * WeightStandardisation.RELU_GAIN,
                        within(1e-14));
        var random = new SplittableRandom(4);
        int n = 1_000_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double z = Math.max(0, random.nextGaussian());
            sum += z;
            squares += z * z;
        }
        double deviation = Math.sqrt(squares / n - sum / n * (sum / n));
        // standard error of the deviation about 0.0006; of its inverse 0.0018; five of them
        assertThat(1 / deviation).isCloseTo(WeightStandardisation.RELU_GAIN, within(0.009));
    }

    // ---- spectral normalisation ----------------------------------------------------------------

    private static SpectralNorm converged(Dense layer) {
        var norm = SpectralNorm.of(layer, KEY);
        for (int i = 0; i < 300; i++) {
            var pass = Pass.training(KEY);
            norm.apply(X, pass);
            norm = pass.updated(norm);
        }
        return norm;
    }

    @Test
    void theLargestSingularValueBecomesOne() {
        var layer = dense();
        double top = Linalg.svd(layer.weight()).s().toDoubles()[0];
        var norm = converged(layer);
        double[][] w = weights(norm, 3);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                assertThat(w[i][j])
                        .isCloseTo(layer.weight().toDoubles()[4 * i + j] / top, within(1e-10));
            }
        }
    }

    /** One step by hand: W = diag(3, 1), u = (1, 1)/√2. */
    @Test
    void oneStepOfThePowerMethod() {
        var layer = new Dense(Tensor.of(new double[] {3, 0, 0, 1}, 2, 2), Optional.empty());
        Tensor u = Tensor.of(new double[] {Math.sqrt(0.5), Math.sqrt(0.5)});
        var norm = new SpectralNorm(layer, new Statistic(u));
        Tensor x = Tensor.of(new double[] {1, 1}, 1, 2);
        // evaluation: W u = (3, 1)/√2, of length √5
        var eval = Pass.eval();
        assertThat(norm.apply(x, eval).toDoubles())
                .containsExactly(new double[] {3 / Math.sqrt(5), 1 / Math.sqrt(5)}, within(1e-14));
        assertThat(eval.updated(norm)).isSameAs(norm);
        // training: v = (3, 1)/√10, Wᵀ v = (9, 1)/√10, u′ = (9, 1)/√82, σ = √(82/10)
        var pass = Pass.training(KEY);
        assertThat(norm.apply(x, pass).toDoubles())
                .containsExactly(
                        new double[] {3 / Math.sqrt(8.2), 1 / Math.sqrt(8.2)}, within(1e-14));
        assertThat(pass.updated(norm).vector().value().toDoubles())
                .containsExactly(
                        new double[] {9 / Math.sqrt(82), 1 / Math.sqrt(82)}, within(1e-14));
    }

    /**
     * With u and v singular vectors: ∇W = (G − ⟨G, W/σ⟩ v uᵀ)/σ, where G is the gradient in W/σ.
     */
    @Test
    void theGradientOfSpectralNorm() {
        var norm = converged(dense());
        var layer = dense();
        Tensor target = Doubles.normal(7, 5, 4);
        var g =
                Transforms.grad((SpectralNorm m) ->
                                m.apply(X, Pass.eval()).minus(target).square().sum())
                        .apply(norm);
        var svd = Linalg.svd(layer.weight());
        double sigma = svd.s().toDoubles()[0];
        var inner = layer.with(layer.weight().dividedBy(sigma), layer.bias());
        Tensor plain =
                Transforms.grad((Dense m) -> m.apply(X, Pass.eval()).minus(target).square().sum())
                        .apply(inner)
                        .weight();
        Tensor u = norm.vector().value().reshape(4, 1);
        Tensor v = layer.weight().matmul(u).dividedBy(sigma); // (3, 1)
        double product = plain.times(inner.weight()).sum().item();
        Tensor expected =
                plain.minus(v.matmul(Linalg.transpose(u)).times(product)).dividedBy(sigma);
        TreeAssert.assertClose("gradient", g.layer().weight(), expected, 1e-9);
        // and where u is a singular vector this is the derivative
        GradientCheck.assertGradients(
                (Tensor w) ->
                        new SpectralNorm(layer.with(w, layer.bias()), norm.vector())
                                .apply(X, Pass.eval()),
                layer.weight());
    }

    // ---- all three -----------------------------------------------------------------------------

    /** A small network of each, which learns by heart, its statistics carried through the pass. */
    @Test
    void theyLearn() {
        Tensor x = Doubles.normal(4, 32, 6);
        Tensor y = x.slice(1, 0, 1).minus(x.slice(1, 1, 2)).tanh();
        var keys = KEY.split(2);
        for (var wrap :
                List.<Function<Dense, Layer>>of(
                        WeightNorm::of,
                        WeightStandardisation::scaled,
                        d -> SpectralNorm.of(d, KEY))) {
            Layer net =
                    Doubles.of(
                            Sequential.of(
                                    wrap.apply(Dense.of(6, 64, keys[0])),
                                    Activation.TANH,
                                    Dense.of(64, 1, keys[1])));
            double first = net.apply(x, Pass.eval()).minus(y).square().mean().item();
            var step =
                    Transforms.jit((Layer m) -> {
                        var r =
                                Transforms.valueAndGradAux(
                                                (Layer p) -> {
                                                    var pass = Pass.training(KEY);
                                                    Tensor loss =
                                                            p.apply(x, pass)
                                                                    .minus(y)
                                                                    .square()
                                                                    .mean();
                                                    return new WithAux<>(loss, pass.updated(p));
                                                })
                                        .apply(m);
                        return Tree.minus(r.aux(), Tree.times(r.gradient(), 0.03));
                    });
            for (int i = 0; i < 400; i++) {
                net = step.apply(net);
            }
            double last = net.apply(x, Pass.eval()).minus(y).square().mean().item();
            assertThat(last).isLessThan(0.2 * first);
        }
    }
}
