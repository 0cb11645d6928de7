package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.checkpoint;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.hvpReverse;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.error.TreeException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Verifier;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.op.Control;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** scan, cond, whileLoop and checkpoint, and how transforms pass through them. */
class LoopsTest {

    private static Tensor vector(double... v) {
        return Tensor.of(v);
    }

    private static Tensor scalar(double v) {
        return Tensor.scalar(v);
    }

    @Test
    void scanCarriesAndStacks() {
        Carried<Tensor, Tensor> r =
                Loops.scan(
                        (Tensor s, Tensor x) -> new Carried<>(s.plus(x), s.times(x)),
                        scalar(10),
                        vector(1, 2, 3));
        assertThat(r.carry().item()).isEqualTo(16);
        assertThat(r.outputs().toDoubles()).containsExactly(10, 22, 39); // 10·1, 11·2, 13·3
    }

    @Test
    void reverseScanRunsFromTheLastAndWritesInPlace() {
        Carried<Tensor, Tensor> r =
                Loops.scanReverse(
                        (Tensor s, Tensor x) -> new Carried<>(s.plus(x), s.times(x)),
                        scalar(10),
                        vector(1, 2, 3));
        assertThat(r.carry().item()).isEqualTo(16);
        assertThat(r.outputs().toDoubles()).containsExactly(15, 26, 30); // 15·1, 13·2, 10·3
    }

    record Pendulum(Tensor angle, Map<String, Tensor> rest) {}

    @Test
    void scanTakesTreesAndCapturesTensorsFromOutside() {
        Function<Pendulum, Tensor> energy =
                p -> {
                    BiFunction<Pendulum, List<Tensor>, Carried<Pendulum, Tensor>> step =
                            (s, push) -> {
                                Tensor speed =
                                        s.rest()
                                                .get("speed")
                                                .minus(
                                                        Functions.sin(s.angle())
                                                                .times(p.rest().get("speed")))
                                                .plus(push.getFirst());
                                Tensor angle = s.angle().plus(speed.times(0.1));
                                return new Carried<>(
                                        new Pendulum(angle, Map.of("speed", speed)),
                                        angle.square());
                            };
                    return Loops.scan(step, p, List.of(vector(0.1, -0.2, 0.3, 0))).outputs().sum();
                };
        var start = new Pendulum(scalar(0.5), Map.of("speed", scalar(0.2)));
        GradientCheck.assertGradients(energy, start);
        GradientCheck.assertSecondOrder(energy, start);
        FunctionCheck.assertJit(grad(energy), start);
    }

    @Test
    void gradientOfAReverseScan() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.<Tensor, Tensor, Tensor>scanReverse(
                                        (s, v) -> new Carried<>(s.times(v).tanh(), s.plus(v)),
                                        scalar(0.7),
                                        x)
                                .outputs()
                                .square()
                                .sum();
        GradientCheck.assertGradients(f, vector(0.4, -1.2, 0.9));
        GradientCheck.assertSecondOrder(f, vector(0.4, -1.2, 0.9));
    }

    @Test
    void nestedScansDifferentiate() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.repeat(
                                (Tensor s) ->
                                        Loops.repeat((Tensor t) -> Functions.sin(t).times(x), s, 2)
                                                .plus(0.1),
                                x,
                                3);
        Function<Tensor, Tensor> unrolled =
                x -> {
                    Tensor s = x;
                    for (int i = 0; i < 3; i++) {
                        for (int j = 0; j < 2; j++) {
                            s = Functions.sin(s).times(x);
                        }
                        s = s.plus(0.1);
                    }
                    return s;
                };
        assertThat(f.apply(scalar(0.8)).item()).isEqualTo(unrolled.apply(scalar(0.8)).item());
        TreeAssert.assertClose(
                "grad", grad(f).apply(scalar(0.8)), grad(unrolled).apply(scalar(0.8)), 1e-13);
        TreeAssert.assertClose(
                "grad of grad",
                grad(grad(f)).apply(scalar(0.8)),
                grad(grad(unrolled)).apply(scalar(0.8)),
                1e-12);
        FunctionCheck.assertVmap(grad(f), vector(0.1, 0.8, -0.5));
    }

    @Test
    void condRunsOneBranchAndDifferentiatesIt() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.cond(
                                        x.sum().greaterThan(scalar(0)),
                                        (Tensor v) -> Functions.sin(v),
                                        (Tensor v) -> v.times(v),
                                        x)
                                .sum();
        assertThat(grad(f).apply(vector(1, 2)).toDoubles())
                .containsExactly(new double[] {Math.cos(1), Math.cos(2)}, within(1e-15));
        assertThat(grad(f).apply(vector(-1, -2)).toDoubles()).containsExactly(-2, -4);
        double[] h = hessian(f).apply(vector(-1, -2)).toDoubles();
        assertThat(h).containsExactly(2, 0, 0, 2);
        FunctionCheck.assertJit(grad(f), vector(-1, -2));
    }

    @Test
    void theBranchNotTakenLeavesNoTrace() {
        // the derivative of the other branch would be infinite at 0
        Function<Tensor, Tensor> f =
                x ->
                        Loops.cond(
                                x.greaterThan(scalar(0)),
                                Tensor::sqrt,
                                (Tensor v) -> v.times(3),
                                x);
        assertThat(grad(f).apply(scalar(0)).item()).isEqualTo(3);
    }

    @Test
    void vmapOfCondLetsEachExampleChoose() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.cond(
                                x.sum().greaterThan(scalar(0)),
                                (Tensor v) -> Functions.sin(v),
                                (Tensor v) -> v.times(v),
                                x);
        Tensor batch = Tensor.of(new double[] {1, 2, -1, -2, 3, -1}, 3, 2);
        FunctionCheck.assertVmap(f, batch);
        FunctionCheck.assertVmap(grad((Tensor x) -> f.apply(x).sum()), batch);
        FunctionCheck.assertVmap((Tensor x) -> hvp((Tensor v) -> f.apply(v).sum(), x, x), batch);
        FunctionCheck.assertVmap(
                (Tensor x) -> {
                    boolean shared = true; // the predicate may also be the same for all
                    return Loops.cond(Tensor.scalar(shared), Tensor::exp, Tensor::negate, x);
                },
                batch);
    }

    /** Newton's square root: x ← (x + a/x)/2 until x² is near a. */
    private static Tensor root(Tensor a) {
        return Loops.whileLoop(
                (Tensor x) -> x.square().minus(a).abs().greaterThan(scalar(1e-14)),
                (Tensor x) -> x.plus(a.dividedBy(x)).times(0.5),
                a);
    }

    @Test
    void whileLoopHasForwardDerivativesOnly() {
        assertThat(root(scalar(2)).item()).isCloseTo(Math.sqrt(2), within(1e-14));
        var d = jvp(LoopsTest::root, scalar(2), scalar(1));
        assertThat(d.tangent().item()).isCloseTo(1 / (2 * Math.sqrt(2)), within(1e-12));
        assertThatThrownBy(() -> grad(LoopsTest::root).apply(scalar(2)))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("use scan with a fixed length, or forward mode (jvp)");
    }

    @Test
    void vmapOfWhileStopsEachExampleAtItsOwnTime() {
        FunctionCheck.assertVmap(LoopsTest::root, vector(2, 1, 1e4, 0.3));
        FunctionCheck.assertVmap(
                (Tensor a) -> jvp(LoopsTest::root, a, scalar(1)).tangent(), vector(2, 1e4, 0.3));
        Tensor batch = vector(2, 1e4, 0.3);
        TreeAssert.assertClose(
                "jvp of vmap",
                jvp(vmap(LoopsTest::root), batch, vector(1, 1, 1)).tangent(),
                vmap((Tensor a) -> jvp(LoopsTest::root, a, scalar(1)).tangent()).apply(batch),
                1e-14);
        // counting: the condition does not depend on the example, the state does
        FunctionCheck.assertVmap(
                (Tensor a) ->
                        Loops.whileLoop(
                                        (List<Tensor> s) -> s.get(0).lessThan(Tensor.scalar(3)),
                                        (List<Tensor> s) ->
                                                List.of(s.get(0).plus(1), s.get(1).times(a)),
                                        List.of(Tensor.scalar(0), scalar(1)))
                                .get(1),
                batch);
        FunctionCheck.assertJit(vmap(LoopsTest::root), batch);
    }

    @Test
    void loopsRefuseStatesThatChangeTheirType() {
        assertThatThrownBy(() -> Loops.repeat((Tensor s) -> s.expandDims(0), scalar(1), 2))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("the carry at (the value itself) goes in as float64()")
                .hasMessageContaining("comes out as float64(1,); it must stay the same");
        assertThatThrownBy(() -> Loops.whileLoop((Tensor s) -> s, (Tensor s) -> s, scalar(1)))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("not one bool()");
        assertThatThrownBy(() ->
                        Loops.scan(
                                (Tensor s, List<Tensor> x) -> new Carried<>(s, x),
                                scalar(0),
                                List.of(vector(1, 2), vector(1, 2, 3))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[1] has shape (3,)");
    }

    // ---- checkpoint
    // ------------------------------------------------------------------------------

    private static Tensor block(Tensor w, Tensor h) {
        return Functions.sin(h.matmul(w)).times(h.tanh()).plus(h.times(h).exp().times(0.01));
    }

    private static Function<Tensor, Tensor> recurrent(Tensor x, boolean save) {
        return w -> {
            Function<List<Tensor>, Tensor> one = v -> block(v.get(0), v.get(1));
            Function<List<Tensor>, Tensor> step = save ? one : checkpoint(one);
            return Loops.repeat((Tensor h) -> step.apply(List.of(w, h)), x, 8).square().sum();
        };
    }

    @Test
    void checkpointGivesEqualGradientsAndKeepsLess() {
        Tensor w = Key.of(1).normal(DType.FLOAT64, 5, 5).times(0.3);
        Tensor x = Key.of(2).normal(DType.FLOAT64, 5);
        var kept = recurrent(x, true);
        var again = recurrent(x, false);
        TreeAssert.assertClose("grad", grad(again).apply(w), grad(kept).apply(w), 1e-13);
        TreeAssert.assertClose("hvp", hvp(again, w, w), hvp(kept, w, w), 1e-12);
        TreeAssert.assertClose("hvp reverse", hvpReverse(again, w, w), hvp(kept, w, w), 1e-12);
        GradientCheck.assertGradients(again, w);
        long before = stacked(Verifier.verify(jit(grad(kept)).graph(w)));
        long after = stacked(Verifier.verify(jit(grad(again)).graph(w)));
        // 8 steps keep the state h (5 numbers) and nothing else
        assertThat(after).isEqualTo(8 * 5 * 8);
        assertThat(before).isGreaterThan(3 * after);
    }

    /** Bytes that the loops of a program stack up, step by step. */
    private static long stacked(Graph graph) {
        long bytes = 0;
        for (var e : graph.equations()) {
            if (e.op() instanceof Control.Scan s) {
                for (var v : e.results().subList(s.carry(), e.results().size())) {
                    bytes += v.type().bytes();
                }
            }
        }
        return bytes;
    }

    @Test
    void checkpointHoldsLoopsAndBranches() {
        Function<Tensor, Tensor> f =
                x ->
                        Loops.cond(
                                x.sum().greaterThan(scalar(0)),
                                (Tensor v) ->
                                        Loops.repeat((Tensor s) -> Functions.sin(s).times(v), v, 3),
                                (Tensor v) -> v.exp(),
                                x);
        Function<Tensor, Tensor> plain = x -> f.apply(x).square().sum();
        Function<Tensor, Tensor> saving = x -> checkpoint(f).apply(x).square().sum();
        for (var x : List.of(vector(0.3, 0.8), vector(-0.3, -0.8))) {
            TreeAssert.assertClose("grad", grad(saving).apply(x), grad(plain).apply(x), 1e-13);
            GradientCheck.assertSecondOrder(saving, x);
            FunctionCheck.assertJit(grad(saving), x);
        }
        FunctionCheck.assertVmap(
                grad(saving), Tensor.of(new double[] {0.3, 0.8, -0.3, -0.8}, 2, 2));
    }
}
