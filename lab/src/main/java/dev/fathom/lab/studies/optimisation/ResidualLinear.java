package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.eye;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;
import static dev.fathom.lab.study.Expectation.oracle;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.List;

/** L06: linear residual networks have no bad critical points near the identity. */
public final class ResidualLinear implements Study {
    private static final int LAYERS = 8; // L
    private static final int WIDTH = 5; // d
    private static final double RATE = 0.02;
    private static final int CHUNK = 10;
    private static final int STEPS = 1500;
    private static final int LONG = 20_000;

    @Override
    public Card card(Tier tier) {
        return Card.of("L06", "residual-linear", Oracle.EXACT)
                .star()
                .claim(
                        "While all ‖Aᵢ‖ < 1 the gradient of a linear residual network vanishes only"
                                + " where the loss does; a target of negative determinant is out of"
                                + " its reach, and a plain linear network never leaves 0.")
                .text("003, residual networks; 001, identity matters")
                .paper("M. Hardt, T. Ma, Identity matters in deep learning, 2017, theorem 2.2")
                .story(
                        "A product of matrices has saddles wherever one factor is 0, and gradient"
                            + " descent that starts there stays there. Writing each factor as I + A"
                            + " moves the start away from all of them: the squared gradient is at"
                            + " least a multiple of the loss, so descent shrinks the loss by a"
                            + " constant factor a step. But it moves without a jump, and the"
                            + " determinant starts at 1: to reach a target of negative determinant"
                            + " it would have to pass through 0. It gets stuck before that wall, at"
                            + " a loss that one singular value of the target tells.")
                .notation(
                        """
                        M      (I + A_L) ⋯ (I + A₁), d × d; here L = 8, d = 5
                        f      ½ ‖M − B‖²
                        τ      the largest ‖Aᵢ‖ (singular value)
                        bound  Σ ‖∂f/∂Aᵢ‖² ≥ 2 L (1 − τ)^(2L−2) f
                        floor  ½ σ_min(B)², the distance of B to the matrices of determinant 0\
                        """)
                .data(
                        "B = I + 0.15 G, G random normal; for det < 0 its last singular value is"
                            + " negated. A wider G brings singular values near 0, towards which"
                            + " descent only creeps: with 0.3, tried first, two targets of five"
                            + " were not reached in 1500 steps and three floors were missed by more"
                            + " than 0.1 %")
                .seeds(tier.pick(1, 5, 20))
                .cost(tier.pick(4.0, 12.0, 45.0), 1e7, tier.pick(2e8, 1e9, 4e9))
                .predict("det B > 0: loss at the end", atMost(1e-18))
                .predict("gradient over its bound, least", Oracle.BOUND, atLeast(1))
                .predict("det B < 0: loss at the end", oracle("½ σ_min(B)²").withinPercent(0.1))
                .predict("one eigenvalue −0.7: loss at the end", near(0.245).withinPercent(0.1))
                .predict("plain network from 0: change of its loss", near(0))
                .positive("gradient over its bound at A = 0", near(1).within(1e-12))
                .sabotage("plain network from 0: loss at the end", atMost(1e-18))
                .sabotage("det B < 0: loss at the end, as if it were reachable", atMost(1e-18));
    }

    /** B of either sign, by the singular values of one draw. */
    private static Tensor target(Key key, boolean positive) {
        Tensor g = key.normal(FLOAT64, WIDTH, WIDTH).times(0.15);
        var svd = Linalg.svd(eye(FLOAT64, WIDTH).plus(g));
        double turned = determinant(svd.u().matmul(svd.vt())) > 0 == positive ? 1 : -1;
        var signs = new double[] {1, 1, 1, 1, turned};
        return svd.u().times(svd.s().times(Tensor.of(signs))).matmul(svd.vt());
    }

    private static double determinant(Tensor a) {
        var m = a.toDoubles();
        int n = a.dim(0);
        double det = 1;
        for (int i = 0; i < n; i++) {
            int pivot = i;
            for (int r = i; r < n; r++) {
                pivot = Math.abs(m[r * n + i]) > Math.abs(m[pivot * n + i]) ? r : pivot;
            }
            for (int c = 0; c < n; c++) {
                double t = m[i * n + c];
                m[i * n + c] = m[pivot * n + c];
                m[pivot * n + c] = t;
            }
            det *= pivot == i ? m[i * n + i] : -m[i * n + i];
            for (int r = i + 1; r < n && m[i * n + i] != 0; r++) {
                double factor = m[r * n + i] / m[i * n + i];
                for (int c = i; c < n; c++) {
                    m[r * n + c] -= factor * m[i * n + c];
                }
            }
        }
        return det;
    }

    /** M, of factors A_i + shift·I. */
    private static Tensor product(Tensor maps, double shift) {
        Tensor identity = eye(FLOAT64, WIDTH).times(shift);
        Tensor m = maps.get(0).plus(identity); // (d, d)
        for (int i = 1; i < LAYERS; i++) {
            m = maps.get(i).plus(identity).matmul(m);
        }
        return m;
    }

    private static Tensor loss(Tensor maps, Tensor target, double shift) {
        return product(maps, shift).minus(target).square().sum().times(0.5);
    }

    private static Tensor zeros() {
        return Tensor.full(FLOAT64, 0, LAYERS, WIDTH, WIDTH);
    }

    /** Gradient descent from zero; the curve takes the loss every few steps. */
    private static Tensor descend(
            Trial trial, String curve, Tensor target, double shift, int steps) {
        var some =
                jit((Tensor first) ->
                        Loops.repeat(
                                a ->
                                        a.minus(
                                                grad((Tensor v) -> loss(v, target, shift))
                                                        .apply(a)
                                                        .times(RATE)),
                                first,
                                CHUNK));
        Tensor a = zeros();
        for (int t = 0; t <= steps; t += CHUNK) {
            double now = loss(a, target, shift).item();
            trial.point(curve, t + 1, Math.max(now, 1e-32));
            if (t < steps) {
                a = some.apply(a);
            }
        }
        return a;
    }

    /** Σ‖∂f/∂Aᵢ‖² and what the theorem says it is at least. */
    private static double[] slopes(Tensor maps, Tensor target) {
        var here = valueAndGrad((Tensor v) -> loss(v, target, 1)).apply(maps);
        double tau = Linalg.svd(maps).s().max().item();
        return new double[] {
            here.gradient().square().sum().item(),
            2 * LAYERS * Math.pow(1 - tau, 2 * LAYERS - 2) * here.value().item(),
            tau
        };
    }

    @Override
    public void run(Trial trial) {
        Tensor reachable = target(trial.data(), true);
        Tensor a = descend(trial, "det B > 0", reachable, 1, STEPS);
        trial.measure("det B > 0: loss at the end", loss(a, reachable, 1).item());
        trial.measure("gradient over its bound, least", least(trial, reachable));

        Tensor beyond = target(trial.data(), false);
        double smallest = Linalg.svd(beyond).s().min().item();
        Tensor stuck = descend(trial, "det B < 0", beyond, 1, LONG);
        trial.measure(
                "det B < 0: loss at the end",
                loss(stuck, beyond, 1).item(),
                smallest * smallest / 2);
        trial.measure("det B < 0: floor", smallest * smallest / 2);
        Tensor mirror = Tensor.of(new double[] {1.2, 1.1, 1, 0.9, -0.7});
        Tensor symmetric = eye(FLOAT64, WIDTH).times(mirror);
        Tensor end = descend(trial, "one eigenvalue −0.7", symmetric, 1, LONG);
        trial.measure("one eigenvalue −0.7: loss at the end", loss(end, symmetric, 1).item());

        Tensor plain = descend(trial, "plain", reachable, 0, STEPS);
        trial.measure(
                "plain network from 0: change of its loss",
                loss(plain, reachable, 0).item() - loss(zeros(), reachable, 0).item());
    }

    /** The least ratio of gradient and bound on the way, while τ < 1. */
    private static double least(Trial trial, Tensor target) {
        var step = jit(grad((Tensor v) -> loss(v, target, 1)));
        Tensor a = zeros();
        double least = Double.POSITIVE_INFINITY;
        for (int t = 1; t <= 200; t++) {
            a = a.minus(step.apply(a).times(RATE));
            var slopes = slopes(a, target);
            if (slopes[2] < 1) {
                least = Math.min(least, slopes[0] / slopes[1]);
                trial.point("gradient", t, slopes[0]);
                trial.point("bound", t, slopes[1]);
            }
        }
        return least;
    }

    @Override
    public void controls(Trial trial) {
        Tensor target = target(trial.data(), true);
        var slopes = slopes(zeros(), target);
        trial.measure("gradient over its bound at A = 0", slopes[0] / slopes[1]);
        Tensor plain = descend(trial, "plain", target, 0, STEPS);
        trial.measure("plain network from 0: loss at the end", loss(plain, target, 0).item());
        Tensor beyond = target(trial.data(), false);
        Tensor stuck = descend(trial, "det B < 0", beyond, 1, STEPS);
        trial.measure(
                "det B < 0: loss at the end, as if it were reachable",
                loss(stuck, beyond, 1).item());
    }

    @Override
    public List<Figure> figures(Results results) {
        var losses =
                Plot.of("loss", "The identity leads to the target, unless a wall stands before it")
                        .x("step + 1", Scale.LOG)
                        .y("loss ½ ‖M − B‖²", Scale.LOG)
                        .yRange(1e-20, 30)
                        .horizontal("floor ½ σ_min(B)²", results.values("det B < 0: floor")[0]);
        for (Curve curve : results.curves("det B > 0")) {
            losses = losses.line("residual, det B > 0", curve);
        }
        return List.of(
                losses.line("residual, det B < 0", results.curve("det B < 0"))
                        .line("plain, from 0", results.curve("plain"))
                        .caption(
                                "With det B > 0 (a line for each seed) down to rounding; with det B"
                                        + " < 0 onto the floor; without the identity nowhere."),
                Plot.of("gradient", "The gradient stays above what the loss guarantees")
                        .x("step")
                        .y("Σ ‖∂f/∂Aᵢ‖²", Scale.LOG)
                        .line("measured", results.curve("gradient"))
                        .dashed(
                                "2 L (1−τ)^(2L−2) f",
                                results.curve("bound").x(),
                                results.curve("bound").y())
                        .caption(
                                "The theorem's bound holds at every step, and near the identity it"
                                        + " is almost an equality."));
    }
}
