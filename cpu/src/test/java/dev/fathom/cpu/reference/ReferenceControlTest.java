package dev.fathom.cpu.reference;

import static dev.fathom.cpu.reference.Oracle.doubles;
import static dev.fathom.cpu.reference.Oracle.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.BackendException;
import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.CustomOp;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

class ReferenceControlTest {
    private static final TensorType SCALAR = type(DType.FLOAT64);

    private static Graph graph(List<TensorType> types, Function<List<Tensor>, List<Tensor>> f) {
        return Recorder.record(types, f).graph();
    }

    /** (a, c, x) to (c', y) with c' = a·c + x and y = c'. */
    private static Graph step() {
        return graph(
                List.of(SCALAR, SCALAR, SCALAR),
                v -> {
                    Tensor next = v.get(0).times(v.get(1)).plus(v.get(2));
                    return List.of(next, next);
                });
    }

    @Test
    void scanForwardAndReverse() {
        Tensor two = Tensor.scalar(2.0);
        Tensor start = Tensor.scalar(1.0);
        Tensor xs = doubles(1, 10, 100);
        var forward = Oracle.all(new Control.Scan(step(), 1, 1, 3, false), two, start, xs);
        // 2·1 + 1 = 3, 2·3 + 10 = 16, 2·16 + 100 = 132
        assertThat(forward.get(0).item()).isEqualTo(132);
        assertThat(forward.get(1).toDoubles()).containsExactly(3, 16, 132);
        var reverse = Oracle.all(new Control.Scan(step(), 1, 1, 3, true), two, start, xs);
        // 2·1 + 100 = 102, 2·102 + 10 = 214, 2·214 + 1 = 429
        assertThat(reverse.get(0).item()).isEqualTo(429);
        assertThat(reverse.get(1).toDoubles()).containsExactly(429, 214, 102);
    }

    @Test
    void scanOverNothingReturnsItsStart() {
        Tensor start = Tensor.scalar(5.0);
        var y =
                Oracle.all(
                        new Control.Scan(step(), 1, 1, 0, false),
                        Tensor.scalar(2.0),
                        start,
                        Tensor.of(new double[0], 0));
        assertThat(y.get(0).item()).isEqualTo(5);
        assertThat(y.get(1).size()).isZero();
        assertThat(((Array) y.get(0)).buffer().host()).isNotSameAs(((Array) start).buffer().host());
    }

    @Test
    void scanSlicesRows() {
        var row = type(DType.INT32, 2);
        var body = graph(List.of(row, row), v -> List.of(v.get(0).plus(v.get(1)), v.get(0)));
        var y =
                Oracle.all(
                        new Control.Scan(body, 0, 1, 2, false),
                        Tensor.of(new int[] {0, 0}),
                        Tensor.of(new int[] {1, 2, 30, 40}, 2, 2));
        assertThat(y.get(0).toInts()).containsExactly(31, 42);
        assertThat(y.get(1).toInts()).containsExactly(0, 0, 1, 2); // the carries before each step
    }

    @Test
    void condRunsOneBranch() {
        var twice = graph(List.of(SCALAR), v -> List.of(v.get(0).times(2)));
        var negative = graph(List.of(SCALAR), v -> List.of(v.get(0).negate()));
        var op = new Control.Cond(twice, negative);
        assertThat(Oracle.of(op, Tensor.scalar(true), Tensor.scalar(3.0)).item()).isEqualTo(6);
        assertThat(Oracle.of(op, Tensor.scalar(false), Tensor.scalar(3.0)).item()).isEqualTo(-3);
    }

    @Test
    void whileRunsUntilItsConditionFails() {
        // constants: limit for the condition, factor for the body; carry: value and count
        var condition =
                graph(List.of(SCALAR, SCALAR, SCALAR), v -> List.of(v.get(1).lessThan(v.get(0))));
        var body =
                graph(
                        List.of(SCALAR, SCALAR, SCALAR),
                        v -> List.of(v.get(0).times(v.get(1)), v.get(2).plus(1)));
        var op = new Control.While(condition, body, 1, 1);
        var y =
                Oracle.all(
                        op,
                        Tensor.scalar(100.0),
                        Tensor.scalar(3.0),
                        Tensor.scalar(1.0),
                        Tensor.scalar(0.0));
        assertThat(y.get(0).item()).isEqualTo(243); // 3⁵ is the first power not below 100
        assertThat(y.get(1).item()).isEqualTo(5);
        var none =
                Oracle.all(
                        op,
                        Tensor.scalar(0.0),
                        Tensor.scalar(3.0),
                        Tensor.scalar(1.0),
                        Tensor.scalar(0.0));
        assertThat(none.get(0).item()).isEqualTo(1);
    }

    @Test
    void callsRunTheirProgram() {
        var square = graph(List.of(SCALAR), v -> List.of(v.get(0).times(v.get(0))));
        assertThat(Oracle.of(new Control.Call("square", square, true), Tensor.scalar(3.0)).item())
                .isEqualTo(9);
        DerivativeRule.Reverse rule = (_, _, ct) -> ct;
        assertThat(
                        Oracle.of(new Control.WithRule("square", square, rule), Tensor.scalar(4.0))
                                .item())
                .isEqualTo(16);
        var transposed = new Control.Transposed(rule, List.of(SCALAR), List.of(SCALAR));
        assertThatThrownBy(() -> Oracle.all(transposed, Tensor.scalar(1.0)))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("reverse rule");
    }

    @Test
    void programsReturnMemoryOfTheirOwn() {
        Tensor constant = doubles(7, 8);
        var pair = type(DType.FLOAT64, 2);
        var program =
                new ReferenceBackend()
                        .compile(
                                graph(
                                        List.of(pair),
                                        v -> {
                                            Tensor sum = v.get(0).plus(constant);
                                            return List.of(v.get(0), constant, sum, sum);
                                        }));
        var input = new double[] {1, 2};
        var first = program.run(List.of(new HostBuffer(input)), new boolean[] {true});
        assertThat(first.get(2).host()).isNotSameAs(first.get(3).host());
        for (var buffer : first) {
            ((double[]) buffer.host())[0] = -1; // must reach neither the input nor the constant
        }
        var second = program.run(List.of(new HostBuffer(input)));
        assertThat((double[]) second.get(0).host()).containsExactly(1, 2);
        assertThat((double[]) second.get(1).host()).containsExactly(7, 8);
        assertThat((double[]) second.get(3).host()).containsExactly(8, 10);
        assertThat(program.counts()).containsEntry("equations", 1L);
        assertThat(program.describe()).contains("1 equations");
        assertThatThrownBy(() -> program.run(List.of())).isInstanceOf(BackendException.class);
    }

    /** An operation of a user: the operand itself, or a wrong type. */
    private record Same(boolean honest) implements CustomOp {
        @Override
        public String name() {
            return "same";
        }

        @Override
        public List<TensorType> types(List<TensorType> operands) {
            return honest ? operands : List.of(operands.getFirst().withDType(DType.BOOL));
        }

        @Override
        public List<Array> evaluate(List<Array> operands) {
            return operands;
        }
    }

    @Test
    void customOperations() {
        Tensor x = doubles(1, 2);
        Tensor y = Oracle.of(new Custom(new Same(true)), x);
        assertThat(y.toDoubles()).containsExactly(1, 2);
        assertThat(((Array) y).buffer().host()).isNotSameAs(((Array) x).buffer().host());
        assertThatThrownBy(() -> Oracle.of(new Custom(new Same(false)), x))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("same: CustomOp.evaluate returned");
    }
}
