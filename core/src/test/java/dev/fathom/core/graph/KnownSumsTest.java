package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** Which sums a program is left with. */
class KnownSumsTest {
    private static final TensorType MATRIX = new TensorType(Shape.of(16, 4), DType.FLOAT32);
    private static final TensorType ROW = new TensorType(Shape.of(4), DType.FLOAT32);

    private static Graph simplified(Function<List<Tensor>, List<Tensor>> f, TensorType... types) {
        return Verifier.verify(Simplifier.simplify(Recorder.record(List.of(types), f).graph()));
    }

    private static long sums(Graph g) {
        return g.equations().stream().filter(e -> e.op() instanceof Reduction.Sum).count();
    }

    @Test
    void aSumOfALinearExpressionFollowsFromKnownOnes() {
        var g =
                simplified(
                        v -> {
                            Tensor x = v.get(0); // (16, 4)
                            Tensor b = v.get(1); // (4)
                            Tensor centred = x.minus(b).times(b).negate();
                            return List.of(x.sum(0), centred.sum(0), centred);
                        },
                        MATRIX,
                        ROW);
        assertThat(sums(g)).isEqualTo(1);
        // -(Σ x - 16 b) b
        assertThat(g.toString()).contains("16.0").contains("neg");
    }

    @Test
    void theSumOfWhatIsRepeatedIsAMultiple() {
        var g = simplified(v -> List.of(v.get(0).broadcastTo(16, 4).sum(0)), ROW);
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(4,) ->
                          b:float32(4,) = broadcast[shape=(4,) dims=[]] 16.0
                          c:float32(4,) = mul a b
                          return c }\
                        """);
    }

    @Test
    void otherSumsStay() {
        var g =
                simplified(
                        v -> {
                            Tensor x = v.get(0); // (16, 4)
                            return List.of(
                                    x.sum(0), // known from here on
                                    x.sum(1), // along the other axis
                                    x.square().sum(0), // not linear
                                    x.times(v.get(1)).sum(1)); // differs along the axis summed
                        },
                        MATRIX,
                        ROW);
        assertThat(sums(g)).isEqualTo(4);
    }

    /** Σ unpick(x, k, u) (x − b) = Σ u (pick(x, k, x) − b). */
    @Test
    void sumsOverImagesAreSumsOverWindows() {
        var image = new TensorType(Shape.of(1, 8, 8, 2), DType.FLOAT32);
        var windows = new TensorType(Shape.of(1, 4, 4, 2), DType.FLOAT32);
        var channel = new TensorType(Shape.of(2), DType.FLOAT32);
        var two = Axes.of(2, 2);
        var frame = new Window.Frame(two, two, Axes.of(0, 0), Axes.of(0, 0));
        var g =
                simplified(
                        v -> {
                            Tensor u =
                                    Ops.bind(
                                            new Window.Unpick(frame), v.get(0), v.get(1), v.get(2));
                            return List.of(u.times(v.get(0).minus(v.get(1))).sum(1, 2));
                        },
                        image,
                        channel,
                        windows);
        assertThat(g.toString()).contains("pick").doesNotContain("unpick", "(1, 8, 8, 2) = ");
        var other =
                simplified(
                        v -> {
                            Tensor u =
                                    Ops.bind(
                                            new Window.Unpick(frame), v.get(0), v.get(1), v.get(2));
                            return List.of(
                                    u.times(v.get(0).exp()).sum(1, 2), u.times(v.get(0)).sum(1));
                        },
                        image,
                        channel,
                        windows);
        assertThat(other.toString()).contains("unpick"); // not linear; not of whole images
        assertThat(sums(other)).isEqualTo(2);
    }

    @Test
    void wholeNumbersAndSmallSumsAreLeftAlone() {
        var whole = new TensorType(Shape.of(16, 4), DType.INT32);
        assertThat(sums(simplified(v -> twice(v.get(0)), whole))).isEqualTo(2);
        var small = new TensorType(Shape.of(4, 4), DType.FLOAT32);
        assertThat(sums(simplified(v -> twice(v.get(0)), small))).isEqualTo(2);
        assertThat(sums(simplified(v -> twice(v.get(0)), MATRIX))).isEqualTo(1);
    }

    private static List<Tensor> twice(Tensor x) {
        return List.of(x.sum(0), x.negate().sum(0));
    }

    @Test
    void shapesInBetweenAndFactorsOfOneGo() {
        var g =
                simplified(
                        v -> {
                            Tensor x = v.get(0).reshape(8, 8).reshape(16, 4);
                            return List.of(Tensor.ones(16, 4).times(x));
                        },
                        MATRIX);
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(16, 4) ->
                          return a }\
                        """);
    }
}
