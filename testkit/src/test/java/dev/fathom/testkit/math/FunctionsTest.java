package dev.fathom.testkit.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The functions of dev.fathom.core.math: values worked by hand, and derivatives of all that are
 * composites.
 */
class FunctionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    private static Tensor d(double... v) {
        return Tensor.of(v);
    }

    private static void is(Tensor found, double... expected) {
        assertThat(found.toDoubles()).containsExactly(expected, within(1e-14));
    }

    /** Composites of a (3, 4) matrix. */
    private static final Map<String, Function<Tensor, Tensor>> COMPOSITES =
            Map.ofEntries(
                    Map.entry("softmax", x -> Functions.softmax(x, 1)),
                    Map.entry("softmax, first axis", x -> Functions.softmax(x, 0)),
                    Map.entry("logSoftmax", x -> Functions.logSoftmax(x, -1)),
                    Map.entry("logSumExp", x -> Functions.logSumExp(x, 1)),
                    Map.entry("softplus", Functions::softplus),
                    Map.entry("relu", Functions::relu),
                    Map.entry("variance", x -> Functions.variance(x, 0)),
                    Map.entry("mean", x -> x.mean(1)),
                    Map.entry("erfInv", x -> Functions.erfInv(x.times(0.3).tanh())),
                    Map.entry("clip", x -> Functions.clip(x, -0.75, 0.75)),
                    Map.entry("pow", x -> x.pow(3)),
                    Map.entry("product", x -> Functions.product(x, 1)),
                    Map.entry("topK", x -> Shaping.topK(x, 2, 1).values()),
                    Map.entry("sort", x -> x.sort(0)),
                    Map.entry("stack", x -> Shaping.stack(1, x, x.exp())),
                    Map.entry(
                            "split",
                            x ->
                                    Shaping.split(x, 1, 2)
                                            .get(1)
                                            .times(Shaping.split(x, 1, 2).get(0))),
                    Map.entry(
                            "pad",
                            x -> Shaping.pad(x, new int[] {1, 0}, new int[] {0, 2}).square()),
                    Map.entry("reverse", x -> Shaping.reverse(x, 1).times(x)),
                    Map.entry("moveAxis", x -> Shaping.moveAxis(x, 0, 1).matmul(x)),
                    Map.entry("lowerTriangle", x -> Shaping.lowerTriangle(x, 0).exp()),
                    Map.entry("get", x -> x.get(-1).times(x.get(0))),
                    Map.entry("squeeze", x -> x.expandDims(1).squeeze(1).square()),
                    Map.entry("atan2", x -> Functions.atan2(x, x.square().plus(1))),
                    Map.entry("max", x -> x.max(1)),
                    Map.entry("norm", x -> x.square().sum().sqrt()));

    @TestFactory
    Stream<DynamicTest> derivativesOfComposites() {
        Tensor x = Key.of(3).normal(DType.FLOAT64, 3, 4).times(1.3);
        return COMPOSITES.entrySet().stream()
                .map(e ->
                        DynamicTest.dynamicTest(
                                e.getKey(),
                                () -> {
                                    GradientCheck.assertGradients(e.getValue(), x);
                                    Function<Tensor, Tensor> scalar =
                                            v -> e.getValue().apply(v).square().sum();
                                    GradientCheck.assertSecondOrder(scalar, x);
                                    FunctionCheck.assertVmap(
                                            e.getValue(), Shaping.stack(0, x, x.negate()));
                                    FunctionCheck.assertJit(e.getValue(), x);
                                }));
    }

    @Test
    void softmaxDoesNotOverflow() {
        is(Functions.softmax(d(1024, 1024), 0), 0.5, 0.5);
        is(Functions.softmax(d(0, Math.log(3)), 0), 0.25, 0.75);
        is(Functions.softmax(d(-INF, 0), 0), 0, 1);
        is(Functions.logSoftmax(d(-1e5, -1e5), 0), -Math.log(2), -Math.log(2));
        assertThat(Functions.logSumExp(d(1000, 1000), 0).item())
                .isCloseTo(1000 + Math.log(2), within(1e-12));
        assertThat(Functions.logSumExp(d(-INF, -INF), 0).item()).isEqualTo(-INF);
        assertThat(Functions.logSumExp(d(INF, 1), 0).item()).isEqualTo(INF);
        is(Functions.softplus(d(0, 800, -800)), Math.log(2), 800, 0);
        is(Functions.sigmoid(d(0, 800, -800)), 0.5, 1, 0);
        assertThat(Functions.relu(d(Double.NaN)).item()).isNaN();
    }

    @Test
    void statistics() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 6, 8}, 2, 3);
        is(x.mean(), 4);
        is(x.mean(0), 2.5, 4, 5.5);
        is(Functions.variance(x, 1), 2.0 / 3, 8.0 / 3);
        is(Functions.variance(x), (9 + 4 + 1 + 0 + 4 + 16) / 6.0);
        is(Functions.cumSum(x, 1), 1, 3, 6, 4, 10, 18);
        is(Functions.product(x, 0), 4, 12, 24);
    }

    @Test
    void creation() {
        is(Creation.linspace(-1, 1, 5), -1, -0.5, 0, 0.5, 1);
        is(Creation.eye(DType.FLOAT64, 2), 1, 0, 0, 1);
        assertThat(Creation.range(DType.INT64, 3).toLongs()).containsExactly(0, 1, 2);
        is(Creation.oneHot(Tensor.of(new int[] {2, 0}), 3, DType.FLOAT64), 0, 0, 1, 1, 0, 0);
        assertThat(Creation.iota(new TensorType(Shape.of(2, 2), DType.INT32), -1).toInts())
                .containsExactly(0, 1, 0, 1);
        is(Creation.ones(new TensorType(Shape.of(2), DType.FLOAT64)), 1, 1);
    }

    @Test
    void shaping() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        is(Shaping.takeAlong(x, Tensor.of(new int[] {2, 0}, 2, 1), 1), 3, 4);
        is(Shaping.takeAlong(x, Tensor.of(new int[] {1, 0, 1}, 1, 3), 0), 4, 2, 6);
        is(Shaping.take(x, Tensor.of(new int[] {1, 1}), 0), 4, 5, 6, 4, 5, 6);
        is(
                Shaping.scatterAdd(x, Tensor.of(new int[] {0, 0}), x),
                1 + 1 + 4,
                2 + 2 + 5,
                3 + 3 + 6,
                4,
                5,
                6);
        var top = Shaping.topK(d(3, 9, 1, 9), 3, 0);
        is(top.values(), 9, 9, 3);
        assertThat(top.indices().toInts()).containsExactly(1, 3, 0);
        is(Shaping.slice(x, 1, 0, 3, 2), 1, 3, 4, 6);
        is(Shaping.lowerTriangle(x, 0), 1, 0, 0, 4, 5, 0);
        is(Shaping.lowerTriangle(x, 1), 1, 2, 0, 4, 5, 6);
        is(Shaping.lowerTriangle(Tensor.of(new double[] {INF, 1, 2, INF}, 2, 2), -1), 0, 0, 2, 0);
        assertThatThrownBy(() -> Shaping.split(x, 1, 2))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("split: axis 1 of float64(2, 3) does not divide into 2");
    }

    @Test
    void broadcastingIsNumPys() {
        Tensor a = Tensor.of(new double[] {1, 2, 3}, 3, 1);
        Tensor b = Tensor.of(new double[] {10, 20});
        is(a.plus(b), 11, 21, 12, 22, 13, 23);
        assertThat(Tensor.zeros(2, 1, 3).plus(Tensor.zeros(4, 1)).shape())
                .isEqualTo(Shape.of(2, 4, 3));
        assertThat(Tensor.zeros(0, 3).plus(Tensor.zeros(1, 3)).shape()).isEqualTo(Shape.of(0, 3));
        is(d(1, 2, 3).matmul(Tensor.of(new double[] {1, 0, 0, 1, 1, 1}, 3, 2)), 4, 5);
        assertThat(Tensor.zeros(5, 2, 3).matmul(Tensor.zeros(3, 4)).shape())
                .isEqualTo(Shape.of(5, 2, 4));
        assertThat(Tensor.zeros(5, 1, 2, 3).matmul(Tensor.zeros(7, 3, 4)).shape())
                .isEqualTo(Shape.of(5, 7, 2, 4));
        assertThat(Tensor.zeros(3).matmul(Tensor.zeros(7, 3, 4)).shape()).isEqualTo(Shape.of(7, 4));
        assertThat(Tensor.zeros(7, 2, 3).matmul(Tensor.zeros(3)).shape()).isEqualTo(Shape.of(7, 2));
    }

    @Test
    void averagePoolingCountsElementsInTheImage() {
        Tensor x = Tensor.of(new double[] {1, 2, 3}, 1, 3, 1);
        is(Convolutions.averagePool(x, 3, 1, Padding.SAME), 1.5, 2, 2.5);
        is(Convolutions.averagePool(x, 2, 1, Padding.VALID), 1.5, 2.5);
        is(Convolutions.maxPool(x.negate(), 3, 2, Padding.SAME), -1, -2);
    }

    @Test
    void samePaddingPutsTheOddOneAfter() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 1, 4, 1);
        Tensor w = Tensor.of(new double[] {1, 10}, 2, 1, 1);
        is(Convolutions.conv(x, w, Padding.SAME), 21, 32, 43, 4);
        is(Convolutions.conv(x, w, 2, Padding.SAME, 1, 1), 21, 43);
        is(Convolutions.conv(x, w, Padding.VALID), 21, 32, 43);
    }

    /** ⟨conv(x, w), y⟩ = ⟨x, convTranspose(y, w)⟩. */
    @Test
    void transposedConvolutionIsTheTranspose() {
        var g = new Geometry(Axes.of(2, 1), Axes.of(1, 0), Axes.of(0, 1), Axes.of(1, 2), 1);
        Tensor x = Key.of(1).normal(DType.FLOAT64, 2, 5, 6, 3);
        Tensor w = Key.of(2).normal(DType.FLOAT64, 3, 2, 3, 4);
        Tensor y = Convolutions.conv(x, w, g);
        Tensor ct = Key.of(3).normal(DType.FLOAT64, y.shape().dims());
        Tensor back = Convolutions.convTranspose(ct, w, g, 5, 6);
        assertThat(y.times(ct).sum().item()).isCloseTo(x.times(back).sum().item(), within(1e-11));
    }

    /** A depthwise convolution is one convolution per channel. */
    @Test
    void depthwiseConvolutionWorksChannelByChannel() {
        Tensor x = Key.of(4).normal(DType.FLOAT64, 2, 5, 5, 3);
        Tensor w = Key.of(5).normal(DType.FLOAT64, 3, 3, 1, 3);
        Tensor together = Convolutions.conv(x, w, 1, Padding.SAME, 1, 3);
        for (int c = 0; c < 3; c++) {
            TreeAssert.assertClose(
                    "channel " + c,
                    together.slice(3, c, c + 1),
                    Convolutions.conv(x.slice(3, c, c + 1), w.slice(3, c, c + 1), Padding.SAME),
                    1e-14);
        }
    }
}
