package dev.fathom.nn.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Optional;

/** Convolutions against loops, against each other, and against the text. */
final class ConvolutionTest {
    private static final Key KEY = Key.of(3);

    private static double[] run(Layer layer, Tensor x) {
        return layer.apply(x, Pass.eval()).toDoubles();
    }

    /** y[o, f] = Σ x[o·s − l + p·d, c] w[p, c, f] over three axes, in plain loops. */
    @ParameterizedTest
    @CsvSource({"2, 1, 1, 1, VALID", "3, 1, 1, 2, SAME", "2, 2, 2, 1, SAME", "3, 2, 1, 2, VALID"})
    void threeAxesAreTheFormula(int kernel, int stride, int dilation, int groups, Padding padding) {
        int[] size = {5, 4, 6};
        int in = 2;
        int out = 4;
        Tensor x = Doubles.normal(1, 1, 5, 4, 6, in);
        Tensor w = Doubles.normal(2, kernel, kernel, kernel, in / groups, out);
        var layer = new Conv3d(w, Optional.empty(), stride, padding, dilation, groups);
        int covered = (kernel - 1) * dilation + 1;
        var o = new int[3];
        var low = new int[3];
        for (int i = 0; i < 3; i++) {
            boolean same = padding == Padding.SAME;
            o[i] = same ? (size[i] + stride - 1) / stride : (size[i] - covered) / stride + 1;
            low[i] = same ? Math.max(0, (o[i] - 1) * stride + covered - size[i]) / 2 : 0;
        }
        double[] xs = x.toDoubles();
        double[] ws = w.toDoubles();
        var expected = new double[o[0] * o[1] * o[2] * out];
        for (int e = 0; e < expected.length; e++) {
            int f = e % out;
            int[] at = {e / out / o[2] / o[1], e / out / o[2] % o[1], e / out % o[2]};
            for (int k = 0; k < kernel * kernel * kernel; k++) {
                int[] tap = {k / kernel / kernel, k / kernel % kernel, k % kernel};
                int place = 0;
                boolean inside = true;
                for (int i = 0; i < 3; i++) {
                    int p = at[i] * stride - low[i] + tap[i] * dilation;
                    inside &= p >= 0 && p < size[i];
                    place = place * size[i] + p;
                }
                for (int c = 0; inside && c < in / groups; c++) {
                    int channel = f / (out / groups) * (in / groups) + c;
                    expected[e] += xs[place * in + channel] * ws[(k * (in / groups) + c) * out + f];
                }
            }
        }
        Tensor y = layer.apply(x, Pass.eval());
        assertThat(y.shape().dims()).containsExactly(1, o[0], o[1], o[2], out);
        assertThat(y.toDoubles()).containsExactly(expected, within(1e-12));
    }

    /** ⟨conv(x), y⟩ = ⟨x, convTranspose(y)⟩ for every rank, wherever the sizes fit. */
    @ParameterizedTest
    @CsvSource({
        "1, 3, 1, 1, 1, VALID",
        "1, 3, 2, 2, 2, SAME",
        "2, 3, 1, 1, 1, SAME",
        "2, 3, 2, 1, 2, SAME",
        "2, 2, 3, 1, 1, SAME",
        "2, 3, 2, 2, 1, VALID",
        "2, 4, 2, 1, 1, SAME",
        "3, 2, 2, 1, 2, VALID",
        "3, 3, 2, 1, 1, SAME"
    })
    void theTransposeIsTheTranspose(
            int spatial, int kernel, int stride, int dilation, int groups, Padding padding) {
        int in = 4;
        int out = 6;
        var up =
                Doubles.of(
                        ConvTranspose.of(
                                        spatial,
                                        in,
                                        out,
                                        kernel,
                                        groups,
                                        Initializer.standard(),
                                        KEY)
                                .withStride(stride)
                                .withDilation(dilation)
                                .withPadding(padding)
                                .withoutBias());
        int[] small = {3, 2, 2};
        var dims = new int[spatial + 2];
        dims[0] = 2;
        dims[spatial + 1] = in;
        System.arraycopy(small, 0, dims, 1, spatial);
        Tensor y = Doubles.normal(1, dims);
        Tensor image = up.apply(y, Pass.eval());
        for (int i = 0; i < spatial; i++) {
            int expected =
                    padding == Padding.SAME
                            ? small[i] * stride
                            : (small[i] - 1) * stride + (kernel - 1) * dilation + 1;
            assertThat(image.dim(i + 1)).isEqualTo(expected);
        }
        Tensor x = Doubles.normal(2, image.shape().dims());
        Tensor conv = Convolutions.conv(x, up.weight(), stride, padding, dilation, groups);
        assertThat(conv.shape()).isEqualTo(y.shape());
        double left = conv.times(y).sum().item();
        double right = x.times(image).sum().item();
        assertThat(left).isCloseTo(right, within(1e-12 * (1 + Math.abs(left))));
    }

    @Test
    void transposedByHand() {
        var up =
                ConvTranspose.of1d(1, 1, 3, KEY)
                        .withWeight(Tensor.of(new double[] {1, 10, 100}, 3, 1, 1))
                        .withoutBias()
                        .withStride(2)
                        .withPadding(Padding.VALID);
        // copies of (1, 10, 100) at places 0 and 2, times 2 and 3
        assertThat(run(up, Tensor.of(new double[] {2, 3}, 1, 2, 1)))
                .containsExactly(2, 20, 203, 30, 300);
        // SAME: of these the four that a convolution to two elements sees; ⌈4/2⌉ = 2, none before
        assertThat(run(up.withPadding(Padding.SAME), Tensor.of(new double[] {2, 3}, 1, 2, 1)))
                .containsExactly(2, 20, 203, 30);
    }

    /**
     * The first text's convolution, z_abc = Σ_ijk A_ijkc x_(a−i)(b−j)k + b_c with i, j in −1 .. 1,
     * in plain loops: ours with the kernel turned round.
     */
    @Test
    void theConvolutionOfTheTextHasTheKernelTurnedRound() {
        int d = 5;
        int c0 = 2;
        int c1 = 3;
        Tensor a = Doubles.normal(1, 3, 3, c0, c1);
        Tensor x = Doubles.normal(2, 1, d, d, c0);
        Tensor b = Doubles.normal(3, c1);
        double[] as = a.toDoubles();
        double[] xs = x.toDoubles();
        var expected = new double[d * d * c1];
        for (int r = 0; r < d; r++) {
            for (int s = 0; s < d; s++) {
                for (int c = 0; c < c1; c++) {
                    double z = b.toDoubles()[c];
                    for (int i = -1; i <= 1; i++) {
                        for (int j = -1; j <= 1; j++) {
                            boolean inside = r - i >= 0 && r - i < d && s - j >= 0 && s - j < d;
                            for (int k = 0; inside && k < c0; k++) {
                                z +=
                                        as[(((i + 1) * 3 + j + 1) * c0 + k) * c1 + c]
                                                * xs[((r - i) * d + s - j) * c0 + k];
                            }
                        }
                    }
                    expected[(r * d + s) * c1 + c] = z;
                }
            }
        }
        var turned = new Conv2d(Shaping.reverse(a, 0, 1), Optional.of(b), 1, Padding.SAME, 1, 1);
        assertThat(run(turned, x)).containsExactly(expected, within(1e-13));
        var straight = turned.withWeight(a);
        assertThat(run(straight, x)).isNotEqualTo(run(turned, x));
    }

    /** A picture moved by (2, 3) gives its map moved by (2, 3), in single precision. */
    @Test
    void translationEquivariance() {
        var layer = Conv2d.of(2, 5, 5, KEY);
        Tensor x = KEY.normal(1, 6, 6, 2);
        Tensor here = Shaping.pad(x, new int[] {0, 4, 4, 0}, new int[] {0, 6, 6, 0});
        Tensor there = Shaping.pad(x, new int[] {0, 6, 7, 0}, new int[] {0, 4, 3, 0});
        Tensor y = layer.apply(here, Pass.eval()); // (1, 16, 16, 5)
        Tensor moved = layer.apply(there, Pass.eval()).slice(1, 2, 16).slice(2, 3, 16);
        Tensor error = y.slice(1, 0, 14).slice(2, 0, 13).minus(moved).abs().max();
        assertThat(error.item()).isLessThanOrEqualTo(1e-6);
        assertThat(y.abs().max().item()).isGreaterThan(1);
        // a dense layer of the same shape does not do that
        Tensor w = KEY.fold(1).normal(16 * 16, 16 * 16);
        Tensor dense = here.slice(3, 0, 1).reshape(1, 256).matmul(w).reshape(16, 16);
        Tensor denseMoved = there.slice(3, 0, 1).reshape(1, 256).matmul(w).reshape(16, 16);
        assertThat(
                        dense.slice(0, 0, 14)
                                .slice(1, 0, 13)
                                .minus(denseMoved.slice(0, 2, 16).slice(1, 3, 16))
                                .abs()
                                .max()
                                .item())
                .isGreaterThan(1);
    }

    /**
     * An 8 by 8 image with 2 channels to one with 3: 57 numbers, where a dense layer has 24,768.
     */
    @Test
    void parametersBesideThoseOfADenseLayer() {
        assertThat(Tree.countTrained(Conv2d.of(2, 3, 3, KEY))).isEqualTo(3 * 3 * 2 * 3 + 3);
        assertThat(Tree.countTrained(Conv2d.separable(2, 3, 3, KEY))).isEqualTo(18 + 6 + 3);
        assertThat(Tree.countTrained(Dense.of(8 * 8 * 2, 8 * 8 * 3, KEY)))
                .isEqualTo(128 * 192 + 192);
    }

    /** One dense matrix made column by column from the convolution gives the same map. */
    @Test
    void aConvolutionIsADenseLayerWithTiedWeights() {
        var layer = Doubles.of(Conv2d.of(1, 2, 3, KEY).withStride(2)).withoutBias();
        Tensor columns = layer.apply(eye(20).reshape(20, 5, 4, 1), Pass.eval()).flatten(1);
        Tensor x = Doubles.normal(4, 3, 5, 4, 1);
        assertThat(x.flatten(1).matmul(columns).toDoubles())
                .containsExactly(run(layer, x), within(1e-12));
    }

    private static Tensor eye(int n) {
        var values = new double[n * n];
        for (int i = 0; i < n; i++) {
            values[i * n + i] = 1;
        }
        return Tensor.of(values, n, n);
    }

    /** A separable kernel is the outer product: depthwise and pointwise in one dense kernel. */
    @Test
    void separableIsAConvolutionWithAProductKernel() {
        var separable = Doubles.of(Conv2d.separable(3, 4, 3, KEY));
        var depth = (Conv2d) separable.layers().get(0);
        var point = (Conv2d) separable.layers().get(1);
        // (3, 3, 1, in) as (3, 3, in, 1), times (1, 1, in, out)
        Tensor product = depth.weight().transpose(0, 1, 3, 2).times(point.weight());
        var whole = new Conv2d(product, point.bias(), 1, Padding.SAME, 1, 1);
        Tensor x = Doubles.normal(5, 2, 5, 4, 3);
        assertThat(run(separable, x)).containsExactly(run(whole, x), within(1e-12));
        var places = Doubles.of(Conv2d.pointwise(3, 4, KEY));
        var dense = new Dense(places.weight().reshape(3, 4), places.bias());
        assertThat(run(places, x)).containsExactly(run(dense, x), within(1e-13));
    }

    @Test
    void copiesKeepTheRest() {
        var c = Conv3d.of(1, 2, 3, KEY).withStride(2).withDilation(3).withPadding(Padding.VALID);
        assertThat(c.stride()).isEqualTo(2);
        assertThat(c.dilation()).isEqualTo(3);
        assertThat(c.padding()).isEqualTo(Padding.VALID);
        assertThat(c.bias()).isPresent();
        assertThat(c.withoutBias().bias()).isEmpty();
        assertThat(c.withoutBias().weight()).isSameAs(c.weight());
    }

    @Test
    void messages() {
        assertThatThrownBy(
                        () -> Conv3d.of(1, 2, 3, KEY).apply(Tensor.zeros(1, 4, 4, 4), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Conv3d: input (1, 4, 4, 4) is not (n, depth, height, width, channels)."
                                + " Give it its one channel: x.expandDims(-1)");
        assertThatThrownBy(() ->
                        ConvTranspose.of2d(3, 2, 3, KEY)
                                .apply(Tensor.zeros(1, 4, 4, 2), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "ConvTranspose: input (1, 4, 4, 2) has 2 channels, the kernel (3, 3, 2, 3)"
                                + " takes 3. Channels come last: (n, height, width, channels)");
        assertThatThrownBy(() -> ConvTranspose.of(4, 3, 2, 3, 1, Initializer.standard(), KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("ConvTranspose: 4 spatial axes; it takes 1, 2 or 3");
        assertThatThrownBy(() -> ConvTranspose.of(2, 3, 2, 3, 2, Initializer.standard(), KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "ConvTranspose: 3 channels in and 2 out do not fall into 2 equal groups");
        assertThatThrownBy(() -> Conv3d.of(1, 2, 3, KEY).withStride(0))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("Conv3d: stride is 0; it must be at least 1");
    }
}
