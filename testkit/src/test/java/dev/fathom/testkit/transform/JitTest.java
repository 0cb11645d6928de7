package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.EscapedTensorException;
import dev.fathom.core.graph.Verifier;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** When jit records, what it keeps, and that it composes. */
class JitTest {

    private static Tensor vector(double... v) {
        return Tensor.of(v);
    }

    record Scaled(double factor, Tensor value) {}

    @Test
    void recordsOncePerStructureTypesAndStaticValues() {
        Jitted<Scaled, Tensor> f = jit((Scaled s) -> s.value().times(s.factor()));
        assertThat(f.apply(new Scaled(2, vector(1, 2))).toDoubles()).containsExactly(2, 4);
        assertThat(f.apply(new Scaled(2, vector(5, 6))).toDoubles()).containsExactly(10, 12);
        assertThat(f.traces()).isEqualTo(1);
        assertThat(f.apply(new Scaled(3, vector(1, 2))).toDoubles())
                .containsExactly(3, 6); // another static value
        assertThat(f.traces()).isEqualTo(2);
        f.apply(new Scaled(3, vector(1, 2, 3))); // another shape
        assertThat(f.traces()).isEqualTo(3);
        f.apply(new Scaled(3, Tensor.of(new float[] {1, 2, 3}))); // another dtype
        assertThat(f.traces()).isEqualTo(4);
        f.apply(new Scaled(2, vector(7, 8)));
        assertThat(f.traces()).isEqualTo(4);
    }

    @Test
    void structureCounts() {
        Jitted<List<Optional<Tensor>>, Tensor> f =
                jit((List<Optional<Tensor>> l) ->
                        l.stream().flatMap(Optional::stream).reduce(Tensor::plus).orElseThrow());
        f.apply(List.of(Optional.of(vector(1)), Optional.empty()));
        f.apply(List.of(Optional.empty(), Optional.of(vector(1))));
        assertThat(f.traces()).isEqualTo(2);
    }

    @Test
    void sideEffectsHappenOnlyWhileRecording() {
        var calls = new AtomicInteger();
        var f =
                jit((Tensor x) -> {
                    calls.incrementAndGet();
                    return x.exp();
                });
        for (int i = 0; i < 5; i++) {
            f.apply(vector(i));
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void tensorsFromOutsideAreConstants() {
        Tensor w = vector(2, 3);
        var f = jit((Tensor x) -> x.times(w).sum());
        assertThat(f.apply(vector(1, 1)).item()).isEqualTo(5);
        assertThat(f.apply(vector(2, 2)).item()).isEqualTo(10);
    }

    /** A captured stand-in must be seen as it is in each call, not as it was in the first. */
    @Test
    void valuesOfATransformAroundAreNotFrozen() {
        Function<Tensor, Tensor> outer =
                w -> {
                    var inner = jit((Tensor x) -> x.times(w).sum());
                    return inner.apply(vector(1, 2)).plus(inner.apply(vector(3, 4)));
                };
        assertThat(grad(outer).apply(vector(5, 6)).toDoubles()).containsExactly(4, 6);
        Tensor[] captured = {vector(1, 1)};
        var f = jit((Tensor x) -> x.times(captured[0]).sum());
        Function<Tensor, Tensor> capturing =
                w -> {
                    captured[0] = w;
                    return f.apply(vector(1, 2));
                };
        assertThat(grad(capturing).apply(vector(1, 1)).toDoubles()).containsExactly(1, 2);
        assertThat(grad(capturing).apply(vector(9, 9)).toDoubles()).containsExactly(1, 2);
        assertThat(vmap(capturing).apply(Tensor.of(new double[] {1, 0, 0, 1}, 2, 2)).toDoubles())
                .containsExactly(1, 2);
    }

    @Test
    void composesInsideOut() {
        Function<Tensor, Tensor> f = x -> Functions.sin(x).times(x.exp());
        var x = vector(0.1, 0.5, -0.3);
        var expected = vmap(grad(f)).apply(x);
        TreeAssert.assertClose("vmap grad jit", vmap(grad(jit(f))).apply(x), expected, 1e-13);
        TreeAssert.assertClose("vmap jit grad", vmap(jit(grad(f))).apply(x), expected, 1e-13);
        TreeAssert.assertClose("jit vmap grad", jit(vmap(grad(f))).apply(x), expected, 1e-13);
        TreeAssert.assertClose(
                "jit all the way", jit(vmap(jit(grad(jit(f))))).apply(x), expected, 1e-13);
        Function<Tensor, Tensor> summed = v -> jit(vmap(jit(f))).apply(v).sum();
        TreeAssert.assertClose("grad jit vmap jit", grad(summed).apply(x), expected, 1e-13);
        var tangent = jvp(jit(grad(summed)), x, x).tangent();
        var direct = jvp(grad((Tensor v) -> f.apply(v).sum()), x, x).tangent();
        TreeAssert.assertClose("jvp jit grad jit vmap jit", tangent, direct, 1e-12);
    }

    @Test
    void jitInsideVmapIsRecordedForOneExample() {
        var f = jit((Tensor x) -> x.times(2));
        vmap(f).apply(vector(1, 2, 3));
        vmap(f).apply(vector(1, 2, 3, 4, 5));
        f.apply(Tensor.scalar(1.0));
        assertThat(f.traces()).isEqualTo(1);
    }

    @Test
    void programsAreWellFormedValues() {
        var key = Key.of(3);
        var w = key.normal(DType.FLOAT64, 3, 3);
        Function<Tensor, Tensor> f = x -> x.matmul(w).tanh().square().sum();
        var graph = jit(grad(f)).graph(vector(1, 2, 3));
        Verifier.verify(graph);
        assertThat(jit(grad(f)).graph(vector(4, 5, 6))).isEqualTo(graph).hasSameHashCodeAs(graph);
        assertThat(jit(f).graph(vector(1, 2, 3)).toString())
                .isEqualTo(
                        """
                        { a:float64(3,) ->
                          b:float64(3,) = dot[leftContract=[0] rightContract=[0] leftBatch=[] rightBatch=[]] a const:float64(3, 3)
                          c:float64(3,) = tanh b
                          d:float64(3,) = mul c c
                          e:float64() = sum[axes=[0]] d
                          return e }\
                        """);
    }

    @Test
    void whatOccursTwiceIsNotOverwritten() {
        Jitted<List<Tensor>, List<Tensor>> f =
                jitDonating((List<Tensor> l) ->
                        List.of(l.get(0).plus(1), l.get(1).times(l.get(2)), l.get(2).times(2)));
        for (int i = 0; i < 3; i++) {
            Tensor x = vector(3, 4);
            var y = f.apply(List.of(x, vector(10, 20), x));
            assertThat(y.get(0).toDoubles()).containsExactly(4, 5);
            assertThat(y.get(1).toDoubles()).containsExactly(30, 80);
            assertThat(y.get(2).toDoubles()).containsExactly(6, 8);
            var next = f.apply(List.of(x = vector(1, 1), x, x));
            assertThat(next.get(1).toDoubles()).containsExactly(1, 1);
        }
    }

    @Test
    void aDonatedTensorIsRefusedTheSecondTime() {
        var f = jitDonating((List<Tensor> l) -> l.get(0).plus(l.get(1)));
        Tensor x = vector(1);
        f.apply(List.of(x, vector(2)));
        assertThatThrownBy(() -> f.apply(List.of(vector(2), x)))
                .isInstanceOf(EscapedTensorException.class);
    }

    @Test
    void ofTwoArgumentsOnlyTheFirstIsDonated() {
        var step = jitDonating((List<Tensor> s, Tensor data) -> List.of(s.get(0).plus(data)));
        Tensor data = vector(1, 2);
        Tensor first = vector(10, 20);
        var state = List.of(first);
        for (int i = 0; i < 3; i++) {
            state = step.apply(state, data);
        }
        assertThat(state.get(0).toDoubles()).containsExactly(13, 26);
        assertThat(data.toDoubles()).containsExactly(1, 2);
        assertThat(step.traces()).isEqualTo(1);
        assertThat(step.program(state, data).counts()).containsEntry("outputBytes", 16L);
        assertThatThrownBy(first::toDoubles)
                .isInstanceOf(EscapedTensorException.class)
                .hasMessageContaining("jitDonating((state, data) -> ..)");
    }

    /** What is state and data at once can be overwritten by neither. */
    @Test
    void aTensorInBothArgumentsIsReadFirst() {
        var step = jitDonating((Tensor s, Tensor data) -> List.of(s.times(2), s.plus(data)));
        for (int i = 0; i < 3; i++) {
            Tensor x = vector(3, 4);
            var y = step.apply(x, x);
            assertThat(y.get(0).toDoubles()).containsExactly(6, 8);
            assertThat(y.get(1).toDoubles()).containsExactly(6, 8);
        }
    }

    @Test
    void functionsOfTwoArgumentsCanBeLookedInto() {
        var f = jit((Tensor x, Tensor y) -> x.times(y).sum());
        assertThat(f.apply(vector(1, 2), vector(3, 4)).item()).isEqualTo(11);
        assertThat(f.explain(vector(1, 2), vector(3, 4))).contains("mul", "sum", "plan:");
        assertThat(f.graph(vector(1, 2), vector(3, 4)).inputs()).hasSize(2);
        assertThat(f.profile(vector(1, 2), vector(3, 4), 2).toString())
                .contains("mean of the middle 2");
        assertThat(f.traces()).isEqualTo(1);
    }

    private record Line(Tensor weight, Tensor bias) {}

    @Test
    void whatGoesInAndComesOutIsNamed() {
        var f = jit((Line p, Tensor x) -> new Line(x.times(p.weight()).plus(p.bias()), p.bias()));
        var line = new Line(vector(1, 2), vector(3, 4));
        var names =
                """
                takes, in the order of the plan:
                  a:float64(2,)  first.weight
                  b:float64(2,)  first.bias
                  c:float64(2,)  second
                returns, in the order of the plan:
                  e:float64(2,)  weight
                  b:float64(2,)  bias
                """;
        assertThat(f.plan(line, vector(5, 6))).startsWith(names + "plan:\n");
        assertThat(f.explain(line, vector(5, 6)))
                .startsWith(names + "recorded:\n")
                .contains("plan:\n");
        grad(
                        (Tensor y) -> {
                            var inside = jit((Tensor x) -> x.times(y));
                            assertThat(inside.plan(vector(1, 2)))
                                    .contains(
                                            "b:float64(2,)  (a value of the transform around it)");
                            return y.sum();
                        })
                .apply(vector(1, 2));
    }

    private record Rated(Tensor x, double rate) {}

    /** Whoever passes a number that changes is told once what it costs. */
    @Test
    void recordingAgainAndAgainForANumberIsSaid() {
        var said = new ArrayList<String>();
        var logger = Logger.getLogger(Jitted.class.getName());
        var handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord record) {
                        said.add(new SimpleFormatter().formatMessage(record));
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            var f = jit((Rated r) -> r.x().times(r.rate()));
            for (int i = 0; i < 40; i++) {
                f.apply(new Rated(vector(1), i));
            }
            assertThat(f.traces()).isEqualTo(40);
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        assertThat(said).hasSize(1);
        assertThat(said.getFirst())
                .contains("for the 16. time")
                .contains("better a tensor, such as Tensor.scalar(rate)");
    }

    @Test
    void donatedTensorsCannotBeReadAgain() {
        var step = jitDonating((Tensor x) -> x.plus(1));
        Tensor x = vector(1, 2);
        assertThat(step.apply(x).toDoubles()).containsExactly(2, 3);
        assertThatThrownBy(x::toDoubles)
                .isInstanceOf(EscapedTensorException.class)
                .hasMessageContaining(
                        "was used after it was donated to a compiled function; use the result");
    }

    @Test
    void resultsRepeatFromAnyNumberOfThreads() {
        var w = Key.of(5).normal(DType.FLOAT64, 20, 20);
        var f = jit(grad((Tensor x) -> x.matmul(w).tanh().matmul(x)));
        FunctionCheck.assertDeterministic(f, Key.of(6).normal(DType.FLOAT64, 20), 1, 2, 3, 7);
    }

    @Test
    void argumentsAndConstantsMayBeReturnedAsTheyAre() {
        Tensor c = vector(9);
        var f = jit((Tensor x) -> List.of(x, x, c, Tensor.scalar(3)));
        var r = f.apply(vector(1, 2));
        assertThat(r.get(0).toDoubles()).containsExactly(1, 2);
        assertThat(r.get(1).toDoubles()).containsExactly(1, 2);
        assertThat(r.get(2).toDoubles()).containsExactly(9);
        assertThat(r.get(3).item()).isEqualTo(3);
    }

    /**
     * A result must not share memory with an argument or another result: a later donation would
     * change both.
     */
    @Test
    void donationOfOneResultLeavesTheOthers() {
        var f = jit((Tensor x) -> List.of(x, x, x.reshape(2, 1)));
        Tensor x = vector(1, 2);
        var r = f.apply(x);
        var step = jitDonating((Tensor t) -> t.times(-1).plus(100));
        step.apply(r.get(0));
        assertThat(x.toDoubles()).containsExactly(1, 2);
        assertThat(r.get(1).toDoubles()).containsExactly(1, 2);
        assertThat(r.get(2).toDoubles()).containsExactly(1, 2);
        Tensor eager = x.reshape(2, 1);
        step.apply(eager);
        assertThat(x.toDoubles()).containsExactly(1, 2);
    }
}
