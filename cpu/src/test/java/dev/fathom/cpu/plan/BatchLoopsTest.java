package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.graph.BatchLoops;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Simplifier;
import dev.fathom.core.graph.Verifier;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Control;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Attention as a loop over the batch gives the bits that it gives at once. */
class BatchLoopsTest {
    record Weights(Tensor q, Tensor k, Tensor v, Tensor out, Tensor x) {}

    private static Weights weights(int batch, int length, int heads, int depth, DType type) {
        var keys = Key.of(3).split(5);
        int width = heads * depth;
        var w = new ArrayList<Tensor>();
        for (int i = 0; i < 4; i++) {
            w.add(keys[i].normal(width, width).cast(type));
        }
        Tensor x = keys[4].normal(batch, length, width).cast(type);
        return new Weights(w.get(0), w.get(1), w.get(2), w.get(3), x);
    }

    private static Tensor heads(Tensor x, int heads) {
        int depth = x.dim(2) / heads;
        return x.reshape(x.dim(0), x.dim(1), heads, depth).transpose(0, 2, 1, 3);
    }

    /** Self-attention; {@code change} is made to the scores (batch, heads, queries, keys). */
    private static Tensor attention(Weights w, int heads, UnaryOperator<Tensor> change) {
        Tensor q = heads(w.x().matmul(w.q()), heads).times(0.3);
        Tensor k = heads(w.x().matmul(w.k()), heads);
        Tensor v = heads(w.x().matmul(w.v()), heads);
        Tensor scores = change.apply(q.matmul(k.transpose(0, 1, 3, 2)));
        Tensor y = Functions.softmax(scores, -1).matmul(v); // (batch, heads, queries, depth)
        return y.transpose(0, 2, 1, 3)
                .reshape(w.x().dim(0), w.x().dim(1), w.x().dim(2))
                .matmul(w.out());
    }

    private static Tensor causal(Tensor scores) {
        Tensor positions = Creation.range(DType.INT32, scores.dim(-1));
        Tensor later = positions.expandDims(0).greaterThan(positions.expandDims(1));
        return Functions.where(
                later, Tensor.full(scores.dtype(), -1e9, scores.shape().dims()), scores);
    }

    private static long loops(Graph graph) {
        return Verifier.verify(graph).equations().stream()
                .filter(e -> e.op() instanceof Control.Scan)
                .count();
    }

    private static long loops(Function<Weights, ?> f, Weights w) {
        return loops(BatchLoops.rewrite(Simplifier.simplify(jit(f).graph(w))));
    }

    private static List<Object> run(Plan plan, Weights w, int threads) {
        return Plans.run(
                plan,
                List.of(w.q(), w.k(), w.v(), w.out(), w.x()),
                Workers.of(threads),
                f -> plan.instructions().forEach(i -> i.run(f)));
    }

    @ParameterizedTest
    @CsvSource({
        "24, 49, 2, 8, false, FLOAT32",
        "24, 49, 2, 8, true, FLOAT32",
        "17, 65, 2, 4, true, FLOAT32",
        "30, 64, 1, 5, false, FLOAT32",
        "128, 31, 1, 3, true, FLOAT32",
        "24, 49, 2, 8, true, FLOAT64"
    })
    void theBitsAreTheSame(
            int batch, int length, int heads, int depth, boolean masked, DType type) {
        var w = weights(batch, length, heads, depth, type);
        UnaryOperator<Tensor> change = masked ? BatchLoopsTest::causal : x -> x;
        var graph = jit(grad((Weights p) -> attention(p, heads, change).tanh().sum())).graph(w);
        assertThat(loops(BatchLoops.rewrite(Simplifier.simplify(graph)))).isEqualTo(2);
        var expected = run(Planner.planGroup(graph, new boolean[5]), w, 1); // makes no loops
        for (int threads : new int[] {1, 2, 3, 7}) {
            var found = run(Planner.plan(graph), w, threads);
            for (int k = 0; k < 5; k++) {
                assertThat(
                                Arrays.deepEquals(
                                        new Object[] {found.get(k)},
                                        new Object[] {expected.get(k)}))
                        .as("result %d, %d threads", k, threads)
                        .isTrue();
            }
        }
    }

    @Test
    void scoresAreNotKeptWhereNobodyAsksForThem() {
        var w = weights(24, 49, 2, 8, DType.FLOAT32);
        Function<Weights, Tensor> f = p -> attention(p, 2, x -> x);
        assertThat(loops(f, w)).isEqualTo(1);
        long scores = 24 * 2 * 49 * 49 * Float.BYTES;
        var plan = Planner.plan(jit(f).graph(w));
        assertThat(plan.temporaryBytes()).isLessThan(scores);
        assertThat(PlanText.of(plan)) // what a step does is shown inside
                .containsPattern("map 24 .*\n    given .*\n    level 1\n      dot 2x49x8x49 ");
        assertThat(Planner.planGroup(jit(f).graph(w), new boolean[5]).temporaryBytes())
                .isGreaterThan(scores);
    }

    @Test
    void whatIsSmallOrOfFewOrOfOneBatchStaysAsItIs() {
        var w = weights(24, 49, 2, 8, DType.FLOAT32);
        assertThat(loops(p -> attention(p, 2, BatchLoopsTest::causal), w)).isEqualTo(1);
        assertThat(loops(p -> attention(p, 2, x -> x.minus(x.mean(0))), w)).isZero();
        assertThat(loops(p -> attention(p, 2, x -> x.times(x.square().sum())), w)).isZero();
        assertThat(loops(p -> attention(p, 2, x -> x), weights(24, 9, 2, 8, DType.FLOAT32)))
                .isZero();
        assertThat(loops(p -> attention(p, 2, x -> x), weights(4, 200, 2, 8, DType.FLOAT32)))
                .isZero();
    }
}
