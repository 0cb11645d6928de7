package dev.fathom.testkit.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The assertions themselves: they pass what is right, fail what is a little wrong, and say where.
 */
class GradientCheckTest {

    record Net(List<Tensor> weights, Tensor bias) {}

    private static final Net NET =
            new Net(
                    List.of(
                            Key.of(1).normal(DType.FLOAT64, 3, 4),
                            Key.of(2).normal(DType.FLOAT64, 4, 2)),
                    Key.of(3).normal(DType.FLOAT64, 4));

    private static final Tensor X = Key.of(4).normal(DType.FLOAT64, 5, 3);

    private static Tensor apply(Net n, Function<Tensor, Tensor> activation) {
        Tensor hidden = activation.apply(X.matmul(n.weights().get(0)).plus(n.bias()));
        return Functions.logSumExp(hidden.matmul(n.weights().get(1)), 1);
    }

    /** tanh with a derivative that is wrong by a factor. */
    private static Function<Tensor, Tensor> tanh(double factor) {
        return Transforms.withForwardRule(
                Tensor::tanh, (_, y, dx) -> dx.times(y.square().negate().plus(1)).times(factor));
    }

    @Test
    void rightDerivativesPass() {
        GradientCheck.assertGradients((Net n) -> apply(n, tanh(1)), NET);
        GradientCheck.assertSecondOrder((Net n) -> apply(n, tanh(1)).square().sum(), NET);
    }

    @Test
    void aDerivativeOnePercentOffFailsAndNamesTheLeaf() {
        // the bias and the first weights come before the wrong tanh, the second weights after it
        assertThatThrownBy(
                        () -> GradientCheck.assertGradients((Net n) -> apply(n, tanh(1.01)), NET))
                .isInstanceOf(AssertionError.class)
                .message()
                .containsPattern(
                        "forward derivative is wrong at (bias|weights\\[0\\]): it gives -?[0-9.e-]+"
                                + " along")
                .containsPattern("where -?[0-9.e-]+ was expected; relative error 0\\.0");
        assertThatThrownBy(() ->
                        GradientCheck.assertSecondOrder((Net n) -> apply(n, tanh(1.01)).sum(), NET))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("second derivative");
    }

    @Test
    void aReverseRuleIsCheckedByItself() {
        Function<Tensor, Tensor> wrong =
                Transforms.withReverseRule(
                        (Tensor v) -> v.square(), (v, _, ct) -> ct.times(v).times(2.02));
        assertThatThrownBy(() ->
                        GradientCheck.precise()
                                .reverse(
                                        (Tensor v) -> wrong.apply(v),
                                        Tensor.of(new double[] {1, 2})))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the reverse derivative is wrong at (the value itself)")
                .hasMessageContaining("relative error");
    }

    @Test
    void singlePrecisionIsCheckedToThreeDigits() {
        Tensor x = Tensor.of(new float[] {0.5f, -0.25f, 1.5f});
        GradientCheck.assertGradients((Tensor v) -> tanh(1).apply(v).square(), x);
        GradientCheck.assertSecondOrder((Tensor v) -> tanh(1).apply(v).square().sum(), x);
        assertThatThrownBy(() ->
                        GradientCheck.assertGradients(
                                (Tensor v) -> tanh(1.02).apply(v).square(), x))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void differencesAreOfFourthOrder() {
        // for x⁵ the error of the combined differences is h⁴ · (−1/480) f⁽⁵⁾ = −h⁴/4
        Function<Tensor, Tensor> f = x -> x.times(x).times(x).times(x).times(x);
        Tensor one = Tensor.scalar(1.0);
        assertThat(Differences.along(f, one, one, 0.1).item())
                .isCloseTo(5 - 0.25e-4, within(1e-12));
        assertThat(Differences.along(f, one, one, 0.2).item()).isCloseTo(5 - 4e-4, within(1e-12));
    }

    @Test
    void vmapJitAndRepetitionAreChecked() {
        Function<Tensor, Tensor> f = v -> Functions.softmax(v, 0);
        Tensor batch = Key.of(5).normal(DType.FLOAT64, 4, 3);
        FunctionCheck.assertVmap(f, batch);
        FunctionCheck.assertJit(f, batch.get(0));
        FunctionCheck.assertDeterministic(f, batch.get(0), 1, 2, 3);
        // an example that looks at its neighbours' number is no function of one example
        var calls = new AtomicInteger();
        Function<Tensor, Tensor> counting = v -> v.plus(calls.incrementAndGet());
        assertThatThrownBy(() -> FunctionCheck.assertVmap(counting, batch))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("vmap, example 0: relative error");
        assertThatThrownBy(() -> FunctionCheck.assertJit(counting, batch))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("jit, first call");
        assertThatThrownBy(() -> FunctionCheck.assertDeterministic(counting, batch, 2))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("called again: at (the value itself), element 0");
    }

    @Test
    void nonFiniteLeavesAreNamed() {
        FunctionCheck.assertFinite(NET);
        assertThatThrownBy(() ->
                        FunctionCheck.assertFinite(
                                new Net(List.of(X, Tensor.of(new double[] {1, Double.NaN})), X)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("weights[1] holds NaN at element 1");
    }

    @Test
    void treesAreComparedLeafByLeaf() {
        var a = List.of(Tensor.of(new double[] {1, 2}), Tensor.of(new int[] {3}));
        var b = List.of(Tensor.of(new double[] {1, 2.1}), Tensor.of(new int[] {3}));
        TreeAssert.assertClose("near", a, b, 0.05);
        assertThatThrownBy(() -> TreeAssert.assertClose("near", a, b, 0.04))
                .hasMessageContaining(
                        "near: relative error 0.0430 > 0.0400; worst at [0], element 1: 2.0 instead"
                                + " of 2.1");
        assertThatThrownBy(() -> TreeAssert.assertSame("bits", a, b))
                .hasMessage("bits: at [0], element 1: 2.0 instead of 2.1");
        assertThatThrownBy(() -> TreeAssert.assertClose("types", a, List.of(a.get(0), a.get(0)), 1))
                .hasMessageContaining("at [1] the type is int32(1,) instead of float64(2,)");
        var c = List.of(a.get(0), Tensor.of(new int[] {4}));
        assertThatThrownBy(() -> TreeAssert.assertClose("whole numbers", a, c, 100))
                .hasMessageContaining("[1], element 0: 3.0 instead of 4.0");
        Tensor nan = Tensor.of(new double[] {Double.NaN, 1});
        TreeAssert.assertClose("NaN is NaN", nan, nan, 0);
        assertThatThrownBy(() ->
                        TreeAssert.assertClose(
                                "NaN is no number", nan, Tensor.of(new double[] {0, 1}), 1))
                .isInstanceOf(AssertionError.class);
    }
}
