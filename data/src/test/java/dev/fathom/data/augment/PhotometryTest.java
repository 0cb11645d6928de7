package dev.fathom.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.data.augment.Augmentation.Layout;
import dev.fathom.data.augment.RandAugment.Operation;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.error.MalformedDataException;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Values changed, by hand from PIL's definitions. */
final class PhotometryTest {
    private static final Layout TWO = new Layout(1, 2, 3); // two pixels of three channels
    private static final Offset<Float> CLOSE = within(1e-6f);

    private static float[] pixels() {
        return new float[] {1, 0.5f, 0, 0.2f, 0.2f, 0.2f}; // grey: 0.299 + 0.2935 = 0.5925, 0.2
    }

    @Test
    void brightness() {
        var x = pixels();
        Photometry.brightness(x, 0, TWO, 1.5);
        assertThat(x).containsExactly(new float[] {1, 0.75f, 0, 0.3f, 0.3f, 0.3f}, CLOSE);
        Photometry.brightness(x, 0, TWO, 0);
        assertThat(x).containsOnly(0);
    }

    @Test
    void contrast() {
        var x = pixels();
        Photometry.contrast(x, 0, TWO, 0.5); // half way to the mean grey, 0.39625
        assertThat(x)
                .containsExactly(
                        new float[] {
                            0.698125f, 0.448125f, 0.198125f, 0.298125f, 0.298125f, 0.298125f
                        },
                        CLOSE);
    }

    @Test
    void saturation() {
        var x = pixels();
        Photometry.saturation(x, 0, TWO, 0.5); // half way to the pixel's own grey
        assertThat(x)
                .containsExactly(
                        new float[] {0.79625f, 0.54625f, 0.29625f, 0.2f, 0.2f, 0.2f}, CLOSE);
        float[] grey = {0.3f, 0.7f};
        Photometry.saturation(grey, 0, new Layout(1, 2, 1), 0);
        assertThat(grey).containsExactly(0.3f, 0.7f);
    }

    @Test
    void aFactorOfOneChangesNothing() {
        var x = pixels();
        Photometry.brightness(x, 0, TWO, 1);
        Photometry.contrast(x, 0, TWO, 1);
        Photometry.saturation(x, 0, TWO, 1);
        Photometry.sharpness(x, 0, TWO, 1);
        assertThat(x).containsExactly(pixels(), CLOSE);
    }

    @Test
    void sharpness() {
        float[] x = {0, 0, 0, 0, 0, 0.65f, 0.13f, 0, 0, 0, 0, 0};
        Photometry.sharpness(x, 0, new Layout(3, 4, 1), 0);
        // the two inner pixels: (5 · 0.65 + 0.13)/13 and (0.65 + 5 · 0.13)/13
        assertThat(x)
                .containsExactly(new float[] {0, 0, 0, 0, 0, 0.26f, 0.1f, 0, 0, 0, 0, 0}, CLOSE);
    }

    @Test
    void solarise() {
        float[] x = {0, 0.4f, 0.5f, 0.9f, 1, 0.1f};
        Photometry.solarise(x, 0, TWO, 0.5);
        assertThat(x).containsExactly(new float[] {0, 0.4f, 0.5f, 0.1f, 0, 0.1f}, CLOSE);
    }

    @Test
    void posterise() {
        float[] x = {1, 200 / 255f, 15 / 255f, 16 / 255f, 0, 2};
        Photometry.posterise(x, 0, TWO, 4); // 255 → 240, 200 = 1100 1000₂ → 192, 15 → 0, 16
        assertThat(x)
                .containsExactly(
                        new float[] {240 / 255f, 192 / 255f, 0, 16 / 255f, 0, 240 / 255f}, CLOSE);
    }

    @Test
    void autoContrast() {
        float[] x = {0.2f, 0.5f, 0.3f, 0.6f, 0.5f, 0.4f};
        Photometry.autoContrast(x, 0, TWO);
        assertThat(x).containsExactly(0, 0.5f, 0, 1, 0.5f, 1); // the constant channel stays
    }

    /**
     * PIL: step = (pixels − those at the highest level)/255, and a level becomes (step/2 + those
     * below it)/step. 300, 200 and 100 pixels: step 1, and 0, 300 and 500, held at 255.
     */
    @Test
    void equalise() {
        var x = new float[600];
        Arrays.fill(x, 300, 500, 10 / 255f);
        Arrays.fill(x, 500, 600, 20 / 255f);
        Photometry.equalise(x, 0, new Layout(20, 30, 1));
        assertThat(x[0]).isZero();
        assertThat(x[300]).isEqualTo(1);
        assertThat(x[500]).isEqualTo(1);
        var y = new float[1000]; // 300, 400, 300: step = 700/255 = 2, half of it 1
        Arrays.fill(y, 300, 700, 10 / 255f);
        Arrays.fill(y, 700, 1000, 20 / 255f);
        Photometry.equalise(y, 0, new Layout(20, 50, 1));
        assertThat(y[0]).isZero(); // 1/2
        assertThat(y[300]).isEqualTo(150 / 255f); // 301/2
        assertThat(y[700]).isEqualTo(1); // 701/2
        float[] few = {0.1f, 0.9f};
        Photometry.equalise(few, 0, new Layout(1, 2, 1));
        assertThat(few).containsExactly(0.1f, 0.9f);
    }

    @Test
    void noiseIsNormal() {
        var x = new float[20_000];
        Augmentation.noise(0.5).apply(x, 0, new Layout(100, 200, 1), new SplittableRandom(3));
        double mean = 0;
        double square = 0;
        int within = 0;
        for (float v : x) {
            mean += v / x.length;
            square += v * v / x.length;
            within += Math.abs(v) < 0.5 ? 1 : 0;
        }
        assertThat(mean).isCloseTo(0, within(5 * 0.5 / Math.sqrt(x.length)));
        assertThat(square).isCloseTo(0.25, within(5 * 0.25 * Math.sqrt(2.0 / x.length)));
        assertThat(within / (double) x.length).isCloseTo(0.6827, within(0.017)); // 5 deviations
    }

    /** The factors of 1 ± 0.4 show in a pixel of 0.5: brightness alone. */
    @Test
    void coloursStayInTheirRange() {
        double least = 1;
        double most = 0;
        for (int seed = 0; seed < 500; seed++) {
            float[] x = {0.5f};
            Augmentation.colour(0.4, 0, 0)
                    .apply(x, 0, new Layout(1, 1, 1), new SplittableRandom(seed));
            least = Math.min(least, x[0]);
            most = Math.max(most, x[0]);
        }
        assertThat(least).isBetween(0.3, 0.302);
        assertThat(most).isBetween(0.698, 0.7);
    }

    // ---- RandAugment ---------------------------------------------------------------------------

    @Test
    void allFourteenOperationsComeAboutAsOften() {
        assertThat(Operation.values()).hasSize(14);
        var layout = new Layout(16, 16, 3);
        var plain = new float[16 * 16 * 3];
        var random = new SplittableRandom(1);
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (float) (0.2 + 0.5 * random.nextDouble());
        }
        int same = 0;
        int draws = 2800;
        for (int seed = 0; seed < draws; seed++) {
            var x = plain.clone();
            Augmentation.randAugment(1, 10).apply(x, 0, layout, new SplittableRandom(seed));
            same += Arrays.equals(x, plain) ? 1 : 0;
        }
        // only the identity keeps these pixels: 200, and 4 deviations of 14
        assertThat(same).isBetween(144, 256);
    }

    @Test
    void aMagnitudeOfZeroIsNearTheIdentity() {
        float[] x = {1, 0.5f, 0, 0.2f, 0.2f, 0.2f};
        for (var operation : Operation.values()) {
            var y = x.clone();
            operation.apply(y, 0, TWO, 0);
            switch (operation) {
                case AUTO_CONTRAST -> assertThat(y[3]).isZero(); // it has no strength
                case POSTERISE -> assertThat(y).containsExactly(x, within(1 / 500f));
                case IDENTITY,
                        EQUALISE,
                        ROTATE,
                        SOLARISE,
                        SATURATION,
                        CONTRAST,
                        BRIGHTNESS,
                        SHARPNESS,
                        SHEAR_ROWS,
                        SHEAR_COLUMNS,
                        SHIFT_RIGHT,
                        SHIFT_DOWN ->
                        assertThat(y).as(operation.name()).containsExactly(x, CLOSE);
            }
        }
    }

    @Test
    void fullStrengthByHand() {
        float[] x = {0.1f, 0.9f};
        var line = new Layout(1, 2, 1);
        assertThat(after(Operation.SOLARISE, line, x, 1))
                .containsExactly(new float[] {0.9f, 0.1f}, CLOSE);
        assertThat(after(Operation.BRIGHTNESS, line, x, -1))
                .containsExactly(new float[] {0.01f, 0.09f}, CLOSE);
        assertThat(after(Operation.CONTRAST, line, x, -1))
                .containsExactly(new float[] {0.46f, 0.54f}, CLOSE);
        var wide = new float[331];
        wide[0] = 1;
        var shifted = after(Operation.SHIFT_RIGHT, new Layout(1, 331, 1), wide, 1);
        assertThat(shifted[150]).isCloseTo(1, within(1e-6f));
    }

    private static float[] after(Operation operation, Layout l, float[] x, double strength) {
        var y = x.clone();
        operation.apply(y, 0, l, strength);
        return y;
    }

    // ---- together ------------------------------------------------------------------------------

    @Test
    void sometimes() {
        int changed = 0;
        for (int seed = 0; seed < 4000; seed++) {
            float[] x = {0.5f};
            Augmentation.noise(1)
                    .sometimes(0.3)
                    .apply(x, 0, new Layout(1, 1, 1), new SplittableRandom(seed));
            changed += x[0] == 0.5f ? 0 : 1;
        }
        assertThat(changed).isBetween(1055, 1345); // 1200 and 5 deviations of 29
    }

    @Test
    void normalisedValuesAreMadePlainForTheMoment() {
        float[] x = {-1, 0, 1, 2}; // of mean 0.4 and deviation 0.2: 0.2, 0.4, 0.6, 0.8
        var layout = new Layout(1, 4, 1);
        Augmentation turned =
                (images, at, l, _) -> Photometry.solarise(images, at, l, 0.5); // 0.4, 0.2
        turned.unnormalised(List.of(0.4f), List.of(0.2f))
                .apply(x, 0, layout, new SplittableRandom(1));
        assertThat(x).containsExactly(new float[] {-1, 0, 0, -1}, CLOSE);
        assertThatThrownBy(() ->
                        turned.unnormalised(List.of(0f, 0f), List.of(1f, 1f))
                                .apply(x, 0, layout, new SplittableRandom(1)))
                .hasMessageContaining("unnormalised: means of 2 channels for images of 1");
        assertThatThrownBy(() -> turned.unnormalised(List.of(0f), List.of()))
                .hasMessageContaining("unnormalised: 1 means and 0 deviations; give one of each");
    }

    @Test
    void inTheLoaderAllIsAFunctionOfSeedEpochAndIndex() {
        var data = Datasets.load("digits").train();
        var norm = Normalisation.of(data);
        var all =
                Augmentation.rotate(15)
                        .then(Augmentation.elastic(10, 2).sometimes(0.5))
                        .then(Augmentation.noise(0.1))
                        .then(
                                Augmentation.randAugment(2, 5)
                                        .unnormalised(norm.mean(), norm.deviation()));
        var batches = data.normalisedBy(norm).batches(32).shuffled(3).augmented(all);
        var once = batches.batch(1, 2).features().toFloats();
        assertThat(batches.prefetch(2).epoch(1, 2).iterator().next().features().toFloats())
                .containsExactly(once);
        assertThat(batches.batch(2, 2).features().toFloats()).isNotEqualTo(once);
    }

    @Test
    void normalisedValuesAreRefusedWhereTheyWouldBeCut() {
        var data = Datasets.load("digits").normalised().train();
        for (var how :
                new Augmentation[] {
                    Augmentation.colour(0.4, 0.4, 0), Augmentation.randAugment(2, 5)
                }) {
            assertThatThrownBy(() -> data.batches(32).augmented(how).batch(0, 0))
                    .isInstanceOf(MalformedDataException.class)
                    .hasMessageContaining("values must be from 0 to 1. On normalised data:")
                    .hasMessageContaining(".unnormalised(norm.mean(), norm.deviation())");
        }
    }

    @Test
    void messages() {
        refused(() -> Augmentation.colour(-0.1, 0, 0), "colour: the change is -0.1; it must be at");
        refused(() -> Augmentation.noise(0), "noise: the deviation is 0.0; it must be above 0");
        refused(() -> Augmentation.randAugment(0, 5), "randAugment: the number of operations is 0");
        refused(
                () -> Augmentation.randAugment(2, 11),
                "randAugment: the magnitude is 11.0; it must be in [0, 10]");
        refused(
                () -> Augmentation.flip().sometimes(1.5),
                "sometimes: the probability is 1.5; it must be in [0, 1]");
        assertThat(Augmentation.colour(0.4, 0.4, 0).then(Augmentation.randAugment(2, 9)))
                .hasToString("colour 0.4 0.4 0, randAugment 2 9");
    }

    private static void refused(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining(message);
    }
}
