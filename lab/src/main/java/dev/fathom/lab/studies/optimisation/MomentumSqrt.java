package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.linspace;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;

import java.util.List;

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
                            + " was going, which makes the same problem shrink by 1 − 2/(√κ+1). On"
                            + " logarithmic axes the two lines have slopes 1 and ½: at κ = 10 000"
                            + " it is a thousand steps instead of sixty thousand.")
                .notation(
                        """
                        λ₁ … λ_d   eigenvalues of the Hessian, equally spaced from 1 to κ; d = 50
                        α          step size: 2/(1+κ) for gradient descent, (2/(1+√κ))² for the heavy ball
                        μ          momentum: ((√κ−1)/(√κ+1))²\
                        """)
                .data("f(x) = ½ Σ λᵢ xᵢ², from x = (1, …, 1) until ‖x‖ ≤ 10⁻⁶ ‖x₀‖; no randomness")
                .cost(3, 1e6, 70_000 * 600.0)
                .predict("gradient descent, κ = 100", near(611).withinPercent(2))
                .predict("gradient descent, κ = 1000", near(6104).withinPercent(2))
                .predict("gradient descent, κ = 10000", near(61_031).withinPercent(2))
                .predict("heavy ball, κ = 100", near(85).withinPercent(2))
                .predict("heavy ball, κ = 1000", near(288).withinPercent(2))
                .predict("heavy ball, κ = 10000", near(972).withinPercent(2))
                .positive("gradient descent, κ = 1: one step", near(1))
                .sabotage(
                        "heavy ball, κ = 100, its momentum taken away", near(85).withinPercent(2));
    }

    @Override
    public void run(Trial trial) {
        for (int kappa : new int[] {100, 1000, 10_000}) {
            int descent = steps(gradientDescent(kappa), kappa);
            int ball = steps(heavyBall(kappa), kappa);
            trial.measure("gradient descent, κ = " + kappa, descent);
            trial.measure("heavy ball, κ = " + kappa, ball);
            trial.point("gradient descent", kappa, descent);
            trial.point("heavy ball", kappa, ball);
        }
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
        var kappa = Grid.spaced(100, 10_000, 2);
        return List.of(
                Plot.of("steps", "Steps to shrink the error a million times")
                        .x("condition number κ", Scale.LOG)
                        .y("steps", Scale.LOG)
                        .dashed("∝ κ", kappa, new double[] {611, 61_100})
                        .dashed("∝ √κ", kappa, new double[] {85, 850})
                        .points("gradient descent", results.curve("gradient descent"))
                        .points("heavy ball", results.curve("heavy ball"))
                        .caption("Gradient descent follows κ, the heavy ball √κ."));
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

    /** Steps until ‖x‖ ≤ 10⁻⁶ ‖x₀‖. */
    private static int steps(Recipe optimizer, double kappa) {
        Tensor lambda = linspace(1, kappa, DIMENSION); // (d)
        Tensor start = Tensor.full(DType.FLOAT64, 1, DIMENSION); // (d)
        double edge = GOAL * GOAL * DIMENSION;
        var descend =
                jit((State first) ->
                        Loops.whileLoop(
                                s -> Tensor.scalar(edge).lessThan(s.x.square().sum()),
                                s -> {
                                    var g =
                                            grad((Tensor x) ->
                                                    lambda.times(x.square()).sum().times(0.5));
                                    var step = optimizer.update(g.apply(s.x), s.optimizer, s.x);
                                    return new State(step.params(), step.state(), s.count.plus(1));
                                },
                                first));
        var end = descend.apply(new State(start, optimizer.init(start), Tensor.scalar(0)));
        return (int) end.count().item();
    }
}
