package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What is dropped, and that the expectation stays; the bottleneck and reshape layers. */
final class DropoutFamilyTest {
    private static final Key KEY = Key.of(4);

    /** A layer, and what its evaluation must be the expectation of its training for. */
    record Row(String name, Layer layer, Tensor x) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        Tensor x = Tensor.of(new double[] {1, -2, 3, 0.5}, 1, 4);
        var dense = Doubles.of(Dense.of(4, 3, KEY));
        return Stream.of(
                new Row("inverted", Dropout.of(0.25), x),
                new Row("plain", PlainDropout.of(0.75), x),
                new Row("spatial", SpatialDropout.of(0.25), x.reshape(1, 2, 2)),
                new Row("gaussian", GaussianDropout.of(0.25), x),
                new Row("dropconnect", DropConnect.of(dense, 0.25), x),
                new Row(
                        "plain before a dense layer",
                        Sequential.of(PlainDropout.of(0.75), dense),
                        x));
    }

    /**
     * The mean of 20,000 training passes is the evaluation, within five standard errors of it. The
     * passes are one batch of copies, each with its own mask.
     */
    @ParameterizedTest
    @MethodSource("rows")
    void evaluationIsTheExpectationOfTraining(Row row) {
        int n = 20_000;
        Tensor copies = row.x().broadcastTo(row.x().shape().with(0, n).dims());
        Tensor y = row.layer().apply(copies, Pass.training(KEY));
        Tensor mean = y.mean(0).flatten(0);
        Tensor deviation = y.minus(y.mean(0)).square().mean(0).sqrt().flatten(0);
        double[] expected = row.layer().apply(row.x(), Pass.eval()).toDoubles();
        for (int i = 0; i < expected.length; i++) {
            double error = 5 * deviation.toDoubles()[i] / Math.sqrt(n);
            assertThat(error).isGreaterThan(0);
            assertThat(mean.toDoubles()[i]).isCloseTo(expected[i], within(error));
        }
    }

    /** Both conventions: with one mask, p times the inverted one, in training and evaluation. */
    @Test
    void theTwoConventionsAreOneUpToTheFactor() {
        Tensor x = Doubles.normal(1, 50, 4);
        for (var pass : new Passes[] {() -> Pass.training(KEY), Pass::eval}) {
            double[] plain = PlainDropout.of(0.75).apply(x, pass.next()).toDoubles();
            double[] inverted = Dropout.of(0.25).apply(x, pass.next()).times(0.75).toDoubles();
            assertThat(plain).containsExactly(inverted, within(1e-15));
        }
        // "all weights are scaled with p": (p x) W = x (p W)
        var dense = Doubles.of(Dense.of(4, 3, KEY));
        var scaled = new Dense(dense.weight().times(0.75), dense.bias());
        assertThat(Sequential.of(PlainDropout.of(0.75), dense).apply(x, Pass.eval()).toDoubles())
                .containsExactly(scaled.apply(x, Pass.eval()).toDoubles(), within(1e-14));
    }

    /** Makes the pass anew: it gives out every key once. */
    interface Passes {
        Pass next();
    }

    @Test
    void plainDropoutPassesValuesOrZeros() {
        Tensor y = PlainDropout.of(0.5).apply(Tensor.ones(100), Pass.training(KEY));
        assertThat(values(y)).containsExactlyInAnyOrder(0.0, 1.0);
        assertThat(PlainDropout.of(1).apply(Tensor.ones(3), Pass.training(KEY)).toDoubles())
                .containsExactly(1, 1, 1);
    }

    @Test
    void spatialDropoutDropsWholeChannels() {
        Tensor y = SpatialDropout.of(0.5).apply(Tensor.ones(20, 3, 2, 4), Pass.training(KEY));
        assertThat(values(y)).containsExactlyInAnyOrder(0.0, 2.0);
        assertThat(y.max(1, 2).minus(y.min(1, 2)).max().item()).isZero();
        // channels and examples are dropped one by one
        assertThat(values(y.max(1, 2).mean(0)).size()).isGreaterThan(1);
        assertThat(values(y.max(1, 2).mean(1)).size()).isGreaterThan(1);
    }

    @Test
    void dropConnectDropsConnectionsOfEachExample() {
        // W = ones: an output is the number of connections left, divided by 1 − p
        var dense = new Dense(Tensor.ones(6, 5), Optional.empty());
        Tensor y = DropConnect.of(dense, 0.5).apply(Tensor.ones(40, 6), Pass.training(KEY));
        assertThat(values(y.times(0.5)))
                .isSubsetOf(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
                .hasSizeGreaterThan(4);
        assertThat(values(y.get(0)).size()).isGreaterThan(1); // not whole units
        assertThat(values(y.slice(1, 0, 1)).size()).isGreaterThan(1); // not one mask for all
        assertThat(DropConnect.of(dense, 0.5).apply(Tensor.ones(1, 6), Pass.eval()).toDoubles())
                .containsExactly(6, 6, 6, 6, 6);
    }

    private static Set<Double> values(Tensor t) {
        var r = new HashSet<Double>();
        for (double v : t.toDoubles()) {
            r.add(v);
        }
        return r;
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> PlainDropout.of(0))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "PlainDropout: the probability of dropping an element is 1.0; it must be in"
                                + " [0, 1)");
        assertThatThrownBy(
                        () -> SpatialDropout.of(0.5).apply(Tensor.zeros(2, 3), Pass.training(KEY)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("SpatialDropout: input (2, 3) has no spatial axes");
        assertThatThrownBy(() -> Reshape.of(2, 3).apply(Tensor.zeros(4, 5), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Reshape: input (4, 5) does not fit examples of shape (2, 3): 5 ≠ 6"
                                + " elements");
    }

    /**
     * Less its bias, a batch of outputs has rank k and no more: singular value k + 1 is nothing.
     */
    @Test
    void theBottleneckBoundsTheRank() {
        for (int k = 1; k <= 4; k++) {
            var layer = Doubles.of(Bottleneck.of(8, k, 6, KEY));
            Tensor x = Doubles.normal(9, 20, 8);
            Tensor y = layer.apply(x, Pass.eval()).minus(layer.wide().bias().orElseThrow());
            double[] s = Linalg.svd(y).s().toDoubles();
            assertThat(s[k - 1]).isGreaterThan(1e-2);
            assertThat(s[k]).isLessThan(1e-13 * s[0]);
        }
    }

    /**
     * How well k numbers can say a matrix: the best bottleneck (the first k singular vectors,
     * Eckart and Young 1936) leaves Σ_{i>k} σ_i², which falls with k to nothing.
     */
    @Test
    void theErrorFallsWithTheWidth() {
        Tensor w = Doubles.normal(3, 6, 5);
        var svd = Linalg.svd(w);
        double[] s = svd.s().toDoubles();
        double last = Double.POSITIVE_INFINITY;
        for (int k = 1; k <= 5; k++) {
            var narrow = new Dense(svd.u().slice(1, 0, k), Optional.empty());
            Tensor rest = svd.s().slice(0, 0, k).expandDims(1).times(svd.vt().slice(0, 0, k));
            var layer = new Bottleneck(narrow, new Dense(rest, Optional.empty()));
            Tensor x = Tensor.of(identity(6), 6, 6);
            double error = layer.apply(x, Pass.eval()).minus(w).square().sum().item();
            double expected = 0;
            for (int i = k; i < 5; i++) {
                expected += s[i] * s[i];
            }
            assertThat(error).isCloseTo(expected, within(1e-12)).isLessThan(last);
            last = error;
        }
        assertThat(last).isLessThan(1e-20);
    }

    private static double[] identity(int n) {
        var r = new double[n * n];
        for (int i = 0; i < n; i++) {
            r[i * n + i] = 1;
        }
        return r;
    }
}
