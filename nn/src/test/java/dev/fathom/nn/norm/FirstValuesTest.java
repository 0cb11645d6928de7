package dev.fathom.nn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.attention.DeepNorm;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.init.Initializer.Fan;
import dev.fathom.nn.init.Initializer.Law;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Lambda;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Residual;
import dev.fathom.nn.layer.Sequential;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.Stream;

/** How first values change the size of a signal from layer to layer, against closed forms. */
final class FirstValuesTest {
    private static final Key KEY = Key.of(12);

    // ---- laws ----------------------------------------------------------------------------------

    /**
     * A law, whether a rectifier stands before each layer, the widths (in, out), and how the mean
     * square changes over one layer: E z′² = n_in Var(w) E a² with a = z, or a = relu(z), where E
     * a² = ½ E z².
     */
    record Row(String name, Initializer law, boolean relu, int in, int out, double ratio) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        int n = 700;
        var average = Initializer.varianceScaling(3, Fan.AVERAGE, Law.TRUNCATED);
        return Stream.of(
                new Row("he normal, relu", Initializer.heNormal(), true, n, n, 1),
                new Row("he uniform, relu", Initializer.heUniform(), true, n, n, 1),
                new Row("he normal, linear", Initializer.heNormal(), false, n, n, 2),
                new Row("he fan-out, relu", Initializer.heNormalFanOut(), true, n, 2 * n, 0.5),
                new Row("he fan-out uniform", Initializer.heUniformFanOut(), true, 2 * n, n, 2),
                new Row("glorot normal, linear", Initializer.glorotNormal(), false, n, n, 1),
                new Row("glorot normal, relu", Initializer.glorotNormal(), true, n, n, 0.5),
                new Row("glorot uniform", Initializer.glorotUniform(), false, n, 2 * n, 2.0 / 3),
                new Row("lecun normal, linear", Initializer.leCunNormal(), false, n, n, 1),
                new Row("lecun normal, relu", Initializer.leCunNormal(), true, n, n, 0.5),
                new Row("normal 0.05", Initializer.normal(0.05), false, n, n, n * 0.0025),
                new Row("uniform ±0.06", Initializer.uniform(-0.06, 0.06), false, n, n, n * 0.0012),
                new Row("truncated", Initializer.truncatedNormal(0.05), true, n, n, n * 0.00125),
                new Row("variance scaling", average, false, 2 * n, n, 4),
                new Row("orthogonal, linear", Initializer.orthogonal(1), false, n, n, 1),
                new Row("orthogonal 1.5, relu", Initializer.orthogonal(1.5), true, n, n, 1.125),
                new Row("identity", Initializer.identity(), false, n, n, 1),
                new Row("zeros", Initializer.zeros(), false, n, n, 0));
    }

    /** The standard deviation of one ratio is at most √(5/700) = 8 %, of the mean of six 3.5 %. */
    @ParameterizedTest
    @MethodSource("rows")
    void theRatioOfVariancesOfALayer(Row row) {
        double sum = 0;
        for (int i = 0; i < 6; i++) {
            Tensor z = KEY.fold(i).normal(64, row.in());
            Tensor a = row.relu() ? Functions.relu(z) : z;
            Tensor next =
                    Dense.of(row.in(), row.out(), row.law(), KEY.fold(100 + i))
                            .apply(a, Pass.eval());
            sum += next.square().mean().item() / z.square().mean().item() / 6;
        }
        assertThat(sum).isCloseTo(row.ratio(), within(0.07 * row.ratio()));
    }

    /**
     * Residual blocks x + W₂ relu(W₁ x) by He's law: E relu(W₁x)² = E x², so the body has twice the
     * mean square of x and every block makes three times of one, which needs first values that know
     * the depth.
     */
    @Test
    void residualBlocksOfHeGrowThreefold() {
        int n = 500;
        Tensor x = KEY.normal(64, n);
        double before = x.square().mean().item();
        for (int i = 0; i < 6; i++) {
            var body = Sequential.of(dense(n, 2 * i), Activation.RELU, dense(n, 2 * i + 1));
            x = Residual.of(body).apply(x, Pass.eval());
        }
        assertThat(Math.pow(x.square().mean().item() / before, 1.0 / 6)).isCloseTo(3, within(0.15));
    }

    private static Dense dense(int n, int i) {
        return Dense.of(n, n, KEY.fold(200 + i));
    }

    // ---- LSUV ----------------------------------------------------------------------------------

    @Test
    void lsuvMakesTheVarianceOfEveryLayerOne() {
        var layers = new ArrayList<Layer>();
        layers.add(Conv2d.of(2, 4, 3, KEY));
        layers.add(Activation.TANH);
        layers.add(Flatten.of());
        for (int i = 0; i < 20; i++) {
            int in = i == 0 ? 4 * 4 * 4 : 32;
            layers.add(Dense.of(in, 32, Initializer.normal(3), KEY.fold(i)));
            layers.add(i % 2 == 0 ? Activation.RELU : Activation.TANH);
        }
        var net = Doubles.of(new Sequential(layers));
        Tensor x = Doubles.normal(1, 50, 4, 4, 2).times(5).plus(2);
        var ready = Lsuv.initialised(net, x, KEY);
        var variances = new ArrayList<Double>();
        ready.apply(
                x,
                Pass.training(
                        KEY,
                        (_, _, _, y) -> {
                            double[] v = y.toDoubles();
                            double mean = Arrays.stream(v).average().orElseThrow();
                            variances.add(
                                    Arrays.stream(v)
                                            .map(t -> (t - mean) * (t - mean))
                                            .average()
                                            .orElseThrow());
                            return y;
                        }));
        assertThat(variances)
                .hasSize(21)
                .allSatisfy(v -> assertThat(v).isCloseTo(1, within(1e-11)));
        // every weight is a number times an orthogonal matrix
        for (var leaf : Tree.flatten(ready).leaves()) {
            if (leaf.tensor().rank() > 1) {
                int out = leaf.tensor().dim(-1);
                Tensor w = leaf.tensor().reshape((int) (leaf.tensor().size() / out), out);
                double[] s = Linalg.svd(w).s().toDoubles();
                assertThat(s[s.length - 1]).isCloseTo(s[0], within(1e-11 * s[0]));
            }
        }
    }

    @Test
    void whatLsuvRefuses() {
        Tensor x = Tensor.ones(4, 3);
        assertThatThrownBy(() -> Lsuv.initialised(WeightNorm.of(Dense.of(3, 2, KEY)), x, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "Lsuv: a layer computes with a weight that is no tensor of the model"
                                + " itself, such as a normalised one; for those use"
                                + " WeightNorm.initialised");
        assertThatThrownBy(() -> Lsuv.initialised(Dense.of(3, 2, KEY), x.times(0), KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "Lsuv: an affine layer gives the same number everywhere in (4, 2)");
    }

    // ---- Fixup and zero branches ---------------------------------------------------------------

    /** m = 3 weights in L = 16 branches: times 16^(−1/4) = ½; m = 2: times 16^(−1/2) = ¼. */
    @Test
    void fixupScalesByDepth() {
        Dense a = Dense.of(4, 5, KEY);
        Dense b = Dense.of(5, 6, KEY);
        Dense c = Dense.of(6, 4, KEY);
        var three = Fixup.branch(16, a, Activation.RELU, b, Activation.RELU, c);
        // a shift before each of five layers, one multiplier, a shift at the end
        assertThat(three.layers()).hasSize(5 + 5 + 2);
        assertThat(Tree.countTrained(three)).isEqualTo(20 + 30 + 24 + 5 + 2);
        check(three.layers().get(1), a, 0.5);
        check(three.layers().get(5), b, 0.5);
        check(three.layers().get(9), c, 0);
        var two = Fixup.branch(16, Dense.of(4, 5, KEY), Activation.RELU, Dense.of(5, 4, KEY));
        check(two.layers().get(1), Dense.of(4, 5, KEY), 0.25);
        check(two.layers().get(5), Dense.of(5, 4, KEY), 0);
        Tensor x = KEY.normal(3, 4);
        assertThat(Residual.of(three).apply(x, Pass.eval()).toFloats()).isEqualTo(x.toFloats());
        assertThatThrownBy(() -> Fixup.branch(3, Activation.RELU))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("Fixup: the branch has no dense layer and no convolution");
    }

    private static void check(Layer layer, Dense whole, double factor) {
        assertThat(((Dense) layer).weight().toFloats())
                .isEqualTo(whole.weight().times(factor).toFloats());
        assertThat(((Dense) layer).bias()).isEmpty();
    }

    private static Layer deep(int branches, boolean fixup) {
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < branches; i++) {
            var first = Dense.of(16, 16, KEY.fold(2 * i));
            var second = Dense.of(16, 16, KEY.fold(2 * i + 1));
            layers.add(
                    Residual.of(
                            fixup
                                    ? Fixup.branch(branches, first, Activation.RELU, second)
                                    : Sequential.of(first, Activation.RELU, second)));
        }
        layers.add(Dense.of(16, 1, Initializer.leCunNormal(), KEY.fold(-1)));
        return Doubles.of(new Sequential(layers));
    }

    /**
     * Two steps of gradient descent with a rate of 0.01 (the first moves only the zero matrices)
     * change the output by about as much for 4 branches as for 64. With He's law everywhere the
     * output itself grows like 3^(L/2) and the steps are beyond all bounds.
     */
    @Test
    void fixupStepsDoNotGrowWithDepth() {
        Tensor x = Doubles.normal(3, 32, 16);
        Tensor y = x.slice(1, 0, 1).times(x.slice(1, 1, 2));
        double[] change = new double[2];
        int at = 0;
        for (int branches : new int[] {4, 64}) {
            Layer net = deep(branches, true);
            Tensor before = net.apply(x, Pass.eval());
            for (int step = 0; step < 2; step++) {
                net = Tree.minus(net, Tree.times(gradient(net, x, y), 0.01));
            }
            change[at++] = net.apply(x, Pass.eval()).minus(before).square().mean().sqrt().item();
        }
        assertThat(change[0]).isBetween(1e-3, 1.0);
        assertThat(change[1] / change[0]).isBetween(0.3, 3.0);
        Layer he = deep(64, false);
        assertThat(he.apply(x, Pass.eval()).square().mean().item()).isGreaterThan(1e20);
    }

    private static Layer gradient(Layer net, Tensor x, Tensor y) {
        return Transforms.grad((Layer m) -> m.apply(x, Pass.eval()).minus(y).square().mean())
                .apply(net);
    }

    @Test
    void aZeroBranchLeavesTheShortcut() {
        var body =
                Sequential.of(
                        Dense.of(4, 4, KEY), BatchNorm.of(4), Activation.RELU, BatchNorm.of(4));
        var block = Residual.of(body).withZeroBranch();
        Tensor x = KEY.normal(8, 4);
        assertThat(block.apply(x, Pass.training(KEY)).toFloats()).isEqualTo(x.toFloats());
        var leaves = Tree.named(block);
        assertThat(leaves.get("body.layers[1].gamma").toFloats()).containsOnly(1);
        assertThat(leaves.get("body.layers[3].gamma").toFloats()).containsOnly(0);
        assertThatThrownBy(() -> Residual.of(Dense.of(4, 4, KEY)).withZeroBranch())
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "Residual: the body has no normalisation whose scale gamma could begin at"
                                + " zero");
    }

    // ---- normaliser-free blocks ----------------------------------------------------------------

    /** Var y = β² + α² with the identity around, 1 + α² with a shortcut: over eight blocks. */
    @Test
    void aNormalizerFreeBlockMakesTheVarianceItSays() {
        int n = 400;
        Tensor x = KEY.normal(200, n);
        double variance = 1;
        for (int i = 0; i < 8; i++) {
            var keys = KEY.fold(50 + i).split(3);
            var body =
                    Sequential.of(
                            WeightStandardisation.scaled(Dense.of(n, n, keys[0])),
                            NormalizerFree.Scaled.of(Activation.RELU),
                            WeightStandardisation.scaled(Dense.of(n, n, keys[1])));
            var block = NormalizerFree.of(body, 0.5, Math.sqrt(variance));
            if (i == 4) {
                block = block.withShortcut(WeightStandardisation.scaled(Dense.of(n, n, keys[2])));
            }
            double expected = i == 4 ? 1.25 : variance + 0.25;
            assertThat(block.variance()).isCloseTo(expected, within(1e-12));
            x = block.apply(x, Pass.eval());
            variance = block.variance();
            assertThat(Functions.variance(x, 0).mean().item())
                    .as("block %d", i)
                    .isCloseTo(expected, within(0.06 * expected));
        }
    }

    @Test
    void aNormalizerFreeBlockByHand() {
        // β = 2, α = ½, s = 1: h = γ relu(x/2), y = x + ½ (3 h)
        double g = Math.sqrt(2 / (1 - 1 / Math.PI));
        Layer triple = (x, _) -> x.times(3);
        var block = Doubles.of(NormalizerFree.of(triple, 0.5, 2));
        Tensor x = Tensor.of(new double[] {4, -2}, 1, 2);
        assertThat(block.apply(x, Pass.eval()).toDoubles())
                .containsExactly(new double[] {4 + 0.5 * 3 * g * 2, -2}, within(1e-13));
        // with a shortcut of h: 10 h + ½ (3 h)
        assertThat(block.withShortcut((h, _) -> h.times(10)).apply(x, Pass.eval()).toDoubles())
                .containsExactly(new double[] {11.5 * g * 2, 0}, within(1e-12));
        assertThat(block.withSkipInit().apply(x, Pass.eval()).toDoubles())
                .containsExactly(x.toDoubles());
        assertThatThrownBy(() -> NormalizerFree.of(triple, 0.2, 0))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "NormalizerFree: alpha is 0.2 and beta 0.0; both are standard deviations"
                                + " and must be positive");
        var wide = NormalizerFree.of(Dense.of(2, 3, KEY), 0.2, 1);
        assertThatThrownBy(() -> wide.apply(Tensor.ones(1, 2), Pass.eval()))
                .hasMessageStartingWith(
                        "NormalizerFree: the body gives (1, 3), the input is (1, 2); they cannot"
                                + " be added. Give a shortcut of the body's shape with"
                                + " withShortcut(layer)");
    }

    /** A rectifier has a closed form; the identity has gain 1, and SELU by its construction too. */
    @Test
    void gainsOfNonlinearities() {
        assertThat(NormalizerFree.gain(Activation.RELU))
                .isCloseTo(WeightStandardisation.RELU_GAIN, within(1e-6));
        assertThat(NormalizerFree.gain((x, _) -> x)).isCloseTo(1, within(1e-12));
        assertThat(NormalizerFree.gain((x, _) -> x.square()))
                .isCloseTo(Math.sqrt(0.5), within(1e-10)); // Var z² = 2
        assertThat(NormalizerFree.gain(Activation.SELU)).isCloseTo(1, within(1e-6));
    }

    @Test
    void whatIsNotFiniteIsCalledSo() {
        Tensor x = Key.of(2).normal(4, 2);
        for (float factor : new float[] {Float.NaN, 1e38f}) {
            Tensor bad = x.times(Tensor.scalar(factor));
            var dense = Dense.of(2, 3, Key.of(1));
            assertThatThrownBy(() -> Lsuv.initialised(dense, bad, Key.of(1)))
                    .isInstanceOf(LayerException.class)
                    .hasMessageContaining("not finite, or too large");
            assertThatThrownBy(() -> WeightNorm.initialised(WeightNorm.of(dense), bad, Key.of(1)))
                    .isInstanceOf(LayerException.class)
                    .hasMessageContaining("not finite, or too large");
        }
    }

    @Test
    void factorsOfDeepNetworksAreFinite() {
        assertThatThrownBy(() -> new DeepNorm(Double.NaN, 1)).isInstanceOf(LayerException.class);
        assertThatThrownBy(() -> new DeepNorm(1, 0)).isInstanceOf(LayerException.class);
        var dense = Dense.of(2, 2, Key.of(1));
        assertThatThrownBy(() -> NormalizerFree.of(dense, Double.POSITIVE_INFINITY, 1))
                .isInstanceOf(LayerException.class);
        assertThatThrownBy(() -> NormalizerFree.gain(Lambda.of("zero", z -> z.times(0))))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("which no factor brings to 1");
    }
}
