package dev.fathom.nn.layer;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.conv.AdaptiveAveragePool;
import dev.fathom.nn.conv.AdaptiveMaxPool;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.Conv3d;
import dev.fathom.nn.conv.ConvTranspose;
import dev.fathom.nn.conv.GlobalAveragePool;
import dev.fathom.nn.conv.GlobalMaxPool;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.conv.RotationInvariant;
import dev.fathom.nn.conv.Upsample;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.norm.LocalResponseNorm;
import dev.fathom.nn.zoo.Autoencoder;
import dev.fathom.nn.zoo.UNet;

import java.util.List;
import java.util.stream.Stream;

/** The checks of every layer, for convolutions, pools, activations and the dropout family. */
final class SpatialLayerTableTest extends LayerTableTest {
    private static final Key KEY = Key.of(8);

    static Stream<Row> rows() {
        var law = Initializer.standard();
        var aligned = new Upsample(3, Upsample.Mode.LINEAR_ALIGNED);
        return Stream.of(
                row("conv3d", Conv3d.of(2, 3, 3, KEY), "2 3 4 2 2", "2 3 4 2 3", 27 * 2 * 3 + 3),
                row(
                        "conv3d stride",
                        Conv3d.of(2, 4, 2, 2, law, KEY).withStride(2).withoutBias(),
                        "2 3 4 2 2",
                        "2 2 2 1 4",
                        8 * 4),
                row(
                        "conv2d separable",
                        Conv2d.separable(3, 5, 3, KEY),
                        "2 4 3 3",
                        "2 4 3 5",
                        9 * 3 + 15 + 5),
                row("conv2d pointwise", Conv2d.pointwise(3, 5, KEY), "2 2 3 3", "2 2 3 5", 20),
                row(
                        "transposed convolution",
                        ConvTranspose.of2d(3, 2, 3, KEY).withStride(2),
                        "2 3 2 3",
                        "2 6 4 2",
                        9 * 2 * 3 + 2),
                row(
                        "transposed convolution valid",
                        ConvTranspose.of2d(3, 2, 3, KEY).withStride(2).withPadding(Padding.VALID),
                        "2 3 2 3",
                        "2 7 5 2",
                        56),
                row(
                        "transposed convolution of sequences",
                        ConvTranspose.of(1, 4, 6, 3, 2, law, KEY).withDilation(2),
                        "2 5 4",
                        "2 5 6",
                        3 * 3 * 4 + 6),
                row(
                        "transposed convolution of volumes",
                        ConvTranspose.of3d(2, 1, 2, KEY).withStride(2).withoutBias(),
                        "1 2 1 2 2",
                        "1 4 2 4 1",
                        16),
                row(
                        "rotation invariant",
                        RotationInvariant.of(
                                Sequential.of(Conv2d.of(1, 2, 2, KEY), GlobalAveragePool.of())),
                        "2 3 3 1",
                        "2 2",
                        10),
                row("local response norm", LocalResponseNorm.of(), "2 2 6", "2 2 6", 0),
                row(
                        "autoencoder",
                        Autoencoder.of(Shape.of(2, 3), 2, 4, KEY),
                        "3 2 3",
                        "3 2 3",
                        6 * 4 + 4 + 4 * 2 + 2 + 2 * 4 + 4 + 4 * 6 + 6),
                row(
                        "u-net",
                        offTheKinks(UNet.of(Shape.of(4, 2, 1), 2, 1, 2, KEY)),
                        "1 4 2 1",
                        "1 4 2 2",
                        (18 + 2) + (36 + 2) + (72 + 4) + (144 + 4) + (32 + 2) + (72 + 2) + (36 + 2)
                                + 6),
                row("max pool of volumes", MaxPool.of(2), "1 2 4 2 2", "1 1 2 1 2", 0),
                row("adaptive average", AdaptiveAveragePool.of(2), "2 5 4 2", "2 2 2 2", 0),
                row("adaptive average up", AdaptiveAveragePool.of(3), "2 2 1", "2 3 1", 0),
                row("adaptive max", AdaptiveMaxPool.of(2), "2 5 4 2", "2 2 2 2", 0),
                row("global max", GlobalMaxPool.of(), "2 3 2 2", "2 2", 0),
                row("upsample nearest", Upsample.nearest(2), "2 3 2 2", "2 6 4 2", 0),
                row("upsample linear", Upsample.linear(2), "2 3 2 2", "2 6 4 2", 0),
                row("upsample aligned", aligned, "2 3 2", "2 9 2", 0),
                row("reshape", Reshape.of(2, 3), "2 6", "2 2 3", 0),
                row("bottleneck", Bottleneck.of(5, 2, 4, KEY), "3 5", "3 4", 10 + 8 + 4),
                row("maxout", Maxout.of(3, 2, 4, KEY), "5 3", "5 2", 3 * 8 + 8),
                row("gelu tanh", Activation.GELU_TANH, "2 3", "2 3", 0),
                row("selu", Activation.SELU, "2 3", "2 3", 0),
                row("hard sigmoid", Activation.HARD_SIGMOID, "2 3", "2 3", 0),
                row("hard tanh", Activation.HARD_TANH, "2 3", "2 3", 0),
                row("hard swish", Activation.HARD_SWISH, "2 3", "2 3", 0),
                row("softmax", Activation.SOFTMAX, "2 3", "2 3", 0),
                row("log softmax", Activation.LOG_SOFTMAX, "2 3", "2 3", 0),
                row("leaky relu 0.2", LeakyRelu.of(0.2), "2 3", "2 3", 0),
                row("elu 0.5", Elu.of(0.5), "2 3", "2 3", 0),
                row("prelu", PRelu.of(3), "2 2 3", "2 2 3", 3),
                row("plain dropout", PlainDropout.of(0.7), "3 4", "3 4", 0),
                row("spatial dropout", SpatialDropout.of(0.3), "2 2 2 4", "2 2 2 4", 0),
                row("gaussian dropout", GaussianDropout.of(0.3), "3 4", "3 4", 0),
                row("dropconnect", DropConnect.of(Dense.of(3, 4, KEY), 0.4), "2 3", "2 4", 16));
    }

    /** Biases of zero after dead units put the next rectifier at 0, where it has no derivative. */
    private static Layer offTheKinks(UNet net) {
        return Tree.map(t -> t.rank() == 1 ? KEY.normal(t.shape().dims()) : t, net);
    }

    private static Row row(String name, Layer layer, String in, String out, long parameters) {
        return new Row(name, layer, dims(in), dims(out), parameters);
    }

    private static List<Integer> dims(String text) {
        return Stream.of(text.split(" ")).map(Integer::valueOf).toList();
    }
}
