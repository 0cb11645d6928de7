package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.function.UnaryOperator;

/** Which differences are taken anew by their readers. */
class DeviationsTest {
    private static final TensorType MATRIX = new TensorType(Shape.of(16, 16), DType.FLOAT32);
    private static final TensorType NUMBER = new TensorType(Shape.of(), DType.FLOAT32);

    /** Of a program with two readers of x − m, where m comes from {@code statistic}. */
    private static long subtractions(UnaryOperator<List<Tensor>> statistic) {
        var recording =
                Recorder.record(
                        List.of(MATRIX, NUMBER),
                        v -> {
                            Tensor m = statistic.apply(v).getFirst();
                            Tensor d = v.getFirst().minus(m); // (16, 16)
                            return List.of(d.square().plus(d.tanh()));
                        });
        var g = Verifier.verify(Simplifier.simplify(recording.graph()));
        return g.equations().stream().filter(e -> e.op() instanceof Elementwise.Sub).count();
    }

    /** Forty steps of Newton's method: 2⁴⁰ ways lead from the last to the first. */
    private static Tensor root(Tensor a) {
        Tensor y = a;
        for (int i = 0; i < 40; i++) {
            y = y.plus(a.dividedBy(y)).times(0.5);
        }
        return y;
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aStatisticIsFollowedBackThroughEachLineOnce() {
        assertThat(subtractions(v -> List.of(root(v.get(1))))).isEqualTo(1);
        assertThat(subtractions(v -> List.of(root(v.get(0).sum())))).isEqualTo(2);
    }

    @Test
    void aLongWayIsFollowed() {
        UnaryOperator<List<Tensor>> far =
                v -> {
                    Tensor y = v.getFirst().sum();
                    for (int i = 0; i < 5000; i++) {
                        y = y.tanh();
                    }
                    return List.of(y);
                };
        assertThat(subtractions(far)).isEqualTo(2);
    }
}
