package dev.fathom.nn.pretext;

import static dev.fathom.core.transform.Transforms.grad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.VisionTransformer;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;

/** Tasks without labels, by hand. */
final class PretextTest {
    private static <T> T wide(T tree) {
        return Tree.map(t -> t.cast(DType.FLOAT64), tree);
    }

    // ---- rotations -----------------------------------------------------------------------------

    @Test
    void fourTurns() {
        Tensor x = Tensor.of(new double[] {1, 10, 2, 20, 3, 30, 4, 40}, 1, 2, 2, 2);
        Tensor turned = RotationPrediction.rotated(x);
        assertThat(turned.shape()).isEqualTo(Shape.of(4, 2, 2, 2));
        assertThat(turned.get(0).toDoubles()).containsExactly(1, 10, 2, 20, 3, 30, 4, 40);
        assertThat(turned.get(1).toDoubles()).containsExactly(2, 20, 4, 40, 1, 10, 3, 30);
        assertThat(turned.get(2).toDoubles()).containsExactly(4, 40, 3, 30, 2, 20, 1, 10);
        assertThat(turned.get(3).toDoubles()).containsExactly(3, 30, 1, 10, 4, 40, 2, 20);
        assertThat(RotationPrediction.turns(3).toInts())
                .containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3);
        Tensor flat = Tensor.of(new double[] {1, 2, 3, 4}, 1, 2, 2);
        assertThat(RotationPrediction.rotated(flat).get(1).toDoubles()).containsExactly(2, 4, 1, 3);
        assertThatThrownBy(() -> RotationPrediction.rotated(Tensor.zeros(2, 4, 5, 1)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("images (2, 4, 5, 1) are not square, (n, h, h, c)");
    }

    /** A network that sees only which corner is bright tells all four turns of a bright corner. */
    @Test
    void theLossOfANetworkThatKnows() {
        // corners in rows: 0 1 / 2 3; turned against the clock 0 goes to 2, 3, 1
        Tensor weight =
                Tensor.of(new double[] {9, 0, 0, 0, 0, 0, 0, 9, 0, 9, 0, 0, 0, 0, 9, 0}, 4, 4);
        var knows = new RotationPrediction(Flatten.of(), new Dense(weight, Optional.empty()));
        Tensor x = Tensor.of(new double[] {1, 0, 0, 0}, 1, 2, 2, 1);
        assertThat(knows.accuracy(x)).isEqualTo(1);
        assertThat(knows.loss(x, Pass.eval()).item())
                .isCloseTo(Math.log(1 + 3 * Math.exp(-9)), within(1e-12));
        Tensor blank = Tensor.full(DType.FLOAT64, 0, 5, 2, 2, 1);
        assertThat(knows.loss(blank, Pass.eval()).item()).isCloseTo(Math.log(4), within(1e-12));
        assertThat(knows.accuracy(blank)).isEqualTo(0.25);
    }

    // ---- SimCLR --------------------------------------------------------------------------------

    /** Equation 1 in plain loops over projections that are the examples themselves. */
    @Test
    void contrastByHand() {
        int n = 3;
        int d = 4;
        Tensor views = Key.of(1).normal(DType.FLOAT64, n, 2, d);
        var plain = new SimClr(Flatten.of(), Flatten.of(), 0.5);
        var v = views.toDoubles();
        var z = new double[2 * n][];
        for (int i = 0; i < n; i++) {
            z[i] = Arrays.copyOfRange(v, 2 * i * d, (2 * i + 1) * d);
            z[n + i] = Arrays.copyOfRange(v, (2 * i + 1) * d, (2 * i + 2) * d);
        }
        double loss = 0;
        for (int i = 0; i < 2 * n; i++) {
            double sum = 0;
            for (int k = 0; k < 2 * n; k++) {
                sum += k == i ? 0 : Math.exp(cosine(z[i], z[k]) / 0.5);
            }
            loss -= Math.log(Math.exp(cosine(z[i], z[(i + n) % (2 * n)]) / 0.5) / sum);
        }
        assertThat(plain.loss(views, Pass.eval()).item()).isCloseTo(loss / (2 * n), within(1e-12));
        assertThat(SimClr.of(Flatten.of(), 4, 2, Key.of(2)).withTemperature(0.1).temperature())
                .isEqualTo(0.1);
        assertThatThrownBy(() -> plain.loss(Tensor.zeros(3, 8, 8, 1), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("the input (3, 8, 8, 1) is not two views of each example");
        assertThatThrownBy(() -> plain.loss(Tensor.zeros(1, 2, 8, 8, 1), Pass.eval()))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining(
                        "ntXent: a batch of one example has no others to tell it from: its loss is"
                                + " 0 whatever the model, and nothing is learned. Take batches of"
                                + " at least 2, and leave out a last one that is not full:"
                                + " batches.dropLast()");
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    // ---- masked autoencoding -------------------------------------------------------------------

    private static final VisionTransformer VIT =
            wide(
                    VisionTransformer.of(
                            Shape.of(8, 8, 1),
                            3,
                            new VisionTransformer.Config(2, 16, 2, 2, 32),
                            Key.of(1)));
    private static final MaskedAutoencoder MAE =
            wide(MaskedAutoencoder.of(VIT, 8, 1, 2, Key.of(2)));
    private static final Tensor IMAGES = Key.of(3).uniform(DType.FLOAT64, 5, 8, 8, 1);

    @Test
    void threeQuartersOfEveryImageAreHidden() {
        assertThat(MAE.seen(16)).isEqualTo(4);
        assertThat(MAE.withMasked(0.99).seen(16)).isEqualTo(1);
        boolean[] hidden = MAE.paint(IMAGES, Key.of(4), Pass.eval()).hidden().toBooleans();
        var rows = new HashSet<String>();
        for (int i = 0; i < 5; i++) {
            var row = Arrays.copyOfRange(hidden, 16 * i, 16 * (i + 1));
            int count = 0;
            for (boolean b : row) {
                count += b ? 1 : 0;
            }
            assertThat(count).isEqualTo(12);
            rows.add(Arrays.toString(row));
        }
        assertThat(rows).as("others for every image").hasSizeGreaterThan(3);
        var often = new int[16];
        for (int seed = 0; seed < 200; seed++) {
            boolean[] h =
                    MAE.paint(IMAGES.slice(0, 0, 1), Key.of(seed), Pass.eval())
                            .hidden()
                            .toBooleans();
            for (int p = 0; p < 16; p++) {
                often[p] += h[p] ? 1 : 0;
            }
        }
        assertThat(Arrays.stream(often).boxed()).allMatch(n -> n > 120 && n < 180); // 150 and 5σ
    }

    /** Painting cannot depend on what is hidden, and depends on everything that is seen. */
    @Test
    void theEncoderSeesTheOthersOnly() {
        var key = Key.of(4);
        var painting = MAE.paint(IMAGES, key, Pass.eval());
        boolean[] hidden = painting.hidden().toBooleans();
        for (int p = 0; p < 16; p++) {
            var pixels = IMAGES.toDoubles();
            pixels[2 * (p / 4) * 8 + 2 * (p % 4)] += 0.5; // the first pixel of patch p of image 0
            var other = MAE.paint(Tensor.of(pixels, 5, 8, 8, 1), key, Pass.eval());
            var same = Arrays.equals(other.patches().toDoubles(), painting.patches().toDoubles());
            assertThat(same).as("patch %d", p).isEqualTo(hidden[p]);
        }
    }

    @Test
    void theLossLooksAtHiddenPatchesOnly() {
        var painting = MAE.paint(IMAGES, Key.of(4), Pass.eval());
        var painted = painting.patches().toDoubles();
        var hidden = painting.hidden().toBooleans();
        var x = IMAGES.toDoubles();
        double sum = 0;
        int count = 0;
        for (int i = 0; i < 5 * 16; i++) {
            for (int k = 0; k < 4; k++) {
                int row = 2 * (i % 16 / 4) + k / 2;
                int column = 2 * (i % 4) + k % 2;
                double error = painted[4 * i + k] - x[i / 16 * 64 + row * 8 + column];
                if (hidden[i]) {
                    sum += error * error;
                    count++;
                }
            }
        }
        assertThat(count).isEqualTo(5 * 12 * 4);
        assertThat(MAE.loss(IMAGES, painting).item()).isCloseTo(sum / count, within(1e-12));
        var slope =
                grad((Tensor p) ->
                                MAE.loss(
                                        IMAGES,
                                        new MaskedAutoencoder.Painting(p, painting.hidden())))
                        .apply(painting.patches())
                        .toDoubles();
        for (int i = 0; i < slope.length; i++) {
            assertThat(slope[i] != 0).isEqualTo(hidden[i / 4]);
        }
    }

    /**
     * Nothing hidden twice, nothing lost: with identity maps around, patches come back in place.
     */
    @Test
    void orderIsRestored() {
        Tensor order = Shaping.argSort(Key.of(7).uniform(3, 9), 1);
        Tensor place = Shaping.argSort(order, 1);
        Tensor x = Key.of(8).uniform(3, 9);
        Tensor back = Shaping.takeAlong(Shaping.takeAlong(x, order, 1), place, 1);
        assertThat(back.toFloats()).containsExactly(x.toFloats());
    }

    @Test
    void everyPartIsTrainedButTheHead() {
        var slope =
                Tree.named(
                        grad((MaskedAutoencoder m) -> m.loss(IMAGES, Pass.training(Key.of(5))))
                                .apply(MAE));
        slope.forEach((path, g) ->
                assertThat(g.abs().max().item() > 0)
                        .as(path)
                        .isEqualTo(!path.startsWith("encoder.head")));
        double one = MAE.loss(IMAGES, Pass.training(Key.of(5))).item();
        assertThat(MAE.loss(IMAGES, Pass.training(Key.of(6))).item()).isNotEqualTo(one);
        assertThat(MAE.loss(IMAGES, Pass.eval()).item())
                .isEqualTo(MAE.loss(IMAGES, Pass.eval()).item());
        assertThat(MAE.apply(IMAGES, Pass.eval()).shape()).isEqualTo(Shape.of(5, 16, 4));
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> MAE.withMasked(1))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("the share of hidden patches is 1.0; it must be in (0, 1)");
    }
}
