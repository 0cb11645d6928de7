package dev.fathom.optim.second;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.optim.Descents;
import dev.fathom.optim.Objective;
import dev.fathom.optim.error.OptimizerException;

import org.junit.jupiter.api.Test;

/** Conjugate gradients, and the two rules that solve with them. */
final class CurvatureTest {
    private static final ConjugateGradient EXACT = new ConjugateGradient(20, 1e-14);

    /** z = 2θ, E = z²/2: g = 4θ, G = F = 4. */
    private static final Objective<Tensor> LINE =
            Objective.of(p -> p.times(2).expandDims(0), z -> z.square().sum().times(0.5));

    /** Rosenbrock's function as a sum of two squares. */
    private static Objective<Tensor> valley(double c) {
        return Objective.of(
                p -> {
                    Tensor x = p.slice(0, 0, 1);
                    Tensor y = p.slice(0, 1, 2).minus(x.square()).times(Math.sqrt(c));
                    return Shaping.concatenate(0, x.negate().plus(1), y);
                },
                z -> z.square().sum());
    }

    private static HessianFree hessianFree() {
        return HessianFree.of().withSolver(EXACT);
    }

    @Test
    void twoProductsSolveTwoEquations() {
        // 4x + y = 1, x + 3y = 2: x = 1/11, y = 7/11
        Tensor a = Descents.matrix(new double[] {4, 1}, new double[] {1, 3});
        Tensor b = Tensor.of(new double[] {1, 2});
        var two = new ConjugateGradient(2, 0).solve(v -> a.matmul(v), b);
        assertThat(two.toDoubles())
                .containsExactly(new double[] {1.0 / 11, 7.0 / 11}, within(1e-15));
        // one product: the steepest descent step b·(bᵀb/bᵀAb) = b·5/20
        var one = new ConjugateGradient(1, 0).solve(v -> a.matmul(v), b);
        assertThat(one.toDoubles()).containsExactly(new double[] {0.25, 0.5}, within(1e-15));
        // nothing to do: the guess comes back
        assertThat(EXACT.solve(v -> a.matmul(v), b, two).toDoubles())
                .containsExactly(two.toDoubles(), within(1e-15));
    }

    @Test
    void hessianFreeByHand() {
        // the model is exact, ρ = 1, so λ = 1, 2/3, 4/9 and θ ← θ λ/(4 + λ): 3/5, 0.6/7, 0.6/70
        var path = Descents.path(hessianFree(), LINE, 3, 3);
        assertThat(path.get(0)[0]).isCloseTo(0.6, within(1e-14));
        assertThat(path.get(1)[0]).isCloseTo(0.6 / 7, within(1e-14));
        assertThat(path.get(2)[0]).isCloseTo(0.6 / 70, within(1e-14));
    }

    /**
     * The same rule with the matrix formed and the system solved by elimination. From the twelfth
     * step E changes by its rounding only, which then decides about λ and α: the places agree less.
     */
    @Test
    void fiftyHessianFreeStepsAreThoseOfElimination() {
        var path = Descents.path(hessianFree(), Curve.OBJECTIVE, 50, Curve.START);
        var theta = Curve.START.clone();
        double lambda = 1;
        for (int t = 0; t < 50; t++) {
            var g = Curve.slope(theta);
            var matrix = Curve.gaussNewton(theta);
            var d = Curve.solve(matrix, lambda, PlainLbfgs.scaled(-1, g));
            double slope = PlainLbfgs.dot(g, d);
            double curve = 0;
            for (int i = 0; i < 3; i++) {
                curve += d[i] * PlainLbfgs.dot(matrix[i], d);
            }
            double e = Curve.value(theta);
            double ratio = (Curve.value(PlainLbfgs.plus(theta, d)) - e) / (slope + curve / 2);
            lambda *= ratio > 0.75 ? 2.0 / 3 : ratio < 0.25 ? 1.5 : 1;
            double alpha = 1;
            while (Curve.value(PlainLbfgs.plus(theta, PlainLbfgs.scaled(alpha, d)))
                            > e + 0.01 * alpha * slope
                    && alpha > 1e-5) {
                alpha *= 0.8;
            }
            theta = PlainLbfgs.plus(theta, PlainLbfgs.scaled(alpha, d));
            assertThat(path.get(t))
                    .as("step %d", t)
                    .containsExactly(theta, within(t < 12 ? 1e-11 : 1e-7));
        }
        assertThat(Curve.slope(theta)).containsExactly(new double[3], within(1e-7));
    }

    @Test
    void dampingGrowsWhereTheModelIsWrong() {
        // E = ½ z² with z = tanh(8θ) and little damping: the step jumps into the flat part
        Objective<Tensor> trap =
                Objective.of(
                        p -> p.times(8).tanh().expandDims(0), z -> z.square().sum().times(0.5));
        var rule = hessianFree().withDamping(1e-6);
        var run = Descents.step(rule, trap).apply(Descents.start(rule, 0.3));
        assertThat(run.state().damping().item()).isCloseTo(1.5e-6, within(1e-12));
        assertThat(run.state().length().item()).isBetween(0.01, 0.9);
        assertThat(trap.at(run.theta()).item())
                .isLessThan(trap.at(Tensor.of(new double[] {0.3})).item());
    }

    @Test
    void naturalGradientByHand() {
        // θ ← θ − ½ 4θ/(4 + 1) = 0.6 θ
        var rule = NaturalGradient.of(Likelihood.gaussian(1), 0.5).withDamping(1).withSolver(EXACT);
        var path = Descents.path(rule, LINE, 3, 3);
        assertThat(path.get(0)[0]).isCloseTo(1.8, within(1e-14));
        assertThat(path.get(1)[0]).isCloseTo(1.08, within(1e-14));
        assertThat(path.get(2)[0]).isCloseTo(0.648, within(1e-14));
    }

    @Test
    void fiftyNaturalStepsAreThoseOfElimination() {
        var rule =
                NaturalGradient.of(Likelihood.gaussian(1), 0.3).withDamping(0.05).withSolver(EXACT);
        var path = Descents.path(rule, Curve.OBJECTIVE, 50, Curve.START);
        var theta = Curve.START.clone();
        for (int t = 0; t < 50; t++) {
            var d = Curve.solve(Curve.gaussNewton(theta), 0.05, Curve.slope(theta));
            theta = PlainLbfgs.plus(theta, PlainLbfgs.scaled(-0.3, d));
            assertThat(path.get(t)).containsExactly(theta, within(1e-11));
        }
    }

    @Test
    void oneNaturalStepSolvesALinearModelExactly() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 20, 4);
        Tensor truth = Tensor.of(new double[] {1, -2, 3, 0.5}, 4, 1);
        Objective<Tensor> fit =
                Objective.of(
                        w -> x.matmul(w.reshape(4, 1)),
                        z -> z.minus(x.matmul(truth)).square().mean().times(0.5 / 0.3));
        var rule = NaturalGradient.of(Likelihood.gaussian(0.3), 1).withDamping(0).withSolver(EXACT);
        var start = Tensor.of(new double[] {5, 5, -5, 5});
        var end = rule.update(fit, rule.init(start), start).params();
        assertThat(fit.at(end).item()).isLessThan(1e-24);
        assertThat(end.toDoubles()).containsExactly(truth.toDoubles(), within(1e-12));
    }

    @Test
    void categoricalFisherIsTheGaussNewtonMatrixOfCrossEntropy() {
        Tensor x = Key.of(2).normal(DType.FLOAT64, 5, 3);
        Tensor labels = Tensor.of(new int[] {0, 2, 1, 1, 3});
        Objective<Tensor> fit =
                Objective.of(
                        w -> x.tanh().matmul(w).tanh().times(3),
                        z ->
                                Creation.oneHot(labels, 4, DType.FLOAT64)
                                        .times(Functions.logSoftmax(z, -1))
                                        .sum()
                                        .dividedBy(-5));
        Tensor w = Key.of(3).normal(DType.FLOAT64, 3, 4);
        Tensor v = Key.of(4).normal(DType.FLOAT64, 3, 4);
        var fisher = NaturalGradient.of(Likelihood.categorical(), 1).fisher(fit, w).apply(v);
        var newton = Transforms.gaussNewton((Tensor p) -> fit.output(p), fit::loss, w).apply(v);
        assertThat(fisher.toDoubles()).containsExactly(newton.toDoubles(), within(1e-14));
        assertThat(Transforms.hvp((Tensor p) -> fit.at(p), w, v).toDoubles())
                .as("the Hessian has the curvature of the model as well")
                .isNotEqualTo(newton.toDoubles());
    }

    @Test
    void fisherOfThreeClassesByHand() {
        // p = (½, ¼, ¼): F e₁ = p₁(1, 0, 0) − p₁ p
        Tensor z = Tensor.of(new double[] {Math.log(2), 0, 0}, 1, 3);
        Tensor v = Tensor.of(new double[] {1, 0, 0}, 1, 3);
        assertThat(Likelihood.categorical().fisher(z, v).toDoubles())
                .containsExactly(new double[] {0.25, -0.125, -0.125}, within(1e-15));
        assertThat(Likelihood.gaussian(4).fisher(z, v).toDoubles()).containsExactly(0.25, 0, 0);
    }

    /** Scores of drawn targets have mean 0 and the Fisher information as covariance. */
    @Test
    void scoresHaveTheFisherAsCovariance() {
        int n = 40_000;
        Tensor z = Tensor.of(new double[] {Math.log(2), 0, 0}, 1, 3).broadcastTo(n, 3);
        var u = Likelihood.categorical().score(Key.of(5), z);
        // entries are at most 1 in size, so means of n spread by at most 1/√n
        assertThat(u.mean(0).toDoubles()).containsExactly(new double[3], within(5 / Math.sqrt(n)));
        assertThat(u.transpose().matmul(u).dividedBy(n).toDoubles())
                .containsExactly(
                        new double[] {
                            0.25, -0.125, -0.125, -0.125, 0.1875, -0.0625, -0.125, -0.0625, 0.1875
                        },
                        within(5 / Math.sqrt(n)));
        var normal = Likelihood.gaussian(4).score(Key.of(6), z);
        assertThat(normal.square().mean().item()).isCloseTo(0.25, within(0.01));
    }

    @Test
    void reachTheBottomOfTwoBowls() {
        Objective<Tensor> bowl =
                Objective.of(
                        p -> p.times(Tensor.of(new double[] {1, Math.sqrt(20)})).expandDims(0),
                        z -> z.square().sum().times(0.5));
        assertThat(Descents.end(HessianFree.of(), bowl, 30, 1.5, -0.8))
                .containsExactly(new double[] {0, 0}, within(1e-6));
        assertThat(Descents.end(HessianFree.of(), valley(3), 60, -0.5, 0.5))
                .containsExactly(new double[] {1, 1}, within(1e-5));
        assertThat(Descents.end(HessianFree.of(), valley(100), 100, -1.2, 1))
                .as("Rosenbrock's")
                .containsExactly(new double[] {1, 1}, within(1e-4));
        var natural = NaturalGradient.of(Likelihood.gaussian(1), 0.5);
        assertThat(Descents.end(natural, bowl, 40, 1.5, -0.8))
                .containsExactly(new double[] {0, 0}, within(1e-6));
        assertThat(Descents.end(natural, valley(3), 60, -0.5, 0.5))
                .containsExactly(new double[] {1, 1}, within(1e-5));
    }

    @Test
    void restartEqualsNoRestart() {
        Descents.restartEqualsNoRestart(HessianFree.of(), Curve.OBJECTIVE, 10, Curve.START);
        Descents.restartEqualsNoRestart(
                NaturalGradient.of(Likelihood.gaussian(1), 0.3), Curve.OBJECTIVE, 10, Curve.START);
    }

    @Test
    void numbersOutOfRange() {
        assertThatThrownBy(() -> HessianFree.of().withDamping(0))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("Hessian-free: damping is 0.0; it must be positive");
        assertThatThrownBy(() -> new ConjugateGradient(0, 1))
                .hasMessageStartingWith(
                        "conjugate gradient: iterations is 0.0; it must be at least 1");
        assertThatThrownBy(() -> Likelihood.gaussian(0))
                .hasMessageStartingWith("Likelihood: variance is 0.0; it must be positive");
        assertThatThrownBy(() -> NaturalGradient.of(Likelihood.categorical(), 1).withDamping(-1))
                .hasMessageStartingWith("natural gradient: damping is -1.0; it must be at least 0");
    }
}
