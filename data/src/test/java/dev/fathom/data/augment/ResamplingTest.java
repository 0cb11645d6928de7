package dev.fathom.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.data.augment.Augmentation.FlipVertically;
import dev.fathom.data.augment.Augmentation.Layout;
import dev.fathom.data.augment.Geometry.Elastic;
import dev.fathom.data.augment.Resampling.Affine;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Pixels moved, by hand. */
final class ResamplingTest {
    private static final Layout THREE = new Layout(3, 3, 1);

    private static float[] nine() {
        return new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9};
    }

    private static float[] done(Affine affine, Layout layout, float... x) {
        affine.apply(x, 0, layout);
        return x;
    }

    @Test
    void rightAnglesAreExact() {
        assertThat(done(Resampling.rotate(90), THREE, nine()))
                .containsExactly(3, 6, 9, 2, 5, 8, 1, 4, 7); // the right column comes on top
        assertThat(done(Resampling.rotate(-90), THREE, nine()))
                .containsExactly(7, 4, 1, 8, 5, 2, 9, 6, 3);
        assertThat(done(Resampling.rotate(180), THREE, nine()))
                .containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(done(Resampling.rotate(360), THREE, nine())).containsExactly(nine());
        assertThat(done(Resampling.rotate(90), new Layout(2, 2, 2), 1, 10, 2, 20, 3, 30, 4, 40))
                .as("an even side, two channels")
                .containsExactly(2, 20, 4, 40, 1, 10, 3, 30);
    }

    /**
     * A corner of a 3 × 3 image at √2 from the middle comes from √2 along the axis: outside by
     * 0.41.
     */
    @Test
    void halfARightAngle() {
        var x = done(Resampling.rotate(45), THREE, nine());
        double over = Math.sqrt(2) - 1;
        assertThat(x[4]).isEqualTo(5);
        assertThat(x[0])
                .isCloseTo((float) ((1 - over) * 2), within(1e-6f)); // from above the middle
        assertThat(x[2]).isCloseTo((float) ((1 - over) * 6), within(1e-6f));
        double h = Math.sqrt(0.5); // the middle of the top row: h up and h to the right of 5
        double expected = (1 - h) * ((1 - h) * 5 + h * 6) + h * ((1 - h) * 2 + h * 3);
        assertThat(x[1]).isCloseTo((float) expected, within(1e-6f));
    }

    @Test
    void shears() {
        assertThat(done(Resampling.shearRows(1), THREE, nine()))
                .containsExactly(0, 1, 2, 4, 5, 6, 8, 9, 0);
        assertThat(done(Resampling.shearRows(-1), THREE, nine()))
                .containsExactly(2, 3, 0, 4, 5, 6, 0, 7, 8);
        assertThat(done(Resampling.shearColumns(1), THREE, nine()))
                .containsExactly(0, 2, 6, 1, 5, 9, 4, 8, 0);
        assertThat(done(Resampling.shearRows(0.5), THREE, nine()))
                .containsExactly(0.5f, 1.5f, 2.5f, 4, 5, 6, 7.5f, 8.5f, 4.5f);
    }

    @Test
    void shifts() {
        assertThat(done(Resampling.shift(1, 0), THREE, nine()))
                .containsExactly(0, 0, 0, 1, 2, 3, 4, 5, 6);
        assertThat(done(Resampling.shift(0, -2), THREE, nine()))
                .containsExactly(3, 0, 0, 6, 0, 0, 9, 0, 0);
        assertThat(done(Resampling.shift(-0.25, 0.5), THREE, nine()))
                .as("¾ of the row and ¼ of the next, then halves of neighbours")
                .containsExactly(
                        0.875f, 2.25f, 3.25f, 2.375f, 5.25f, 6.25f, 2.625f, 5.625f, 6.375f);
        assertThat(done(Resampling.shift(1e9, 0), THREE, nine())).containsOnly(0);
    }

    @Test
    void scales() {
        assertThat(done(Resampling.scale(2), THREE, nine()))
                .containsExactly(3, 3.5f, 4, 4.5f, 5, 5.5f, 6, 6.5f, 7);
        assertThat(done(Resampling.scale(0.5), THREE, nine()))
                .containsExactly(0, 0, 0, 0, 5, 0, 0, 0, 0);
    }

    @Test
    void aboveAndBelow() {
        float[] x = {9, 1, 2, 3, 4, 5, 6, 9};
        FlipVertically.turnOver(x, 1, new Layout(3, 1, 2));
        assertThat(x).containsExactly(9, 5, 6, 3, 4, 1, 2, 9);
    }

    @Test
    void everyPixelFromWhereItIsDisplacedTo() {
        float[] x = {1, 2, 3, 4};
        double[] rows = {0, 0, -1, -0.5};
        double[] columns = {1, 0.5, 0, 0};
        Resampling.displace(x, 0, new Layout(2, 2, 1), rows, columns);
        assertThat(x).containsExactly(2, 1, 1, 3);
    }

    /** One bright pixel spreads as a product of Gaussians that sum to 1, by plain loops. */
    @Test
    void smoothing() {
        int h = 9;
        int w = 11;
        var x = new double[h * w];
        x[4 * w + 5] = 1;
        x[0] = 2;
        double[] y = Elastic.smooth(x, h, w, 1.5);
        double norm = 0;
        for (int i = -5; i <= 5; i++) { // 3σ = 4.5
            norm += Math.exp(-i * i / 4.5);
        }
        for (int r = 0; r < h; r++) {
            for (int c = 0; c < w; c++) {
                double one = gauss(r - 4) * gauss(c - 5);
                double two = 2 * gauss(r) * gauss(c);
                assertThat(y[r * w + c]).isCloseTo((one + two) / (norm * norm), within(1e-15));
            }
        }
    }

    private static double gauss(int i) {
        return Math.abs(i) > 5 ? 0 : Math.exp(-i * i / 4.5);
    }

    /**
     * A linear ramp of columns shows the displacement itself: the mean square of α times smoothed
     * noise is α² (1/3) (Σ w²)² in the inside.
     */
    @Test
    void elasticDisplacementsHaveTheirVariance() {
        int side = 41;
        var layout = new Layout(side, side, 1);
        double sum = 0;
        int count = 0;
        for (int seed = 0; seed < 60; seed++) {
            var x = new float[side * side];
            for (int i = 0; i < x.length; i++) {
                x[i] = i % side;
            }
            Augmentation.elastic(3, 1).apply(x, 0, layout, new SplittableRandom(seed));
            for (int r = 10; r < 31; r += 7) { // far enough apart to be independent
                for (int c = 10; c < 31; c += 7) {
                    double d = x[r * side + c] - c;
                    sum += d * d;
                    count++;
                }
            }
        }
        double norm = 0;
        double squares = 0;
        for (int i = -3; i <= 3; i++) {
            norm += Math.exp(-i * i / 2.0);
            squares += Math.exp(-i * i);
        }
        double expected = 9 / 3.0 * Math.pow(squares / (norm * norm), 2);
        assertThat(sum / count).isCloseTo(expected, within(0.25 * expected)); // 4 standard errors
    }

    /** What is drawn stays in its range: seen by what becomes of a ramp. */
    @Test
    void drawsStayInTheirRanges() {
        var layout = new Layout(1, 21, 1);
        double least = 0;
        double most = 0;
        for (int seed = 0; seed < 300; seed++) {
            var x = new float[21];
            for (int i = 0; i < 21; i++) {
                x[i] = i;
            }
            var y = x.clone();
            Augmentation.scale(0.5, 2).apply(y, 0, layout, new SplittableRandom(seed));
            assertThat(y[12] - 10.0).isBetween(1.0 - 1e-6, 4.0 + 1e-6);
            var z = x.clone();
            Resampling.shift(0, 0).apply(z, 0, layout);
            assertThat(z).containsExactly(x);
        }
        for (int seed = 0; seed < 300; seed++) {
            var x = new float[21 * 21];
            for (int i = 0; i < x.length; i++) {
                x[i] = i % 21;
            }
            Augmentation.shift(3).apply(x, 0, new Layout(21, 21, 1), new SplittableRandom(seed));
            double moved = 10 - x[10 * 21 + 10];
            least = Math.min(least, moved);
            most = Math.max(most, moved);
        }
        assertThat(least).isBetween(-3.0, -2.9);
        assertThat(most).isBetween(2.9, 3.0);
    }

    @Test
    void anImageLeavesItsNeighboursAlone() {
        var all =
                new Augmentation[] {
                    Augmentation.shift(2),
                    Augmentation.rotate(90),
                    Augmentation.shear(1),
                    Augmentation.scale(0.5, 2),
                    Augmentation.elastic(5, 1),
                    Augmentation.flipVertically(),
                    Augmentation.colour(1, 1, 1),
                    Augmentation.noise(1),
                    Augmentation.randAugment(3, 10)
                };
        for (var one : all) {
            for (int seed = 0; seed < 20; seed++) {
                var x = new float[2 + 5 * 4 * 3 + 2];
                Arrays.fill(x, 0.5f);
                one.apply(x, 2, new Layout(5, 4, 3), new SplittableRandom(seed));
                assertThat(new float[] {x[0], x[1], x[62], x[63]})
                        .as(one.toString())
                        .containsOnly(0.5f);
            }
        }
    }

    @Test
    void messages() {
        refused(
                () -> Augmentation.rotate(0),
                "rotate: the angle in degrees is 0.0; it must be above 0 and at most 180.0");
        refused(() -> Augmentation.rotate(Double.NaN), "rotate: the angle in degrees is NaN");
        refused(() -> Augmentation.shift(-1), "shift: the distance is -1.0; it must be above 0");
        refused(() -> Augmentation.shear(100), "shear: the slope is 100.0");
        refused(() -> Augmentation.scale(0, 1), "scale: the least factor is 0.0");
        refused(
                () -> Augmentation.scale(1.2, 0.8),
                "scale: the least factor 1.2 must be below the greatest 0.8, such as scale(0.8,");
        refused(() -> Augmentation.elastic(34, 0), "elastic: the width σ is 0.0");
        refused(
                () -> Augmentation.elastic(Double.POSITIVE_INFINITY, 4),
                "elastic: the strength α is Infinity");
        assertThat(
                        Augmentation.rotate(15)
                                .then(Augmentation.elastic(34, 4).sometimes(0.5))
                                .then(Augmentation.scale(0.8, 1.25)))
                .hasToString("rotate 15, (elastic 34 4) with probability 0.5, scale 0.8 to 1.25");
    }

    private static void refused(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining(message);
    }
}
