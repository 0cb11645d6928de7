package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;
import static dev.fathom.lab.study.Expectation.oracle;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** L05: the loss surface of a network with two weights. */
public final class MinimalMlp implements Study {
    private static final double NOISE = 0.1; // σ
    private static final double STEP = 0.05;
    private static final int SHOWN = 60;
    private static final double[][] PLACES = {{1, 1}, {-1, -1.5}, {1.5, -1}, {2, 1}};

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L05", "minimal-mlp", Oracle.EXACT)
                        .claim(
                                "The risk of w₁·relu(w₂x) has a saddle at 0 and its minimum on a"
                                    + " hyperbola; the surface that one example shows is flat on"
                                    + " half of the plane.")
                        .text("003, the smallest network: full and stochastic loss surfaces")
                        .paper("the lecture's own example")
                        .story(
                                "Two weights can be drawn. The risk depends on their product a"
                                    + " alone, so its minimum is a whole hyperbola, and 0 is a"
                                    + " saddle between its branches. Gradient descent on all data"
                                    + " walks on this surface; stochastic descent walks on another"
                                    + " one at each step. An example with x > 0 is flat wherever w₂"
                                    + " < 0: its gradient there is exactly 0. The animation shows"
                                    + " the surface that each step sees.")
                        .notation(
                                """
                                f(x)   = w₁ · relu(w₂ x),  a = w₁ w₂
                                y      = 2x + ε, x uniform in (−1, 1), ε normal with σ = 0.1
                                risk   E (y − f)² = ½ (8/3 − 4a/3 + a²/3) + σ², ≥ 2/3 + σ²\
                                """)
                        .data(
                                "x and ε are drawn; the risk itself needs no draw: it is the"
                                        + " formula. Four standard errors and not three, since four"
                                        + " places are looked at with each seed")
                        .seeds(tier.pick(1, 5, 20))
                        .cost(tier.pick(1.0, 3.0, 10.0), 1e7, 1e8);
        for (var place : PLACES) {
            card = card.predict(name(place), near(risk(place[0], place[1])).withinErrors(4));
        }
        return card.predict("gradient on the hyperbola w₁w₂ = 2", atMost(1e-12))
                .predict("risk on the hyperbola", near(2.0 / 3 + NOISE * NOISE).within(1e-12))
                .predict("Hessian beside 0, smaller eigenvalue", near(-2.0 / 3).within(1e-6))
                .predict("Hessian beside 0, larger eigenvalue", near(2.0 / 3).within(1e-6))
                .predict("gradient of an example on its plateau", near(0))
                .predict("|w₁w₂ − 2| at the end of SGD", Oracle.DIRECTION, atMost(0.3))
                .positive(
                        "risk at (1, 1) by quadrature",
                        oracle("½ (8/3 − 4a/3 + a²/3) + σ²").within(1e-12))
                .sabotage("Hessian at 0 itself, by autodiff", near(2.0 / 3).within(1e-6))
                .sabotage("gradient of an example where it is not flat", near(0));
    }

    private static String name(double[] w) {
        return "sampled risk at (%s, %s)".formatted(w[0], w[1]);
    }

    private static double risk(double w1, double w2) {
        double a = w1 * w2;
        return (8.0 / 3 - 4 * a / 3 + a * a / 3) / 2 + NOISE * NOISE;
    }

    /** (y − w₁ relu(w₂ x))² of each example; w is (2). */
    private static Tensor losses(Tensor w, Tensor x, Tensor y) {
        return y.minus(w.get(0).times(Functions.relu(w.get(1).times(x)))).square();
    }

    /** The risk through the network: two Gauss points on each side of the kink are exact. */
    private static Tensor exact(Tensor w) {
        double near = (1 - 1 / Math.sqrt(3)) / 2;
        double far = (1 + 1 / Math.sqrt(3)) / 2;
        Tensor x = Tensor.of(new double[] {-far, -near, near, far});
        return losses(w, x, x.times(2)).mean().plus(NOISE * NOISE);
    }

    private static double one(double w1, double w2, double x, double y) {
        double r = y - w1 * Math.max(0, w2 * x);
        return r * r;
    }

    @Override
    public void run(Trial trial) {
        int n = trial.tier().pick(10_000, 100_000, 1_000_000);
        Tensor x = trial.data().stream("x").uniform(FLOAT64, n).times(2).minus(1); // (n)
        Tensor noise = trial.data().stream("noise").normal(FLOAT64, n).times(NOISE);
        Tensor y = x.times(2).plus(noise); // (n)
        for (var place : PLACES) {
            trial.measure(name(place), Estimate.of(losses(Tensor.of(place), x, y).toDoubles()));
        }
        double slope = 0;
        for (double w1 : new double[] {0.5, 1, 2, -0.5, -1, -2}) {
            Tensor w = Tensor.of(new double[] {w1, 2 / w1});
            slope = Math.max(slope, grad(MinimalMlp::exact).apply(w).abs().max().item());
        }
        trial.measure("gradient on the hyperbola w₁w₂ = 2", slope);
        trial.measure("risk on the hyperbola", exact(Tensor.of(new double[] {1, 2})).item());
        var eigenvalues = eigenvalues(Tensor.of(new double[] {0, 1e-9}));
        trial.measure("Hessian beside 0, smaller eigenvalue", eigenvalues[0]);
        trial.measure("Hessian beside 0, larger eigenvalue", eigenvalues[1]);
        trial.measure("gradient of an example on its plateau", slopeOfOne(-1));
        descend(trial, x.slice(0, 0, 4000).toDoubles(), y.slice(0, 0, 4000).toDoubles());
    }

    private static double[] eigenvalues(Tensor at) {
        Tensor h = hessian(MinimalMlp::exact).apply(at);
        return Linalg.eigh(h).values().toDoubles();
    }

    /** The gradient at (1, w₂) of the example x = ½. */
    private static double slopeOfOne(double w2) {
        Tensor x = Tensor.of(new double[] {0.5});
        Tensor w = Tensor.of(new double[] {1, w2});
        return grad((Tensor v) -> losses(v, x, x.times(2)).sum()).apply(w).abs().max().item();
    }

    /** SGD with one example a step, the step size falling like 1/t. */
    private static void descend(Trial trial, double[] x, double[] y) {
        double w1 = -0.2;
        double w2 = 0.6;
        for (int t = 0; t < x.length; t++) {
            trial.point("SGD", w1, w2);
            if (t < SHOWN) {
                trial.point("example", x[t], y[t]);
            }
            double active = w2 * x[t] > 0 ? 1 : 0;
            double r = w1 * active * w2 * x[t] - y[t];
            double step = 2 * STEP / (1 + t / 200.0);
            double g1 = 2 * r * active * w2 * x[t];
            double g2 = 2 * r * active * w1 * x[t];
            w1 -= step * g1;
            w2 -= step * g2;
        }
        trial.measure("|w₁w₂ − 2| at the end of SGD", Math.abs(w1 * w2 - 2));
    }

    @Override
    public void controls(Trial trial) {
        trial.measure(
                "risk at (1, 1) by quadrature",
                exact(Tensor.of(new double[] {1, 1})).item(),
                risk(1, 1));
        trial.measure("Hessian at 0 itself, by autodiff", eigenvalues(Tensor.of(new double[2]))[1]);
        trial.measure("gradient of an example where it is not flat", slopeOfOne(1));
        trial.note(
                "At 0 itself automatic differentiation takes relu′(0) = 0 and sees a flat place,"
                        + " though the risk is smooth there: the average of kinks has no kink.");
    }

    @Override
    public List<Figure> figures(Results results) {
        var path = results.curve("SGD");
        var examples = results.curve("example");
        var full = surface("risk", "All data", MinimalMlp::risk);
        var right = surface("right", "One example, x = 0.7", (a, b) -> one(a, b, 0.7, 1.4));
        var left = surface("left", "One example, x = −0.7", (a, b) -> one(a, b, -0.7, -1.4));
        var few =
                surface(
                        "few",
                        "Ten examples",
                        (a, b) -> {
                            double sum = 0;
                            for (int i = 0; i < 10; i++) {
                                sum += one(a, b, examples.x()[i], examples.y()[i]);
                            }
                            return sum / 10;
                        });
        var frames = new ArrayList<Plot>();
        for (int t = 0; t < SHOWN; t += 2) {
            double x = examples.x()[t];
            double y = examples.y()[t];
            frames.add(
                    walked(
                            surface(
                                    "sgd" + t,
                                    "Step %d sees x = %.2f".formatted(t + 1, x),
                                    (a, b) -> one(a, b, x, y)),
                            path,
                            t + 1));
        }
        frames.add(walked(full, path, path.size()));
        return List.of(
                new Figure.Panels(
                        "surfaces",
                        "A valley for all data, a plateau for each example",
                        "Lines of equal loss. The dashed hyperbola w₁w₂ = 2 is the minimum of the"
                                + " risk; on the half plane where relu is off an example is flat.",
                        2,
                        List.of(full, few, right, left)),
                new Figure.Animation(
                        "sgd",
                        "Stochastic descent walks on another surface at each step",
                        "In the colours: the loss of the example at hand. Last: the whole path on"
                                + " the surface of all data.",
                        3,
                        frames));
    }

    private static Plot surface(String name, String title, DoubleBinaryOperator loss) {
        var grid = Grid.of(-3, 3, 49, -3, 3, 49, (a, b) -> Math.min(6, loss.applyAsDouble(a, b)));
        var right = Grid.spaced(2.0 / 3, 3, 40);
        var left = Grid.spaced(-3, -2.0 / 3, 40);
        return Plot.of(name, title)
                .x("w₁")
                .y("w₂")
                .xRange(-3, 3)
                .yRange(-3, 3)
                .heat("", grid, Colours.SEQUENTIAL)
                .contours(grid, 0.25, 0.5, 0.7, 0.8, 1, 1.4, 2, 3, 4, 5)
                .dashed("w₁w₂ = 2", right, Arrays.stream(right).map(a -> 2 / a).toArray())
                .dashed("w₁w₂ = 2", left, Arrays.stream(left).map(a -> 2 / a).toArray());
    }

    private static Plot walked(Plot plot, Curve path, int steps) {
        var x = Arrays.copyOf(path.x(), steps);
        var y = Arrays.copyOf(path.y(), steps);
        return plot.line("SGD", x, y)
                .points("now", new double[] {x[steps - 1]}, new double[] {y[steps - 1]});
    }
}
