package dev.fathom.nn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashMap;
import java.util.List;
import java.util.function.IntFunction;

/** The cases of one partition against loops that gather each part by name. */
final class NormalisationTest {
    private static final int N = 3;
    private static final int POSITIONS = 4;
    private static final int CHANNELS = 6;
    private static final Tensor X = Doubles.normal(11, N, 2, 2, CHANNELS);

    @ParameterizedTest
    @ValueSource(strings = {"batch", "layer", "image layer", "instance", "group"})
    void everyCaseIsItsFormula(String name) {
        var partition =
                switch (name) {
                    case "batch" -> Partition.BATCH;
                    case "layer" -> Partition.LAYER;
                    case "image layer" -> Partition.IMAGE_LAYER;
                    case "instance" -> Partition.INSTANCE;
                    default -> Partition.group(3);
                };
        // Which part the value at flat index i belongs to, as a name.
        IntFunction<Object> part =
                i -> {
                    int c = i % CHANNELS;
                    int position = i / CHANNELS % POSITIONS;
                    int n = i / (CHANNELS * POSITIONS);
                    return switch (name) {
                        case "batch" -> c;
                        case "layer" -> List.of(n, position);
                        case "image layer" -> n;
                        case "instance" -> List.of(n, c);
                        default -> List.of(n, c / 2); // 6 channels in 3 groups of 2
                    };
                };
        Layer layer = Doubles.of(Normalisation.of(partition, CHANNELS));
        layer = Tree.with(layer, "gamma", Doubles.normal(1, CHANNELS));
        layer = Tree.with(layer, "beta", Doubles.normal(2, CHANNELS));
        double[] y = layer.apply(X, Pass.eval()).toDoubles();
        double[] gamma = Doubles.normal(1, CHANNELS).toDoubles();
        double[] beta = Doubles.normal(2, CHANNELS).toDoubles();
        double[] expected = standardised(part);
        for (int i = 0; i < y.length; i++) {
            int c = i % CHANNELS;
            assertThat(y[i]).isCloseTo(gamma[c] * expected[i] + beta[c], within(1e-12));
        }
    }

    private static double[] standardised(IntFunction<Object> part) {
        double[] x = X.toDoubles();
        var count = new HashMap<Object, Integer>();
        var sum = new HashMap<Object, Double>();
        var squares = new HashMap<Object, Double>();
        for (int i = 0; i < x.length; i++) {
            count.merge(part.apply(i), 1, Integer::sum);
            sum.merge(part.apply(i), x[i], Double::sum);
        }
        for (int i = 0; i < x.length; i++) {
            double d = x[i] - sum.get(part.apply(i)) / count.get(part.apply(i));
            squares.merge(part.apply(i), d * d, Double::sum);
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            var p = part.apply(i);
            int m = count.get(p);
            y[i] = (x[i] - sum.get(p) / m) / Math.sqrt(squares.get(p) / m + 1e-5);
        }
        return y;
    }

    @Test
    void oneGroupIsTheImageLayerAndAllGroupsTheInstance() {
        assertThat(Partition.group(1)).isEqualTo(Partition.IMAGE_LAYER);
        assertThat(Partition.group(CHANNELS).standardise(X, 1e-5).toDoubles())
                .containsExactly(
                        Partition.INSTANCE.standardise(X, 1e-5).toDoubles(), within(1e-14));
    }

    @Test
    void batchNormTrainsByTheBatchPartition() {
        Tensor y = Doubles.of(BatchNorm.of(CHANNELS)).apply(X, Pass.training(Key.of(1)));
        assertThat(y.toDoubles())
                .containsExactly(Partition.BATCH.standardise(X, 1e-5).toDoubles(), within(1e-12));
    }

    @Test
    void sixtyFourMapsHaveTwiceSixtyFourParameters() {
        var layer = BatchNorm.of(64);
        assertThat(layer.gamma().size() + layer.beta().size()).isEqualTo(128);
    }

    @Test
    void statisticsOfUnequalBatchesAreThoseOfTheWholeSet() {
        var layer = Doubles.of(BatchNorm.of(CHANNELS));
        var batches = List.of(X.slice(0, 0, 1), X.slice(0, 1, 3));
        var byParts = layer.withStatisticsOf(batches);
        Tensor trained = layer.apply(X, Pass.training(Key.of(1)));
        assertThat(byParts.apply(X, Pass.eval()).toDoubles())
                .containsExactly(trained.toDoubles(), within(1e-12));
        assertThat(layer.withStatisticsOf(List.of(X)).apply(X, Pass.eval()).toDoubles())
                .containsExactly(trained.toDoubles(), within(1e-12));
    }

    @Test
    void rmsNormByHand() {
        // mean of squares of (1, 7) is 25, of (3, 3) is 9
        Tensor x = Tensor.of(new double[] {1, 7, 3, 3}, 2, 2);
        var layer = new RmsNorm(Tensor.of(new double[] {2, 1}), 1e-12);
        assertThat(layer.apply(x, Pass.eval()).toDoubles())
                .containsExactly(new double[] {0.4, 1.4, 2, 1}, within(1e-11));
    }

    @Test
    void whatDoesNotFitIsSaid() {
        assertThatThrownBy(() -> Normalisation.group(6, 4))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "Normalisation: 6 features do not fall into 4 equal groups");
        assertThatThrownBy(() -> new Partition(false, false, Partition.EACH_CHANNEL))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("every value would stand alone");
        assertThatThrownBy(() -> Normalisation.instance(3).apply(Tensor.ones(2, 3), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("input (2, 3) has no positions to average over");
        assertThatThrownBy(() -> BatchNorm.of(3).withStatisticsOf(List.of()))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("BatchNorm: no inputs to take statistics of");
    }
}
