package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.BiFunction;

/** What is left of a step. */
class LeanLoopsTest {
    private static final TensorType STATE = new TensorType(Shape.of(2, 3), DType.FLOAT32);
    private static final TensorType MATRIX = new TensorType(Shape.of(3, 3), DType.FLOAT32);

    private static String simplified(BiFunction<Tensor, Tensor, List<Tensor>> f) {
        var graph =
                Recorder.record(List.of(MATRIX, STATE), v -> f.apply(v.get(0), v.get(1))).graph();
        return Verifier.verify(Simplifier.simplify(graph)).toString();
    }

    @Test
    void whatDoesNotChangeIsComputedBeforeTheLoop() {
        assertThat(
                        simplified((w, s) ->
                                List.of(
                                        Loops.repeat(
                                                (Tensor h) -> h.matmul(w.exp().transpose()),
                                                s,
                                                4))))
                .isEqualTo(
                        """
                        { a:float32(3, 3) b:float32(2, 3) ->
                          c:float32(3, 3) = exp a
                          d:float32(3, 3) = transpose[order=[1, 0]] c
                          e:float32(2, 3) = scan[length=4 constants=1 carry=1 { a:float32(3, 3) b:float32(2, 3) ->
                            c:float32(2, 3) = dot[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] b a
                            return c }] d b
                          return e }\
                        """);
    }

    @Test
    void stacksAreWrittenOnceAndOnlyIfRead() {
        assertThat(
                        simplified((w, s) -> {
                            var r =
                                    Loops.scan(
                                            (Tensor h, Tensor x) -> {
                                                Tensor y = h.matmul(w).plus(x);
                                                return new Carried<>(
                                                        y, List.of(y.exp(), y.negate(), y.exp()));
                                            },
                                            s,
                                            s.broadcastTo(5, 2, 3));
                            return List.of(r.outputs().get(0), r.outputs().get(2));
                        }))
                .isEqualTo(
                        """
                        { a:float32(3, 3) b:float32(2, 3) ->
                          c:float32(5, 2, 3) = broadcast[shape=(5, 2, 3) dims=[1, 2]] b
                          d:float32(2, 3), e:float32(5, 2, 3) = scan[length=5 constants=1 carry=1 { a:float32(3, 3) b:float32(2, 3) c:float32(2, 3) ->
                            d:float32(2, 3) = dot[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] b a
                            e:float32(2, 3) = add d c
                            f:float32(2, 3) = exp e
                            return e f }] a b c
                          return e e }\
                        """);
    }
}
