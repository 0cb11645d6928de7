package dev.fathom.lab.instrument.landscape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.study.Estimate;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

final class LandscapeTest {
    private static final double[] H = {4, 1, 0.5, 0};

    /** Parameters of a bowl. */
    public record Place(Tensor v) {}

    private static Place place(double... v) {
        return new Place(Tensor.of(v));
    }

    /** ½ Σ h v², with eigenvalues h. */
    private static Tensor bowl(Place p) {
        return p.v().square().times(Tensor.of(H)).sum().times(0.5);
    }

    private static Mlp mlp(int seed, int... widths) {
        return Tree.map(t -> t.cast(DType.FLOAT64), Mlp.of(Shape.of(4), 3, Key.of(seed), widths));
    }

    @Test
    void keskarsMetricReachesTheCornerOfTheBox() {
        // At 0 the box is ±ε: 100 · ½ε²Σh. At (1, 0, 0, 3): f = 2, box ±ε(|v| + 1).
        double e = 1e-2;
        assertThat(Sharpness.keskar(LandscapeTest::bowl, place(0, 0, 0, 0), e, 20, Key.of(1)))
                .isCloseTo(50 * e * e * 5.5, within(1e-12));
        double rise = 2 * (Math.pow(1 + 2 * e, 2) - 1) + 0.75 * e * e;
        assertThat(Sharpness.keskar(LandscapeTest::bowl, place(1, 0, 0, 3), e, 20, Key.of(1)))
                .isCloseTo(100 * rise / 3, within(1e-10));
    }

    @Test
    void samAndBallAndNoiseOnAQuadratic() {
        var bottom = place(0, 0, 0, 0);
        double rho = 0.05;
        assertThat(Sharpness.ball(LandscapeTest::bowl, bottom, rho, 60, Key.of(2)))
                .isCloseTo(0.5 * rho * rho * 4, within(1e-12)); // ½ρ²λ_max
        assertThat(Sharpness.sam(LandscapeTest::bowl, bottom, rho)).isZero();
        // Along e₁ alone the gradient points there: f = 2v², from 1 to 1 + ρ.
        assertThat(Sharpness.sam(LandscapeTest::bowl, place(1, 0, 0, 0), rho))
                .isCloseTo(2 * ((1 + rho) * (1 + rho) - 1), within(1e-12));
        var noise = Sharpness.expected(LandscapeTest::bowl, bottom, 0.1, 400, Key.of(3));
        assertThat(covers(noise, 0.5 * 0.01 * 5.5, 4)).isTrue();
        assertThat(noise.error()).isLessThan(0.005);
        var curve = Sharpness.eigenvalue(LandscapeTest::bowl, place(1, 2, 3, 4), 4, Key.of(4));
        assertThat(curve.value()).isCloseTo(4, within(1e-10));
        assertThat(curve.residual()).isLessThan(1e-10);
    }

    @Test
    void slicesAreTheLossAtThosePlaces() {
        assertThat(Slices.line(LandscapeTest::bowl, place(1, 0, 0, 0), place(1, 1, 0, 0), -1, 0, 2))
                .containsExactly(new double[] {0.5, 2, 20}, within(1e-12)); // 2(1 + t)² + ½t²
        var z =
                Slices.plane(
                        LandscapeTest::bowl,
                        place(0, 0, 0, 0),
                        place(1, 0, 0, 0),
                        place(0, 1, 0, 0),
                        new double[] {0, 1, 2},
                        new double[] {0, 2});
        assertThat(z[0]).containsExactly(new double[] {0, 2, 8}, within(1e-12));
        assertThat(z[1]).containsExactly(new double[] {2, 4, 10}, within(1e-12));
    }

    @Test
    void filterNormalisationMakesSlicesBlindToRescaledLayers() {
        var net = mlp(1, 6);
        Tensor x = Key.of(2).normal(DType.FLOAT64, 12, 4);
        Tensor y = Key.of(3).integers(3, 12);
        Function<Mlp, Tensor> loss = m -> Losses.crossEntropy(m.apply(x, Pass.eval()), y);
        var hidden = net.hidden().get(0);
        var twin =
                new Mlp(
                        List.of(new Dense(hidden.weight().times(10), hidden.bias())),
                        new Dense(net.output().weight().times(0.1), net.output().bias()));
        var t = new double[] {-0.5, 0, 0.5, 1};
        var d = Directions.random(net, Key.of(4));
        var a = Slices.line(loss, net, Directions.filterNormalised(d, net), t);
        var b = Slices.line(loss, twin, Directions.filterNormalised(d, twin), t);
        assertThat(b).containsExactly(a, within(1e-9));
        var raw = Slices.line(loss, twin, d, t);
        assertThat(Math.abs(raw[3] - Slices.line(loss, net, d, t)[3])).isGreaterThan(0.01);
        var n = Directions.filterNormalised(d, net);
        assertThat(n.hidden().get(0).weight().square().sum(0).toDoubles())
                .containsExactly(hidden.weight().square().sum(0).toDoubles(), within(1e-12));
        assertThat(n.output().bias().orElseThrow().toDoubles()).containsOnly(0);
    }

    @Test
    void principalDirectionsOfAPathInAPlane() {
        var path = new ArrayList<Place>();
        for (int i = 0; i < 8; i++) {
            double a = 3.0 * (7 - i);
            double b = Math.sin(i);
            path.add(place(1 + a, 2 + b, 3 + a, 4 - b));
        }
        var plane = Directions.principal(path);
        assertThat(plane.explained()[0]).isGreaterThan(0.9);
        assertThat(plane.explained()[0] + plane.explained()[1]).isCloseTo(1, within(1e-12));
        double u = Math.sqrt(0.5);
        assertThat(Math.abs(plane.first().v().get(0).item())).isCloseTo(u, within(0.05));
        // Distances in the plane are distances in the space.
        double far = Slices.distance(path.get(0), path.get(7)).length();
        assertThat(Math.hypot(plane.places()[0][0], plane.places()[0][1]))
                .isCloseTo(far, within(1e-9));
        assertThat(plane.places()[7]).containsExactly(0, 0);
    }

    @Test
    void barrierBetweenTwoWells() {
        // (v² − 1)² + v/10 from −1 to 1: on the chord the wells differ by 0.2, the hill is 1.
        Function<Place, Tensor> wells =
                p -> p.v().square().minus(1).square().plus(p.v().times(0.1)).sum();
        var way = Slices.between(wells, place(-1), place(1), 21);
        assertThat(way.barrier()).isCloseTo(1, within(1e-12));
        assertThat(way.values()[0]).isCloseTo(-0.1, within(1e-12));
        assertThat(way.values()[20]).isCloseTo(0.1, within(1e-12));
        // A convex loss has none.
        assertThat(
                        Slices.between(
                                        LandscapeTest::bowl,
                                        place(1, 0, 0, 0),
                                        place(-1, 2, 0, 1),
                                        11)
                                .barrier())
                .isZero();
    }

    @Test
    void distancesByHand() {
        var d = Slices.distance(place(3, 0), place(0, 4));
        assertThat(d.length()).isEqualTo(5);
        assertThat(d.relative()).isCloseTo(5 / Math.sqrt(12), within(1e-14));
        assertThat(d.cosine()).isZero();
    }

    @Test
    void assignmentsAgreeWithTryingAll() {
        for (int seed = 0; seed < 60; seed++) {
            int n = 1 + seed % 6;
            var values = Key.of(seed).normal(DType.FLOAT64, n * n).toDoubles();
            var cost = new double[n][n];
            for (int i = 0; i < n * n; i++) {
                cost[i / n][i % n] = seed % 3 == 0 ? Math.round(2 * values[i]) : values[i];
            }
            var found = Assignment.least(cost);
            assertThat(found.columns()).containsExactlyInAnyOrder(IntStream.range(0, n).toArray());
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += cost[i][found.columns()[i]];
            }
            assertThat(found.cost()).isCloseTo(sum, within(1e-12));
            assertThat(sum).as("seed " + seed).isCloseTo(best(cost, 0, 0), within(1e-12));
        }
        assertThat(Assignment.largest(new double[][] {{1, 5}, {2, 9}}).cost()).isEqualTo(10);
        assertThatThrownBy(() -> Assignment.least(new double[][] {{1, Double.NaN}, {1, 2}}))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("finite costs");
    }

    private static double best(double[][] cost, int row, int used) {
        if (row == cost.length) {
            return 0;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < cost.length; j++) {
            if ((used >> j & 1) == 0) {
                least = Math.min(least, cost[row][j] + best(cost, row + 1, used | 1 << j));
            }
        }
        return least;
    }

    @Test
    void permutedCopiesAreFoundAgain() {
        Tensor x = Key.of(5).normal(DType.FLOAT64, 50, 4);
        var net = mlp(1, 12);
        var order = Key.of(9).permutation(12).toInts();
        var copy = Permutations.permuted(net, List.of(order));
        assertThat(copy.apply(x, Pass.eval()).toDoubles())
                .containsExactly(net.apply(x, Pass.eval()).toDoubles(), within(1e-12));
        assertThat(Slices.distance(copy, net).length()).isGreaterThan(1);
        assertThat(Slices.distance(Permutations.byWeights(copy, net).aligned(), net).length())
                .isZero();
        var deep = mlp(2, 10, 7);
        var mixed =
                Permutations.permuted(
                        deep,
                        List.of(
                                Key.of(3).permutation(10).toInts(),
                                Key.of(4).permutation(7).toInts()));
        assertThat(
                        Slices.distance(Permutations.byActivations(mixed, deep, x).aligned(), deep)
                                .length())
                .isZero();
        assertThatThrownBy(() -> Permutations.byWeights(net, deep))
                .hasMessageContaining("same widths are needed");
    }

    @Test
    void matchingByWeightsBringsStrangersNearer() {
        var a = mlp(1, 10, 8);
        var b = mlp(2, 10, 8);
        var matched = Permutations.byWeights(b, a);
        assertThat(Slices.distance(matched.aligned(), a).length())
                .isLessThan(Slices.distance(b, a).length());
        Tensor x = Key.of(5).normal(DType.FLOAT64, 9, 4);
        assertThat(matched.aligned().apply(x, Pass.eval()).toDoubles())
                .containsExactly(b.apply(x, Pass.eval()).toDoubles(), within(1e-12));
    }

    /** Two weights and a bias. */
    public record Thin(Tensor first, Tensor second, Tensor bias) {}

    @Test
    void masksKeepTheLargest() {
        var model =
                new Thin(
                        Tensor.of(new float[] {1, -4, 3, 2}, 2, 2),
                        Tensor.of(new float[] {10, -20, 30, 0.5f}, 4, 1),
                        Tensor.of(new float[] {0.1f}));
        var layer = Pruning.byLayer(model, 0.5);
        assertThat(layer.first().toFloats()).containsExactly(0, 1, 1, 0);
        assertThat(layer.second().toFloats()).containsExactly(0, 1, 1, 0);
        assertThat(layer.bias().toFloats()).containsExactly(1);
        var global = Pruning.global(model, 0.5); // 30, 20, 10, 4
        assertThat(global.first().toFloats()).containsExactly(0, 1, 0, 0);
        assertThat(global.second().toFloats()).containsExactly(1, 1, 1, 0);
        assertThat(Pruning.density(global)).isEqualTo(0.5);
        assertThat(Pruning.masked(model, global).second().toFloats())
                .containsExactly(10, -20, 30, 0);
        var shuffled = Pruning.shuffled(global, Key.of(3));
        assertThat(shuffled.first().sum().item()).isEqualTo(1);
        assertThat(shuffled.second().sum().item()).isEqualTo(3);
        assertThat(
                        Pruning.byLayer(
                                        new Thin(
                                                Tensor.ones(2, 2),
                                                Tensor.ones(1, 1),
                                                Tensor.ones(1)),
                                        0.5)
                                .first()
                                .toFloats())
                .containsExactly(1, 1, 0, 0);
        assertThatThrownBy(() -> Pruning.global(model, 1.5))
                .hasMessageContaining("density is 1.5; it must be in [0, 1]");
    }

    @Test
    void basinsOfABowl() {
        // ½ h t² passes ½ at t = 1/√h: ½, 1, √2, and never along the flat direction.
        var directions =
                IntStream.range(0, 4)
                        .mapToObj(i -> {
                            var e = new double[4];
                            e[i] = 1;
                            return place(e);
                        })
                        .toList();
        var radii = Slices.basin(LandscapeTest::bowl, place(0, 0, 0, 0), directions, 0.5, 100);
        assertThat(radii).containsExactly(new double[] {0.5, 1, Math.sqrt(2), 100}, within(1e-5));
        assertThatThrownBy(() ->
                        Slices.basin(LandscapeTest::bowl, place(1, 0, 0, 0), directions, 0.5, 1))
                .hasMessageContaining("the loss is 2.0 here, above the level 0.5");
    }

    private static boolean covers(Estimate e, double truth, double errors) {
        return Math.abs(e.value() - truth) <= errors * e.error();
    }

    @Test
    void anOrderNamesEveryUnitOnce() {
        var net = Mlp.of(Shape.of(2), 1, Key.of(1), 3);
        for (var order : List.of(new int[] {0, 0, 1}, new int[] {0, 1}, new int[] {0, 1, 3})) {
            assertThatThrownBy(() -> Permutations.permuted(net, List.of(order)))
                    .isInstanceOf(InstrumentException.class)
                    .hasMessageContaining("does not name each of its 3 units once");
        }
    }
}
