package dev.fathom.lab.studies.theory;

import static dev.fathom.core.math.Linalg.solve;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
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
import java.util.stream.IntStream;

/** L21: fitting noise does no harm where there is a wide flat tail to hide it in. */
public final class Benign implements Study {
    private static final int SPIKES = 5; // k
    private static final int TAIL = 20; // (p − k)/n
    private static final double FLAT = 1e-4; // variance of a tail feature
    private static final int NOISES = 100;

    private static List<Integer> rows(Tier tier) {
        return tier.pick(
                List.of(50, 100, 200), List.of(50, 100, 200, 400), List.of(50, 100, 200, 400));
    }

    /** Variances of the features: k of them 1, the rest small; or all 1. */
    private record Spectrum(int spikes, int tail, double flat) {
        static Spectrum spiked(int n) {
            return new Spectrum(SPIKES, TAIL * n, FLAT);
        }

        static Spectrum isotropic(int n) {
            return new Spectrum(0, 3 * n / 2, 1);
        }

        Tensor variances() {
            Tensor small = Tensor.full(FLOAT64, flat, tail);
            return spikes == 0
                    ? small
                    : Shaping.concatenate(0, Tensor.full(FLOAT64, 1, spikes), small);
        }

        /** True coefficients of length 1, on the first features. */
        Tensor beta() {
            int on = spikes == 0 ? tail : spikes;
            Tensor ones = Tensor.full(FLOAT64, 1 / Math.sqrt(on), on, 1);
            return spikes == 0 ? ones : Shaping.pad(ones, new int[] {0, 0}, new int[] {tail, 0});
        }
    }

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L21", "benign", Oracle.EXACT)
                        .claim(
                                "A fit through every noisy point is harmless if the spectrum of the"
                                        + " features has a long flat tail, and harmful if not.")
                        .text("001, interpolation and benign overfitting")
                        .paper(
                                "P. Bartlett, P. Long, G. Lugosi, A. Tsigler, Benign overfitting in"
                                        + " linear regression, PNAS 2020, theorem 4")
                        .story(
                                "Both regressions pass through every noisy target. In the first a"
                                    + " few features carry the signal and thousands of tiny ones"
                                    + " nothing: noise is fitted with the tiny ones, of which each"
                                    + " point uses its own, and at a new point they hardly add"
                                    + " anything. They act like a ridge. What is paid is σ²k/n for"
                                    + " the features that matter and σ²n/(p−k) for the hiding"
                                    + " place. In the second all features are alike, noise has to"
                                    + " be fitted with the features that matter, and more data do"
                                    + " not help.")
                        .notation(
                                """
                                n, p   rows and features, p − k = 20 n
                                k      features of variance 1, here 5; the others have variance 0.0001
                                σ²     variance of the noise, 1
                                risk   E (x̃ᵀ(ŵ − β))² at a new x̃, ŵ = X⁺y of least norm
                                       ≈ σ²(k/n + n/(p−k))\
                                """)
                        .data(
                                "independent Gaussian features; y = Xβ + ε, ‖β‖ = 1 on the k"
                                        + " features")
                        .cost(tier.pick(4.0, 30.0, 120.0), 3e8, tier.pick(1e10, 1e11, 1e12));
        for (int n : rows(tier)) {
            card =
                    card.predict(
                            "risk with a tail, n = " + n,
                            near((double) SPIKES / n + 1.0 / TAIL).withinPercent(15));
        }
        for (int n : rows(tier)) {
            card = card.predict("risk without a tail, n = " + n, atLeast(2));
        }
        return card.positive("largest error at a training point", atMost(1e-8))
                .sabotage(
                        "the formula for the tail, claimed without a tail, n = 100",
                        near(SPIKES / 100.0 + 1.0 / TAIL).withinPercent(15));
    }

    @Override
    public void run(Trial trial) {
        var rows = rows(trial.tier());
        for (int i = 0; i < rows.size(); i++) {
            int n = rows.get(i);
            double with = risk(trial.data().fold(n), n, Spectrum.spiked(n), draws(trial.tier(), n));
            double without =
                    risk(trial.data().fold(-n), n, Spectrum.isotropic(n), draws(trial.tier(), n));
            trial.measure("risk with a tail, n = " + n, with);
            trial.measure("risk without a tail, n = " + n, without);
            trial.point("with", n, with);
            trial.point("without", n, without);
            trial.progress(i + 1, rows.size());
        }
    }

    private static int draws(Tier tier, int n) {
        return tier.pick(1000, 4000, 20_000) / n;
    }

    @Override
    public void controls(Trial trial) {
        var spectrum = Spectrum.spiked(100);
        var fit = Fit.of(trial.data(), 100, spectrum);
        Tensor error = fit.x.matmul(fit.weights).minus(fit.y).abs();
        trial.measure("largest error at a training point", error.max().item());
        trial.measure(
                "the formula for the tail, claimed without a tail, n = 100",
                risk(trial.data(), 100, Spectrum.isotropic(100), 5));
    }

    /**
     * One X with many draws of the noise.
     *
     * @param x (n, p)
     * @param y (n, noises)
     * @param weights of least norm, (p, noises)
     */
    private record Fit(Tensor x, Tensor y, Tensor weights) {
        static Fit of(Key key, int n, Spectrum spectrum) {
            Tensor scale = spectrum.variances().sqrt(); // (p)
            Tensor x = key.stream("x").normal(FLOAT64, n, scale.dim(0)).times(scale);
            Tensor noise = key.stream("noise").normal(FLOAT64, n, NOISES);
            Tensor y = x.matmul(spectrum.beta()).plus(noise);
            Tensor xt = transpose(x);
            return new Fit(x, y, xt.matmul(solve(x.matmul(xt), y)));
        }
    }

    private static double risk(Key key, int n, Spectrum spectrum, int draws) {
        Tensor variances = spectrum.variances().expandDims(1); // (p, 1)
        return IntStream.range(0, draws)
                .mapToDouble(i -> {
                    var fit = Fit.of(key.fold(i), n, spectrum);
                    Tensor off = fit.weights.minus(spectrum.beta()); // (p, noises)
                    return off.square().times(variances).sum().item() / NOISES;
                })
                .average()
                .orElseThrow();
    }

    @Override
    public List<Figure> figures(Results results) {
        var n = results.curve("with").x();
        var formula = IntStream.range(0, n.length).mapToDouble(i -> SPIKES / n[i] + 1.0 / TAIL);
        return List.of(
                Plot.of("risk", "Noise that is fitted harms only without a tail to hide it in")
                        .x("rows n", Scale.LOG)
                        .y("risk", Scale.LOG)
                        .horizontal("noise σ²", 1)
                        .dashed("σ²(k/n + n/(p−k))", n, formula.toArray())
                        .points("long flat tail", results.curve("with"))
                        .points("all features alike, p = 1.5 n", results.curve("without"))
                        .caption("Both pass through every training point."),
                Plot.of("spectrum", "The two spectra, n = 100")
                        .x("feature", Scale.LOG)
                        .y("variance", Scale.LOG)
                        .line(
                                "long flat tail",
                                new double[] {1, SPIKES, SPIKES + 0.001, SPIKES + 100.0 * TAIL},
                                new double[] {1, 1, FLAT, FLAT})
                        .line("all alike", new double[] {1, 150}, new double[] {1, 1}));
    }
}
