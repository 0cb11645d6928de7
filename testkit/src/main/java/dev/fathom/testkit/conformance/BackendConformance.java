package dev.fathom.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.spi.Buffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.Tracer;
import dev.fathom.core.transform.Transforms;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.TreeAssert;
import dev.fathom.testkit.spec.Case;
import dev.fathom.testkit.spec.Spec;
import dev.fathom.testkit.spec.Specs;

import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What every backend must compute: extend it, say which backend, and run the class. Worked numbers
 * come first; then every case of every row, in every dtype, against the reference backend,
 * primitive by primitive and as a compiled program; then sizes that no vector width divides,
 * errors, and that memory is left alone.
 */
public abstract class BackendConformance {
    private static final String ORACLE = "reference";

    /** For the class that names the backend. */
    protected BackendConformance() {}

    /** The backend under test. */
    protected abstract Backend backend();

    private <T> T here(Supplier<T> body) {
        return Backends.with(backend(), body);
    }

    private static <T> T oracle(Supplier<T> body) {
        return Backends.with(Backends.named(ORACLE), body);
    }

    private boolean isOracle() {
        return backend().name().equals(ORACLE);
    }

    // ---- numbers
    // -----------------------------------------------------------------------------------

    /** Numbers worked by hand. */
    @TestFactory
    Stream<DynamicNode> workedNumbers() {
        return Worked.numbers().stream()
                .map(w ->
                        dynamicTest(
                                w.label(),
                                () -> {
                                    List<Tensor> found =
                                            here(() -> Ops.bindAll(w.op(), w.operands()));
                                    Compare.agree(found, w.results(), w.accuracy(), w.operands());
                                }));
    }

    /** Every case of every row. */
    @TestFactory
    Stream<DynamicNode> rows() {
        return Specs.all().stream()
                .map(s -> dynamicContainer(s.name(), s.cases().stream().map(c -> row(s, c))));
    }

    private DynamicNode row(Spec spec, Case c) {
        return dynamicContainer(
                c.label(),
                spec.dtypes().stream().map(d -> dynamicTest(d.toString(), () -> row(spec, c, d))));
    }

    private void row(Spec spec, Case c, DType dtype) {
        var x = c.sample(dtype, 77);
        var before = x.stream().map(BackendConformance::copy).toList();
        var found = here(() -> c.apply(x));
        for (int i = 0; i < x.size(); i++) {
            TreeAssert.assertSame("operand " + i + " afterwards", x.get(i), before.get(i));
        }
        TreeAssert.assertSame("the same call again", here(() -> c.apply(x)), found);
        if (!isOracle()) {
            Compare.agree(found, oracle(() -> c.apply(x)), spec.accuracy(), x);
        }
        Function<List<Tensor>, List<Tensor>> f = c::apply;
        var compiled = here(() -> Transforms.jit(f).apply(x));
        Compare.agree(compiled, found, spec.accuracy(), x);
        for (int i = 0; i < x.size(); i++) {
            TreeAssert.assertSame("operand " + i + " after the program", x.get(i), before.get(i));
        }
    }

    private static Array concrete(Tensor t) {
        return switch (t) {
            case Array a -> a;
            case Tracer s -> s.concrete();
        };
    }

    private static Tensor copy(Tensor t) {
        var host = concrete(t).buffer().host();
        Object clone =
                switch (host) {
                    case float[] v -> v.clone();
                    case double[] v -> v.clone();
                    case int[] v -> v.clone();
                    case long[] v -> v.clone();
                    case byte[] v -> v.clone();
                    case short[] v -> v.clone();
                    case Object o -> throw new AssertionError("unknown memory " + o);
                };
        Buffer buffer = () -> clone;
        return Array.of(t.type(), buffer);
    }

    // ---- programs
    // ----------------------------------------------------------------------------------

    /** Programs with something to fuse, to reuse and to get wrong. */
    @TestFactory
    Stream<DynamicNode> programs() {
        return Programs.all().stream()
                .map(p ->
                        dynamicTest(
                                p.label(),
                                () -> {
                                    var expected = oracle(() -> p.function().apply(p.argument()));
                                    var fast = here(() -> Transforms.jit(p.function()));
                                    for (int call = 0;
                                            call < 3;
                                            call++) { // memory is reused from the second on
                                        var found = here(() -> fast.apply(p.argument()));
                                        TreeAssert.assertClose(
                                                "call " + call, found, expected, p.tolerance());
                                    }
                                    var eager = here(() -> p.function().apply(p.argument()));
                                    TreeAssert.assertClose("eager", eager, expected, p.tolerance());
                                }));
    }

    /** Results of one call are not touched by the next. */
    @Test
    void resultsBelongToTheCaller() {
        Function<Tensor, Tensor> f = x -> x.times(2).plus(x.exp()).reshape(-1);
        here(() -> {
            var fast = Transforms.jit(f);
            Tensor first = fast.apply(Tensor.of(new float[] {0, 1, 2, 3}, 2, 2));
            float[] kept = first.toFloats();
            fast.apply(Tensor.of(new float[] {5, 6, 7, 8}, 2, 2));
            assertThat(first.toFloats()).containsExactly(kept);
            return 0;
        });
    }

    /** The same bits from one, two, three and seven threads at once, eager and compiled. */
    @Test
    void bitsDoNotDependOnThreads() {
        Function<Tensor, Tensor> f =
                x -> Functions.softmax(x.matmul(x.transpose()).times(0.01), 1).matmul(x).sum(0);
        Tensor x = large(0, 67, 129);
        Function<Tensor, Tensor> eager = t -> here(() -> f.apply(t));
        var fast = Transforms.jit(f);
        FunctionCheck.assertDeterministic(eager, x, 1, 2, 3, 7);
        FunctionCheck.assertDeterministic((Tensor t) -> here(() -> fast.apply(t)), x, 1, 2, 3, 7);
    }

    /** A donated argument may be overwritten; what comes back is right. */
    @Test
    void donationGivesTheSameNumbers() {
        Function<List<Tensor>, List<Tensor>> step =
                s -> List.of(s.get(0).times(0.9).plus(s.get(1)), s.get(0).minus(s.get(1)));
        here(() -> {
            var expected = List.of(large(1, 33), large(2, 33));
            List<Tensor> state = List.of(large(1, 33), large(2, 33));
            var fast = Transforms.jitDonating(step);
            for (int i = 0; i < 4; i++) {
                expected = step.apply(expected);
                state = fast.apply(state);
                TreeAssert.assertClose("step " + i, state, expected, 1e-6);
            }
            return 0;
        });
    }

    // ---- sizes
    // -------------------------------------------------------------------------------------

    private static Tensor large(int seed, int... shape) {
        return oracle(() -> Key.of(seed).normal(DType.FLOAT32, shape));
    }

    /** Sizes around the multiples of every vector width and of every blocking factor. */
    @Test
    void lengthsThatNoWidthDivides() {
        for (int n :
                new int[] {
                    1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 255, 1023, 4099
                }) {
            Tensor x = large(n, n);
            Tensor y = large(n + 1, n);
            Function<List<Tensor>, List<Tensor>> f =
                    v -> {
                        Tensor a = v.get(0);
                        Tensor b = v.get(1);
                        return List.of(
                                a.times(b).plus(a.exp()),
                                a.sum(),
                                a.max(),
                                a.argMax(0),
                                Functions.cumSum(a, 0),
                                a.sort(0),
                                Functions.where(a.lessThan(b), a, b),
                                a.matmul(b),
                                a.cast(DType.INT32),
                                a.cast(DType.FLOAT64).tanh());
                    };
            var expected = oracle(() -> f.apply(List.of(x, y)));
            TreeAssert.assertClose(
                    "length " + n, here(() -> f.apply(List.of(x, y))), expected, 2e-5);
            TreeAssert.assertClose(
                    "length " + n + ", compiled",
                    here(() -> Transforms.jit(f).apply(List.of(x, y))),
                    expected,
                    2e-5);
        }
    }

    /** Matrix products of all orientations, with edges on every side. */
    @Test
    void matricesThatNoTileDivides() {
        int[][] sizes = {
            {1, 1, 1},
            {1, 7, 300},
            {300, 7, 1},
            {13, 1, 17},
            {5, 67, 33},
            {65, 31, 97},
            {37, 257, 19},
            {129, 64, 48}
        };
        for (int[] s : sizes) {
            for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.INT32}) {
                Tensor a = oracle(() -> large(1, s[0], s[1]).times(8).cast(dtype));
                Tensor b = oracle(() -> large(2, s[1], s[2]).times(8).cast(dtype));
                var expected = oracle(() -> a.matmul(b));
                double tolerance = dtype == DType.FLOAT64 ? 1e-13 : 2e-6;
                var what = dtype + " " + Arrays.toString(s);
                TreeAssert.assertClose(what, here(() -> a.matmul(b)), expected, tolerance);
                Tensor at = oracle(() -> a.transpose());
                Tensor bt = oracle(() -> b.transpose());
                TreeAssert.assertClose(
                        what + " transposed left",
                        here(() -> at.transpose().matmul(b)),
                        expected,
                        tolerance);
                Function<List<Tensor>, Tensor> both =
                        v -> v.get(0).transpose().matmul(v.get(1).transpose());
                TreeAssert.assertClose(
                        what + " both transposed, compiled",
                        here(() -> Transforms.jit(both).apply(List.of(at, bt))),
                        expected,
                        tolerance);
            }
        }
    }

    // ---- errors
    // ------------------------------------------------------------------------------------

    /**
     * An index outside its axis is an error, in eager use and in programs, and never touches other
     * memory.
     */
    @Test
    void indicesAreChecked() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        var wrong = new ArrayList<Function<Tensor, Tensor>>();
        for (int bad : new int[] {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            Tensor index = Tensor.of(new int[] {0, bad});
            wrong.add(t -> Shaping.take(t, index, 0));
            wrong.add(t -> Shaping.scatterAdd(t, index, t.slice(0, 0, 2)));
            wrong.add(t -> Shaping.takeAlong(t, index.reshape(1, 2), 0));
            wrong.add(t -> Shaping.dynamicSlice(t, index, 1, 2));
            wrong.add(t -> Shaping.dynamicUpdate(t, t.slice(0, 0, 1), index));
        }
        for (var f : wrong) {
            assertThatThrownBy(() -> here(() -> f.apply(x))).isInstanceOf(IndexException.class);
            assertThatThrownBy(() -> here(() -> Transforms.jit(f).apply(x)))
                    .isInstanceOf(IndexException.class);
        }
    }

    /** Integers have no infinity to answer with. */
    @Test
    void integerDivisionByZeroIsAnError() {
        for (var dtype : new DType[] {DType.INT32, DType.INT64}) {
            Tensor x = here(() -> Creation.range(dtype, 19));
            for (var op : List.of(new Elementwise.Div(), new Elementwise.Remainder())) {
                Function<Tensor, Tensor> f = t -> Ops.binary(op, t.plus(1), t);
                assertThatThrownBy(() -> here(() -> f.apply(x)))
                        .isInstanceOf(FathomException.class)
                        .message()
                        .containsPattern("divi.* (0|zero)");
                assertThatThrownBy(() -> here(() -> Transforms.jit(f).apply(x)))
                        .isInstanceOf(FathomException.class);
            }
        }
    }

    /** Systems without a solution are errors that say so, not NaN. */
    @Test
    void singularSystemsAreErrors() {
        Tensor zero = Tensor.of(new double[4], 2, 2);
        Tensor b = Tensor.of(new double[] {1, 2}, 2, 1);
        assertThatThrownBy(() -> here(() -> Linalg.solve(zero, b)))
                .isInstanceOf(FathomException.class);
        Tensor indefinite = Tensor.of(new double[] {1, 2, 2, 1}, 2, 2);
        assertThatThrownBy(() -> here(() -> Linalg.cholesky(indefinite)))
                .isInstanceOf(FathomException.class);
    }

    /** The name and one line for people. */
    @Test
    void introducesItself() {
        assertThat(backend().name()).matches("[a-z][a-z0-9-]*");
        assertThat(backend().description()).isNotBlank().doesNotContain("\n");
        assertThat(Backends.named(backend().name())).isSameAs(backend());
    }
}
