package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** When padded pieces are put side by side. */
class JoinedPadsTest {
    private static final TensorType PIECE = new TensorType(Shape.of(2, 3), DType.FLOAT32);

    private static Graph simplified(Function<List<Tensor>, Tensor> f) {
        var types = List.of(PIECE, PIECE, PIECE);
        var g = Recorder.record(types, v -> List.of(f.apply(v))).graph();
        return Verifier.verify(Simplifier.simplify(g));
    }

    /** Columns of zeros at both sides. */
    private static Tensor pad(Tensor x, int low, int high) {
        return Ops.bind(new Structural.Pad(Axes.of(0, low), Axes.of(0, high), Axes.of(0, 0)), x);
    }

    @Test
    void piecesThatMeetAreConcatenated() {
        var g =
                simplified(v ->
                        pad(v.get(2), 6, 0).plus(pad(v.get(1), 3, 3)).plus(pad(v.get(0), 0, 6)));
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(2, 3) b:float32(2, 3) c:float32(2, 3) ->
                          d:float32(2, 9) = concatenate[axis=1] a b c
                          return d }\
                        """);
    }

    @Test
    void zerosAroundThemStay() {
        var g = simplified(v -> pad(v.get(0), 1, 5).plus(pad(v.get(1), 4, 2)));
        assertThat(g.toString())
                .contains("d:float32(2, 6) = concatenate[axis=1] a b")
                .contains("e:float32(2, 9) = pad[low=[0, 1] high=[0, 2] inner=[0, 0]] d")
                .doesNotContain("add");
    }

    @Test
    void piecesThatOverlapOrLeaveAGapAreAdded() {
        assertThat(simplified(v -> pad(v.get(0), 0, 5).plus(pad(v.get(1), 2, 3))).toString())
                .contains("add");
        assertThat(simplified(v -> pad(v.get(0), 0, 5).plus(pad(v.get(1), 5, 0))).toString())
                .contains("add");
    }

    @Test
    void piecesPaddedAlongDifferentAxesAreAdded() {
        var g =
                simplified(v -> {
                    var below = new Structural.Pad(Axes.of(2, 0), Axes.of(0, 3), Axes.of(0, 0));
                    var above = new Structural.Pad(Axes.of(0, 3), Axes.of(2, 0), Axes.of(0, 0));
                    return Ops.bind(below, v.get(0)).plus(Ops.bind(above, v.get(1)));
                });
        assertThat(g.toString()).contains("add");
    }
}
