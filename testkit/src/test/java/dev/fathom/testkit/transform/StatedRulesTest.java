package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.stopGradient;
import static dev.fathom.core.transform.Transforms.valueAndGradAux;
import static dev.fathom.core.transform.Transforms.vjp;
import static dev.fathom.core.transform.Transforms.vmap;
import static dev.fathom.core.transform.Transforms.withForwardRule;
import static dev.fathom.core.transform.Transforms.withReverseRule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** Derivatives by decree: stated rules, stopGradient, and what happens at kinks. */
class StatedRulesTest {

    private static Tensor vector(double... v) {
        return Tensor.of(v);
    }

    /** ln(1 + e^x) whose derivative, stated, does not overflow. */
    private static final Function<Tensor, Tensor> LOG1P_EXP =
            withForwardRule(
                    (Tensor x) -> Functions.log1p(x.exp()),
                    (x, _, dx) -> Functions.sigmoid(x).times(dx));

    @Test
    void aForwardRuleServesBothDirectionsAndAllTransforms() {
        var x = vector(-1, 0.5, 2);
        GradientCheck.assertGradients(LOG1P_EXP, x);
        Function<Tensor, Tensor> sum = v -> LOG1P_EXP.apply(v).sum();
        GradientCheck.assertSecondOrder(sum, x);
        FunctionCheck.assertVmap(grad(LOG1P_EXP), x);
        FunctionCheck.assertJit(grad(sum), x);
        FunctionCheck.assertJit(hessian(sum), x);
        FunctionCheck.assertVmap(jit(grad(jit(LOG1P_EXP))), x);
        assertThat(grad(LOG1P_EXP).apply(Tensor.scalar(1000.0)).item()).isEqualTo(1);
    }

    @Test
    void aStatedRuleIsUsedInsteadOfTheBody() {
        Function<Tensor, Tensor> f =
                withForwardRule((Tensor x) -> x.times(x), (_, _, dx) -> dx.times(100));
        assertThat(grad(f).apply(Tensor.scalar(3.0)).item()).isEqualTo(100);
        assertThat(jvp(f, Tensor.scalar(3.0), Tensor.scalar(1.0)).tangent().item()).isEqualTo(100);
        assertThat(f.apply(Tensor.scalar(3.0)).item()).isEqualTo(9);
        Function<Tensor, Tensor> inLoop = x -> Loops.repeat(f, x, 2);
        assertThat(grad(inLoop).apply(Tensor.scalar(3.0)).item()).isEqualTo(100 * 100);
    }

    @Test
    void aForwardRuleMayContainLoopsAndDerivatives() {
        Function<Tensor, Tensor> inner =
                x -> Loops.repeat((Tensor s) -> Functions.sin(s).times(x), x, 3);
        Function<Tensor, Tensor> f =
                withForwardRule(
                        inner,
                        (x, _, dx) -> jit((Tensor d) -> jvp(inner, x, d).tangent()).apply(dx));
        var x = vector(0.4, 1.1);
        GradientCheck.assertGradients(f, x);
        TreeAssert.assertClose(
                "second order",
                hvp((Tensor v) -> f.apply(v).sum(), x, x),
                hvp((Tensor v) -> inner.apply(v).sum(), x, x),
                1e-12);
        FunctionCheck.assertVmap(grad((Tensor v) -> f.apply(v)), x);
    }

    record Clipped(Tensor value, double limit) {}

    @Test
    void aReverseRuleClipsGradients() {
        Function<Clipped, Tensor> identity =
                withReverseRule(
                        Clipped::value,
                        (p, _, ct) ->
                                new Clipped(Functions.clip(ct, -p.limit(), p.limit()), p.limit()));
        Function<Tensor, Tensor> f =
                x -> identity.apply(new Clipped(x, 1)).times(vector(0.5, 3, -7)).sum();
        var x = vector(1, 2, 3);
        assertThat(grad(f).apply(x).toDoubles()).containsExactly(0.5, 1, -1);
        FunctionCheck.assertJit(grad(f), x);
        FunctionCheck.assertVmap(grad(f), Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3));
        assertThat(grad(jit(f)).apply(x).toDoubles()).containsExactly(0.5, 1, -1);
        assertThatThrownBy(() -> jvp(f, x, x))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("state a forward rule: it serves both directions");
    }

    @Test
    void rulesThatAreNotLinearOrHaveAnotherTypeAreRefused() {
        Function<Tensor, Tensor> bent = withForwardRule((Tensor x) -> x, (_, _, dx) -> dx.exp());
        assertThat(jvp(bent, Tensor.scalar(1.0), Tensor.scalar(0.0)).tangent().item()).isEqualTo(1);
        Function<Tensor, Tensor> wrong = withReverseRule((Tensor x) -> x.sum(), (_, _, ct) -> ct);
        assertThatThrownBy(() -> grad(wrong).apply(vector(1, 2)))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining(
                        "cotangent of type float64() for input 0 of type float64(2,)");
    }

    @Test
    void aStatedFunctionMustNotCaptureStandIns() {
        assertThatThrownBy(() ->
                        grad((Tensor w) ->
                                        withForwardRule((Tensor x) -> x.times(w), (_, _, dx) -> dx)
                                                .apply(Tensor.scalar(1.0)))
                                .apply(Tensor.scalar(2.0)))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("pass it as part of the argument instead");
    }

    @Test
    void stopGradientIsAConstant() {
        Function<Tensor, Tensor> f = x -> x.times(stopGradient(x));
        assertThat(grad(f).apply(Tensor.scalar(3.0)).item()).isEqualTo(3);
        assertThat(grad(grad(f)).apply(Tensor.scalar(3.0)).item()).isZero();
        assertThat(grad(jit(f)).apply(Tensor.scalar(3.0)).item()).isEqualTo(3);
        FunctionCheck.assertVmap(grad(f), vector(1, 2, 3));
        assertThat(jvp(f, Tensor.scalar(3.0), Tensor.scalar(1.0)).tangent().item()).isEqualTo(3);
    }

    @Test
    void kinksFollowTheTexts() {
        var x = vector(0.0, -0.0, 2, -2);
        assertThat(slope(Functions::relu, x)).containsExactly(0, 0, 1, 0);
        assertThat(slope(Tensor::abs, x)).containsExactly(0, 0, 1, -1);
        assertThat(slope(v -> v.maximum(v.times(0)), x))
                .containsExactly(0.5, 0.5, 1, 0); // ties share
        assertThat(slope(v -> Functions.clip(v, 0, 2), x)).containsExactly(1, 1, 1, 0);
        assertThat(slope(v -> v.pow(2), x)).containsExactly(0, 0, 4, -4);
        assertThat(slope(v -> v.pow(0), x)).containsExactly(0, 0, 0, 0);
        assertThat(slope(v -> v.pow(1), x)).containsExactly(1, 1, 1, 1);
        assertThat(grad((Tensor v) -> v.max()).apply(vector(1, 3, 3, 2)).toDoubles())
                .containsExactly(0, 0.5, 0.5, 0);
        assertThat(grad((Tensor v) -> Functions.product(v)).apply(vector(2, 0, 5)).toDoubles())
                .containsExactly(0, 10, 0);
        assertThat(
                        grad((Tensor v) -> v.sort(0).matmul(vector(1, 10, 100)))
                                .apply(vector(2, 1, 2))
                                .toDoubles())
                .containsExactly(10, 1, 100); // stable: the first 2 comes first
    }

    private static double[] slope(Function<Tensor, Tensor> f, Tensor x) {
        // + 0 makes -0.0 equal to 0.0
        double[] reverse = grad((Tensor v) -> f.apply(v).sum()).apply(x).plus(0).toDoubles();
        double[] forward = jvp(f, x, vector(1, 1, 1, 1)).tangent().plus(0).toDoubles();
        assertThat(forward).containsExactly(reverse);
        return reverse;
    }

    @Test
    void safeGradientsThroughWhere() {
        // the branch not taken is √ at a negative number; its NaN must not leak where the choice is
        // made before
        Function<Tensor, Tensor> f =
                x -> {
                    Tensor positive = x.greaterThan(Tensor.scalar(0.0));
                    Tensor safe = Functions.where(positive, x, Tensor.scalar(1.0));
                    return Functions.where(positive, safe.sqrt(), x.times(2)).sum();
                };
        assertThat(grad(f).apply(vector(4, -1)).toDoubles()).containsExactly(0.25, 2);
    }

    @Test
    void auxiliaryResultsAreNotDifferentiated() {
        var r =
                valueAndGradAux((Tensor x) ->
                                new WithAux<>(
                                        x.square().sum(), List.of(x.times(2), Tensor.scalar(7))))
                        .apply(vector(1, 2));
        assertThat(r.value().item()).isEqualTo(5);
        assertThat(r.aux().get(0).toDoubles()).containsExactly(2, 4);
        assertThat(r.aux().get(1).item()).isEqualTo(7);
        assertThat(r.gradient().toDoubles()).containsExactly(2, 4);
    }

    @Test
    void integersAndUnusedArgumentsGetZeros() {
        record Mixed(Tensor x, Tensor n, Tensor unused) {}
        var p = new Mixed(vector(2, 3), Tensor.of(new int[] {1, 2}), vector(5));
        var g = grad((Mixed m) -> m.x().times(m.n().cast(DType.FLOAT64)).sum()).apply(p);
        assertThat(g.x().toDoubles()).containsExactly(1, 2);
        assertThat(g.n().toInts()).containsExactly(0, 0);
        assertThat(g.unused().toDoubles()).containsExactly(0);
        var constant = grad((Tensor _) -> Tensor.scalar(1.0)).apply(vector(1, 2));
        assertThat(constant.toDoubles()).containsExactly(0, 0);
        assertThat(vjp((Tensor x) -> x, vector(1)).pullback().apply(vector(4)).toDoubles())
                .containsExactly(4);
    }

    @Test
    void mixedPrecisionKeepsEachLeafsType() {
        Function<List<Tensor>, Tensor> f = v -> v.get(0).cast(DType.FLOAT64).times(v.get(1)).sum();
        var g = grad(f).apply(List.of(Tensor.of(new float[] {1, 2}), vector(3, 4)));
        assertThat(g.get(0).dtype()).isEqualTo(DType.FLOAT32);
        assertThat(g.get(0).toFloats()).containsExactly(3, 4);
        assertThat(g.get(1).toDoubles()).containsExactly(1, 2);
        double logistic = grad((Tensor x) -> Functions.sigmoid(x)).apply(Tensor.scalar(0.0)).item();
        assertThat(logistic).isCloseTo(0.25, within(1e-15));
        FunctionCheck.assertVmap(
                (Tensor x) -> vmap(grad(Functions::sigmoid)).apply(x),
                Tensor.of(new double[4], 2, 2));
    }
}
