package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.graph.Simplifier;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Structural;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What the compiler computes beforehand or leaves out, and that no bit differs for it. */
class FoldingTest {
    private static final double[] VALUES = {
        0.0, -0.0, 1, -2.5, 0.3, 1e-40, 1e30, Double.NaN, Double.POSITIVE_INFINITY
    };

    private static List<String> operations(Function<Tensor, Tensor> f, Tensor x) {
        return Simplifier.simplify(jit(f).graph(x)).equations().stream()
                .map(e -> e.op().name())
                .toList();
    }

    /** Every elementwise operation that is a record without components. */
    static Stream<Elementwise> operations() {
        return leaves(Elementwise.class)
                .filter(c -> c.getRecordComponents().length == 0)
                .map(FoldingTest::instance);
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Stream.of(type.getPermittedSubclasses()).flatMap(FoldingTest::leaves);
    }

    private static Elementwise instance(Class<?> type) {
        try {
            return (Elementwise) type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static List<TensorType> types(Elementwise op, DType dtype, Shape shape) {
        var types = new ArrayList<>(Collections.nCopies(op.arity(), new TensorType(shape, dtype)));
        if (op instanceof Elementwise.Select) {
            types.set(0, types.getFirst().withDType(DType.BOOL));
        }
        return types;
    }

    private static boolean divides(Elementwise op) {
        return op instanceof Elementwise.Div || op instanceof Elementwise.Remainder;
    }

    private static boolean takes(Elementwise op, DType dtype) {
        return switch (op.domain()) {
            case REAL -> dtype.isFloating();
            case NUMBER -> dtype.isNumeric();
            case TRUTH -> dtype == DType.BOOL;
            case WHOLE -> dtype.isInteger();
            case ANY -> true;
        };
    }

    @ParameterizedTest
    @MethodSource("operations")
    void numbersAreThoseOfTheProgram(Elementwise op) {
        for (var dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.INT32, DType.BOOL)) {
            if (!takes(op, dtype)) {
                continue;
            }
            for (double value : VALUES) {
                boolean fits = dtype.isFloating() || value == Math.rint(value) && value < 1e9;
                if (!fits || dtype == DType.INT32 && value == 0 && divides(op)) {
                    continue;
                }
                var types = types(op, dtype, Shape.of(37));
                var operands = types.stream().map(t -> Ops.full(t, value)).toList();
                var computed =
                        jit((List<Tensor> x) -> Ops.bindAll(op, x).getFirst()).apply(operands);
                Function<Tensor, Tensor> f =
                        _ ->
                                Ops.bindAll(
                                                op,
                                                types.stream()
                                                        .map(t -> Ops.full(t, value))
                                                        .toList())
                                        .getFirst();
                var x = Tensor.zeros(1);
                assertThat(operations(f, x)).isSubsetOf("broadcast");
                assertThat(jit(f).apply(x).toDoubles())
                        .as("%s of %s %s", op, dtype, value)
                        .containsExactly(computed.toDoubles());
            }
        }
    }

    @Test
    void smallArraysAreFoldedAndLargeOnesAreNot() {
        assertThat(
                        operations(
                                x -> x.plus(Creation.range(DType.FLOAT32, 8).exp().sum()),
                                Tensor.zeros(3)))
                .containsExactly("broadcast", "add");
        assertThat(
                        operations(
                                x -> x.plus(Creation.range(DType.FLOAT32, 65).exp().sum()),
                                Tensor.zeros(3)))
                .containsExactly("iota", "exp", "sum", "broadcast", "add");
        assertThat(operations(x -> x.plus(Key.of(1).split(2)[0].normal(4)), Tensor.zeros(4)))
                .containsExactly("add");
    }

    @Test
    void whatIsMovedOrRepeatedIsNotWrittenOut() {
        var row = Tensor.of(new float[] {1, 2, 3});
        assertThat(
                        operations(
                                x -> x.times(Ops.broadcast(row, Shape.of(2, 3), Axes.of(1))),
                                Tensor.zeros(2, 3)))
                .containsExactly("broadcast", "mul");
        assertThat(operations(x -> x.times(row.reshape(3, 1)), Tensor.zeros(3, 1)))
                .containsExactly("reshape", "mul");
    }

    @Test
    void aSingleOperationIsLeftToTheBackend() {
        var graph =
                jit((Tensor _) ->
                                Ops.bind(
                                        new Structural.Reshape(Shape.of(1, 3)),
                                        Tensor.of(new float[] {1, 2, 3})))
                        .graph(Tensor.zeros(1));
        assertThat(Simplifier.simplify(graph)).isEqualTo(graph);
    }

    @Test
    void whatFailsFailsWhenTheProgramRuns() {
        var f =
                jit((Tensor x) ->
                        x.plus(
                                Shaping.take(
                                        Tensor.of(new float[] {1, 2}),
                                        Tensor.of(new int[] {2}),
                                        0)));
        assertThat(f.program(Tensor.zeros(1)).counts()).containsEntry("instructions", 2L);
        assertThatThrownBy(() -> f.apply(Tensor.zeros(1)))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("index 2 at position 0 is outside an axis of size 2");
    }

    /** Lines left out by the compiler, against the same lines run one by one. */
    static Stream<UnaryOperator<Tensor>> withoutEffect() {
        return Stream.of(
                x -> x.dividedBy(8),
                x -> x.dividedBy(-0.25),
                x -> x.dividedBy(0x1p127),
                x -> x.dividedBy(0x1p-126),
                x -> x.plus(-0.0),
                x -> x.minus(0),
                x -> x.times(1).negate().negate(),
                x -> x.cast(DType.FLOAT64).cast(DType.FLOAT32),
                x -> x.cast(DType.FLOAT64).cast(DType.INT32).cast(DType.INT64).cast(DType.FLOAT32));
    }

    @ParameterizedTest
    @MethodSource("withoutEffect")
    void whatIsLeftOutChangesNoBit(UnaryOperator<Tensor> f) {
        var numbers = new float[400];
        var random = new SplittableRandom(7);
        for (int i = 0; i < numbers.length; i++) { // of every size, subnormal ones too
            numbers[i] = Float.intBitsToFloat(random.nextInt());
        }
        for (int i = 0; i < VALUES.length; i++) {
            numbers[i] = (float) VALUES[i];
        }
        var x = Tensor.of(numbers);
        Function<Tensor, Tensor> compiled = jit(f::apply);
        assertThat(compiled.apply(x).toFloats()).containsExactly(f.apply(x).toFloats());
    }
}
