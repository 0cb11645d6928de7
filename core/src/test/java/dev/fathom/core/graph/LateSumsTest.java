package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.UnaryOperator;

/** Sums that a loop need not take. */
class LateSumsTest {
    private static final TensorType STATE = new TensorType(Shape.of(8, 3), DType.FLOAT32);
    private static final TensorType SUM = new TensorType(Shape.of(3), DType.FLOAT32);

    private record Pair(Tensor state, Tensor sum) {}

    private static String simplified(UnaryOperator<Pair> step) {
        var graph =
                Recorder.record(
                                List.of(STATE, SUM),
                                v -> {
                                    var last = Loops.repeat(step, new Pair(v.get(0), v.get(1)), 4);
                                    return List.of(last.state(), last.sum());
                                })
                        .graph();
        return Verifier.verify(Simplifier.simplify(graph)).toString();
    }

    @Test
    void aSumThatIsAddedUpIsTakenAfterTheLoop() {
        assertThat(simplified(p -> new Pair(p.state().exp(), p.sum().plus(p.state().sum(0)))))
                .isEqualTo(
                        """
                        { a:float32(8, 3) b:float32(3,) ->
                          c:float32(8, 3) = broadcast[shape=(8, 3) dims=[]] 0.0
                          d:float32(8, 3), e:float32(8, 3) = scan[length=4 constants=0 carry=2 { a:float32(8, 3) b:float32(8, 3) ->
                            c:float32(8, 3) = exp a
                            d:float32(8, 3) = add b a
                            return c d }] a c
                          f:float32(3,) = sum[axes=[0]] e
                          g:float32(3,) = add b f
                          return d g }\
                        """);
    }

    @Test
    void aSumThatTheStepReadsStays() {
        assertThat(
                        simplified(p -> {
                            Tensor sum = p.sum().plus(p.state().sum(0));
                            return new Pair(p.state().plus(sum), sum);
                        }))
                .contains("carry=2 { a:float32(8, 3) b:float32(3,)");
        assertThat(
                        simplified(p ->
                                new Pair(p.state().plus(p.sum()), p.sum().plus(p.state().sum(0)))))
                .contains("carry=2 { a:float32(8, 3) b:float32(3,)");
    }
}
