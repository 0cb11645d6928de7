package dev.fathom.data.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Shape;

import org.junit.jupiter.api.Test;

import java.util.stream.IntStream;

class Mnist1dTest {
    /**
     * The hash of the 5,000 x 40 float32 values and 5,000 labels that a NumPy program of the
     * published algorithm gives with seed 42: every bit agrees.
     */
    @Test
    void thePublishedNumbersComeOutBitForBit() {
        var data = Mnist1d.load();
        assertThat(data.train().sha256())
                .isEqualTo("031e3042190ccdb6e80cbbbdab9932a8f4888314d20bbbed536861a09ec9b2a3");
        assertThat(data.train().size()).isEqualTo(4000);
        assertThat(data.test().size()).isEqualTo(1000);
        assertThat(data.train().featureShape()).isEqualTo(Shape.of(40));
        assertThat(data.train().take(20).labels())
                .containsExactly(2, 6, 4, 5, 6, 6, 6, 0, 3, 1, 6, 9, 4, 3, 4, 5, 1, 9, 0, 3);
        assertThat(data.train().example(0).features().toFloats())
                .startsWith(-0.33200568f, -0.47191036f, -0.7786971f, -1.0097408f, -0.8823526f);
        assertThat(
                        IntStream.range(0, 10)
                                .map(c ->
                                        data.train().classCounts()[c]
                                                + data.test().classCounts()[c]))
                .containsOnly(500);
    }

    @Test
    void anotherSeedGivesOtherExamplesOfTheSameDistribution() {
        var published = Mnist1d.load();
        var other = Mnist1d.generate(7);
        assertThat(other.train().sha256()).isNotEqualTo(published.train().sha256());
        // The mean curve of a class over some 400 examples of deviation 1 is known to 0.05 a point.
        for (int c = 0; c < 10; c++) {
            var a = meanCurve(published, c);
            var b = meanCurve(other, c);
            for (int j = 0; j < 40; j++) {
                assertThat(b[j]).as("class %d, point %d", c, j).isEqualTo(a[j], within(0.4));
            }
        }
    }

    private static double[] meanCurve(TrainTest data, int label) {
        var curve = new double[40];
        var values = data.train().all().features().toFloats();
        var labels = data.train().labels();
        int count = data.train().classCounts()[label];
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < 40 && labels[i] == label; j++) {
                curve[j] += values[40 * i + j] / count;
            }
        }
        return curve;
    }
}
