package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** Which steps can be run for some rows only: 24 rows of width 5. */
class RowsTest {
    private static final TensorType MATRIX = type(5, 20);
    private static final TensorType STATE = type(24, 5);
    private static final TensorType READ = type(24, 20);

    private static TensorType type(int... dims) {
        return new TensorType(Shape.of(dims), DType.FLOAT32);
    }

    private static @Nullable Rows rows(
            int fixed, Function<List<Tensor>, List<Tensor>> f, TensorType... types) {
        return Rows.of(Simplifier.simplify(Recorder.record(List.of(types), f).graph()), fixed, 1);
    }

    /** Gates side by side, as in a recurrent network. */
    private static Tensor gated(Tensor w, Tensor h, Tensor x) {
        Tensor gates = h.matmul(w).plus(x); // (24, 20)
        Tensor i = Functions.sigmoid(gates.slice(1, 0, 5));
        Tensor g = Functions.tanh(gates.slice(1, 5, 10));
        return h.times(i).plus(g.times(Tensor.ones(24, 5).minus(i)));
    }

    @Test
    void aRecurrentStepIsOneForEachRow() {
        var rows =
                rows(
                        1,
                        v -> List.of(gated(v.get(0), v.get(1), v.get(2)), v.get(1)),
                        MATRIX,
                        STATE,
                        READ);
        assertThat(rows).isNotNull();
        assertThat(rows.count()).isEqualTo(24);
        assertThat(List.of(rows.divides(0), rows.divides(1), rows.divides(2)))
                .containsExactly(false, true, true);
        var three = Verifier.verify(rows.step(3));
        assertThat(three.inputTypes()).containsExactly(MATRIX, type(3, 5), type(3, 20));
        assertThat(three.outputTypes()).containsExactly(type(3, 5), type(3, 5));
    }

    @Test
    void rowsAreFollowedFromAxisToAxis() {
        var rows =
                rows(
                        0,
                        v -> {
                            Tensor t = v.get(0).transpose().expandDims(0); // (1, 5, 24)
                            Tensor s = t.sum(1).reshape(24, 1); // (24, 1)
                            Tensor both = Shaping.concatenate(1, v.get(0), s); // (24, 6)
                            return List.of(both.slice(1, 1, 6));
                        },
                        STATE);
        assertThat(rows).isNotNull();
        assertThat(Verifier.verify(rows.step(7)).outputTypes()).containsExactly(type(7, 5));
    }

    @Test
    void whatIsFixedIsDividedWhereItMeetsRows() {
        // a mask of its own for each row, a row of factors for all
        var rows =
                rows(
                        2,
                        v -> List.of(v.get(2).times(v.get(0).expandDims(1)).times(v.get(1))),
                        type(24),
                        type(5),
                        STATE);
        assertThat(rows).isNotNull();
        assertThat(List.of(rows.divides(0), rows.divides(1))).containsExactly(true, false);
        assertThat(Verifier.verify(rows.step(2)).inputTypes())
                .containsExactly(type(2), type(5), type(2, 5));
    }

    @Test
    void aStepThatMixesRowsHasNone() {
        assertThat(rows(0, v -> List.of(v.get(0).minus(v.get(0).sum(0))), STATE)).isNull();
        assertThat(rows(0, v -> List.of(Shaping.reverse(v.get(0), 0)), STATE)).isNull();
        assertThat(rows(0, v -> List.of(v.get(0), v.get(0).sum(0)), STATE)).isNull();
        assertThat(rows(0, v -> List.of(v.get(0).plus(1)), type())).isNull();
        assertThat(rows(0, v -> List.of(v.get(0).plus(1)), type(1, 5))).isNull();
        var square = type(24, 24);
        assertThat(rows(0, v -> List.of(v.get(0).matmul(v.get(0))), square)).isNull();
        assertThat(rows(0, v -> List.of(v.get(0).transpose()), square)).isNull();
    }
}
