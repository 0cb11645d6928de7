package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.shared;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;

/** vmap beyond single primitives: axes, nesting, trees, compositions. */
class BatchingTest {

    private static Tensor normal(long seed, int... shape) {
        return Key.of(seed).normal(DType.FLOAT64, shape);
    }

    @Test
    void examplesMayLieAlongAnyAxis() {
        Tensor a = normal(1, 4, 3);
        Tensor b = normal(2, 3, 5);
        // rows of a with columns of b give the diagonal blocks of nothing: one product for each
        // pair
        BiFunction<Tensor, Tensor, Tensor> dot = (x, y) -> x.matmul(y);
        Tensor all =
                vmap(
                                (Tensor row) ->
                                        vmap((Tensor column) -> dot.apply(row, column), axis(1))
                                                .apply(b),
                                axis(0))
                        .apply(a);
        TreeAssert.assertClose("outer product of vmaps", all, a.matmul(b), 1e-14);
        Tensor last = vmap((Tensor x) -> x.sum(), axis(-1)).apply(a);
        TreeAssert.assertClose("last axis", last, a.sum(0), 1e-14);
    }

    @Test
    void sharedArgumentsAreNotRepeated() {
        Tensor x = normal(3, 6, 4);
        Tensor w = normal(4, 4, 2);
        Tensor y = vmap((Tensor row, Tensor m) -> row.matmul(m), axis(0), shared()).apply(x, w);
        TreeAssert.assertClose("shared", y, x.matmul(w), 1e-14);
        long cost = Cost.of(() -> vmap((Tensor row) -> row.plus(w.square().sum())).apply(x));
        assertThat(cost).isEqualTo(4 * 2 + 4 * 2 + 6 * 4); // w² and its sum once, then 24 additions
    }

    record Pair(Tensor left, List<Tensor> right) {}

    @Test
    void treesGoInAndComeOut() {
        var batch = new Pair(normal(5, 3, 2), List.of(normal(6, 3), normal(7, 3, 2, 2)));
        Function<Pair, Map<String, Tensor>> f =
                p ->
                        Map.of(
                                "sum", p.left().times(p.right().get(0)),
                                "product", p.right().get(1).matmul(p.left()));
        FunctionCheck.assertVmap(f, batch);
    }

    @Test
    void resultsThatDoNotDependOnTheExampleAreRepeated() {
        Tensor y = vmap((Tensor _) -> Tensor.scalar(7.0)).apply(normal(8, 3));
        assertThat(y.toDoubles()).containsExactly(7, 7, 7);
    }

    @Test
    void nestedBatchesKeepTheirOrder() {
        Tensor x = normal(9, 2, 3, 4);
        Function<Tensor, Tensor> f = v -> Functions.softmax(v, 0);
        TreeAssert.assertClose(
                "two levels", vmap(vmap(f)).apply(x), Functions.softmax(x, 2), 1e-14);
        TreeAssert.assertClose(
                "axes swapped",
                vmap(vmap(f, axis(1)), axis(0)).apply(x.transpose(0, 2, 1)),
                Functions.softmax(x, 2),
                1e-14);
        FunctionCheck.assertVmap(vmap(grad((Tensor v) -> f.apply(v).square().sum())), x);
        FunctionCheck.assertVmap(
                (Tensor rows) -> grad((Tensor r) -> vmap(f).apply(r).square().sum()).apply(rows),
                x);
        FunctionCheck.assertVmap(jit(vmap(jit(f))), x);
    }

    @Test
    void jacobiansOfBatches() {
        Tensor x = normal(10, 3, 2);
        FunctionCheck.assertVmap(jacobian((Tensor v) -> v.times(v.sum()).tanh()), x);
        // the Jacobian of a batched function is block diagonal
        Tensor j = jacobian(vmap((Tensor v) -> v.times(v.sum()))).apply(x); // (3, 2, 3, 2)
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3; k++) {
                Tensor block = j.get(i).slice(1, k, k + 1);
                assertThat(block.abs().sum().item() == 0).isEqualTo(i != k);
            }
        }
    }

    @Test
    void theFunctionRunsOnce() {
        var calls = new AtomicInteger();
        vmap(
                        (Tensor v) -> {
                            calls.incrementAndGet();
                            return v.exp();
                        })
                .apply(normal(11, 100));
        assertThat(calls).hasValue(1);
    }

    @Test
    void disagreeingBatchesAreNamed() {
        assertThatThrownBy(() ->
                        vmap((List<Tensor> v) -> v.get(0))
                                .apply(List.of(normal(1, 3), normal(2, 4, 2))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("argument 0 at [0] of shape (3,) has 3 examples")
                .hasMessageContaining("argument 0 at [1] of shape (4, 2) has 4");
        assertThatThrownBy(() -> vmap((Tensor v) -> v).apply(Tensor.scalar(1.0)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "is a scalar and has no axis 0; mark the argument as shared()");
        assertThatThrownBy(() -> vmap((Tensor v) -> v, shared()).apply(normal(1, 3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("no argument has a batch axis");
    }
}
