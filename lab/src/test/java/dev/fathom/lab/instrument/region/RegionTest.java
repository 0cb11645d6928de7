package dev.fathom.lab.instrument.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.Mlp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

final class RegionTest {
    /** Normal weights and biases. */
    private static Mlp random(int in, int seed, int... widths) {
        var layers = new ArrayList<Dense>();
        int from = in;
        for (int i = 0; i <= widths.length; i++) {
            int to = i == widths.length ? 1 : widths[i];
            var key = Key.of(seed).fold(i);
            layers.add(
                    new Dense(
                            key.fold(0).normal(DType.FLOAT64, from, to),
                            Optional.of(key.fold(1).normal(DType.FLOAT64, to))));
            from = to;
        }
        return new Mlp(layers.subList(0, widths.length), layers.getLast());
    }

    private static double value(Mlp net, double... x) {
        return net.apply(Tensor.of(x, 1, x.length), Pass.eval()).item();
    }

    /** Which hidden units are active at a point. */
    private static String pattern(Mlp net, double[] x) {
        var text = new StringBuilder();
        Tensor h = Tensor.of(x, 1, x.length);
        for (var layer : net.hidden()) {
            Tensor z = h.matmul(layer.weight()).plus(layer.bias().orElseThrow());
            for (double v : z.toDoubles()) {
                text.append(v > 0 ? '1' : '0');
            }
            h = z.maximum(z.times(0));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 10})
    void tentsHaveTwoToTheKPieces(int k) {
        var net = Constructions.tent(k);
        var pieces = LinePieces.of(net, 0, 1);
        int n = 1 << k;
        assertThat(pieces.count()).isEqualTo(n);
        for (int i = 0; i < n; i++) {
            assertThat(pieces.ends()[i]).isEqualTo((double) i / n);
            assertThat(pieces.slopes()[i][0]).isEqualTo(i % 2 == 0 ? n : -n);
        }
        assertThat(value(net, 1.0 / n)).isEqualTo(1);
        assertThat(value(net, 1)).isEqualTo(0);
        Mlp narrow = Tree.map(t -> t.cast(DType.FLOAT32), net);
        assertThat(LinePieces.of(narrow, 0, 1).count()).isEqualTo(n);
    }

    @Test
    void zigzagsMultiplyThePiecesOfTheirLayers() {
        for (int[] folds : new int[][] {{16}, {4, 4}, {5, 3, 2}, {1, 7}}) {
            var net = Constructions.zigzag(folds);
            int n = IntStream.of(folds).reduce(1, (a, b) -> a * b);
            assertThat(LinePieces.of(net, 0, 1).count()).isEqualTo(n);
            for (int i = 0; i <= n; i++) { // up to 1 and down to 0, in turn
                assertThat(value(net, (double) i / n)).isCloseTo(i % 2, within(1e-12));
            }
        }
        assertThatThrownBy(Constructions::zigzag).hasMessageContaining("there is no layer");
        assertThatThrownBy(() -> Constructions.zigzag(2, 0))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("pieces");
    }

    @Test
    void oneHiddenLayerHasAPieceMoreThanUnits() {
        for (int h = 1; h <= 20; h++) {
            assertThat(LinePieces.of(random(1, h, h), -1, 1).count()).isLessThanOrEqualTo(h + 1);
            assertThat(LinePieces.of(random(1, h, h), -1e6, 1e6).count()).isEqualTo(h + 1);
        }
    }

    @Test
    void piecesAreTheNetwork() {
        var net = random(1, 3, 9, 8, 7);
        var pieces = LinePieces.of(net, -4, 4);
        assertThat(pieces.count()).isGreaterThan(10);
        for (int i = 0; i < pieces.count(); i++) {
            double a = pieces.ends()[i];
            double b = pieces.ends()[i + 1];
            assertThat(a).isLessThan(b);
            for (double w : new double[] {0.001, 0.4, 0.999}) {
                double x = a + w * (b - a);
                assertThat(pieces.slopes()[i][0] * x + pieces.offsets()[i][0])
                        .isCloseTo(value(net, x), within(1e-9));
            }
        }
        assertThat(pieces.ends()[pieces.count()]).isEqualTo(4);
        assertThatThrownBy(() -> LinePieces.of(net, 1, 1))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("the interval is empty");
        assertThatThrownBy(() -> LinePieces.of(random(2, 1, 3), 0, 1))
                .hasMessageContaining("takes 2 inputs, not 1");
    }

    @Test
    void shallowNetsReachZaslavskysNumberAndNoMore() {
        assertThat(Constructions.shallowBound(20, 2)).isEqualTo(211);
        for (int seed = 0; seed < 5; seed++) {
            var net = random(2, seed, 20);
            assertThat(PlaneRegions.of(net, 1e7).count()).isEqualTo(211);
            assertThat(PlaneRegions.of(net, 1).count()).isLessThan(211);
        }
    }

    @Test
    void foldingReachesTheDeepBound() {
        assertThat(Constructions.deepBound(2, List.of(10, 10))).isEqualTo(1400);
        assertThat(PlaneRegions.of(Constructions.folding(0, 1, 10), 0, 1, 0, 1).count())
                .isEqualTo(56);
        assertThat(PlaneRegions.of(Constructions.folding(1, 5, 10), 0, 1, 0, 1).count())
                .isEqualTo(1400);
        assertThat(PlaneRegions.of(Constructions.folding(2, 2, 3), 0, 1, 0, 1).count())
                .isEqualTo(16 * 7);
    }

    @Test
    void regionsTileTheRectangleAndCarryTheNetwork() {
        var net = random(2, 4, 8, 8, 5);
        var map = PlaneRegions.of(net, -3, 3, -2, 2);
        double area = 0;
        var patterns = new HashSet<String>();
        for (var r : map.regions()) {
            area += r.area();
            double x = 0;
            double y = 0;
            for (var p : r.corners()) {
                x += p[0] / r.corners().length;
                y += p[1] / r.corners().length;
            }
            var m = r.maps()[0];
            assertThat(m[0] * x + m[1] * y + m[2]).isCloseTo(value(net, x, y), within(1e-9));
            // The points with one pattern are convex, so every pattern is one region.
            assertThat(patterns.add(pattern(net, new double[] {x, y}))).isTrue();
        }
        assertThat(area).isCloseTo(24, within(1e-9));
        assertThat(map.count()).isGreaterThan(50);
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 60; j++) {
                var p = new double[] {-2.99 + 0.1 * i, -1.99 + 0.066 * j};
                assertThat(patterns).contains(pattern(net, p));
            }
        }
    }

    @Test
    void planesInMoreDimensions() {
        var net = random(3, 5, 6, 6);
        Tensor o = Tensor.of(new double[] {1, 0, -1});
        Tensor u = Tensor.of(new double[] {1, 1, 0});
        Tensor v = Tensor.of(new double[] {0, 1, 2});
        var map = PlaneRegions.of(net, o, u, v, -1, 1, -1, 1);
        for (var r : map.regions()) {
            var p = r.corners()[0];
            var m = r.maps()[0];
            assertThat(m[0] * p[0] + m[1] * p[1] + m[2])
                    .isCloseTo(value(net, 1 + p[0], p[0] + p[1], -1 + 2 * p[1]), within(1e-8));
        }
        assertThat(map.count()).isGreaterThan(5);
    }

    @Test
    void refusesAPlaneWithoutEndAndWeightsThatAreNoNumbers() {
        var net = Mlp.of(Shape.of(2), 1, Key.of(1), 3);
        assertThatThrownBy(() -> PlaneRegions.of(net, Double.POSITIVE_INFINITY))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("is empty or has no end");
        var broken = Tree.map(t -> t.times(Tensor.scalar(Float.NaN)), net);
        assertThatThrownBy(() -> PlaneRegions.of(broken, 1))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("hidden[0].weight is not finite");
    }
}
