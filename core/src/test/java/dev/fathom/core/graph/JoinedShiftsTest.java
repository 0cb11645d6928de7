package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** What is added to rows in two steps. */
class JoinedShiftsTest {
    private static final TensorType MATRIX = new TensorType(Shape.of(16, 4), DType.FLOAT32);
    private static final TensorType ROW = new TensorType(Shape.of(4), DType.FLOAT32);

    private static String simplified(Function<List<Tensor>, List<Tensor>> f, TensorType... types) {
        return Verifier.verify(Simplifier.simplify(Recorder.record(List.of(types), f).graph()))
                .toString();
    }

    @Test
    void anArrayIsShiftedOnce() {
        assertThat(
                        simplified(
                                v -> List.of(v.get(0).plus(v.get(1)).minus(v.get(2)).exp()),
                                MATRIX,
                                ROW,
                                ROW))
                .isEqualTo(
                        """
                        { a:float32(16, 4) b:float32(4,) c:float32(4,) ->
                          d:float32(4,) = sub c b
                          e:float32(16, 4) = broadcast[shape=(16, 4) dims=[1]] d
                          f:float32(16, 4) = sub a e
                          g:float32(16, 4) = exp f
                          return g }\
                        """);
    }

    @Test
    void theSignsAreKept() {
        assertThat(shifted((x, b, c) -> x.minus(b).minus(c))).contains("= add c b", "= sub a");
        assertThat(shifted((x, b, c) -> x.minus(b).plus(c))).contains("= sub c b", "= add a");
        assertThat(shifted((x, b, c) -> x.plus(b).plus(c))).contains("= add c b", "= add a");
    }

    private interface Shifts {
        Tensor of(Tensor x, Tensor b, Tensor c);
    }

    private static String shifted(Shifts f) {
        return simplified(v -> List.of(f.of(v.get(0), v.get(1), v.get(2)).exp()), MATRIX, ROW, ROW);
    }

    /** The mean of x + b, and x + b less it: x + b is needed no more. */
    @Test
    void theSumOfWhatIsShiftedFollowsFromThatOfTheArray() {
        var text =
                simplified(
                        v -> {
                            Tensor y = v.get(0).plus(v.get(1));
                            return List.of(y.minus(y.sum(0).dividedBy(16)).exp());
                        },
                        MATRIX,
                        ROW);
        assertThat(text).contains("sum[axes=[0]] a").doesNotContain("(16, 4) = add");
    }

    @Test
    void whatIsReadOtherwiseStays() {
        var returned =
                simplified(
                        v -> {
                            Tensor y = v.get(0).plus(v.get(1));
                            return List.of(y, y.minus(v.get(1)));
                        },
                        MATRIX,
                        ROW);
        var squared =
                simplified(
                        v -> {
                            Tensor y = v.get(0).plus(v.get(1));
                            return List.of(y.square(), y.minus(v.get(1)));
                        },
                        MATRIX,
                        ROW);
        var column = new TensorType(Shape.of(16, 1), DType.FLOAT32);
        var otherwise =
                simplified(
                        v -> List.of(v.get(0).plus(v.get(1)).minus(v.get(2))), MATRIX, ROW, column);
        assertThat(List.of(returned, squared, otherwise))
                .allSatisfy(t -> assertThat(t).contains("(16, 4) = add", "(16, 4) = sub"));
    }
}
