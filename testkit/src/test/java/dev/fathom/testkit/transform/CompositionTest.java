package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.checkpoint;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.core.transform.Transforms.jacobianForward;
import static dev.fathom.core.transform.Transforms.jacobianReverse;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.linearize;
import static dev.fathom.core.transform.Transforms.vjp;
import static dev.fathom.core.transform.Transforms.vmap;
import static dev.fathom.core.transform.Transforms.withForwardRule;
import static dev.fathom.core.transform.Transforms.withReverseRule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Transforms inside loops inside transforms: what no single rule shows. */
class CompositionTest {

    private static Tensor normal(int seed, int... shape) {
        return Key.of(seed).normal(DType.FLOAT64, shape);
    }

    private static Tensor scalar(double v) {
        return Tensor.scalar(v);
    }

    private static Tensor vector(double... v) {
        return Tensor.of(v);
    }

    /** First and second derivatives, for each example, compiled. */
    private static void everything(Function<Tensor, Tensor> f, Tensor x, Tensor batch) {
        Function<Tensor, Tensor> sum = v -> f.apply(v).sum();
        GradientCheck.assertGradients(f, x);
        GradientCheck.assertSecondOrder((Tensor v) -> f.apply(v).square().sum(), x);
        FunctionCheck.assertVmap(grad(sum), batch);
        FunctionCheck.assertVmap(hessian(sum), batch);
        FunctionCheck.assertJit(vmap(grad(sum)), batch);
        Function<Tensor, Tensor> together = v -> vmap(f).apply(v).square().sum();
        FunctionCheck.assertJit(grad(together), batch);
        GradientCheck.assertSecondOrder(jit(together), batch);
    }

    @Test
    void branchesInALoop() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.<Tensor, Tensor, Tensor>scan(
                                        (h, v) -> {
                                            Tensor r =
                                                    Loops.cond(
                                                            v.greaterThan(scalar(0)),
                                                            (Tensor q) -> Functions.sin(q).times(v),
                                                            (Tensor q) -> q.times(q).plus(v),
                                                            h);
                                            return new Carried<>(r, r.times(v));
                                        },
                                        scalar(0.5),
                                        x)
                                .outputs();
        everything(f, normal(1, 5), normal(2, 3, 5));
        Function<Tensor, Tensor> sum = v -> f.apply(v).sum();
        FunctionCheck.assertVmap(vmap(grad(sum)), normal(3, 2, 3, 5));
    }

    @Test
    void aLoopInABranch() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.cond(
                                x.sum().greaterThan(scalar(0)),
                                (Tensor q) -> Loops.repeat((Tensor u) -> u.times(q).plus(x), q, 3),
                                Tensor::tanh,
                                x);
        everything(f, vector(0.4, 0.9, -0.2), normal(3, 4, 3));
        everything(f, vector(-0.4, -0.9, 0.2), normal(4, 4, 3));
    }

    @Test
    void loopsUntilInLoopsUntil() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.whileLoop(
                                        (List<Tensor> s) -> s.get(0).lessThan(scalar(20)),
                                        (List<Tensor> s) -> {
                                            Tensor inner =
                                                    Loops.whileLoop(
                                                            (Tensor u) ->
                                                                    u.lessThan(s.get(0).plus(2)),
                                                            (Tensor u) -> u.plus(x.abs()).plus(0.5),
                                                            s.get(0));
                                            return List.of(inner, s.get(1).plus(inner.times(x)));
                                        },
                                        List.of(x, x))
                                .get(1);
        Tensor batch = vector(0.3, 1.2, -2, 25);
        Function<Tensor, Tensor> slope = x -> jvp(f, x, scalar(1)).tangent();
        GradientCheck.precise().forward(f, scalar(0.37));
        GradientCheck.precise().forward(slope, scalar(0.37));
        FunctionCheck.assertVmap(f, batch);
        FunctionCheck.assertVmap(slope, batch);
        FunctionCheck.assertJit(vmap(slope), batch);
    }

    @Test
    void aLoopUntilInALoopForwardOnly() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.repeat(
                                (Tensor u) ->
                                        Loops.whileLoop(
                                                        (Tensor q) -> q.abs().lessThan(scalar(10)),
                                                        (Tensor q) -> q.times(2).plus(x),
                                                        u)
                                                .times(0.1),
                                x,
                                3);
        GradientCheck.precise().forward(f, scalar(0.37));
        FunctionCheck.assertVmap(
                (Tensor x) -> jvp(f, x, scalar(1)).tangent(), vector(0.3, 1.2, 2, 25));
    }

    @Test
    void loopsUntilCaptureWhatIsDifferentiatedOrBatched() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.whileLoop(
                                (Tensor u) -> u.lessThan(x.times(20)),
                                (Tensor u) -> u.times(x).plus(2),
                                x.square());
        GradientCheck.precise().forward(f, scalar(1.3));
        FunctionCheck.assertVmap(f, vector(1.3, 2, 0.1));
        FunctionCheck.assertVmap((Tensor x) -> jvp(f, x, scalar(1)).tangent(), vector(1.3, 2, 0.1));
    }

    @Test
    void gradientDescentCanBeDifferentiated() {
        Tensor start = normal(4, 3);
        Function<Tensor, Tensor> f =
                rate ->
                        Loops.repeat(
                                (Tensor w) ->
                                        w.minus(
                                                grad((Tensor v) -> v.square().square().sum())
                                                        .apply(w)
                                                        .times(rate)),
                                start,
                                3);
        everything(f, scalar(0.01), vector(0.01, 0.02));
        Function<Tensor, Tensor> descend =
                x ->
                        Loops.whileLoop(
                                (Tensor w) ->
                                        grad((Tensor v) -> v.square().sum())
                                                .apply(w)
                                                .abs()
                                                .greaterThan(scalar(0.1)),
                                (Tensor w) ->
                                        w.minus(
                                                grad((Tensor v) -> v.square().sum())
                                                        .apply(w)
                                                        .times(0.3)),
                                x);
        FunctionCheck.assertVmap(descend, vector(1, 2, 0.01));
        GradientCheck.precise().forward(descend, scalar(1));
    }

    @Test
    void vmapAndJitInsideALoop() {
        Function<Tensor, Tensor> rows =
                x ->
                        Loops.repeat(
                                (Tensor h) -> vmap((Tensor r) -> r.times(r.sum()).tanh()).apply(h),
                                x,
                                3);
        everything(rows, normal(1, 2, 3), normal(2, 2, 2, 3));
        Function<Tensor, Tensor> compiled =
                x ->
                        Loops.repeat(
                                (Tensor h) -> jit((Tensor y) -> y.times(h).plus(x)).apply(h), x, 3);
        everything(compiled, normal(1, 3), normal(2, 2, 3));
    }

    @Test
    void jitInsideJitThatCaptures() {
        Function<Tensor, Tensor> f =
                x -> {
                    var g = jit((Tensor y) -> y.times(x));
                    return g.apply(x.exp()).plus(g.apply(x));
                };
        everything(f, normal(1, 3), normal(2, 2, 3));
    }

    @Test
    void indicesAndBuffersInLoops() {
        Tensor indices = Tensor.of(new int[] {2, 0, 1, 2});
        Tensor factors = normal(3, 4);
        Function<Tensor, Tensor> pick =
                x ->
                        Loops.<Tensor, List<Tensor>, Tensor>scan(
                                        (h, v) -> {
                                            Tensor r =
                                                    h.plus(Shaping.take(x, v.get(0), 0))
                                                            .times(v.get(1));
                                            return new Carried<>(r, r.square());
                                        },
                                        scalar(0),
                                        List.of(indices, factors))
                                .outputs();
        everything(pick, normal(1, 3), normal(2, 2, 3));
        Function<Tensor, Tensor> fill =
                x ->
                        Loops.<List<Tensor>, Tensor, List<Tensor>>scan(
                                        (s, v) ->
                                                new Carried<>(
                                                        List.of(
                                                                Shaping.dynamicUpdate(
                                                                        s.get(0),
                                                                        v.square().expandDims(0),
                                                                        s.get(1).expandDims(0)),
                                                                s.get(1).plus(1)),
                                                        List.of()),
                                        List.of(Tensor.full(DType.FLOAT64, 0, 4), Tensor.scalar(0)),
                                        x)
                                .carry()
                                .get(0);
        everything(fill, normal(1, 4), normal(2, 2, 4));
    }

    @Test
    void pullbacksAndDerivativesAreFunctionsThemselves() {
        Tensor x = normal(1, 3);
        Tensor v = normal(2, 3);
        var reverse = vjp((Tensor t) -> t.tanh(), x).pullback();
        var forward = linearize((Tensor t) -> t.tanh(), x).derivative();
        TreeAssert.assertSame("again", reverse.apply(v), reverse.apply(v));
        for (var f : List.of(reverse, forward)) {
            FunctionCheck.assertVmap(f, normal(3, 4, 3));
            FunctionCheck.assertJit(f, v);
            GradientCheck.assertGradients(f, v);
        }
        everything(
                t -> {
                    var r = vjp((Tensor y) -> y.tanh().times(t), t);
                    return r.pullback().apply(r.value());
                },
                x,
                normal(3, 2, 3));
        everything(
                t -> {
                    var r = linearize((Tensor y) -> y.tanh().times(t), t);
                    return r.derivative().apply(r.value());
                },
                x,
                normal(3, 2, 3));
    }

    @Test
    void jacobiansInsideGradients() {
        Function<Tensor, Tensor> g = y -> Functions.sin(y).times(y.sum());
        everything(x -> jacobian(g).apply(x).square().sum(), normal(1, 3), normal(2, 2, 3));
        everything(x -> jacobianReverse(g).apply(x).square().sum(), normal(1, 3), normal(2, 2, 3));
    }

    @Test
    void checkpointsOfCheckpoints() {
        Function<Tensor, Tensor> block = x -> Functions.sin(x.times(x)).tanh();
        Function<Tensor, Tensor> f =
                x ->
                        checkpoint((Tensor y) ->
                                        checkpoint(block)
                                                .apply(y)
                                                .times(checkpoint(block).apply(x)))
                                .apply(x);
        everything(f, normal(1, 3), normal(2, 2, 3));
    }

    @Test
    void statedRulesInLoopsAndBranches() {
        Function<Tensor, Tensor> forward =
                withForwardRule((Tensor x) -> x.times(x), (x, _, d) -> x.times(d).times(2));
        everything(
                x ->
                        checkpoint((Tensor y) ->
                                        Loops.repeat(
                                                (Tensor u) -> forward.apply(u).times(0.5).plus(y),
                                                y,
                                                3))
                                .apply(x),
                normal(1, 3),
                normal(2, 2, 3));
        Function<Tensor, Tensor> reverse =
                withReverseRule((Tensor x) -> x.times(x), (x, _, c) -> x.times(c).times(2));
        Function<Tensor, Tensor> loop =
                x -> Loops.repeat((Tensor u) -> reverse.apply(u).times(0.5).plus(x), x, 3);
        Function<Tensor, Tensor> branch =
                x -> Loops.cond(x.sum().greaterThan(scalar(0)), reverse, (Tensor q) -> q.exp(), x);
        for (var f : List.of(loop, branch, checkpoint(reverse), jit(branch))) {
            for (int sign : new int[] {1, -1}) {
                Tensor x = normal(1, 3).abs().times(sign);
                GradientCheck.precise().reverse(f, x);
                GradientCheck.precise().secondReverse((Tensor v) -> f.apply(v).square().sum(), x);
            }
            FunctionCheck.assertVmap(grad((Tensor v) -> f.apply(v).sum()), normal(5, 4, 3));
        }
    }

    record Odd(Tensor a, Optional<Tensor> b, int k) {}

    @Test
    void emptyAndOddThings() {
        Function<Tensor, Tensor> noStep =
                x ->
                        Loops.<Tensor, Tensor, Tensor>scan(
                                        (h, v) -> new Carried<>(h.times(v), v),
                                        x.sum(),
                                        x.slice(0, 0, 0))
                                .carry();
        assertThat(grad(noStep).apply(vector(1, 2, 3)).toDoubles()).containsExactly(1, 1, 1);
        Tensor none = Tensor.of(new double[0], 0, 3);
        assertThat(vmap(grad((Tensor x) -> x.square().sum())).apply(none).shape())
                .isEqualTo(none.shape());
        Tensor empty = Tensor.of(new double[0], 0);
        assertThat(jacobianForward((Tensor x) -> x.times(2)).apply(empty).shape().dims())
                .containsExactly(0, 0);
        assertThat(jacobianReverse((Tensor x) -> x.times(2)).apply(empty).shape().dims())
                .containsExactly(0, 0);
        assertThat(jacobianForward((Tensor x) -> x.times(2)).apply(scalar(1)).item()).isEqualTo(2);
        assertThat(hessian((Tensor x) -> x.times(x)).apply(scalar(1)).item()).isEqualTo(2);
        var next = jit((Odd p) -> new Odd(p.a().plus(p.k()), p.b(), p.k() + 1));
        assertThat(next.apply(new Odd(scalar(1), Optional.empty(), 3)).k()).isEqualTo(4);
        assertThat(
                        next.apply(new Odd(scalar(1), Optional.of(scalar(5)), 3))
                                .b()
                                .orElseThrow()
                                .item())
                .isEqualTo(5);
        assertThat(jit((Tensor _) -> List.<Tensor>of()).apply(scalar(1))).isEmpty();
        assertThat(jit((List<Tensor> _) -> Key.of(1).uniform(2)).apply(List.of()).toFloats())
                .isEqualTo(Key.of(1).uniform(2).toFloats());
        assertThatThrownBy(() -> vmap((Tensor x) -> x, axis(2)).apply(vector(1, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("axis 2 does not exist in shape (2,) of rank 1");
    }
}
