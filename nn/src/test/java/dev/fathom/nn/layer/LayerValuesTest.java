package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.conv.AveragePool;
import dev.fathom.nn.conv.Conv1d;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.GlobalAveragePool;
import dev.fathom.nn.conv.MaxPool;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Optional;

/** Layers against numbers worked by hand and against loops written from their formulas. */
class LayerValuesTest {
    private static double[] run(Layer layer, Tensor x) {
        return layer.apply(x, Pass.eval()).toDoubles();
    }

    @Test
    void denseByHand() {
        var layer =
                new Dense(
                        Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3),
                        Optional.of(Tensor.of(new double[] {10, 20, 30})));
        // (1, 2) W = (1 + 8, 2 + 10, 3 + 12), (−1, 0) W = (−1, −2, −3)
        assertThat(run(layer, Tensor.of(new double[] {1, 2, -1, 0}, 2, 2)))
                .containsExactly(19, 32, 45, 9, 18, 27);
        assertThat(run(layer.withoutBias(), Tensor.of(new double[] {1, 2}, 1, 2)))
                .containsExactly(9, 12, 15);
    }

    @Test
    void convolutionByHand() {
        var edge =
                new Conv2d(
                        Tensor.of(new double[] {1, 0, 0, -1}, 2, 2, 1, 1),
                        Optional.of(Tensor.of(new double[] {0.5})),
                        1,
                        Padding.VALID,
                        1,
                        1);
        // rows 1 2 4 / 3 5 9: 1 − 5 + 0.5 and 2 − 9 + 0.5
        assertThat(run(edge, Tensor.of(new double[] {1, 2, 4, 3, 5, 9}, 1, 2, 3, 1)))
                .containsExactly(-3.5, -6.5);
        // SAME adds a row of zeros below and a column at the right
        assertThat(
                        run(
                                edge.withPadding(Padding.SAME),
                                Tensor.of(new double[] {1, 2, 4, 3, 5, 9}, 1, 2, 3, 1)))
                .containsExactly(-3.5, -6.5, 4.5, 3.5, 5.5, 9.5);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 1, 1, 1, VALID",
        "3, 2, 1, 1, SAME",
        "3, 1, 2, 1, SAME",
        "2, 2, 1, 2, VALID",
        "3, 3, 2, 4, SAME",
        "1, 1, 1, 1, SAME",
        "5, 2, 1, 2, SAME"
    })
    void convolutionIsItsFormula(
            int kernel, int stride, int dilation, int groups, Padding padding) {
        int n = 2;
        int h = 7;
        int w = 6;
        int in = 4;
        int out = 8;
        Tensor x = Doubles.normal(1, n, h, w, in);
        Tensor k = Doubles.normal(2, kernel, kernel, in / groups, out);
        Tensor b = Doubles.normal(3, out);
        var layer = new Conv2d(k, Optional.of(b), stride, padding, dilation, groups);
        int covered = (kernel - 1) * dilation + 1;
        int oh = padding == Padding.SAME ? (h + stride - 1) / stride : (h - covered) / stride + 1;
        int ow = padding == Padding.SAME ? (w + stride - 1) / stride : (w - covered) / stride + 1;
        int top = padding == Padding.SAME ? Math.max(0, (oh - 1) * stride + covered - h) / 2 : 0;
        int left = padding == Padding.SAME ? Math.max(0, (ow - 1) * stride + covered - w) / 2 : 0;
        double[] xs = x.toDoubles();
        double[] ks = k.toDoubles();
        var expected = new double[n * oh * ow * out];
        for (int e = 0; e < expected.length; e++) {
            int f = e % out;
            int j = e / out % ow;
            int i = e / out / ow % oh;
            int m = e / out / ow / oh;
            int group = f / (out / groups);
            double sum = b.toDoubles()[f];
            for (int p = 0; p < kernel; p++) {
                for (int q = 0; q < kernel; q++) {
                    int r = i * stride - top + p * dilation;
                    int c = j * stride - left + q * dilation;
                    for (int l = 0; r >= 0 && r < h && c >= 0 && c < w && l < in / groups; l++) {
                        sum +=
                                xs[((m * h + r) * w + c) * in + group * (in / groups) + l]
                                        * ks[((p * kernel + q) * (in / groups) + l) * out + f];
                    }
                }
            }
            expected[e] = sum;
        }
        Tensor y = layer.apply(x, Pass.eval());
        assertThat(y.shape().dims()).containsExactly(n, oh, ow, out);
        assertThat(y.toDoubles()).containsExactly(expected, within(1e-12));
    }

    @Test
    void aConvolutionOfSequencesIsOneOfImagesOfHeightOne() {
        Tensor x = Doubles.normal(1, 2, 9, 3);
        Tensor k = Doubles.normal(2, 3, 3, 4);
        var line = new Conv1d(k, Optional.empty(), 1, Padding.VALID, 2, 1);
        var image = new Conv2d(k.expandDims(0), Optional.empty(), 1, Padding.VALID, 2, 1);
        assertThat(run(line, x)).containsExactly(run(image, x.expandDims(1)), within(1e-12));
    }

    @Test
    void poolingByHand() {
        Tensor x = Tensor.of(new double[] {1, 5, 2, 4, 3, 0, 8, 1, 9}, 1, 3, 3, 1);
        assertThat(run(MaxPool.of(2), x)).containsExactly(5);
        assertThat(run(new MaxPool(2, 1, Padding.VALID), x)).containsExactly(5, 5, 8, 9);
        assertThat(run(new MaxPool(2, 2, Padding.SAME), x)).containsExactly(5, 2, 8, 9);
        assertThat(run(AveragePool.of(2), x)).containsExactly(13 / 4.0);
        // at the border only what lies in the image counts: (2 + 0)/2, (8 + 1)/2, 9
        assertThat(run(new AveragePool(2, 2, Padding.SAME), x))
                .containsExactly(13 / 4.0, 1, 4.5, 9);
        assertThat(run(GlobalAveragePool.of(), x)).containsExactly(33 / 9.0);
        assertThat(run(GlobalAveragePool.of(), Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 1, 3, 2)))
                .containsExactly(3, 4);
    }

    @Test
    void flattenKeepsTheOrder() {
        assertThat(run(Flatten.of(), Tensor.of(new double[] {1, 2, 3, 4}, 1, 2, 2, 1)))
                .containsExactly(1, 2, 3, 4);
        assertThat(Flatten.of().apply(Tensor.zeros(5), Pass.eval()).shape().dims())
                .containsExactly(5, 1);
    }

    @Test
    void residualByHand() {
        var twice = Lambda.of("twice", x -> x.times(2));
        var minus = Lambda.of("minus", Tensor::negate);
        Tensor x = Tensor.of(new double[] {1, -2}, 1, 2);
        assertThat(run(Residual.of(twice), x)).containsExactly(3, -6);
        assertThat(run(Residual.of(twice, minus), x)).containsExactly(1, -2);
        assertThat(run(Sequential.of(), x)).containsExactly(1, -2);
    }

    /**
     * Values from the definitions with e = 2.718281828459045 and, for gelu, Φ(1) =
     * 0.8413447460685429.
     */
    @ParameterizedTest
    @CsvSource({
        "RELU, -2, 0, 0",
        "RELU, 0, 0, 0",
        "RELU, 3, 3, 1",
        "LEAKY_RELU, -2, -0.02, 0.01",
        "LEAKY_RELU, 3, 3, 1",
        "ELU, -1, -0.6321205588285577, 0.36787944117144233",
        "ELU, 3, 3, 1",
        "ELU, 800, 800, 1",
        "GELU, 1, 0.8413447460685429, 1.0833154705876860",
        "GELU, 0, 0, 0.5",
        "GELU, -1, -0.15865525393145707, -0.08331547058768600",
        "SILU, 0, 0, 0.5",
        "SILU, 1, 0.7310585786300049, 0.9276705118714867",
        "SOFTPLUS, 0, 0.6931471805599453, 0.5",
        "SOFTPLUS, 800, 800, 1",
        "SOFTPLUS, -800, 0, 0",
        "SOFTPLUS, 1, 1.3132616875182228, 0.7310585786300049",
        "TANH, 1, 0.7615941559557649, 0.41997434161402614",
        "TANH, -800, -1, 0",
        "SIGMOID, 0, 0.5, 0.25",
        "SIGMOID, 1, 0.7310585786300049, 0.19661193324148185",
        "SIGMOID, 800, 1, 0",
        "SIGMOID, -800, 0, 0"
    })
    void activations(Activation f, double x, double value, double slope) {
        Tensor at = Tensor.scalar(x);
        assertThat(f.of(at).item()).isCloseTo(value, within(1e-14));
        assertThat(Transforms.grad(f::of).apply(at).item()).isCloseTo(slope, within(1e-13));
        assertThat(f.of(Tensor.scalar(Double.NaN)).item()).isNaN();
    }

    @Test
    void softplusHasTheSigmoidsSlopeAtZeroAsItsCurvature() {
        assertThat(
                        Transforms.grad(Transforms.grad(Activation.SOFTPLUS::of))
                                .apply(Tensor.scalar(0.0))
                                .item())
                .isCloseTo(0.25, within(1e-15));
    }
}
