package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Which arrays are computed once more by those who read them later. */
class RematerialisedTest {
    private static final int FAR = 256;
    private static final int NEAR = 64;

    /** How often an operation stands in a program of n by n matrices. */
    private static long count(
            Class<? extends Primitive> op, int n, Function<List<Tensor>, List<Tensor>> program) {
        var matrix = new TensorType(Shape.of(n, n), DType.FLOAT32);
        var recording = Recorder.record(Collections.nCopies(3, matrix), program);
        var g = Verifier.verify(Simplifier.simplify(recording.graph()));
        return g.equations().stream().filter(e -> op.isInstance(e.op())).count();
    }

    private static Tensor product(List<Tensor> v) {
        return v.get(0).matmul(v.get(1)); // (n, n)
    }

    /** x (1 + erf x) before a product, and both factors after it, as in the gradient of a GELU. */
    private static List<Tensor> gelu(Tensor x, List<Tensor> v) {
        Tensor half = x.times(0.5);
        Tensor h = Functions.erf(x.times(0.7)).plus(1);
        Tensor later = half.times(h).matmul(v.get(2)); // (n, n)
        return List.of(later.times(half).plus(later.times(h)));
    }

    @Test
    void oneArrayIsKeptInPlaceOfTwo() {
        assertThat(count(Elementwise.Erf.class, FAR, v -> gelu(product(v), v))).isEqualTo(2);
    }

    @Test
    void inTheCachesItIsNotWorthAnErrorFunction() {
        assertThat(count(Elementwise.Erf.class, NEAR, v -> gelu(product(v), v))).isEqualTo(1);
    }

    /** Two multiples of a product, before and after another. */
    private static List<Tensor> multiples(List<Tensor> v, Function<Tensor, Tensor> factor) {
        Tensor y = product(v);
        Tensor p = y.times(factor.apply(y));
        Tensor q = y.times(3);
        return List.of(p.plus(q).matmul(v.get(2)).times(p).times(q));
    }

    @Test
    void whatIsGivenMayBeOverwrittenByThen() {
        assertThat(count(Elementwise.Mul.class, FAR, v -> multiples(v, y -> y.sum(0))))
                .isEqualTo(6);
        assertThat(
                        count(
                                Elementwise.Mul.class,
                                FAR,
                                v -> multiples(v, _ -> v.get(2).slice(0, 0, 1).reshape(FAR))))
                .isEqualTo(4);
        assertThat(count(Elementwise.Erf.class, FAR, v -> gelu(v.getFirst(), v))).isEqualTo(1);
    }

    /** y − m where m is known after y, and once more after a product. */
    private static List<Tensor> deviations(List<Tensor> v, Function<Tensor, Tensor> statistic) {
        Tensor y = product(v);
        Tensor d = y.minus(statistic.apply(y)); // (n, n)
        return List.of(d.times(d.square().sum(0).sqrt()).matmul(v.get(2)).times(d));
    }

    @ParameterizedTest
    @CsvSource({"64", "256"})
    void differencesFromAMeanAreTakenThreeTimes(int n) {
        assertThat(count(Elementwise.Sub.class, n, v -> deviations(v, y -> y.sum(0).dividedBy(n))))
                .isEqualTo(3);
    }

    @Test
    void anArrayIsNoStatistic() {
        assertThat(count(Elementwise.Sub.class, FAR, v -> deviations(v, y -> y.matmul(v.get(2)))))
                .isEqualTo(1);
    }

    @Test
    void whatAProductReadsOrWhoeverCallsIsInMemoryAnyway() {
        Function<List<Tensor>, Tensor> x = v -> product(v).times(3);
        assertThat(
                        count(
                                Elementwise.Mul.class,
                                FAR,
                                v -> List.of(x.apply(v).matmul(v.get(2)).plus(x.apply(v)))))
                .isEqualTo(1);
        assertThat(
                        count(
                                Elementwise.Mul.class,
                                FAR,
                                v -> List.of(x.apply(v), x.apply(v).exp().matmul(v.get(2)))))
                .isEqualTo(1);
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void longChainsAreFollowedForAWhileOnly() {
        Function<List<Tensor>, List<Tensor>> chain =
                v -> {
                    Tensor y = product(v);
                    Tensor all = y;
                    for (int i = 0; i < 3000; i++) {
                        y = y.tanh();
                        all = all.plus(y);
                    }
                    return List.of(all.matmul(v.get(2)).times(y));
                };
        assertThat(count(Elementwise.Tanh.class, FAR, chain)).isEqualTo(3000);
    }
}
