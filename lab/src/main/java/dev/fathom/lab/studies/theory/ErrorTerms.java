package dev.fathom.lab.studies.theory;

import static dev.fathom.core.math.Linalg.inverse;
import static dev.fathom.core.math.Linalg.solve;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;
import static dev.fathom.lab.study.Expectation.oracle;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.complexity.ErrorDecomposition;
import dev.fathom.lab.instrument.statistic.BiasVariance;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Expectation;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.Arrays;
import java.util.List;

/** L48: approximation, estimation and optimisation error where all three are known. */
public final class ErrorTerms implements Study {
    /** Of the truth, in the orthonormal basis; degree 8. */
    private static final double[] TRUTH = {0.3, 0.8, -0.5, -0.6, 0.4, 0.35, -0.4, -0.25, 0.35};

    private static final int DEGREE = TRUTH.length - 1;
    private static final int HIGHEST = 16;
    private static final int ROWS = 100; // n
    private static final int FEW = 32; // n of gradient descent
    private static final double VARIANCE = 1; // σ²
    private static final List<Integer> RICH = List.of(8, 12, 16);
    private static final int[] STEPS = {
        1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000
    };
    private static final double TOLERANCE = 1e-12;

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L48", "error-decomposition", Oracle.EXACT)
                        .claim(
                                "What a learned function lacks is the sum of three errors, of a"
                                    + " class too small, a sample too small and a search too short;"
                                    + " with the sample's own error in the middle term, as the"
                                    + " slides print it, that term is negative.")
                        .text(
                                "002, decomposition of the error (erratum E9); 003, 004, bias and"
                                        + " variance; early stopping")
                        .paper(
                                "L. Bottou, O. Bousquet, The tradeoffs of large scale learning,"
                                        + " NIPS 2007, section 2.2")
                        .story(
                                "Everything is known here: the truth is a polynomial of degree 8,"
                                    + " its noise has variance 1, and risks are sums of squared"
                                    + " coefficients, without a test set. A class of low degree"
                                    + " cannot say what the truth says: approximation. A class of"
                                    + " high degree can, but 100 points do not tell it which of its"
                                    + " members to take: estimation, which grows with the degree"
                                    + " and falls with n. Gradient descent that is stopped early"
                                    + " has not got there: optimisation. The slides measure the"
                                    + " last function on the sample it was fitted to, E_n(f_n),"
                                    + " where Bottou and Bousquet measure its risk E(f_n). The sums"
                                    + " still telescope, but what is called estimation error then"
                                    + " is −σ²p/n on average as soon as the class holds the truth:"
                                    + " it would say that learning from fewer examples makes it"
                                    + " better than the best. In the other reading the optimisation"
                                    + " error may be negative: there stopping early helps.")
                        .notation(
                                """
                                φ_k     √2 T_k (φ₀ = 1), Chebyshev's polynomials, orthonormal for the
                                        density 1/(π√(1−x²)), by which x is drawn
                                f*      Σ c_k φ_k to k = 8;  y = f*(x) + noise
                                F       polynomials of degree d;  f_F the best of them, p = d + 1
                                f_n     least squares in F on n points;  f̃ gradient descent from 0
                                E       risk, Σ (a_k − c_k)² + σ²;  E_n mean square on the sample
                                approximation  E(f_F) − E(f*) = Σ_{k>d} c_k²
                                estimation     E(f_n) − E(f_F), printed: E_n(f_n) − E(f_F)
                                optimisation   E(f̃) − E(f_n), printed: E_n(f̃) − E_n(f_n)\
                                """)
                        .data(
                                "n = 100 points (60 to 960 in one picture, 32 for gradient"
                                    + " descent), σ² = 1. Tried first: uniform x, and n = 60. A few"
                                    + " draws then decide the mean risk of degree 16, which has no"
                                    + " usable interval")
                        .seeds(tier.pick(1, 5, 10))
                        .cost(tier.pick(3.0, 15.0, 200.0), 3e8, tier.pick(1e8, 3e9, 6e10))
                        .predict("approximation error, by quadrature less Σ c_k²", zero())
                        .predict("the three terms less E(f̃) − E(f*)", zero())
                        .predict("the printed terms less E_n(f̃) − E(f*)", zero())
                        .predict("E_n(f̃) − E_n(f_n), less the filter of singular values", zero())
                        .predict("estimation error, least of all draws", Oracle.BOUND, atLeast(0));
        for (int d : RICH) {
            card =
                    card.predict(
                                    "estimation error over σ² tr (ΦᵀΦ)⁻¹, degree " + d,
                                    near(1).withinErrors(4))
                            .predict(
                                    "printed estimation error, degree " + d,
                                    near(-VARIANCE * (d + 1) / ROWS).withinErrors(4));
        }
        return card.predict(
                        "E_n(f_n) − E_n(f_F), largest of all draws and degrees",
                        Oracle.BOUND,
                        atMost(0))
                .predict("bias² + variance + σ² less the mean risk", zero())
                .predict(
                        "squared error on new points, degree 8",
                        oracle("bias² + variance + σ²").withinErrors(4))
                .predict("estimation error, n = 60 over n = 960", Oracle.DIRECTION, atLeast(1))
                .predict("estimation error, degree 16 over 8", Oracle.DIRECTION, atLeast(1))
                .predict(
                        "stopped at the best step: excess over that of f_n",
                        Oracle.DIRECTION,
                        atMost(1))
                .positive("no noise, degree 8: risk", near(0).within(TOLERANCE))
                .sabotage("printed estimation error, degree 16, as an error", atLeast(0))
                .sabotage(
                        "risk by the sample's own error, degree 16",
                        oracle("E(f_n)").withinPercent(10));
    }

    private static Expectation zero() {
        return near(0).within(TOLERANCE);
    }

    /** φ₀ .. φ_degree of each x: (.., degree + 1). */
    private static Tensor basis(Tensor x, int degree) {
        var columns = new Tensor[degree + 1];
        Tensor before = x; // T_{−1} = T₁
        Tensor t = x.times(0).plus(1);
        for (int k = 0; k <= degree; k++) {
            columns[k] = k == 0 ? t : t.times(Math.sqrt(2));
            Tensor next = x.times(t).times(2).minus(before);
            before = t;
            t = next;
        }
        return Shaping.stack(x.rank(), columns);
    }

    /** Places with the density 1/(π√(1 − x²)). */
    private static Tensor places(Key key, int... shape) {
        return Functions.cos(key.uniform(FLOAT64, shape).times(Math.PI));
    }

    private static Tensor truth() {
        return Tensor.of(Arrays.copyOf(TRUTH, HIGHEST + 1), HIGHEST + 1, 1); // (17, 1)
    }

    /** Σ_{k>d} c_k². */
    private static double beyond(int d) {
        return Arrays.stream(TRUTH).skip(d + 1).map(c -> c * c).sum();
    }

    /**
     * Samples, r of them.
     *
     * @param phi basis at the points (r, n, 17)
     * @param y (r, n, 1)
     */
    private record Samples(Tensor phi, Tensor y) {
        static Samples of(Key key, int draws, int n, double variance) {
            Tensor x = places(key.stream("x"), draws, n);
            Tensor phi = basis(x, HIGHEST);
            Tensor noise = key.stream("noise").normal(FLOAT64, draws, n, 1);
            return new Samples(phi, phi.matmul(truth()).plus(noise.times(Math.sqrt(variance))));
        }

        /** φ₀ .. φ_d. */
        Tensor of(int d) {
            return phi.slice(2, 0, d + 1);
        }

        /** The coefficients of f_n, (r, d + 1, 1). */
        Tensor fit(int d) {
            Tensor t = transpose(of(d));
            return solve(t.matmul(of(d)), t.matmul(y));
        }

        /** E_n of these coefficients, (r). */
        Tensor onSample(Tensor a) {
            return y.minus(of(a.dim(1) - 1).matmul(a)).square().mean(1, 2);
        }

        /** σ² tr (ΦᵀΦ)⁻¹: E(f_n) − E(f_F) on average over the noise, if F holds the truth; (r). */
        Tensor expected(int d) {
            Tensor gram = transpose(of(d)).matmul(of(d));
            return inverse(gram).times(Creation.eye(FLOAT64, d + 1)).sum(1, 2).times(VARIANCE);
        }

        Samples first() {
            return new Samples(phi.slice(0, 0, 1), y.slice(0, 0, 1));
        }
    }

    /** E of these coefficients (r, d + 1, 1) less σ², by Parseval; (r). */
    private static Tensor excess(Tensor a) {
        int d = a.dim(1) - 1;
        Tensor known = truth().slice(0, 0, d + 1);
        return a.minus(known).square().sum(1, 2).plus(beyond(d));
    }

    /** The same of one function, by Gauss's quadrature at 40 places: exact to degree 79. */
    private static double excessByQuadrature(Tensor a) {
        Tensor angles = Creation.range(FLOAT64, 40).plus(0.5).times(Math.PI / 40);
        Tensor phi = basis(Functions.cos(angles), HIGHEST); // (40, 17)
        Tensor f = phi.slice(1, 0, a.dim(0)).matmul(a); // (40, 1)
        return f.minus(phi.matmul(truth())).square().mean().item();
    }

    @Override
    public void run(Trial trial) {
        int draws = trial.tier().pick(200, 1000, 10_000);
        var samples = Samples.of(trial.data(), draws, ROWS, VARIANCE);
        trial.checksum("first sample", samples.first().y);
        degrees(trial, samples);
        trial.progress(1, 3);
        sizes(trial, draws / 2);
        trial.progress(2, 3);
        descent(trial, Samples.of(trial.stream("descent"), 1, FEW, VARIANCE));
        biasAndVariance(trial, samples);
    }

    private static void degrees(Trial trial, Samples samples) {
        double highest = Double.NEGATIVE_INFINITY;
        double least = Double.POSITIVE_INFINITY;
        var estimation = new double[HIGHEST + 1];
        for (int d = 0; d <= HIGHEST; d++) {
            Tensor a = samples.fit(d);
            Tensor error = excess(a).minus(beyond(d)); // (r)
            Tensor asPrinted = samples.onSample(a).minus(beyond(d) + VARIANCE);
            var mean = Estimate.of(error.toDoubles());
            var meanAsPrinted = Estimate.of(asPrinted.toDoubles());
            estimation[d] = mean.value();
            trial.point("approximation", d, beyond(d));
            trial.point("estimation", d, mean.value());
            trial.point("sum", d, beyond(d) + mean.value());
            trial.point("printed estimation", d, meanAsPrinted.value());
            Tensor best = Tensor.of(Arrays.copyOf(TRUTH, d + 1), 1, d + 1, 1); // f_F
            Tensor below = samples.onSample(a).minus(samples.onSample(best));
            highest = Math.max(highest, below.max().item());
            least = Math.min(least, error.min().item());
            if (RICH.contains(d)) {
                trial.measure("estimation error, degree " + d, mean);
                trial.measure(
                        "estimation error over σ² tr (ΦᵀΦ)⁻¹, degree " + d,
                        Estimate.of(error.dividedBy(samples.expected(d)).toDoubles()));
                trial.measure("printed estimation error, degree " + d, meanAsPrinted);
            }
        }
        trial.measure("E_n(f_n) − E_n(f_F), largest of all draws and degrees", highest);
        trial.measure("estimation error, least of all draws", least);
        trial.measure("estimation error, degree 16 over 8", estimation[16] / estimation[8]);
        if (trial.index() == 0) {
            var places = Creation.linspace(-1, 1, 201);
            trial.curve("truth", places.toDoubles(), at(places, truth()));
            var one = samples.first();
            double[] x = one.phi.slice(2, 1, 2).dividedBy(Math.sqrt(2)).toDoubles();
            trial.curve("points", x, one.y.toDoubles());
            for (int d : new int[] {3, 8, 16}) {
                trial.curve("fit " + d, places.toDoubles(), at(places, one.fit(d).squeeze(0)));
            }
        }
    }

    private static double[] at(Tensor x, Tensor a) {
        return basis(x, a.dim(0) - 1).matmul(a).toDoubles();
    }

    private static void sizes(Trial trial, int draws) {
        for (int n : new int[] {60, 120, 240, 480, 960}) {
            var samples = Samples.of(trial.stream("sizes").fold(n), draws, n, VARIANCE);
            Tensor a = samples.fit(DEGREE);
            double error = excess(a).mean().item();
            trial.point("estimation by n", n, error);
            trial.point(
                    "printed estimation by n",
                    n,
                    samples.onSample(a).minus(VARIANCE).mean().item());
        }
        var byN = trial.observations().curve("estimation by n").y();
        trial.measure("estimation error, n = 60 over n = 960", byN[0] / byN[byN.length - 1]);
    }

    /** Gradient descent on one sample in the class of degree 16, and all terms on its way. */
    private static void descent(Trial trial, Samples one) {
        Tensor phi = one.phi.squeeze(0); // (n, 17)
        Tensor y = one.y.squeeze(0); // (n, 1)
        var svd = Linalg.svd(phi);
        double largest = svd.s().max().square().item() / FEW;
        double rate = 1 / largest;
        Tensor best = one.fit(HIGHEST).squeeze(0); // (17, 1)
        double bestOnSample = one.onSample(best.expandDims(0)).item();
        double minimiser = excess(best.expandDims(0)).item() + VARIANCE;
        var shrinks = svd.s().square().times(-rate / FEW).plus(1).toDoubles();
        var along = transpose(svd.u()).matmul(y).toDoubles();
        double sums = 0;
        double printedSums = 0;
        double filter = 0;
        double least = Double.POSITIVE_INFINITY;
        Tensor a = Tensor.full(FLOAT64, 0, HIGHEST + 1, 1);
        int done = 0;
        for (int steps : STEPS) {
            int more = steps - done;
            a =
                    jit((Tensor from) ->
                                    Loops.repeat(
                                            v ->
                                                    v.plus(
                                                            transpose(phi)
                                                                    .matmul(y.minus(phi.matmul(v)))
                                                                    .times(rate / FEW)),
                                            from,
                                            more))
                            .apply(a);
            done = steps;
            double risk = excessByQuadrature(a) + VARIANCE;
            double onSample = one.onSample(a.expandDims(0)).item();
            var terms =
                    new ErrorDecomposition(
                            VARIANCE, beyond(HIGHEST) + VARIANCE, minimiser, risk, bestOnSample);
            double sum =
                    terms.approximation()
                            + terms.estimation()
                            + excess(a.expandDims(0)).item()
                            + VARIANCE
                            - minimiser;
            sums = Math.max(sums, Math.abs(sum - terms.excess()));
            double printed =
                    terms.approximation() + terms.estimationOnSample() + onSample - bestOnSample;
            printedSums = Math.max(printedSums, Math.abs(printed - (onSample - VARIANCE)));
            double left = 0;
            for (int i = 0; i < shrinks.length; i++) {
                left += Math.pow(Math.pow(shrinks[i], steps) * along[i], 2) / FEW;
            }
            filter = Math.max(filter, Math.abs(onSample - bestOnSample - left));
            least = Math.min(least, terms.excess());
            trial.point("optimisation", steps, terms.optimisation());
            trial.point("estimation of this sample", steps, terms.estimation());
            trial.point("excess", steps, terms.excess());
            trial.point("printed optimisation", steps, onSample - bestOnSample);
        }
        trial.measure("the three terms less E(f̃) − E(f*)", sums);
        trial.measure("the printed terms less E_n(f̃) − E(f*)", printedSums);
        trial.measure("E_n(f̃) − E_n(f_n), less the filter of singular values", filter);
        trial.measure(
                "stopped at the best step: excess over that of f_n",
                least / (minimiser - VARIANCE));
        double worst = 0;
        for (int d = 0; d <= HIGHEST; d++) {
            double risk = excessByQuadrature(Tensor.of(Arrays.copyOf(TRUTH, d + 1), d + 1, 1));
            worst = Math.max(worst, Math.abs(risk - beyond(d)));
        }
        trial.measure("approximation error, by quadrature less Σ c_k²", worst);
    }

    /** Over all draws, at places drawn anew. */
    private static void biasAndVariance(Trial trial, Samples samples) {
        int places = 400;
        Tensor x = places(trial.stream("places"), places);
        Tensor phi = basis(x, HIGHEST); // (places, 17)
        double[] truth = phi.matmul(truth()).toDoubles();
        double worst = 0;
        for (int d = 0; d <= HIGHEST; d++) {
            Tensor a = samples.fit(d);
            Tensor f = phi.slice(1, 0, d + 1).matmul(a).squeeze(2); // (r, places)
            var rows = new double[f.dim(0)][];
            var flat = f.toDoubles();
            Arrays.setAll(rows, r -> Arrays.copyOfRange(flat, r * places, (r + 1) * places));
            var parts = BiasVariance.of(rows, truth, VARIANCE);
            Tensor off = f.minus(Tensor.of(truth));
            worst =
                    Math.max(
                            worst, Math.abs(parts.total() - off.square().mean().item() - VARIANCE));
            trial.point("bias²", d, parts.bias());
            trial.point("variance", d, parts.variance());
            trial.point("total", d, parts.total());
            if (d == DEGREE) {
                Tensor noise = trial.stream("new noise").normal(FLOAT64, f.dim(0), places);
                var errors =
                        off.minus(noise.times(Math.sqrt(VARIANCE)))
                                .square()
                                .mean(1)
                                .toDoubles(); // (r)
                trial.measure(
                        "squared error on new points, degree 8",
                        Estimate.of(errors),
                        parts.total());
            }
        }
        trial.measure("bias² + variance + σ² less the mean risk", worst);
    }

    @Override
    public void controls(Trial trial) {
        var quiet = Samples.of(trial.data(), 20, ROWS, 0);
        trial.measure("no noise, degree 8: risk", excess(quiet.fit(DEGREE)).max().item());
        var samples = Samples.of(trial.data(), 200, ROWS, VARIANCE);
        Tensor a = samples.fit(HIGHEST);
        double onSample = samples.onSample(a).mean().item();
        trial.measure("printed estimation error, degree 16, as an error", onSample - VARIANCE);
        trial.measure(
                "risk by the sample's own error, degree 16",
                onSample,
                excess(a).mean().item() + VARIANCE);
    }

    @Override
    public List<Figure> figures(Results results) {
        var d = results.curve("approximation").x();
        return List.of(
                Plot.of("terms", "Too small a class, too small a sample; and a term below zero")
                        .x("degree of the class")
                        .y("error")
                        .yRange(-0.2, 1.2)
                        .line("approximation", results.curve("approximation"))
                        .line("estimation", results.curve("estimation"))
                        .line("sum, E(f_n) − E(f*)", results.curve("sum"))
                        .dashed("estimation as printed", d, results.curve("printed estimation").y())
                        .horizontal("0", 0)
                        .vertical("the truth", DEGREE)
                        .caption(
                                "n = 100, means over all draws. What is printed as estimation error"
                                        + " measures f_n on the sample that it was fitted to."),
                new Figure.Panels(
                        "fits",
                        "One sample, three classes",
                        "Degree 3 cannot bend as the truth does; degree 16 bends after the noise.",
                        3,
                        List.of(fit(results, 3), fit(results, 8), fit(results, 16))),
                Plot.of("n", "The estimation error falls with n; as printed it rises, to zero")
                        .x("points n", Scale.LOG)
                        .y("error, degree 8")
                        .points("estimation", results.band("estimation by n"))
                        .points("as printed", results.band("printed estimation by n"))
                        .dashed("−σ²p/n", Grid.spaced(60, 960, 100), expected())
                        .horizontal("0", 0),
                Plot.of("steps", "Stopped early, the optimisation error can be negative")
                        .x("steps of gradient descent", Scale.LOG)
                        .y("error, degree 16")
                        .yRange(-0.5, 1.2)
                        .line("estimation", results.curve("estimation of this sample"))
                        .line("optimisation E(f̃) − E(f_n)", results.curve("optimisation"))
                        .line("their sum", results.curve("excess"))
                        .dashed(
                                "optimisation as printed, on the sample",
                                results.curve("printed optimisation").x(),
                                results.curve("printed optimisation").y())
                        .horizontal("0", 0)
                        .caption(
                                "One sample of 32 points. The sum is least before the end: early"
                                        + " stopping."),
                Plot.of("bias", "The same curve in other words: bias and variance")
                        .x("degree of the class")
                        .y("squared error")
                        .yRange(0, 2.4)
                        .line("bias²", results.curve("bias²"))
                        .line("variance", results.curve("variance"))
                        .line("bias² + variance + σ²", results.curve("total"))
                        .horizontal("σ²", VARIANCE));
    }

    private static double[] expected() {
        return Arrays.stream(Grid.spaced(60, 960, 100))
                .map(n -> -VARIANCE * (DEGREE + 1) / n)
                .toArray();
    }

    private static Plot fit(Results results, int d) {
        Curve truth = results.curve("truth");
        return Plot.of("", "degree " + d)
                .x("x")
                .y("y")
                .yRange(-4, 4)
                .points("", results.curve("points"))
                .dashed("truth", truth.x(), truth.y())
                .line("fit", results.curve("fit " + d));
    }
}
