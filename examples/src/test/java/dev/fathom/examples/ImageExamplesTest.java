package dev.fathom.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.nn.conv.AveragePool;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/** The examples about images: exact features, and the autoencoder's error. */
final class ImageExamplesTest {
    private static double[] run(Layer layer, Tensor x) {
        return layer.apply(x, Pass.eval()).toDoubles();
    }

    /** Whole numbers from −9 to 9. */
    private static Tensor image(int... shape) {
        var random = new SplittableRandom(1);
        int n = 1;
        for (int d : shape) {
            n *= d;
        }
        return Tensor.of(random.ints(n, -9, 10).asDoubleStream().toArray(), shape);
    }

    /** In random images of −1 and 1: 1 exactly where all nine pixels agree, in plain loops. */
    @Test
    void theTemplateIsFoundWhereItLies() {
        Tensor cross = Tensor.of(new double[] {-1, 1, -1, 1, 1, 1, -1, 1, -1}, 3, 3);
        var random = new SplittableRandom(2);
        double[] pixels = random.ints(20 * 20, 0, 2).mapToDouble(b -> 2.0 * b - 1).toArray();
        Tensor image = Tensor.of(pixels, 20, 20);
        for (int at : new int[] {0, 9, 17}) {
            image = Shaping.dynamicUpdate(image, cross, Tensor.of(new int[] {at, at}));
        }
        double[] x = image.toDoubles();
        double[] t = cross.toDoubles();
        var expected = new double[18 * 18];
        double places = 0;
        for (int i = 0; i < expected.length; i++) {
            expected[i] = 1;
            for (int k = 0; k < 9; k++) {
                if (x[(i / 18 + k / 3) * 20 + i % 18 + k % 3] != t[k]) {
                    expected[i] = 0;
                }
            }
            places += expected[i];
        }
        assertThat(places).isBetween(3.0, 10.0);
        assertThat(run(FeaturesByHand.match(cross), image.reshape(1, 20, 20, 1)))
                .containsExactly(expected);
    }

    @Test
    void poolsAreAffineMapsAndRectifiers() {
        Tensor x = image(3, 8, 6, 1);
        assertThat(run(FeaturesByHand.maxPool(), x)).containsExactly(run(MaxPool.of(2), x));
        assertThat(run(FeaturesByHand.averagePool(), x)).containsExactly(run(AveragePool.of(2), x));
    }

    @Test
    void liftingGivesSquaresAndExclusiveOr() {
        var numbers = new double[25];
        var squares = new double[25];
        for (int i = 0; i < 25; i++) {
            numbers[i] = i - 12;
            squares[i] = (i - 12) * (i - 12);
        }
        assertThat(run(FeaturesByHand.square(12), Tensor.of(numbers, 25, 1)))
                .containsExactly(squares);
        Tensor bits = Tensor.of(new double[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
        assertThat(run(FeaturesByHand.xor(), bits)).containsExactly(0, 1, 1, 0);
        FeaturesByHand.main(new String[0]);
    }

    /** A quarter of the images, and ten labels of each class. */
    @Test
    void whatIsLearnedFromTurnsIsWorthLabels() {
        var data = Datasets.load("fashion-mnist-small").normalised();
        var train = data.train().take(1500);
        var test = data.test().take(400);
        var beginning = PretextTransfer.encoder(Key.of(1));
        var pretext = PretextTransfer.learnTurns(beginning, train, 4, Key.of(2));
        assertThat(pretext.accuracy(test.all().features())).isGreaterThan(0.7); // chance: 0.25
        var a = PretextTransfer.compare(beginning, pretext.encoder(), train, test, 10, 1);
        assertThat(a.learned()).isGreaterThan(a.random() + 0.01);
        assertThat(a.tuned()).isGreaterThan(a.scratch());
    }

    /** Half of the digits and a fifth of the epochs. */
    @Test
    void whatIsLearnedByPaintingIsWorthLabels() {
        var data = Datasets.load("digits").normalised();
        var train = data.train().take(720);
        var beginning = PretextTransfer.transformer(train, Key.of(3));
        var painter = PretextTransfer.learnHidden(beginning, train, 20, Key.of(4));
        var p = PretextTransfer.probes(beginning, painter, train, data.test(), 10, 1);
        assertThat(p.learned()).isGreaterThan(p.random() + 0.05);
    }

    @Test
    void everyRemedyHasItsRow() {
        var data = Datasets.load("digits").normalised();
        var rows = OverfittingToolbox.run(data.train().take(400), data.test(), 10, 1);
        assertThat(rows.stream().map(OverfittingToolbox.Row::remedy))
                .containsExactly(
                        "none",
                        "weight decay",
                        "dropout",
                        "augmentation",
                        "MixUp",
                        "label smoothing",
                        "early stopping",
                        "ensemble of four");
        assertThat(rows).allSatisfy(r -> assertThat(r.test()).isBetween(0.3, 1.0));
        assertThat(rows.getFirst().test()).isGreaterThan(0.7);
        assertThat(rows.stream().map(OverfittingToolbox.Row::loss).distinct()).hasSize(8);
        assertThat(rows.getLast().loss()).isLessThan(rows.getFirst().loss());
    }

    @Test
    void theAutoencoderBeatsTheMeanDigit() {
        var result = DigitsAutoencoder.train(Datasets.load("digits"), 60, 1);
        assertThat(result.error()).isLessThan(0.02);
        assertThat(result.baseline()).isGreaterThan(0.07);
        Tensor two = Tensor.of(new float[] {0, 1, 0.5f, 0}, 2, 1, 2);
        assertThat(DigitsAutoencoder.picture(two)).isEqualTo("  @@  ++    \n");
    }
}
