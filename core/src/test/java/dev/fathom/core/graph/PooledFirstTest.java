package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.transform.Transforms;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** When maxima are taken first. */
class PooledFirstTest {
    private static final TensorType IMAGE = new TensorType(Shape.of(1, 4, 4, 2), DType.FLOAT32);
    private static final TensorType BIAS = new TensorType(Shape.of(2), DType.FLOAT32);
    private static final TensorType PLACES = new TensorType(Shape.of(4, 1), DType.FLOAT32);

    private static String simplified(Function<List<Tensor>, Tensor> f) {
        var types = List.of(IMAGE, BIAS, PLACES);
        var g = Recorder.record(types, v -> List.of(f.apply(v))).graph();
        return Verifier.verify(Simplifier.simplify(g)).toString();
    }

    private static Tensor pool(Tensor x) {
        return Convolutions.maxPool(x, 2, 2, Padding.VALID);
    }

    @Test
    void biasAndReluFollowTheMaximum() {
        assertThat(simplified(v -> pool(Functions.relu(v.get(0).plus(v.get(1))))))
                .isEqualTo(
                        """
                        { a:float32(1, 4, 4, 2) b:float32(2,) c:float32(4, 1) ->
                          d:float32(1, 2, 2, 2) = maxPool[frame=Frame[size=[2, 2], stride=[2, 2], low=[0, 0], high=[0, 0]]] a
                          e:float32(1, 2, 2, 2) = broadcast[shape=(1, 2, 2, 2) dims=[3]] b
                          f:float32(1, 2, 2, 2) = add d e
                          g:float32(1, 2, 2, 2) = broadcast[shape=(1, 2, 2, 2) dims=[]] 0.0
                          h:bool(1, 2, 2, 2) = lessEqual[order=LESS_EQUAL] f g
                          i:float32(1, 2, 2, 2) = select h g f
                          return i }\
                        """);
    }

    @Test
    void theirGradientsAreThoseOfTheWindows() {
        var text =
                simplified(v ->
                        Transforms.grad((Tensor b) ->
                                        pool(Functions.relu(v.get(0).plus(b))).square().sum())
                                .apply(v.get(1)));
        assertThat(text).doesNotContain("(1, 4, 4, 2) = ");
    }

    @Test
    void whatDiffersBetweenThePlacesOfAWindowStays() {
        assertThat(simplified(v -> pool(v.get(0).plus(v.get(2)))))
                .contains("f:float32(1, 4, 4, 2) = add a e")
                .endsWith("] f\n  return g }");
    }

    @Test
    void aFactorOfEachChannelFollowsThePick() {
        assertThat(simplified(v -> pool(v.get(0).times(v.get(1)))))
                .isEqualTo(
                        """
                        { a:float32(1, 4, 4, 2) b:float32(2,) c:float32(4, 1) ->
                          d:float32(2,) = sign b
                          e:float32(1, 2, 2, 2) = pick[frame=Frame[size=[2, 2], stride=[2, 2], low=[0, 0], high=[0, 0]]] a d a
                          f:float32(1, 2, 2, 2) = broadcast[shape=(1, 2, 2, 2) dims=[3]] b
                          g:float32(1, 2, 2, 2) = mul e f
                          return g }\
                        """);
    }

    /** What is left of the image is the gradient itself: the sums are over windows. */
    @Test
    void aNormalisationHasNoSumOverTheImage() {
        var text =
                simplified(v ->
                        Transforms.grad((Tensor b) ->
                                        pool(Functions.relu(v.get(0).minus(b).times(b).plus(b)))
                                                .square()
                                                .sum())
                                .apply(v.get(1)));
        assertThat(text).contains("pick").doesNotContain("(1, 4, 4, 2) = ");
    }

    @Test
    void aFactorOfEachImageStays() {
        assertThat(simplified(v -> pool(v.get(0).times(v.get(0).sum(1, 2, 3).reshape(1, 1, 1, 1)))))
                .contains("maxPool")
                .doesNotContain("pick");
    }
}
