package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.conv.AveragePool;
import dev.fathom.nn.conv.Conv1d;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.GlobalAveragePool;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.norm.Normalisation;
import dev.fathom.nn.norm.RmsNorm;
import dev.fathom.nn.norm.WeightNorm;
import dev.fathom.nn.norm.WeightStandardisation;
import dev.fathom.testkit.check.Derivatives;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** One row for each layer; everything a layer promises is checked from the row. */
class LayerTableTest {
    /**
     * A layer, the shape of an input batch, that of the output, the number of parameters by hand.
     */
    public record Row(
            String name, Layer layer, List<Integer> input, List<Integer> output, long parameters) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Key KEY = Key.of(7);

    static Stream<Row> rows() {
        var law = Initializer.standard();
        return Stream.of(
                row("dense", Dense.of(3, 4, KEY), of(2, 3), of(2, 4), 3 * 4 + 4),
                row("dense on sequences", Dense.of(3, 4, KEY), of(2, 5, 3), of(2, 5, 4), 16),
                row(
                        "dense without bias",
                        Dense.of(3, 4, KEY).withoutBias(),
                        of(2, 3),
                        of(2, 4),
                        12),
                row(
                        "conv2d",
                        Conv2d.of(2, 3, 3, KEY),
                        of(2, 5, 4, 2),
                        of(2, 5, 4, 3),
                        3 * 3 * 2 * 3 + 3),
                row(
                        "conv2d valid",
                        Conv2d.of(2, 3, 3, KEY).withPadding(Padding.VALID),
                        of(1, 5, 4, 2),
                        of(1, 3, 2, 3),
                        57),
                row(
                        "conv2d stride",
                        Conv2d.of(2, 3, 3, KEY).withStride(2),
                        of(1, 5, 4, 2),
                        of(1, 3, 2, 3),
                        57),
                row(
                        "conv2d dilation",
                        Conv2d.of(1, 2, 3, KEY).withDilation(2).withPadding(Padding.VALID),
                        of(1, 6, 7, 1),
                        of(1, 2, 3, 2),
                        20),
                row(
                        "conv2d groups",
                        Conv2d.of(4, 6, 3, 2, law, KEY).withoutBias(),
                        of(1, 3, 3, 4),
                        of(1, 3, 3, 6),
                        3 * 3 * 2 * 6),
                row(
                        "conv2d depthwise",
                        Conv2d.depthwise(3, 3, KEY),
                        of(1, 3, 3, 3),
                        of(1, 3, 3, 3),
                        30),
                row("conv1d", Conv1d.of(2, 3, 5, KEY), of(2, 7, 2), of(2, 7, 3), 5 * 2 * 3 + 3),
                row(
                        "conv1d stride",
                        Conv1d.of(2, 3, 5, KEY).withStride(2).withoutBias(),
                        of(2, 7, 2),
                        of(2, 4, 3),
                        30),
                row("max pool", MaxPool.of(2), of(1, 5, 4, 2), of(1, 2, 2, 2), 0),
                row(
                        "max pool same",
                        new MaxPool(3, 2, Padding.SAME),
                        of(1, 5, 4, 2),
                        of(1, 3, 2, 2),
                        0),
                row("max pool of sequences", MaxPool.of(2), of(2, 6, 3), of(2, 3, 3), 0),
                row("average pool", AveragePool.of(2), of(1, 5, 4, 2), of(1, 2, 2, 2), 0),
                row(
                        "average pool same",
                        new AveragePool(3, 2, Padding.SAME),
                        of(1, 5, 4, 2),
                        of(1, 3, 2, 2),
                        0),
                row("global average pool", GlobalAveragePool.of(), of(2, 3, 4, 5), of(2, 5), 0),
                row("batch norm", BatchNorm.of(3), of(4, 3), of(4, 3), 6),
                row("batch norm of images", BatchNorm.of(3), of(2, 2, 2, 3), of(2, 2, 2, 3), 6),
                row("layer norm", Normalisation.layer(3), of(2, 4, 3), of(2, 4, 3), 6),
                row("instance norm", Normalisation.instance(3), of(2, 4, 3), of(2, 4, 3), 6),
                row("group norm", Normalisation.group(4, 2), of(2, 3, 4), of(2, 3, 4), 8),
                row("rms norm", RmsNorm.of(3), of(2, 4, 3), of(2, 4, 3), 3),
                row("weight norm", WeightNorm.of(Dense.of(3, 4, KEY)), of(2, 3), of(2, 4), 16 + 4),
                row(
                        "weight norm of a convolution",
                        WeightNorm.of(Conv2d.of(2, 3, 3, KEY)),
                        of(1, 3, 4, 2),
                        of(1, 3, 4, 3),
                        57 + 3),
                row(
                        "weight standardisation",
                        WeightStandardisation.of(Conv1d.of(2, 3, 5, KEY)),
                        of(2, 7, 2),
                        of(2, 7, 3),
                        33),
                row(
                        "scaled weight standardisation",
                        WeightStandardisation.scaled(Dense.of(3, 4, KEY)),
                        of(2, 3),
                        of(2, 4),
                        16 + 4),
                row("dropout", Dropout.of(0.3), of(3, 4), of(3, 4), 0),
                row("flatten", Flatten.of(), of(2, 3, 4), of(2, 12), 0),
                row("relu", Activation.RELU, of(2, 3), of(2, 3), 0),
                row("leaky relu", Activation.LEAKY_RELU, of(2, 3), of(2, 3), 0),
                row("elu", Activation.ELU, of(2, 3), of(2, 3), 0),
                row("gelu", Activation.GELU, of(2, 3), of(2, 3), 0),
                row("silu", Activation.SILU, of(2, 3), of(2, 3), 0),
                row("softplus", Activation.SOFTPLUS, of(2, 3), of(2, 3), 0),
                row("tanh", Activation.TANH, of(2, 3), of(2, 3), 0),
                row("sigmoid", Activation.SIGMOID, of(2, 3), of(2, 3), 0),
                row("lambda", Lambda.of("square", Tensor::square), of(2, 3), of(2, 3), 0),
                row(
                        "sequential",
                        Sequential.of(Dense.of(3, 5, KEY), Activation.TANH, Dense.of(5, 2, KEY)),
                        of(2, 3),
                        of(2, 2),
                        20 + 12),
                row("residual", Residual.of(Dense.of(3, 3, KEY)), of(2, 3), of(2, 3), 12),
                row(
                        "residual with projection",
                        Residual.of(Dense.of(3, 5, KEY), Dense.of(3, 5, KEY).withoutBias()),
                        of(2, 3),
                        of(2, 5),
                        20 + 15));
    }

    private static Row row(
            String name, Layer layer, List<Integer> in, List<Integer> out, long parameters) {
        return new Row(name, layer, in, out, parameters);
    }

    private static List<Integer> of(Integer... dims) {
        return List.of(dims);
    }

    private static int[] dims(List<Integer> shape) {
        return shape.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Tensor input(Row row) {
        return Doubles.normal(11, dims(row.input()));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shapeAndDType(Row row) {
        var single = row.layer().apply(Tensor.zeros(dims(row.input())).plus(0.5), Pass.eval());
        assertThat(single.type()).isEqualTo(Tensor.zeros(dims(row.output())).type());
        var both = Doubles.of(row.layer()).apply(input(row), Pass.training(KEY));
        assertThat(both.type()).isEqualTo(Doubles.normal(1, dims(row.output())).type());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void parameterCountAndSummary(Row row) {
        assertThat(Tree.countTrained(row.layer())).isEqualTo(row.parameters());
        var in = Shape.of(dims(row.input()));
        var out = Shape.of(dims(row.output()));
        var summary = Summary.of(row.layer(), in.range(1, in.rank()));
        assertThat(summary.parameters()).isEqualTo(row.parameters());
        assertThat(summary.rows().getLast().output()).isEqualTo(out.range(1, out.rank()));
        assertThat(summary.rows().stream().mapToLong(Summary.Row::parameters).sum())
                .isEqualTo(row.parameters());
    }

    /** The layer as a function of parameters and input together. */
    private static Function<Pair<Layer, Tensor>, Tensor> function(boolean training) {
        return p -> p.first().apply(p.second(), training ? Pass.training(KEY) : Pass.eval());
    }

    private static Pair<Layer, Tensor> point(Row row) {
        return new Pair<>(Doubles.of(row.layer()), input(row));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void gradientsInEvaluation(Row row) {
        GradientCheck.assertGradients(function(false), point(row));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void gradientsInTraining(Row row) {
        GradientCheck.assertGradients(function(true), point(row));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void secondDerivatives(Row row) {
        var f = function(true);
        GradientCheck.assertSecondOrder(
                p -> Tensor.scalar(0.0).plus(f.apply(p).square().sum()), point(row));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aDerivativeWrongByOnePercentIsNoticed(Row row) {
        var wrong = GradientCheck.precise().of(Derivatives.scaled(1.01, 1.01));
        assertThatThrownBy(() -> wrong.forward(function(true), point(row)))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> wrong.reverse(function(true), point(row)))
                .isInstanceOf(AssertionError.class);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void jitGivesTheSame(Row row) {
        FunctionCheck.assertJit(function(true), point(row));
        FunctionCheck.assertJit(function(false), point(row));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aBatchIsItsExamplesAndGradientsPerExampleAreTheLoop(Row row) {
        var layer = Doubles.of(row.layer());
        Tensor x = input(row);
        Function<Tensor, Tensor> one =
                e -> layer.apply(e.expandDims(0), Pass.eval()).square().sum();
        FunctionCheck.assertVmap(one, x);
        FunctionCheck.assertVmap(Transforms.grad(one), x);
        Function<Tensor, Layer> ofParameters =
                e ->
                        Transforms.grad((Layer m) ->
                                        m.apply(e.expandDims(0), Pass.eval()).square().sum())
                                .apply(layer);
        if (row.parameters() > 0) {
            FunctionCheck.assertVmap(ofParameters, x);
        }
    }
}
