package dev.fathom.nn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Summary;
import dev.fathom.nn.loss.Losses;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

/** Whole networks: shapes, parameter counts, and that they learn. */
class ZooTest {
    private static final Key KEY = Key.of(1);

    /** Makes a network. */
    interface Maker {
        Layer of(Shape input, int classes, Key key);
    }

    /**
     * A network, the shape of an example, its parameters counted by hand, and a smaller example to
     * train on.
     */
    record Row(String name, Maker maker, Shape input, long parameters, Shape small) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        var image = Shape.of(28, 28, 1);
        var tiny = Shape.of(8, 8, 1);
        long lenet = 156 + 2416 + 48_120 + 10_164 + 850;
        long cnn = 9 * 32 + 64 + 9 * 32 * 64 + 128 + (3136 * 128 + 256) + 1290;
        // He et al.: 16, 32, 64 maps; 3 by 3 kernels, batch norms, 1 by 1 projections with theirs
        long stages =
                2 * (9 * 16 * 16 + 32)
                        + (9 * 16 * 32 + 9 * 32 * 32 + 128)
                        + (9 * 32 * 64 + 9 * 64 * 64 + 256);
        long projections = 16 * 32 + 64 + 32 * 64 + 128;
        long more =
                2 * 2 * (9 * 16 * 16 + 32)
                        + 2 * 2 * (9 * 32 * 32 + 64)
                        + 2 * 2 * (9 * 64 * 64 + 128);
        long resnet = 9 * 16 + 32 + stages + projections + 650;
        long conv1d = 5 * 32 + 2 * 5 * 32 * 32 + 3 * 64 + (160 * 10 + 10);
        return Stream.of(
                new Row("linear", Linear::of, image, 7850, tiny),
                new Row("mlp", Mlp::of, image, 785 * 256 + 257 * 128 + 1290, tiny),
                new Row("lenet", LeNet::of, image, lenet, tiny),
                new Row("cnn", Cnn::of, image, cnn, tiny),
                new Row("resnet-8", ResNet::of, image, resnet, tiny),
                new Row(
                        "resnet-20",
                        (i, c, k) -> ResNet.of(i, c, 3, k),
                        image,
                        resnet + more,
                        Shape.of(4, 4, 1)),
                new Row("cnn1d", Cnn1d::of, Shape.of(40), conv1d, Shape.of(12)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void parametersAndShapes(Row row) {
        var net = row.maker().of(row.input(), 10, KEY);
        assertThat(Tree.countTrained(net)).isEqualTo(row.parameters());
        var summary = Summary.of(net, row.input());
        assertThat(summary.rows().getLast().output()).isEqualTo(Shape.of(10));
        assertThat(summary.rows().stream().mapToLong(Summary.Row::parameters).sum())
                .isEqualTo(row.parameters());
        assertThat(summary.rows()).allMatch(r -> r.parameters() == 0 || !r.path().isEmpty());
    }

    @Test
    void publishedCounts() {
        assertThat(Tree.countTrained(LeNet.of(Shape.of(28, 28, 1), 10, KEY))).isEqualTo(61_706);
        // ResNet-20 for CIFAR-10 with projections
        assertThat(Tree.countTrained(ResNet.of(Shape.of(32, 32, 3), 10, 3, KEY)))
                .isEqualTo(272_474);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void learnsEightExamplesByHeart(Row row) {
        Layer net = row.maker().of(row.small(), 4, KEY);
        Tensor x = Key.of(2).normal(row.small().prepend(8).dims());
        Tensor y = Tensor.of(new int[] {0, 1, 2, 3, 0, 1, 2, 3});
        double before = Losses.crossEntropy(net.apply(x, Pass.training(KEY)), y).item();
        for (int i = 0; i < 12; i++) {
            var key = KEY.fold(i);
            var r =
                    Transforms.valueAndGradAux(
                                    (Layer m) -> {
                                        var pass = Pass.training(key);
                                        Tensor loss = Losses.crossEntropy(m.apply(x, pass), y);
                                        return new WithAux<>(loss, pass.updated(m));
                                    })
                            .apply(net);
            net = Tree.minus(r.aux(), Tree.times(r.gradient(), 0.1));
        }
        double after = Losses.crossEntropy(net.apply(x, Pass.training(KEY)), y).item();
        assertThat(after).isLessThan(0.9 * before);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void evaluationDoesNotMixExamples(Row row) {
        Layer net = row.maker().of(row.small(), 4, KEY);
        Tensor x = Key.of(2).normal(row.small().prepend(3).dims());
        float[] together = net.apply(x, Pass.eval()).slice(0, 1, 2).toFloats();
        float[] alone = net.apply(x.slice(0, 1, 2), Pass.eval()).toFloats();
        for (int i = 0; i < 4; i++) {
            assertThat(alone[i]).isCloseTo(together[i], within(1e-5f));
        }
    }

    @Test
    void otherSizes() {
        for (int size : new int[] {4, 8, 11, 12, 32}) {
            var shape = Shape.of(size, size, 3);
            for (var net :
                    new Layer[] {
                        LeNet.of(shape, 5, KEY),
                        Cnn.of(shape, 5, KEY),
                        ResNet.of(shape, 5, KEY),
                        Mlp.of(shape, 5, KEY, 7)
                    }) {
                assertThat(Summary.of(net, shape).rows().getLast().output()).isEqualTo(Shape.of(5));
            }
        }
        assertThat(
                        Summary.of(Cnn1d.of(Shape.of(17, 3), 5, KEY), Shape.of(17, 3))
                                .rows()
                                .getLast()
                                .output())
                .isEqualTo(Shape.of(5));
        // images and sequences without a channel axis have one channel
        assertThat(
                        Summary.of(Cnn.of(Shape.of(8, 8), 5, KEY), Shape.of(8, 8))
                                .rows()
                                .getLast()
                                .output())
                .isEqualTo(Shape.of(5));
    }

    @Test
    void theWrongKindOfData() {
        assertThatThrownBy(() -> Cnn.of(Shape.of(40), 10, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Cnn: takes images (height, width, channels), not (40,); for sequences use"
                                + " Cnn1d, for features Mlp");
        assertThatThrownBy(() -> Cnn1d.of(Shape.of(28, 28, 1), 10, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Cnn1d: takes sequences (time, channels), not (28, 28, 1); for images use"
                                + " Cnn");
        assertThatThrownBy(() -> Cnn.of(Shape.of(3, 3, 1), 10, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Cnn: images (3, 3, 1) are too small; it takes at least 4 by 4");
    }
}
