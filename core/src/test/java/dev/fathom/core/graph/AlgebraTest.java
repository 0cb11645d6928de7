package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What each rule makes of a line: the operations left, in order. */
class AlgebraTest {
    private static final Shape MATRIX = Shape.of(2, 3);

    private static Arguments row(String left, DType dtype, UnaryOperator<Tensor> f) {
        return Arguments.of(left, dtype, f);
    }

    private static Tensor transposed(Tensor x, int... order) {
        return Ops.bind(new Structural.Transpose(Axes.of(order)), x);
    }

    private static Tensor taken(Tensor x, int count) {
        return Shaping.take(x, Ops.broadcastTo(Tensor.full(DType.INT32, 1), Shape.of(count)), 0);
    }

    private static Tensor not(Tensor x) {
        return Ops.bind(new Elementwise.Not(), x);
    }

    private static Tensor select(boolean p, Tensor a, Tensor b) {
        return Ops.select(Ops.full(a.type().withDType(DType.BOOL), p ? 1 : 0), a, b);
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                // numbers
                row("", DType.FLOAT32, x -> x.times(1)),
                row("", DType.FLOAT64, x -> Ops.full(x.type(), 1).times(x)),
                row("", DType.FLOAT32, x -> x.dividedBy(1)),
                row("", DType.FLOAT32, x -> x.plus(-0.0)),
                row("", DType.FLOAT32, x -> Ops.full(x.type(), -0.0).plus(x)),
                row("", DType.FLOAT32, x -> x.minus(0)),
                row("", DType.INT32, x -> x.plus(0)),
                row("", DType.INT64, x -> x.minus(0)),
                row("add", DType.FLOAT32, x -> x.plus(0)), // −0 + 0 is +0
                row("sub", DType.FLOAT32, x -> x.minus(-0.0)),
                row("mul", DType.FLOAT32, x -> x.times(0)), // NaN stays NaN
                row("", DType.FLOAT32, x -> x.negate().negate()),
                row("neg", DType.FLOAT32, x -> x.negate().negate().negate()),
                row("", DType.BOOL, x -> not(not(x))),
                row("", DType.FLOAT32, x -> Ops.bind(new Elementwise.Max(), x, x)),
                // quotients by powers of two
                row("mul", DType.FLOAT32, x -> x.dividedBy(8)),
                row("mul", DType.FLOAT64, x -> x.dividedBy(-0.25)),
                row("mul", DType.FLOAT32, x -> x.dividedBy(0x1p127)),
                row("div", DType.FLOAT32, x -> x.dividedBy(3)),
                row("div", DType.FLOAT32, x -> x.dividedBy(0x1p-127)), // 2¹²⁷ twice is too much
                row("div", DType.FLOAT32, x -> x.dividedBy(0)),
                row("div", DType.FLOAT32, x -> x.dividedBy(Double.POSITIVE_INFINITY)),
                row("div", DType.INT32, x -> x.dividedBy(4)), // rounds towards zero
                // choices
                row("", DType.FLOAT32, x -> select(true, x, x.exp())),
                row("exp", DType.FLOAT32, x -> select(false, x, x.exp())),
                row("", DType.FLOAT32, x -> Ops.select(Functions.isFinite(x), x, x)),
                // dtypes
                row("", DType.FLOAT32, x -> x.cast(DType.FLOAT32)),
                row("", DType.FLOAT32, x -> x.cast(DType.FLOAT64).cast(DType.FLOAT32)),
                row("cast", DType.INT32, x -> x.cast(DType.INT64).cast(DType.FLOAT32)),
                row("cast", DType.BOOL, x -> x.cast(DType.FLOAT32).cast(DType.INT32)),
                row("cast cast", DType.FLOAT64, x -> x.cast(DType.FLOAT32).cast(DType.FLOAT64)),
                row("cast cast", DType.INT32, x -> x.cast(DType.FLOAT32).cast(DType.INT32)),
                row("", DType.BFLOAT16, x -> x.cast(DType.FLOAT32).cast(DType.BFLOAT16)),
                row("cast", DType.BFLOAT16, x -> x.cast(DType.FLOAT32).cast(DType.FLOAT64)),
                row("cast cast", DType.FLOAT32, x -> x.cast(DType.BFLOAT16).cast(DType.FLOAT32)),
                row("gather cast", DType.BFLOAT16, x -> taken(x.cast(DType.FLOAT32), 1)),
                row("cast gather", DType.BFLOAT16, x -> taken(x.cast(DType.FLOAT32), 3)),
                row("cast gather", DType.INT32, x -> taken(x.cast(DType.FLOAT32), 1)),
                // shapes and orders
                row("", DType.FLOAT32, x -> x.reshape(6).reshape(3, 2).reshape(2, 3)),
                row("reshape", DType.FLOAT32, x -> x.reshape(6).reshape(3, 2)),
                row("", DType.FLOAT32, x -> x.transpose().transpose()),
                row(
                        "reshape transpose",
                        DType.FLOAT32,
                        x -> transposed(transposed(x.reshape(1, 2, 3), 2, 0, 1), 2, 0, 1)),
                row("", DType.FLOAT32, x -> Shaping.reverse(Shaping.reverse(x, 1), 1)),
                row(
                        "reverse reverse",
                        DType.FLOAT32,
                        x -> Shaping.reverse(Shaping.reverse(x, 1), 0)),
                row("", DType.FLOAT32, x -> Shaping.pad(x, new int[2], new int[2])),
                row(
                        "broadcast",
                        DType.FLOAT32,
                        x ->
                                Ops.broadcast(
                                        Ops.broadcast(x, Shape.of(2, 4, 3), Axes.of(0, 2)),
                                        Shape.of(2, 4, 5, 3),
                                        Axes.of(0, 1, 3))),
                row(
                        "broadcast add",
                        DType.FLOAT32,
                        x ->
                                x.plus(
                                        Tensor.full(DType.FLOAT32, 7, 4, 2)
                                                .transpose()
                                                .slice(1, 0, 3))));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void lineIsLeftOut(String left, DType dtype, UnaryOperator<Tensor> f) {
        var recorded =
                Recorder.record(
                                List.of(new TensorType(MATRIX, dtype)),
                                v -> List.of(f.apply(v.getFirst())))
                        .graph();
        var g = Verifier.verify(UnusedLines.rewrite(Algebra.rewrite(recorded)));
        var ops = g.equations().stream().map(e -> e.op().name()).toList();
        if (!left.contains("broadcast")) {
            ops = ops.stream().filter(o -> !o.equals("broadcast")).toList(); // of numbers
        }
        assertThat(String.join(" ", ops)).as(g.toString()).isEqualTo(left);
        assertThat(g.outputTypes()).isEqualTo(recorded.outputTypes());
    }
}
