package dev.fathom.optim.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Accumulate;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ClipByUnitNorm;
import dev.fathom.optim.transform.Freeze;
import dev.fathom.optim.transform.GradientTransform;
import dev.fathom.optim.transform.Grouped;
import dev.fathom.optim.transform.Leaves;
import dev.fathom.optim.transform.Orthogonalise;
import dev.fathom.optim.transform.PerLeaf;
import dev.fathom.optim.transform.Shrink;
import dev.fathom.optim.transform.SkipNonFinite;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** What happens to matrices, to groups of leaves, and around other transforms. */
class MatricesTest {
    private static Pair pair() {
        var keys = Key.of(7).split(2);
        return new Pair(keys[0].normal(DType.FLOAT64, 3, 4), keys[1].normal(DType.FLOAT64, 4));
    }

    private static double[][] rows(Tensor t) {
        var flat = t.toDoubles();
        var r = new double[t.dim(0)][t.dim(1)];
        for (int i = 0; i < flat.length; i++) {
            r[i / t.dim(1)][i % t.dim(1)] = flat[i];
        }
        return r;
    }

    @Test
    void adafactorKeepsRowsAndColumnsOfMatrices() {
        var optimizer = Adafactor.of(0.1);
        Tensor w = pair().weight();
        var state = optimizer.init(w);
        double[] rows = new double[3];
        double[] columns = new double[4];
        double[][] theta = rows(w);
        for (int t = 1; t <= 50; t++) {
            Tensor g = Key.of(100 + t).normal(DType.FLOAT64, 3, 4);
            var step = optimizer.update(g, state, w);
            w = step.params();
            state = step.state();
            plain(theta, rows(g), rows, columns, t);
            for (int i = 0; i < 3; i++) {
                assertThat(rows(w)[i]).containsExactly(theta[i], within(1e-12));
            }
        }
    }

    /** Algorithm 4 with sums, as printed. */
    private static void plain(double[][] w, double[][] g, double[] r, double[] c, int t) {
        double beta = 1 - Math.pow(t, -0.8);
        double all = 0;
        for (int i = 0; i < 3; i++) {
            double sum = 0;
            for (int j = 0; j < 4; j++) {
                sum += g[i][j] * g[i][j] + 1e-30;
            }
            r[i] = beta * r[i] + (1 - beta) * sum;
            all += r[i];
        }
        for (int j = 0; j < 4; j++) {
            double sum = 0;
            for (int i = 0; i < 3; i++) {
                sum += g[i][j] * g[i][j] + 1e-30;
            }
            c[j] = beta * c[j] + (1 - beta) * sum;
        }
        var u = new double[3][4];
        double square = 0;
        double size = 0;
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                u[i][j] = g[i][j] / Math.sqrt(r[i] * c[j] / all);
                square += u[i][j] * u[i][j] / 12;
                size += w[i][j] * w[i][j] / 12;
            }
        }
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                w[i][j] -=
                        0.1
                                * Math.max(1e-3, Math.sqrt(size))
                                * u[i][j]
                                / Math.max(1, Math.sqrt(square));
            }
        }
    }

    @Test
    void adafactorRemembersSevenNumbersOfTwelve() {
        var state = Adafactor.of().init(pair().weight());
        assertThat(
                        Tree.named(state).values().stream()
                                .filter(t -> t.dtype().isFloating())
                                .mapToLong(Tensor::size)
                                .sum())
                .isEqualTo(3 + 4);
    }

    /** The first step of Muon on g = U Σ Vᵀ moves along a matrix with singular values near 1. */
    @Test
    void muonMakesSingularValuesEqual() {
        Tensor g = pair().weight();
        var muon = Optimizer.of(new Orthogonalise(0.95, 5));
        Tensor zero = g.minus(g);
        Tensor moved = muon.update(g, muon.init(zero), zero).params();
        var before = Linalg.svd(g).s().toDoubles();
        var after = Linalg.svd(moved).s().toDoubles();
        assertThat(before[0] / before[2]).isGreaterThan(1.5);
        for (double s : after) {
            assertThat(s).isBetween(0.65, 1.25);
        }
    }

    @Test
    void muonGivesVectorsToAdamW() {
        var p = pair();
        var g = new Pair(p.weight(), p.bias());
        var muon = Muon.of(0.1);
        var adam = AdamW.of(1e-3);
        var next = muon.update(g, muon.init(p), p).params();
        var other = adam.update(g, adam.init(p), p).params();
        assertThat(next.bias().toDoubles()).containsExactly(other.bias().toDoubles());
        assertThat(next.weight().toDoubles()).isNotEqualTo(other.weight().toDoubles());
        var alone = Optimizer.of(new Orthogonalise(0.9, 5));
        assertThatThrownBy(() -> alone.update(p, alone.init(p), p))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("muon: a parameter of shape (4,) is no matrix");
    }

    @Test
    void muonLearnsALinearMap() {
        Tensor goal = pair().weight();
        var muon = Muon.of(Schedule.linear(0.1, 0, 200));
        Tensor w = goal.minus(goal);
        var state = muon.init(w);
        for (int i = 0; i < 200; i++) {
            var step = muon.update(w.minus(goal), state, w);
            w = step.params();
            state = step.state();
        }
        assertThat(w.minus(goal).toDoubles()).containsExactly(new double[12], within(0.05));
    }

    @Test
    void aFrozenLeafStaysAndTheOthersMove() {
        var p = pair();
        var optimizer =
                Optimizer.of(
                        new Grouped(
                                List.of(
                                        new Grouped.Group(Leaves.matching("bias"), new Freeze()),
                                        new Grouped.Group(_ -> true, Sgd.of(0.5).transform()))));
        var next = optimizer.update(p, optimizer.init(p), p).params();
        assertThat(next.bias().toDoubles()).containsExactly(p.bias().toDoubles());
        assertThat(next.weight().toDoubles())
                .containsExactly(p.weight().times(0.5).toDoubles(), within(1e-15));
    }

    @Test
    void aLeafThatNoGroupWantsIsNamed() {
        var optimizer =
                Optimizer.of(
                        new Grouped(
                                List.of(new Grouped.Group(Leaves.matching("bias"), new Freeze()))));
        assertThatThrownBy(() -> optimizer.init(pair()))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith(
                        "partition: no group wants weight of type float64(3, 4); end with a group"
                                + " for the rest");
    }

    @Test
    void patternsOfPaths() {
        var model = Map.of("a", List.of(pair(), pair()), "b", List.of(pair(), pair()));
        var leaves = Tree.flatten(model).leaves();
        assertThat(leaves.stream().filter(Leaves.matching("**.bias"))).hasSize(4);
        assertThat(leaves.stream().filter(Leaves.matching("[a]**"))).hasSize(4);
        assertThat(leaves.stream().filter(Leaves.matching("[*][1].weight"))).hasSize(2);
        assertThat(leaves.stream().filter(Leaves.matching("bias"))).isEmpty();
        assertThatThrownBy(() -> Leaves.matching(" ")).hasMessageContaining("** means all");
    }

    @Test
    void fourSmallBatchesAreALargeOne() {
        var p = pair();
        var adam = AdamW.of(0.1);
        var gathered = Optimizer.of(new Accumulate<>(4, adam.transform()));
        var state = gathered.init(p);
        var large = adam.init(p);
        Pair many = p;
        Pair one = p;
        for (int step = 0; step < 3; step++) {
            Tensor sum = p.weight().minus(p.weight());
            Tensor biases = p.bias().minus(p.bias());
            for (int part = 0; part < 4; part++) {
                var keys = Key.of(40 + 4 * step + part).split(2);
                var g =
                        new Pair(
                                keys[0].normal(DType.FLOAT64, 3, 4),
                                keys[1].normal(DType.FLOAT64, 4));
                sum = sum.plus(g.weight());
                biases = biases.plus(g.bias());
                var before = many.weight().toDoubles();
                var next = gathered.update(g, state, many);
                many = next.params();
                state = next.state();
                if (part < 3) {
                    assertThat(many.weight().toDoubles()).containsExactly(before);
                }
            }
            var next = adam.update(new Pair(sum.dividedBy(4), biases.dividedBy(4)), large, one);
            one = next.params();
            large = next.state();
            assertThat(many.weight().toDoubles())
                    .containsExactly(one.weight().toDoubles(), within(1e-12));
            assertThat(many.bias().toDoubles())
                    .containsExactly(one.bias().toDoubles(), within(1e-12));
        }
    }

    @Test
    void aStepThatIsNotFiniteIsLeftOutAndCounted() {
        var adam = Optimizer.of(new SkipNonFinite<>(Adam.of(0.1).transform()));
        Tensor p = Tensor.of(new double[] {1, 2});
        var state = adam.init(p);
        Tensor good = Tensor.of(new double[] {1, -1});
        for (Tensor g :
                List.of(
                        good,
                        Tensor.of(new double[] {Double.NaN, 1}),
                        Tensor.of(new double[] {1, Double.NEGATIVE_INFINITY}),
                        good)) {
            var step = adam.update(g, state, p);
            p = step.params();
            state = step.state();
            assertThat(p.toDoubles()).doesNotContain(Double.NaN);
        }
        assertThat(state.skipped().item()).isEqualTo(2);
        assertThat(state.inRow().item()).isZero();
        var plain = Adam.of(0.1);
        Tensor q = Tensor.of(new double[] {1, 2});
        var s = plain.init(q);
        for (int i = 0; i < 2; i++) {
            var step = plain.update(good, s, q);
            q = step.params();
            s = step.state();
        }
        assertThat(p.toDoubles()).containsExactly(q.toDoubles());
    }

    /** w = 3 and 0.05, step 0.1 g with g = 1 and 1, λ = 0.5: 2.9 − 0.05 and 0 (−0.05 + 0.05). */
    @Test
    void shrinkingMakesZeros() {
        var lasso =
                Optimizer.of(
                        GradientTransform.chain(
                                Sgd.of(0.1).transform(),
                                new Shrink(0.5, Schedule.constant(0.1), _ -> true)));
        Tensor w = Tensor.of(new double[] {3, 0.12});
        Tensor next = lasso.update(Tensor.of(new double[] {1, 1}), lasso.init(w), w).params();
        assertThat(next.toDoubles()[0]).isCloseTo(2.85, within(1e-14));
        assertThat(next.toDoubles()[1]).isZero();
    }

    /**
     * Columns of w with norms 5 and 0, of g with norms 10 and 2; λ = 0.1, ε = 0.01: factors 0.5/10
     * and 0.001/2.
     */
    @Test
    void unitsAreClippedByTheirOwnSize() {
        Tensor w = Tensor.of(new double[] {3, 0, 4, 0}, 2, 2);
        Tensor g = Tensor.of(new double[] {6, 2, 8, 0}, 2, 2);
        var clip = new ClipByUnitNorm(0.1, 0.01);
        var u = clip.update(g, clip.init(w), w).updates();
        assertThat(u.toDoubles()).containsExactly(new double[] {0.3, 0.001, 0.4, 0}, within(1e-15));
        Tensor small = g.times(1e-3);
        assertThat(clip.update(small, clip.init(w), w).updates().toDoubles()[0])
                .as("0.01 is less than 0.5 and stays")
                .isCloseTo(0.006, within(1e-15));
    }

    @Test
    void adamAsPrintedStopsNearStepTwentyInSinglePrecision() {
        var printed = AdamAsPrinted.of(0.01);
        Tensor p = Tensor.of(new float[] {1});
        var state = printed.init(p);
        int stopped = 0;
        for (int t = 1; t <= 30 && stopped == 0; t++) {
            var step = printed.update(Tensor.of(new float[] {1}), state, p);
            state = step.state();
            Tensor s =
                    state.parts().stream()
                            .filter(o -> o instanceof PerLeaf.State)
                            .map(o -> ((PerLeaf.State) o).slots().get("s"))
                            .findFirst()
                            .orElseThrow()
                            .values()
                            .iterator()
                            .next();
            if (Double.isInfinite(s.toDoubles()[0])) {
                stopped = t;
            }
            p = step.params();
        }
        assertThat(stopped).isEqualTo(20);
    }

    @Test
    void numbersOutOfRange() {
        Tensor p = Tensor.scalar(1.0);
        assertThatThrownBy(() -> Lion.of(0.1).withBetas(2, 0).init(p))
                .hasMessageStartingWith("lion: beta1 is 2.0; it must be in [0, 1)");
        assertThatThrownBy(() -> RmsProp.of(0.1).withDecay(1).init(p))
                .hasMessageStartingWith("rmsProp: decay is 1.0; it must be in [0, 1)");
        assertThatThrownBy(() -> AdaDelta.of().withEpsilon(0).init(p))
                .hasMessageStartingWith("adaDelta: epsilon is 0.0; it must be positive");
        assertThatThrownBy(() -> Lookahead.of(new Lookahead<>(Sgd.of(0.1), 5, 2)))
                .hasMessageStartingWith("lookahead: share is 2.0; it must be in (0, 1]");
        assertThatThrownBy(() -> new Accumulate<>(0, Sgd.of(0.1).transform()))
                .hasMessageStartingWith("accumulate: every is 0.0; it must be at least 1");
    }

    @Test
    void everyWrapperCanBeCompiled() {
        var p = pair();
        var optimizer =
                Optimizer.of(new SkipNonFinite<>(new Accumulate<>(2, Muon.of(0.1).transform())));
        var step =
                Transforms.jit((Moving m) -> {
                    var next = optimizer.update(m.params(), m.state(), m.params());
                    return new Moving(next.params(), next.state());
                });
        var m = new Moving(p, optimizer.init(p));
        for (int i = 0; i < 4; i++) {
            m = step.apply(m);
        }
        assertThat(step.traces()).isEqualTo(1);
        assertThat(m.params().weight().toDoubles()).isNotEqualTo(p.weight().toDoubles());
    }

    /** Public, so that it is a tree. */
    public record Moving(Pair params, SkipNonFinite.State<Accumulate.State<Chain.State>> state) {}
}
