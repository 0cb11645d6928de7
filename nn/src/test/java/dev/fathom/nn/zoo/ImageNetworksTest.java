package dev.fathom.nn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Summary;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.LocalResponseNorm;
import dev.fathom.nn.zoo.VariationalAutoencoder.Posterior;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.Test;

/** AlexNet, the autoencoders and the U-Net: their tables, and what they learn. */
final class ImageNetworksTest {
    private static final Key KEY = Key.of(6);

    /** Krizhevsky et al. 2012, section 3.5; weights and biases of each layer by hand. */
    @Test
    void theTableOfAlexNet() {
        var net = AlexNet.of(Shape.of(227, 227, 3), 1000, Initializer.zeros(), KEY);
        assertThat(Tree.countTrained(net))
                .isEqualTo(
                        (11 * 11 * 3 * 96 + 96)
                                + (5 * 5 * 48 * 256 + 256)
                                + (3 * 3 * 256 * 384 + 384)
                                + (3 * 3 * 192 * 384 + 384)
                                + (3 * 3 * 192 * 256 + 256)
                                + (6 * 6 * 256 * 4096 + 4096)
                                + (4096 * 4096 + 4096)
                                + (4096 * 1000 + 1000))
                .isEqualTo(60_965_224);
        assertThat(Summary.of(net, Shape.of(227, 227, 3)))
                .hasToString(
                        """
                        layer                 kind               output            parameters
                        ---------------------------------------------------------------------
                        features.layers[0]    Conv2d             (n, 55, 55, 96)       34,944
                        features.layers[1]    relu               (n, 55, 55, 96)            0
                        features.layers[2]    LocalResponseNorm  (n, 55, 55, 96)            0
                        features.layers[3]    MaxPool            (n, 27, 27, 96)            0
                        features.layers[4]    Conv2d             (n, 27, 27, 256)     307,456
                        features.layers[5]    relu               (n, 27, 27, 256)           0
                        features.layers[6]    LocalResponseNorm  (n, 27, 27, 256)           0
                        features.layers[7]    MaxPool            (n, 13, 13, 256)           0
                        features.layers[8]    Conv2d             (n, 13, 13, 384)     885,120
                        features.layers[9]    relu               (n, 13, 13, 384)           0
                        features.layers[10]   Conv2d             (n, 13, 13, 384)     663,936
                        features.layers[11]   relu               (n, 13, 13, 384)           0
                        features.layers[12]   Conv2d             (n, 13, 13, 256)     442,624
                        features.layers[13]   relu               (n, 13, 13, 256)           0
                        features.layers[14]   MaxPool            (n, 6, 6, 256)             0
                        classifier.layers[0]  Flatten            (n, 9216)                  0
                        classifier.layers[1]  Dense              (n, 4096)         37,752,832
                        classifier.layers[2]  relu               (n, 4096)                  0
                        classifier.layers[3]  Dropout            (n, 4096)                  0
                        classifier.layers[4]  Dense              (n, 4096)         16,781,312
                        classifier.layers[5]  relu               (n, 4096)                  0
                        classifier.layers[6]  Dropout            (n, 4096)                  0
                        classifier.layers[7]  Dense              (n, 1000)          4,097,000
                        ---------------------------------------------------------------------
                        total                                                      60,965,224
                        """);
    }

    @Test
    void alexNetSmallTellsBarsApart() {
        var data = Fit.bars(256, 16, 0.5, 1);
        var net = AlexNet.small(Shape.of(16, 16, 1), 4, KEY);
        var fitted =
                Fit.adam(
                        net,
                        (m, x, y, pass) -> Losses.crossEntropy(m.apply(x, pass), y),
                        data,
                        32,
                        10,
                        1e-3);
        var test = Fit.bars(200, 16, 0.5, 2);
        Tensor right = fitted.apply(test.x(), Pass.eval()).argMax(-1).equalTo(test.y());
        assertThat(right.cast(DType.FLOAT32).mean().item()).isGreaterThan(0.95);
    }

    @Test
    void localResponseNormIsItsFormula() {
        var layer = new LocalResponseNorm(3, 2, 0.5, 0.75);
        Tensor x = Doubles.normal(1, 2, 3, 4);
        double[] xs = x.toDoubles();
        var expected = new double[24];
        for (int i = 0; i < 24; i++) {
            double sum = 0;
            for (int j = Math.max(0, i % 4 - 1); j <= Math.min(3, i % 4 + 1); j++) {
                sum += xs[i / 4 * 4 + j] * xs[i / 4 * 4 + j];
            }
            expected[i] = xs[i] / Math.pow(2 + 0.5 * sum, 0.75);
        }
        assertThat(layer.apply(x, Pass.eval()).toDoubles())
                .containsExactly(expected, within(1e-14));
        GradientCheck.assertGradients((Tensor t) -> layer.apply(t, Pass.eval()), x);
    }

    /** Three numbers (place and size) say a disc better than the mean image does. */
    @Test
    void theAutoencoderBeatsTheMeanImage() {
        var data = Fit.discs(512, 12, 0, 1);
        var net = Autoencoder.of(Shape.of(12, 12, 1), 8, KEY);
        var fitted =
                Fit.adam(
                        net,
                        (m, x, _, pass) -> Losses.mse(m.apply(x, pass), x),
                        data,
                        64,
                        40,
                        3e-3);
        Tensor test = Fit.discs(200, 12, 0, 2).x();
        double error = Losses.mse(fitted.apply(test, Pass.eval()), test).item();
        Tensor mean = data.x().mean(0).broadcastTo(test.shape().dims());
        double baseline = Losses.mse(mean, test).item();
        assertThat(error).isLessThan(baseline / 4);
        var summary = Summary.of(net, Shape.of(12, 12, 1));
        assertThat(summary.rows().getLast().output()).isEqualTo(Shape.of(12, 12, 1));
        assertThat(summary.parameters())
                .isEqualTo(144 * 128 + 128 + 128 * 8 + 8 + 8 * 128 + 128 + 128 * 144 + 144);
    }

    /** ½ Σ (μ² + σ² − ln σ² − 1), and its gradient, by hand. */
    @Test
    void theDivergenceHasItsClosedForm() {
        var q =
                new Posterior(
                        Tensor.of(new double[] {1, -2, 0, 0}, 2, 2),
                        Tensor.of(new double[] {0, Math.log(4), 0, 0}, 2, 2));
        // ½ (1 + 1 − 0 − 1) + ½ (4 + 4 − ln 4 − 1), and nothing for N(0, I)
        double[] kl = q.divergence().toDoubles();
        assertThat(kl[0]).isCloseTo(0.5 + 0.5 * (7 - Math.log(4)), within(1e-15));
        assertThat(kl[1]).isZero();
        var g = Transforms.grad((Posterior p) -> p.divergence().sum()).apply(q);
        assertThat(g.mean().toDoubles()).containsExactly(1, -2, 0, 0); // μ
        assertThat(g.logVariance().toDoubles())
                .containsExactly(new double[] {0, 1.5, 0, 0}, within(1e-15)); // ½ (σ² − 1)
    }

    /** Draws have mean μ and deviation σ; the derivative of a draw in μ is 1, in ln σ² is ½ σ ε. */
    @Test
    void theReparameterisation() {
        int n = 20_000;
        var q =
                new Posterior(
                        Tensor.full(DType.FLOAT64, 3, n, 1),
                        Tensor.full(DType.FLOAT64, Math.log(0.25), n, 1));
        Tensor z = q.sample(KEY);
        assertThat(z.mean().item()).isCloseTo(3, within(5 * 0.5 / Math.sqrt(n)));
        assertThat(z.minus(3).square().mean().item()).isCloseTo(0.25, within(0.02));
        var g = Transforms.grad((Posterior p) -> p.sample(KEY).sum()).apply(q);
        assertThat(g.mean().toDoubles()).containsOnly(1);
        assertThat(g.logVariance().toDoubles())
                .containsExactly(z.minus(3).times(0.5).toDoubles(), within(1e-15));
    }

    @Test
    void theVariationalAutoencoderImprovesItsBound() {
        var data = Fit.discs(512, 12, 0, 1);
        var shape = Shape.of(12, 12, 1);
        var net = VariationalAutoencoder.of(shape, 4, KEY);
        Tensor test = Fit.discs(200, 12, 0, 2).x();
        double before = net.negativeElbo(test, Pass.training(KEY)).item();
        var fitted = Fit.adam(net, (m, x, _, pass) -> m.negativeElbo(x, pass), data, 64, 40, 3e-3);
        double after = fitted.negativeElbo(test, Pass.training(KEY)).item();
        // pixels told apart by their frequency alone: the entropy of the mean image
        Tensor mean = Functions.clip(data.x().mean(0), 1e-3, 1 - 1e-3);
        Tensor logits = mean.log().minus(mean.negate().plus(1).log());
        double baseline =
                Losses.logistic(logits.broadcastTo(test.shape().dims()), test).item() * 144;
        assertThat(before).isGreaterThan(baseline);
        assertThat(after).isLessThan(0.6 * baseline);
        Tensor made = fitted.sample(5, KEY);
        assertThat(made.shape().dims()).containsExactly(5, 12, 12, 1);
        assertThat(made.min().item()).isGreaterThanOrEqualTo(0);
        assertThat(made.max().item()).isBetween(0.5, 1.0);
        assertThat(made.toFloats()).isEqualTo(fitted.sample(5, KEY).toFloats());
        assertThatThrownBy(() -> fitted.negativeElbo(test.times(255), Pass.eval()))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("must be in [0, 1]");
    }

    @Test
    void theUNetFindsDiscs() {
        var data = Fit.discs(192, 16, 0.4, 1);
        var net = UNet.of(Shape.of(16, 16, 1), 1, 2, 8, KEY);
        var fitted =
                Fit.adam(
                        net,
                        (m, x, y, pass) -> Losses.logistic(m.apply(x, pass), y),
                        data,
                        16,
                        20,
                        3e-3);
        var test = Fit.discs(64, 16, 0.4, 2);
        Tensor found = fitted.apply(test.x(), Pass.eval()).greaterThan(Tensor.zeros(1));
        Tensor disc = test.y().greaterThan(Tensor.zeros(1));
        double both = Functions.and(found, disc).cast(DType.FLOAT32).sum().item();
        double either = Functions.or(found, disc).cast(DType.FLOAT32).sum().item();
        assertThat(both / either).isGreaterThan(0.9);
        // a threshold on the noisy pixels alone is worse
        Tensor bright = test.x().greaterThan(Tensor.scalar(0.5f));
        double naive =
                Functions.and(bright, disc).cast(DType.FLOAT32).sum().item()
                        / Functions.or(bright, disc).cast(DType.FLOAT32).sum().item();
        assertThat(naive).isLessThan(0.7);
    }

    @Test
    void theUNetKeepsTheSize() {
        for (int size : new int[] {4, 12, 20}) {
            var net = UNet.of(Shape.of(size, 8, 3), 5, KEY);
            assertThat(Summary.of(net, Shape.of(size, 8, 3)).rows().getLast().output())
                    .isEqualTo(Shape.of(size, 8, 5));
        }
        // every even size with one halving
        var shallow = UNet.of(Shape.of(6, 10, 1), 2, 1, 4, KEY);
        assertThat(shallow.apply(Tensor.zeros(2, 6, 10, 1), Pass.eval()).shape().dims())
                .containsExactly(2, 6, 10, 2);
        // two convolutions of 1 and 4 to 4 maps, two of 4 and 8 to 8, up, two of 8 and 4, out
        assertThat(Tree.countTrained(shallow))
                .isEqualTo(
                        (9 * 4 + 4)
                                + (9 * 16 + 4)
                                + (9 * 32 + 8)
                                + (9 * 64 + 8)
                                + (4 * 32 + 4)
                                + (9 * 32 + 4)
                                + (9 * 16 + 4)
                                + (4 * 2 + 2));
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> UNet.of(Shape.of(30, 28, 1), 2, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "UNet: images of 30 by 28 cannot be halved 2 times: height and width must"
                                + " be divisible by 4. Pad them to 32 by 28, or take less depth");
        var net = UNet.of(Shape.of(8, 8, 1), 2, KEY);
        assertThatThrownBy(() -> net.apply(Tensor.zeros(1, 6, 8, 1), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("UNet: images of 6 by 8 cannot be halved 2 times");
        assertThatThrownBy(() -> AlexNet.of(Shape.of(28, 28, 1), 10, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "AlexNet: images (28, 28, 1) are too small; it takes at least 67 by 67. For"
                                + " small images use AlexNet.small");
        assertThatThrownBy(() -> AlexNet.small(Shape.of(7, 8, 1), 10, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("AlexNet: images (7, 8, 1) are too small");
    }
}
