package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.op.Control;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.UnaryOperator;

/** What is computed again rather than kept. */
class CheapStacksTest {
    private static final TensorType STATE = new TensorType(Shape.of(3), DType.FLOAT32);

    /** A loop that writes a gate and something computed from it, and one that reads both. */
    private static List<Control.Scan> loops(UnaryOperator<Tensor> derived) {
        var graph =
                Recorder.record(
                                List.of(STATE),
                                v -> {
                                    var written =
                                            Loops.scan(
                                                    (Tensor s, Tensor x) -> {
                                                        Tensor y = Functions.sigmoid(s);
                                                        return new Carried<>(
                                                                y.plus(x),
                                                                List.of(y, derived.apply(y)));
                                                    },
                                                    v.getFirst(),
                                                    v.getFirst().broadcastTo(5, 3));
                                    return List.of(
                                            Loops.scanReverse(
                                                            (Tensor s, List<Tensor> read) ->
                                                                    new Carried<>(
                                                                            s.times(read.get(0))
                                                                                    .plus(
                                                                                            read
                                                                                                    .get(
                                                                                                            1)),
                                                                            List.of()),
                                                            v.getFirst(),
                                                            written.outputs())
                                                    .carry());
                                })
                        .graph();
        return Verifier.verify(Simplifier.simplify(graph)).equations().stream()
                .filter(e -> e.op() instanceof Control.Scan)
                .map(e -> (Control.Scan) e.op())
                .toList();
    }

    @Test
    void theSlopeOfAGateFollowsFromTheGate() {
        var loops = loops(y -> y.times(y.negate().plus(1)));
        assertThat(loops.getFirst().body().outputs()).hasSize(2); // the state and the gate
        assertThat(loops.getLast().body())
                .hasToString(
                        """
                        { a:float32(3,) b:float32(3,) ->
                          c:float32(3,) = neg b
                          d:float32(3,) = broadcast[shape=(3,) dims=[]] 1.0
                          e:float32(3,) = add c d
                          f:float32(3,) = mul b e
                          g:float32(3,) = mul a b
                          h:float32(3,) = add g f
                          return h }\
                        """);
    }

    @Test
    void ofTwoThatFollowFromEachOtherOneIsRead() {
        var loops = loops(y -> y.negate());
        assertThat(loops.getLast().body().inputs()).hasSize(2); // the state and one of them
        assertThat(loops.getFirst().body().outputs()).hasSize(2);
    }

    @Test
    void whatIsDearIsKept() {
        var loops = loops(y -> y.exp());
        assertThat(loops.getFirst().body().outputs()).hasSize(3);
        assertThat(loops.getLast().body().inputs()).hasSize(3);
    }
}
