package dev.fathom.nn.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.layer.Summary;

import org.junit.jupiter.api.Test;

/** Pools and up-sampling by hand. */
final class PoolAndUpsampleTest {
    private static double[] run(Layer layer, double[] x, int... shape) {
        return layer.apply(Tensor.of(x, shape), Pass.eval()).toDoubles();
    }

    @Test
    void adaptivePoolsByHand() {
        double[] five = {1, 2, 6, 4, 10};
        // two windows of five: 0 .. 3 and 2 .. 5; three: 0 .. 2, 1 .. 4, 3 .. 5
        assertThat(run(AdaptiveAveragePool.of(2), five, 1, 5, 1))
                .containsExactly(new double[] {3, 20 / 3.0}, within(1e-15));
        assertThat(run(AdaptiveAveragePool.of(3), five, 1, 5, 1)).containsExactly(1.5, 4, 7);
        assertThat(run(AdaptiveMaxPool.of(3), five, 1, 5, 1)).containsExactly(2, 6, 10);
        // more windows than elements repeat them: 0 .. 1, 0 .. 2, 1 .. 2
        assertThat(run(AdaptiveAveragePool.of(3), new double[] {1, 3}, 1, 2, 1))
                .containsExactly(1, 2, 3);
    }

    @Test
    void adaptivePoolsAreThePoolsWhereTheSizesDivide() {
        Tensor x = Doubles.normal(1, 2, 6, 6, 3);
        assertThat(AdaptiveAveragePool.of(3).apply(x, Pass.eval()).toDoubles())
                .containsExactly(
                        AveragePool.of(2).apply(x, Pass.eval()).toDoubles(), within(1e-14));
        assertThat(AdaptiveMaxPool.of(2).apply(x, Pass.eval()).toDoubles())
                .containsExactly(MaxPool.of(3).apply(x, Pass.eval()).toDoubles());
        assertThat(AdaptiveAveragePool.of(1).apply(x, Pass.eval()).toDoubles())
                .containsExactly(
                        GlobalAveragePool.of().apply(x, Pass.eval()).toDoubles(), within(1e-15));
        assertThat(AdaptiveMaxPool.of(1).apply(x, Pass.eval()).toDoubles())
                .containsExactly(GlobalMaxPool.of().apply(x, Pass.eval()).toDoubles());
    }

    @Test
    void poolsOfVolumes() {
        double[] cube = {1, 2, 3, 4, 5, 6, 7, 80};
        assertThat(run(MaxPool.of(2), cube, 1, 2, 2, 2, 1)).containsExactly(80);
        assertThat(run(AveragePool.of(2), cube, 1, 2, 2, 2, 1)).containsExactly(13.5);
        assertThat(run(GlobalMaxPool.of(), cube, 1, 2, 2, 1, 2)).containsExactly(7, 80);
    }

    @Test
    void nearestByHand() {
        assertThat(run(Upsample.nearest(2), new double[] {1, 2, 3, 4}, 1, 2, 2, 1))
                .containsExactly(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4);
    }

    /**
     * (0, 4) four times as long. Areas: places (i + ½)/2 − ½ = −¼, ¼, ¾, 1¼, held in [0, 1].
     * Points: places 0, ⅓, ⅔, 1.
     */
    @Test
    void linearByHand() {
        double[] x = {0, 4};
        assertThat(run(Upsample.linear(2), x, 1, 2, 1)).containsExactly(0, 1, 3, 4);
        assertThat(run(new Upsample(2, Upsample.Mode.LINEAR_ALIGNED), x, 1, 2, 1))
                .containsExactly(new double[] {0, 4 / 3.0, 8 / 3.0, 4}, within(1e-15));
        // two axes one after the other: rows (1, 2) and (3, 4) at shares 0, ¼, ¾, 1 of each
        var expected = new double[16];
        double[] share = {0, 0.25, 0.75, 1};
        for (int i = 0; i < 16; i++) {
            expected[i] = 1 + 2 * share[i / 4] + share[i % 4];
        }
        assertThat(run(Upsample.linear(2), new double[] {1, 2, 3, 4}, 1, 2, 2, 1))
                .containsExactly(expected, within(1e-15));
        // one pixel has no neighbours
        assertThat(run(new Upsample(3, Upsample.Mode.LINEAR_ALIGNED), new double[] {7}, 1, 1, 1))
                .containsExactly(7, 7, 7);
        assertThat(run(Upsample.nearest(1), x, 1, 2, 1)).containsExactly(x);
    }

    /** Upsampling by 2 and averaging 2 by 2 leads back for the nearest, and keeps every mean. */
    @Test
    void averagingUndoesRepetition() {
        Tensor x = Doubles.normal(2, 1, 3, 4, 2);
        Tensor up = Upsample.nearest(2).apply(x, Pass.eval());
        assertThat(AveragePool.of(2).apply(up, Pass.eval()).toDoubles())
                .containsExactly(x.toDoubles(), within(1e-15));
        Tensor smooth = Upsample.linear(2).apply(x, Pass.eval());
        assertThat(smooth.mean(1, 2).toDoubles())
                .containsExactly(x.mean(1, 2).toDoubles(), within(1e-14));
    }

    /** The first text: average every 2 by 2 cell, shrink space and grow channels. */
    @Test
    void shrinkingSpaceAndGrowingChannels() {
        var keys = Key.of(1).split(3);
        var net =
                Sequential.of(
                        Conv2d.of(1, 8, 3, keys[0]),
                        Activation.RELU,
                        AveragePool.of(2),
                        Conv2d.of(8, 16, 3, keys[1]),
                        Activation.RELU,
                        AveragePool.of(2),
                        Conv2d.of(16, 32, 3, keys[2]),
                        Activation.RELU,
                        AveragePool.of(2));
        assertThat(Summary.of(net, Shape.of(32, 32, 1)))
                .hasToString(
                        """
                        layer      kind         output           parameters
                        ---------------------------------------------------
                        layers[0]  Conv2d       (n, 32, 32, 8)           80
                        layers[1]  relu         (n, 32, 32, 8)            0
                        layers[2]  AveragePool  (n, 16, 16, 8)            0
                        layers[3]  Conv2d       (n, 16, 16, 16)       1,168
                        layers[4]  relu         (n, 16, 16, 16)           0
                        layers[5]  AveragePool  (n, 8, 8, 16)             0
                        layers[6]  Conv2d       (n, 8, 8, 32)         4,640
                        layers[7]  relu         (n, 8, 8, 32)             0
                        layers[8]  AveragePool  (n, 4, 4, 32)             0
                        ---------------------------------------------------
                        total                                         5,888
                        """);
    }

    @Test
    void messages() {
        Tensor flat = Tensor.zeros(2, 3);
        assertThatThrownBy(() -> Upsample.nearest(2).apply(flat, Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("Upsample: input (2, 3) has no spatial axes");
        assertThatThrownBy(() -> AdaptiveMaxPool.of(2).apply(flat, Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("AdaptiveMaxPool: input (2, 3) has no spatial axes");
        assertThatThrownBy(() -> AdaptiveAveragePool.of(0))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("AdaptiveAveragePool: size is 0; it must be at least 1");
    }
}
