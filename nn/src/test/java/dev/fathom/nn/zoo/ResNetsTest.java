package dev.fathom.nn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Residual;
import dev.fathom.nn.layer.Summary;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.NormalizerFree;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** Residual networks for large images, Page's, and the plain one: tables, and that they learn. */
final class ResNetsTest {
    private static final Key KEY = Key.of(3);
    private static final Shape IMAGE_NET = Shape.of(224, 224, 3);

    private static Shape shape(Summary summary, String path) {
        return summary.rows().stream()
                .filter(r -> r.path().equals(path))
                .findFirst()
                .orElseThrow()
                .output();
    }

    /** He et al. 2016, table 1; batch norms have two numbers for each map, convolutions no bias. */
    @Test
    void resNet18() {
        var net = ResNet.resNet18(IMAGE_NET, 1000, KEY);
        int stem = 7 * 7 * 3 * 64 + 2 * 64;
        int first = 4 * (9 * 64 * 64 + 2 * 64);
        int second = 9 * 64 * 128 + 3 * 9 * 128 * 128 + 64 * 128 + 5 * 2 * 128;
        int third = 9 * 128 * 256 + 3 * 9 * 256 * 256 + 128 * 256 + 5 * 2 * 256;
        int fourth = 9 * 256 * 512 + 3 * 9 * 512 * 512 + 256 * 512 + 5 * 2 * 512;
        int dense = 512 * 1000 + 1000;
        assertThat(Tree.countTrained(net))
                .isEqualTo(stem + first + second + third + fourth + dense)
                .isEqualTo(11_689_512);
        var summary = Summary.of(net, IMAGE_NET);
        assertThat(shape(summary, "features.layers[0]")).isEqualTo(Shape.of(112, 112, 64));
        assertThat(shape(summary, "features.layers[5]")).isEqualTo(Shape.of(56, 56, 64));
        assertThat(shape(summary, "features.layers[9]")).isEqualTo(Shape.of(28, 28, 128));
        assertThat(shape(summary, "features.layers[13]")).isEqualTo(Shape.of(14, 14, 256));
        assertThat(shape(summary, "features.layers[17]")).isEqualTo(Shape.of(7, 7, 512));
        assertThat(summary.rows().getLast().output()).isEqualTo(Shape.of(1000));
    }

    @Test
    void resNet50() {
        var net = ResNet.resNet50(IMAGE_NET, 1000, KEY);
        long sum = 7 * 7 * 3 * 64 + 2 * 64;
        int in = 64;
        int[] blocks = {3, 4, 6, 3};
        for (int s = 0; s < 4; s++) {
            int m = 64 << s;
            int out = 4 * m;
            sum += in * out + 2 * out; // the projection of the first block
            for (int b = 0; b < blocks[s]; b++) {
                sum += in * m + 2 * m + 9 * m * m + 2 * m + m * out + 2 * out;
                in = out;
            }
        }
        sum += 2048 * 1000 + 1000;
        assertThat(Tree.countTrained(net)).isEqualTo(sum).isEqualTo(25_557_032);
        // a stem, 3 + 4 + 6 + 3 blocks of three convolutions, a dense layer
        assertThat(1 + 3 * (3 + 4 + 6 + 3) + 1).isEqualTo(50);
        assertThat(convolutions(net)).isEqualTo(49 + 4); // and four projections
        assertThat(Summary.of(net, IMAGE_NET).rows().getLast().output()).isEqualTo(Shape.of(1000));
    }

    private static long convolutions(Layer net) {
        return Tree.leaves(net).stream().filter(t -> t.rank() == 4).count();
    }

    @Test
    void resNet9() {
        var input = Shape.of(32, 32, 3);
        var net = ResNet9.of(input, 10, KEY);
        int kernels =
                9 * 3 * 64
                        + 9 * 64 * 128
                        + 2 * 9 * 128 * 128
                        + 9 * 128 * 256
                        + 9 * 256 * 512
                        + 2 * 9 * 512 * 512;
        int norms = 2 * (64 + 3 * 128 + 256 + 3 * 512);
        assertThat(Tree.countTrained(net))
                .isEqualTo(kernels + norms + 512 * 10)
                .isEqualTo(6_573_120);
        assertThat(Summary.of(net, input).rows().getLast().output()).isEqualTo(Shape.of(10));
        // eight convolutions and a dense layer
        assertThat(convolutions(net) + 1).isEqualTo(9);
        Tensor x = Key.of(1).normal(2, 8, 8, 1);
        var small = ResNet9.of(Shape.of(8, 8, 1), 10, 4, KEY);
        var plain = new ResNet9(small.features(), small.output(), 1);
        assertThat(small.apply(x, Pass.eval()).times(8).toFloats())
                .containsExactly(plain.apply(x, Pass.eval()).toFloats());
    }

    /** The plain network is the residual one without the two projections, and nothing else. */
    @Test
    void thePlainNetworkHasNoShortcuts() {
        var input = Shape.of(32, 32, 3);
        var plain = PlainNet.of(input, 10, 3, KEY);
        int projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64;
        assertThat(Tree.countTrained(plain)).isEqualTo(272_474 - projections);
        assertThat(convolutions(plain) + 1).isEqualTo(20);
        assertThat(convolutions(PlainNet.of(input, 10, KEY)) + 1).isEqualTo(8);
        assertThat(plain.features().layers()).noneMatch(Residual.class::isInstance);
        var residual = ResNet.of(input, 10, 3, KEY);
        assertThat(residual.features().layers().stream().filter(Residual.class::isInstance))
                .hasSize(9);
        // the first values are the same
        assertThat(Tree.leaves(plain).getFirst().toFloats())
                .isEqualTo(Tree.leaves(residual).getFirst().toFloats());
        assertThat(Summary.of(plain, input).rows().getLast().output()).isEqualTo(Shape.of(10));
    }

    /** At first Fixup's logits are zero, and zero branches make every block its shortcut. */
    @Test
    void firstValuesOfResidualNetworks() {
        var input = Shape.of(8, 8, 1);
        Tensor x = Key.of(1).normal(4, 8, 8, 1);
        var fixup = ResNet.fixup(input, 10, 3, KEY);
        assertThat(fixup.apply(x, Pass.eval()).toFloats()).containsOnly(0);
        // 19 convolutions; of scalars one after the first, five in each block, one at the end
        int kernels = 9 * 16 * (1 + 6 * 16) + 9 * 32 * (16 + 5 * 32) + 9 * 64 * (32 + 5 * 64);
        assertThat(Tree.countTrained(fixup)).isEqualTo(kernels + 1 + 5 * 9 + 1 + 650);
        var zero = ResNet.of(input, 10, 2, KEY).withZeroBranches();
        Tensor after = Tensor.zeros(4, 8, 8, 16);
        for (var layer : zero.features().layers().subList(3, 7)) {
            after = layer.apply(after.plus(1), Pass.training(KEY)).minus(1);
        }
        assertThat(after.toFloats()).containsOnly(0);
    }

    /** Convolutions with gain and bias, three shortcuts, a scalar for each block. */
    @Test
    void theNormalizerFreeNetwork() {
        var input = Shape.of(32, 32, 3);
        var net = NfNet.of(input, 10, 3, KEY);
        int first = 9 * 3 * 16 + 2 * 16;
        int stages =
                6 * (9 * 16 * 16 + 2 * 16)
                        + (9 * 16 * 32 + 5 * 9 * 32 * 32 + 6 * 2 * 32)
                        + (9 * 32 * 64 + 5 * 9 * 64 * 64 + 6 * 2 * 64);
        int shortcuts = 16 * 16 + 2 * 16 + 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64;
        assertThat(Tree.countTrained(net)).isEqualTo(first + stages + shortcuts + 9 + 650);
        assertThat(Summary.of(net, input).rows().getLast().output()).isEqualTo(Shape.of(10));
        // β² begins at 1 and again after each first block of a stage: 1, 1.04, 1.08, 1.12, 1.04, ..
        var betas =
                net.features().layers().stream()
                        .filter(NormalizerFree.class::isInstance)
                        .mapToDouble(b -> Math.pow(((NormalizerFree) b).beta(), 2))
                        .toArray();
        assertThat(betas)
                .containsExactly(
                        new double[] {1, 1.04, 1.08, 1.12, 1.04, 1.08, 1.12, 1.04, 1.08},
                        within(1e-12));
        assertThatThrownBy(() -> NfNet.of(input, 10, 0, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("NfNet: 0 blocks in each stage; it takes at least 1");
    }

    private static double accuracy(Layer net, Fit.Batch data) {
        Tensor found = net.apply(data.x(), Pass.training(KEY)).argMax(-1);
        return found.equalTo(data.y()).cast(DType.FLOAT32).mean().item();
    }

    /** Four directions of bars in noise; guessing gives 0.25. */
    @ParameterizedTest
    @ValueSource(strings = {"basic", "bottleneck", "nine", "plain", "fixup", "zero branches"})
    void smallOnesTellBarsApart(String kind) {
        int size = kind.equals("basic") || kind.equals("bottleneck") ? 32 : 16;
        var input = Shape.of(size, size, 1);
        Layer net =
                switch (kind) {
                    case "basic" -> ResNet.imageNet(input, 4, 8, List.of(1, 1), false, KEY);
                    case "bottleneck" -> ResNet.imageNet(input, 4, 4, List.of(1, 1), true, KEY);
                    case "nine" -> ResNet9.of(input, 4, 4, KEY);
                    case "fixup" -> ResNet.fixup(input, 4, 1, KEY);
                    case "zero branches" -> ResNet.of(input, 4, KEY).withZeroBranches();
                    default -> PlainNet.of(input, 4, KEY);
                };
        var fitted =
                Fit.adam(
                        net,
                        (m, x, y, pass) -> Losses.crossEntropy(m.apply(x, pass), y),
                        Fit.bars(256, size, 0.3, 1),
                        32,
                        6,
                        1e-2);
        assertThat(accuracy(fitted, Fit.bars(128, size, 0.3, 2))).isGreaterThan(0.9);
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> ResNet.resNet18(Shape.of(28, 28, 1), 10, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "ResNet: images (28, 28, 1) are too small for a network that halves them"
                                + " five times; it takes at least 32 by 32. For small images use"
                                + " ResNet.of");
        assertThatThrownBy(() -> ResNet.imageNet(IMAGE_NET, 10, 8, List.of(1, 0), false, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("ResNet: stages of [1, 0] blocks; each takes at least 1");
        assertThatThrownBy(() -> PlainNet.of(Shape.of(8, 8, 1), 10, 0, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("PlainNet: 0 blocks in each stage; it takes at least 1");
        assertThatThrownBy(() -> ResNet9.of(Shape.of(7, 8, 1), 10, KEY))
                .hasMessageStartingWith(
                        "ResNet9: images (7, 8, 1) are too small to halve three times; it takes at"
                                + " least 8 by 8");
    }
}
