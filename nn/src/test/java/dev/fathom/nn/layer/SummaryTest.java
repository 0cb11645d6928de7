package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.norm.BatchNorm;

import org.junit.jupiter.api.Test;

/** The table of a model. */
class SummaryTest {
    private static final Key KEY = Key.of(1);

    @Test
    void theTableOfASmallNetwork() {
        var net =
                Sequential.of(
                        Conv2d.of(1, 6, 5, KEY),
                        BatchNorm.of(6),
                        Activation.RELU,
                        MaxPool.of(2),
                        Flatten.of(),
                        Dense.of(1176, 10, KEY));
        assertThat(Summary.of(net, Shape.of(28, 28, 1)))
                .hasToString(
                        """
                        layer      kind       output          parameters
                        ------------------------------------------------
                        layers[0]  Conv2d     (n, 28, 28, 6)         156
                        layers[1]  BatchNorm  (n, 28, 28, 6)          12
                        layers[2]  relu       (n, 28, 28, 6)           0
                        layers[3]  MaxPool    (n, 14, 14, 6)           0
                        layers[4]  Flatten    (n, 1176)                0
                        layers[5]  Dense      (n, 10)             11,770
                        ------------------------------------------------
                        total                                     11,938
                        and 12 numbers that are not trained (running statistics)
                        """);
    }

    @Test
    void sharedLayersCountOnceAndBareParametersAreNotForgotten() {
        var net =
                new UserNet(
                        Sequential.of(Dense.of(3, 4, KEY), Activation.TANH),
                        Dense.of(4, 4, KEY),
                        Tensor.ones(4));
        assertThat(Summary.of(net, Shape.of(3)))
                .hasToString(
                        """
                        layer               kind   output  parameters
                        ---------------------------------------------
                        features.layers[0]  Dense  (n, 4)          16
                        layers[1]           tanh   (n, 4)           0
                        twice               Dense  (n, 4)          20
                        twice               Dense  (n, 4)           0
                        (elsewhere)                                 4
                        ---------------------------------------------
                        total                                      40
                        """);
    }

    @Test
    void aLayerThatIsAFunctionIsOneRow() {
        Layer twice = (x, _) -> x.times(2);
        var summary = Summary.of(twice, Shape.of(3, 2));
        assertThat(summary.rows())
                .containsExactly(new Summary.Row("", "layer", Shape.of(3, 2), 0, 0));
        assertThat(Summary.of(Sequential.of(twice), Shape.of(3)).rows())
                .containsExactly(new Summary.Row("layers[0]", "layer", Shape.of(3), 0, 0));
    }

    @Test
    void aLayerThatLosesTheBatchIsNamed() {
        var net = Sequential.of(Lambda.of("total", x -> x.sum()));
        assertThatThrownBy(() -> Summary.of(net, Shape.of(3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Summary: for a batch of 1, total gives (); layers keep the batch as their"
                                + " first axis");
    }
}
