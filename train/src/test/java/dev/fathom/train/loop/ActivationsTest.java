package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.grad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.second.Kfac;
import dev.fathom.optim.second.Likelihood;
import dev.fathom.train.error.SettingException;

import org.junit.jupiter.api.Test;

/** Affine layers from inside, for K-FAC. */
final class ActivationsTest {
    /** Convolutions of several shapes, and a dense layer. */
    public record Net(Conv2d first, Conv2d second, Conv2d grouped, Dense last) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            Tensor h = Activation.TANH.apply(first.apply(x, pass), pass); // (n, 5, 4, 4)
            h = Activation.TANH.apply(second.apply(h, pass), pass); // (n, 2, 1, 4)
            h = grouped.apply(h, pass); // (n, 2, 1, 4)
            return last.apply(h.flatten(1), pass); // (n, 3)
        }
    }

    /** One convolution whose places are all outputs. */
    public record Places(Conv2d conv) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return conv.apply(x, pass).flatten(1);
        }
    }

    /** The same weight at two places. */
    public record Twice(Dense dense) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return dense.apply(dense.apply(x, pass), pass);
        }
    }

    private static final Loss SQUARES =
            (z, t) -> z.minus(t).square().sum().dividedBy(2.0 * z.dim(0));

    private static <T> T wide(T tree) {
        return Tree.map(t -> t.cast(DType.FLOAT64), tree);
    }

    private static Net net() {
        var keys = Key.of(1).split(4);
        return wide(
                new Net(
                        Conv2d.of(2, 4, 3, keys[0]),
                        Conv2d.of(4, 4, 2, keys[1])
                                .withStride(2)
                                .withDilation(2)
                                .withPadding(Padding.VALID)
                                .withoutBias(),
                        Conv2d.depthwise(4, 3, keys[2]),
                        Dense.of(8, 3, keys[3])));
    }

    /** The gradient of a weight is Σ a gᵀ over examples and places, that of a bias Σ g. */
    @Test
    void inputsAndScoresMakeTheGradient() {
        var net = net();
        Tensor x = Key.of(2).normal(DType.FLOAT64, 6, 5, 4, 2);
        Tensor t = Key.of(3).normal(DType.FLOAT64, 6, 3);
        var objective = new BatchObjective<>(SQUARES, x, t, Key.of(4), net);
        var seen = objective.activations(net);
        assertThat(seen.layers().keySet())
                .as("a grouped convolution is no single matrix")
                .containsExactly("first.weight", "second.weight", "last.weight");
        assertThat(seen.output().toDoubles())
                .containsExactly(objective.output(net).toDoubles(), within(1e-15));
        var scores =
                seen.scores().apply(grad((Tensor z) -> objective.loss(z)).apply(seen.output()));
        var gradients = Tree.named(grad((Net m) -> objective.at(m)).apply(net));
        seen.layers()
                .forEach((path, layer) -> {
                    Tensor a = layer.inputs();
                    Tensor g = scores.get(path);
                    assertThat(a.dim(1)).as(path).isEqualTo(g.dim(1));
                    int rows = a.dim(0) * a.dim(1);
                    Tensor product =
                            a.reshape(rows, a.dim(2)).transpose().matmul(g.reshape(rows, g.dim(2)));
                    assertThat(product.toDoubles())
                            .as(path)
                            .containsExactly(gradients.get(path).toDoubles(), within(1e-13));
                    layer.bias()
                            .ifPresent(b ->
                                    assertThat(g.sum(0, 1).toDoubles())
                                            .as(b)
                                            .containsExactly(
                                                    gradients.get(b).toDoubles(), within(1e-13)));
                });
        assertThat(seen.layers().get("first.weight").bias()).contains("first.bias");
        assertThat(seen.layers().get("second.weight").bias()).isEmpty();
    }

    /**
     * Grosse and Martens' factors: A sums over places, G is the mean; here G = I in closed form.
     */
    @Test
    void theFactorsOfAConvolutionByHand() {
        var net = wide(new Places(Conv2d.of(2, 3, 2, Key.of(1)).withPadding(Padding.VALID)));
        int n = 4;
        Tensor x = Key.of(2).normal(DType.FLOAT64, n, 3, 4, 2);
        Tensor t = Tensor.full(DType.FLOAT64, 0, n, 2 * 3 * 3);
        var kfac = Kfac.of(Sgd.of(0.1), Likelihood.gaussian(1)).exactly();
        var objective = new BatchObjective<>(SQUARES, x, t, Key.of(4), net);
        var state = kfac.update(objective, kfac.init(net), net).state();
        var pair = state.factors().get("conv.weight");

        var image = x.toDoubles();
        var a = new double[9 * 9];
        for (int i = 0; i < n; i++) {
            for (int row = 0; row < 2; row++) {
                for (int column = 0; column < 3; column++) {
                    var patch = new double[9];
                    patch[8] = 1;
                    for (int k = 0; k < 8; k++) {
                        int p = row + k / 4;
                        int q = column + k / 2 % 2;
                        patch[k] = image[((i * 3 + p) * 4 + q) * 2 + k % 2];
                    }
                    for (int k = 0; k < 81; k++) {
                        a[k] += patch[k / 9] * patch[k % 9] / n;
                    }
                }
            }
        }
        assertThat(pair.a().toDoubles()).containsExactly(a, within(1e-13));
        assertThat(pair.g().toDoubles())
                .containsExactly(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, within(1e-13));
    }

    @Test
    void aWeightUsedTwiceIsRefused() {
        var net = wide(new Twice(Dense.of(2, 2, Key.of(1))));
        Tensor x = Key.of(2).normal(DType.FLOAT64, 3, 2);
        var objective = new BatchObjective<>(SQUARES, x, x, Key.of(4), net);
        assertThatThrownBy(() -> objective.activations(net))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(
                        "K-FAC: the weight at dense.weight is used twice in one pass; its"
                            + " statistics are those of one use only. Give each layer a weight of"
                            + " its own");
    }
}
