package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.linspace;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.near;
import static dev.fathom.lab.study.Expectation.oracle;

import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Expectation;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** L09: momentum turns κ iterations into √κ. */
public final class MomentumSqrt implements Study {
    private static final int DIMENSION = 50;
    private static final double GOAL = 1e-6;

    @Override
    public Card card(Tier tier) {
        return Card.of("L09", "momentum-sqrt", Oracle.EXACT)
                .claim(
                        "On a quadratic of condition number κ, tuned gradient descent needs about κ"
                                + " steps and the tuned heavy ball about √κ.")
                .text("003, momentum (μ = 0.9, 0.99)")
                .paper(
                        "B. Polyak, Some methods of speeding up the convergence of iteration"
                                + " methods, 1964, theorem 9")
                .story(
                        "The step size has to suit the steepest direction, so the flattest one"
                            + " shrinks by 1 − 2/(κ+1) a step. The heavy ball remembers where it"
                            + " was going, which makes the same problem shrink by ρ = 1 − 2/(√κ+1)."
                            + " On logarithmic axes the two lines have slopes 1 and ½: at κ = 10"
                            + " 000 it is a thousand steps instead of sixty thousand. The heavy"
                            + " ball lies above its dashed line, and the more so the larger κ: the"
                            + " tuned μ makes the steepest direction a double root, which does not"
                            + " shrink by ρᵏ but by (1 + 2k√κ/(√κ+1)) ρᵏ. For the first √κ/2 steps"
                            + " that grows, as the second picture shows. Gradient descent lies"
                            + " below its line because only the flattest and the steepest of fifty"
                            + " directions are slow.")
                .notation(
                        """
                        λ₁ … λ_d   eigenvalues of the Hessian, equally spaced from 1 to κ; d = 50
                        α          step size: 2/(1+κ) for gradient descent, (2/(1+√κ))² for the heavy ball
                        μ          momentum: ρ² with ρ = (√κ−1)/(√κ+1)
                        eₖ(λ)      what is left of a direction: eₖ₊₁ = (1+μ−αλ) eₖ − μ eₖ₋₁, e₀ = 1, e₁ = 1−αλ;
                                   eₖ(κ) = (1 + 2k√κ/(√κ+1)) (−ρ)ᵏ, eₖ(1) = (1 + 2k/(√κ+1)) ρᵏ\
                        """)
                .data("f(x) = ½ Σ λᵢ xᵢ², from x = (1, …, 1) until ‖x‖ ≤ 10⁻⁶ ‖x₀‖; no randomness")
                .cost(3, 1e6, 70_000 * 600.0)
                .predict("gradient descent, κ = 100", near(611).withinPercent(2))
                .predict("gradient descent, κ = 1000", near(6104).withinPercent(2))
                .predict("gradient descent, κ = 10000", near(61_031).withinPercent(2))
                .predict("heavy ball, κ = 100", near(85).withinPercent(2))
                .predict("heavy ball, κ = 1000", near(288).withinPercent(2))
                .predict("heavy ball, κ = 10000", near(972).withinPercent(2))
                .predict("heavy ball, κ = 100, by its double root", doubleRoot())
                .predict("heavy ball, κ = 1000, by its double root", doubleRoot())
                .predict("heavy ball, κ = 10000, by its double root", doubleRoot())
                .positive("gradient descent, κ = 1: one step", near(1))
                .sabotage(
                        "heavy ball, κ = 100, its momentum taken away", near(85).withinPercent(2));
    }

    private static Expectation doubleRoot() {
        return oracle("first k with |eₖ(κ)| ≤ 10⁻⁶ √d").within(1);
    }

    @Override
    public void run(Trial trial) {
        for (int kappa : new int[] {100, 1000, 10_000}) {
            int descent = steps(gradientDescent(kappa), kappa);
            int ball = steps(heavyBall(kappa), kappa);
            trial.measure("gradient descent, κ = " + kappa, descent);
            trial.measure("heavy ball, κ = " + kappa, ball);
            trial.measure(
                    "heavy ball, κ = " + kappa + ", by its double root",
                    ball,
                    Math.ceil(ballSteps(kappa)));
            trial.point("gradient descent", kappa, descent);
            trial.point("heavy ball", kappa, ball);
        }
        path(trial, 10_000);
    }

    /** How much of the error is left after each step of the heavy ball. */
    private static void path(Trial trial, double kappa) {
        var optimizer = heavyBall(kappa);
        Tensor lambda = linspace(1, kappa, DIMENSION); // (d)
        var step = jit((State s) -> stepped(s, optimizer, lambda));
        Tensor start = Tensor.full(DType.FLOAT64, 1, DIMENSION); // (d)
        var state = new State(start, optimizer.init(start), Tensor.scalar(0));
        double root = Math.sqrt(kappa);
        for (int k = 0; k <= 1000; k++) {
            if (k % 5 == 0) {
                double left = Math.sqrt(state.x.square().mean().item());
                double rate = Math.pow((root - 1) / (root + 1), k);
                trial.point("left of the error", k, left);
                trial.point("rate", k, rate);
                trial.point("steepest", k, left(k, kappa) / Math.sqrt(DIMENSION));
            }
            state = step.apply(state);
        }
    }

    /** |eₖ(κ)|: what the heavy ball leaves of the steepest direction; k need not be whole. */
    private static double left(double k, double kappa) {
        double root = Math.sqrt(kappa);
        return (1 + 2 * k * root / (root + 1)) * Math.pow((root - 1) / (root + 1), k);
    }

    /** The k from which on |eₖ(κ)| ≤ 10⁻⁶ √d, by bisection. */
    private static double ballSteps(double kappa) {
        double low = Math.sqrt(kappa); // beyond the top of |eₖ(κ)|, which falls from there
        double high = 100 * low;
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            boolean more = left(middle, kappa) > GOAL * Math.sqrt(DIMENSION);
            low = more ? middle : low;
            high = more ? high : middle;
        }
        return high;
    }

    /** The k with √(2/d) (1 − 2/(κ+1))ᵏ = 10⁻⁶: two directions of d are slow. */
    private static double descentSteps(double kappa) {
        return Math.log(GOAL / Math.sqrt(2.0 / DIMENSION)) / Math.log(1 - 2 / (kappa + 1));
    }

    @Override
    public void controls(Trial trial) {
        trial.measure("gradient descent, κ = 1: one step", steps(gradientDescent(1), 1));
        var ball = heavyBall(100);
        trial.measure(
                "heavy ball, κ = 100, its momentum taken away", steps(ball.withMomentum(0), 100));
    }

    @Override
    public List<Figure> figures(Results results) {
        var kappa = new double[41];
        Arrays.setAll(kappa, i -> 100 * Math.pow(100, i / 40.0));
        double digits = -Math.log(GOAL) / 2; // steps to the goal at the rate 1 − 2/κ, over κ
        return List.of(
                Plot.of("steps", "Steps to shrink the error a million times")
                        .x("condition number κ", Scale.LOG)
                        .y("steps", Scale.LOG)
                        .points("gradient descent", results.curve("gradient descent"))
                        .line("gradient descent", kappa, each(kappa, MomentumSqrt::descentSteps))
                        .points("heavy ball", results.curve("heavy ball"))
                        .line("heavy ball", kappa, each(kappa, MomentumSqrt::ballSteps))
                        .dashed("½ κ ln 10⁶", kappa, each(kappa, k -> digits * k))
                        .dashed("½ √κ ln 10⁶", kappa, each(kappa, k -> digits * Math.sqrt(k)))
                        .caption(
                                "Points are measured, lines computed from the eigenvalues, dashed"
                                    + " is the rate alone. The heavy ball needs more than its rate"
                                    + " says: in the steepest direction the error is k ρᵏ, not"
                                    + " ρᵏ."),
                Plot.of("path", "The heavy ball first makes the error larger, κ = 10 000")
                        .x("step k", Scale.LINEAR)
                        .y("‖xₖ‖ / ‖x₀‖", Scale.LOG)
                        .line("measured", results.curve("left of the error"))
                        .dashed("steepest direction alone", results.curve("steepest"))
                        .dashed("the rate ρᵏ", results.curve("rate"))
                        .horizontal("goal", GOAL)
                        .caption(
                                "All of it is the steepest direction: (1 + 2k√κ/(√κ+1)) ρᵏ / √d,"
                                    + " which grows for 50 steps before it shrinks at the rate."));
    }

    private static double[] each(double[] x, DoubleUnaryOperator f) {
        return Arrays.stream(x).map(f).toArray();
    }

    private static Sgd gradientDescent(double kappa) {
        return Sgd.of(2 / (1 + kappa));
    }

    private static Momentum heavyBall(double kappa) {
        double root = Math.sqrt(kappa);
        return Momentum.of(Math.pow(2 / (1 + root), 2))
                .withMomentum(Math.pow((root - 1) / (root + 1), 2));
    }

    private record State(Tensor x, Chain.State optimizer, Tensor count) {}

    private static State stepped(State s, Recipe optimizer, Tensor lambda) {
        var g = grad((Tensor x) -> lambda.times(x.square()).sum().times(0.5)).apply(s.x);
        var step = optimizer.update(g, s.optimizer, s.x);
        return new State(step.params(), step.state(), s.count.plus(1));
    }

    /** Steps until ‖x‖ ≤ 10⁻⁶ ‖x₀‖. */
    private static int steps(Recipe optimizer, double kappa) {
        Tensor lambda = linspace(1, kappa, DIMENSION); // (d)
        Tensor start = Tensor.full(DType.FLOAT64, 1, DIMENSION); // (d)
        double edge = GOAL * GOAL * DIMENSION;
        var descend =
                jit((State first) ->
                        Loops.whileLoop(
                                s -> Tensor.scalar(edge).lessThan(s.x.square().sum()),
                                s -> stepped(s, optimizer, lambda),
                                first));
        var end = descend.apply(new State(start, optimizer.init(start), Tensor.scalar(0)));
        return (int) end.count().item();
    }
}
