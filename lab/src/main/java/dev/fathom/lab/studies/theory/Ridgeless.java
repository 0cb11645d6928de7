package dev.fathom.lab.studies.theory;

import static dev.fathom.core.math.Creation.eye;
import static dev.fathom.core.math.Linalg.inverse;
import static dev.fathom.core.math.Linalg.solve;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** L17: the exact double descent of least squares without a ridge. */
public final class Ridgeless implements Study {
    private static final int ROWS = 100; // n
    private static final double SIGNAL = 5; // r² = ‖β‖²
    private static final double NOISE = 1; // σ²
    private static final int AT_ONCE = 50;

    /** p; the smoke tier leaves out where hundreds of draws do not yet show the mean. */
    private static List<Integer> features(Tier tier) {
        var all = List.of(20, 50, 80, 90, 95, 105, 110, 125, 200, 400);
        return tier.pick(List.of(20, 50, 80, 125, 200), all, all);
    }

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L17", "ridgeless", Oracle.EXACT)
                        .star()
                        .claim(
                                "The test risk of minimum-norm least squares explodes where there"
                                    + " are as many features as examples, and falls again beyond.")
                        .text("001, interpolation; 003 and 004, double descent")
                        .paper(
                                "T. Hastie, A. Montanari, S. Rosset, R. Tibshirani, Surprises in"
                                        + " high-dimensional ridgeless least squares interpolation,"
                                        + " 2022; finite-sample form from the inverse Wishart"
                                        + " distribution")
                        .story(
                                "With p < n the fit is unique, and its variance σ²p/(n−p−1) blows"
                                    + " up as p nears n: the smallest singular value of X goes to 0"
                                    + " and its inverse multiplies the noise. With p > n there are"
                                    + " many perfect fits; the one of least norm gets calmer the"
                                    + " more features it can spread the noise over. There is no fit"
                                    + " here and no free parameter: the dots are simulated, the"
                                    + " line is the formula.")
                        .notation(
                                """
                                X      n × p matrix of independent standard normal numbers
                                β      true coefficients, ‖β‖² = r² = 5
                                y      Xβ + ε, ε normal with variance σ² = 1
                                β̂      X⁺y, the solution of least norm
                                risk   E ‖β̂ − β‖²
                                       = σ²p/(n−p−1)               for p < n−1
                                       = r²(1−n/p) + σ²n/(p−n−1)   for p > n+1\
                                """)
                        .data("Gaussian, n = 100 rows, p features; X and ε are drawn")
                        .cost(tier.pick(4.0, 20.0, 200.0), 1e8, tier.pick(2e9, 1.5e10, 1.5e11));
        for (int p : features(tier)) {
            card = card.predict("risk, p = " + p, near(exact(p)).withinErrors(4));
        }
        return card.positive("E tr (XᵀX)⁻¹, p = 20", near(20.0 / 79).withinErrors(4))
                .sabotage("risk, p = 110, with a ridge of 1", near(exact(110)).withinErrors(4));
    }

    /** E ‖β̂ − β‖² with n rows and p features. */
    private static double exact(double p) {
        return p < ROWS
                ? NOISE * p / (ROWS - p - 1)
                : SIGNAL * (1 - ROWS / p) + NOISE * ROWS / (p - ROWS - 1);
    }

    @Override
    public void run(Trial trial) {
        int repetitions = trial.tier().pick(200, 1000, 10_000);
        var features = features(trial.tier());
        for (int i = 0; i < features.size(); i++) {
            int p = features.get(i);
            var risk = risk(trial.data().fold(p), p, 0, repetitions);
            trial.measure("risk, p = " + p, risk);
            trial.point("risk", p, risk.value());
            trial.point("low", p, risk.value() - 2 * risk.error());
            trial.point("high", p, risk.value() + 2 * risk.error());
            trial.progress(i + 1, features.size());
        }
    }

    @Override
    public void controls(Trial trial) {
        int repetitions = trial.tier().pick(200, 1000, 1000);
        var key = trial.data();
        Tensor x = key.normal(FLOAT64, repetitions, ROWS, 20); // (r, n, p)
        Tensor inverses = inverse(transpose(x).matmul(x)); // (r, p, p)
        var traces = inverses.times(eye(FLOAT64, 20)).sum(1, 2); // (r)
        trial.measure("E tr (XᵀX)⁻¹, p = 20", Estimate.of(traces.toDoubles()));
        trial.measure("risk, p = 110, with a ridge of 1", risk(key.fold(1), 110, 1, repetitions));
    }

    /** The risk over independent draws of X and ε. */
    private static Estimate risk(Key key, int p, double ridge, int repetitions) {
        var risks =
                IntStream.range(0, repetitions / AT_ONCE)
                        .mapToObj(i -> risks(key.fold(i), p, ridge).toDoubles())
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
        return Estimate.of(risks);
    }

    private static Tensor risks(Key key, int p, double ridge) {
        Tensor beta = Tensor.full(FLOAT64, Math.sqrt(SIGNAL / p), p, 1); // (p, 1)
        Tensor x = key.stream("x").normal(FLOAT64, AT_ONCE, ROWS, p); // (r, n, p)
        Tensor noise = key.stream("noise").normal(FLOAT64, AT_ONCE, ROWS, 1); // (r, n, 1)
        Tensor y = x.matmul(beta).plus(noise.times(Math.sqrt(NOISE))); // (r, n, 1)
        Tensor xt = transpose(x); // (r, p, n)
        Tensor fit =
                p < ROWS
                        ? solve(xt.matmul(x).plus(eye(FLOAT64, p).times(ridge)), xt.matmul(y))
                        : xt.matmul(solve(x.matmul(xt).plus(eye(FLOAT64, ROWS).times(ridge)), y));
        return fit.minus(beta).square().sum(1, 2); // (r)
    }

    @Override
    public List<Figure> figures(Results results) {
        DoubleUnaryOperator risk = Ridgeless::exact;
        var below = IntStream.rangeClosed(5, 98).asDoubleStream().toArray();
        var above = IntStream.rangeClosed(102, 450).asDoubleStream().toArray();
        var low = results.curve("low");
        return List.of(
                Plot.of("risk", "The risk explodes at p = n, and falls again")
                        .x("features p", Scale.LOG)
                        .y("risk  E ‖β̂ − β‖²", Scale.LOG)
                        .vertical("p = n = 100", ROWS)
                        .line("formula", below, Arrays.stream(below).map(risk).toArray())
                        .line("formula", above, Arrays.stream(above).map(risk).toArray())
                        .with(
                                new Plot.Whiskers(
                                        "simulated", low.x(), low.y(), results.curve("high").y()))
                        .points("simulated", results.curve("risk"))
                        .caption("Dots: simulated, ± 2 standard errors. Line: the exact formula."));
    }
}
