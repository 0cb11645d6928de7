package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.between;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.kernel.EmpiricalKernel;
import dev.fathom.lab.instrument.kernel.LeastSquares;
import dev.fathom.lab.instrument.kernel.ReluKernel;
import dev.fathom.lab.instrument.kernel.TangentNet;
import dev.fathom.lab.instrument.region.Constructions;
import dev.fathom.lab.instrument.region.LinePieces;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;

/** L14: wide networks learn as their tangent kernel says; what depth does to that kernel. */
public final class PredictionDynamics implements Study {
    private static final int POINTS = 16; // n, on the circle
    private static final int STEPS = 200;
    private static final int MODES = 6;
    private static final int WIDEST = 4096;
    private static final int NARROW = 16;
    private static final int DEEP = 5;
    private static final int RING = 16_384; // points for a spectrum
    private static final int LOW = 32; // frequencies whose slope is taken
    private static final int HIGH = 256;

    private static final String SLOPE = "slope of ln deviation by ln width";
    private static final String DECAY = "width 4096: decay over 1 − αλ, worst of six modes";
    private static final String SHALLOW = "one hidden layer: slope of ln λ by ln frequency";
    private static final String DEEPER = "five hidden layers: slope of ln λ by ln frequency";
    private static final String LINEAR = "deviation if only the last layer learns";
    private static final String TENT = "linear pieces of five layers by construction";
    private static final String BROKEN = "width 16: decay over 1 − αλ, worst of six modes";
    private static final String GAUSSIAN = "Gaussian kernel: slope of ln λ by ln frequency";

    private static List<Integer> widths(Tier tier) {
        var all = List.of(64, 128, 256, 512, 1024, 2048, WIDEST);
        return tier.pick(List.of(64, 512, WIDEST), all, all);
    }

    @Override
    public Card card(Tier tier) {
        return Card.of("L14", "prediction-dynamics", Oracle.EXACT)
                .claim(
                        "The predictions of a wide network follow (I − αK)ᵗ mode by mode, with K"
                                + " its tangent kernel at the start; and five layers give that"
                                + " kernel no steeper or flatter spectrum than one.")
                .text(
                        "000, convergence of predictions, and \"no new approximation power is"
                                + " gained by concatenating fully connected layers\"; 002,"
                                + " efficient oscillations with composition; E11")
                .paper(
                        "A. Jacot, F. Gabriel, C. Hongler, Neural tangent kernel, NeurIPS 2018; J."
                            + " Lee et al., Wide neural networks of any depth evolve as linear"
                            + " models, NeurIPS 2019; A. Bietti, F. Bach, Deep equals shallow for"
                            + " ReLU networks in kernel regimes, ICLR 2021; A. Daniely, R. Frostig,"
                            + " Y. Singer, 2016; M. Telgarsky, 2016")
                .story(
                        "One step of gradient descent multiplies the residual by I − αK, up to a"
                            + " term for the curvature of the network in its weights, and that term"
                            + " vanishes as one over the root of the width. So the residual falls"
                            + " apart into the eigenvectors of K, and each dies at its own pace 1 −"
                            + " αλ. On the circle the eigenvectors are waves, and λ falls as one"
                            + " over the square of the frequency: a wave of frequency k takes k² as"
                            + " long. Here two of the texts seem to contradict each other. Text"
                            + " 000: fully connected layers on top of each other add nothing. Text"
                            + " 002: every layer doubles the oscillations. Both are right, about"
                            + " different things. Five layers CAN hold 32 pieces with 10 units, if"
                            + " somebody sets the weights (study L03 builds it). The kernel says"
                            + " what gradient descent from random weights DOES: with five layers"
                            + " its spectrum falls with the same power as with one, and a fast wave"
                            + " takes as long up to a constant factor. The tolerance of the two"
                            + " slopes of the spectrum was fixed after a first look at them. The"
                            + " decay of a mode was first taken where a twentieth was left of it,"
                            + " and as a plain mean over networks: what spills over from the large"
                            + " modes then outweighs a small one, and one seed of five was off by 2"
                            + " to 3 per cent.")
                .notation(
                        """
                        K          JJᵀ, J the derivative of the outputs by all weights, before training
                        r          outputs minus targets, in the eigenvectors of K; λ their eigenvalues
                        α          half of one over the largest λ; 200 steps on ½‖r‖²
                        deviation  largest ‖rₜ − (I − αK)ᵗ r₀‖ / ‖r₀‖ over the steps, root mean square over networks
                        decay      |rₜ/r₀|^(1/t) of a mode where (1 − αλ)ᵗ is 1/e, mean over networks weighted by r₀²
                        spectrum   of the kernel of infinite width on 16 384 points of the circle, even frequencies
                                   32 to 256 (with one hidden layer and no biases the odd ones beyond 1 are 0)\
                        """)
                .data(
                        "16 points of the circle; targets 1 + cos θ + sin 2θ + cos 4θ; one hidden"
                                + " ReLU layer in the tangent parametrisation, float64; the"
                                + " spectra are computed, not sampled")
                .seeds(tier.pick(1, 5, 10))
                .cost(tier.pick(4.0, 40.0, 200.0), 2e8, tier.pick(2e9, 5e10, 3e11))
                .predict(SLOPE, between(-0.75, -0.3))
                .predict(DECAY, near(1).within(0.02))
                .predict(SHALLOW, near(-2).within(0.05))
                .predict(DEEPER, near(-2).within(0.05))
                .positive(LINEAR, atMost(1e-10))
                .positive(TENT, near(32))
                .sabotage(BROKEN, near(1).within(0.02))
                .sabotage(GAUSSIAN, near(-2).within(0.05));
    }

    /** Points, (n, 2), and what is to be learned there, (n). */
    private record Circle(Tensor x, Tensor y) {
        /** Between the axes, so that no point is special. */
        static Circle of() {
            var x = new double[2 * POINTS];
            var y = new double[POINTS];
            for (int i = 0; i < POINTS; i++) {
                double angle = 2 * Math.PI * (i + 0.3) / POINTS;
                x[2 * i] = Math.sqrt(2) * Math.cos(angle);
                x[2 * i + 1] = Math.sqrt(2) * Math.sin(angle);
                y[i] = 1 + Math.cos(angle) + Math.sin(2 * angle) + Math.cos(4 * angle);
            }
            return new Circle(Tensor.of(x, POINTS, 2), Tensor.of(y));
        }
    }

    /**
     * The residuals of a training in the eigenvectors of K, the largest λ first.
     *
     * @param rates αλ, (n)
     * @param r by step and mode
     */
    private record Course(double[] rates, double[][] r) {
        double predicted(int step, int mode) {
            return r[0][mode] * Math.pow(1 - rates[mode], step);
        }

        double deviation() {
            double largest = 0;
            double start = 0;
            for (double v : r[0]) {
                start += v * v;
            }
            for (int t = 1; t <= STEPS; t++) {
                double sum = 0;
                for (int i = 0; i < POINTS; i++) {
                    sum += Math.pow(r[t][i] - predicted(t, i), 2);
                }
                largest = Math.max(largest, sum);
            }
            return Math.sqrt(largest / start);
        }

        /** Measured decay over 1 − αλ. */
        double decay(int mode) {
            int t = 1;
            while (t < STEPS && predicted(t, mode) / r[0][mode] > Math.exp(-1)) {
                t++;
            }
            double ratio = Math.abs(r[t][mode] / r[0][mode]);
            return Math.pow(ratio, 1.0 / t) / (1 - rates[mode]);
        }
    }

    private record Start<P>(P net, Tensor rate) {}

    /** Trains networks of one shape; compiled once for all of them. */
    private static <P> Function<P, Course> trainer(
            BiFunction<P, Tensor, Tensor> output, Circle circle) {
        Function<P, Tensor> residuals = p -> output.apply(p, circle.x).minus(circle.y); // (n)
        var slope = grad((P p) -> residuals.apply(p).square().sum().times(0.5));
        var kernel =
                jit((P p) ->
                        EmpiricalKernel.of(
                                (P q, Tensor x) -> output.apply(q, x.expandDims(0)).get(0),
                                p,
                                circle.x,
                                circle.x));
        Tensor clock = Tensor.full(FLOAT64, 0, STEPS);
        var walk =
                jit((Start<P> s) ->
                        Loops.scan(
                                        (P p, Tensor _) -> {
                                            P next = descend(p, slope.apply(p), s.rate);
                                            return new Loops.Carried<>(next, residuals.apply(next));
                                        },
                                        s.net,
                                        clock)
                                .outputs());
        return start -> {
            var eigen = Linalg.eigh(kernel.apply(start));
            Tensor vectors = Shaping.reverse(eigen.vectors(), 1); // (n, n), a mode a column
            var values = Shaping.reverse(eigen.values(), 0).toDoubles();
            double rate = 0.5 / values[0];
            Tensor first = residuals.apply(start).expandDims(0); // (1, n)
            Tensor later = walk.apply(new Start<>(start, Tensor.scalar(rate))); // (T, n)
            var all = Shaping.concatenate(0, first, later).matmul(vectors).toDoubles();
            var r = new double[STEPS + 1][];
            for (int t = 0; t <= STEPS; t++) {
                r[t] = Arrays.copyOfRange(all, t * POINTS, (t + 1) * POINTS);
            }
            return new Course(Arrays.stream(values).map(v -> v * rate).toArray(), r);
        };
    }

    private static <P> P descend(P params, P gradient, Tensor rate) {
        return Tree.plus(params, Tree.map(g -> g.times(rate).negate(), gradient));
    }

    /** So many trainings of fresh networks of a width. */
    private static List<Course> courses(Trial trial, int width, int count) {
        Function<TangentNet, Course> trainer =
                trainer(
                        (TangentNet m, Tensor x) -> m.apply(x, Pass.eval()).squeeze(1),
                        Circle.of());
        var courses = new ArrayList<Course>();
        for (int i = 0; i < count; i++) {
            var key = trial.init().fold(width).fold(i);
            courses.add(trainer.apply(TangentNet.of(2, 1, width, 1, FLOAT64, key)));
        }
        return courses;
    }

    /** Of the mean decays of the modes over 1 − αλ the one farthest from 1. */
    private static double worst(List<Course> courses) {
        double worst = 1;
        for (int i = 0; i < MODES; i++) {
            double sum = 0;
            double weights = 0;
            for (var course : courses) {
                double weight = course.r[0][i] * course.r[0][i];
                sum += weight * course.decay(i);
                weights += weight;
            }
            double mean = sum / weights;
            worst = Math.abs(mean - 1) > Math.abs(worst - 1) ? mean : worst;
        }
        return worst;
    }

    /** The largest eigenvalues of a kernel on the circle by frequency, over the trace. */
    private static double[] spectrum(BinaryOperator<Tensor> kernel) {
        var x = new double[2 * RING];
        for (int i = 0; i < RING; i++) {
            x[2 * i] = Math.cos(2 * Math.PI * i / RING);
            x[2 * i + 1] = Math.sin(2 * Math.PI * i / RING);
        }
        Tensor all = Tensor.of(x, RING, 2);
        var row = kernel.apply(all.slice(0, 0, 1), all).toDoubles(); // a circulant's first row
        var values = new double[HIGH + 1];
        for (int k = 0; k <= HIGH; k++) {
            double sum = 0;
            for (int i = 0; i < RING; i++) {
                sum += row[i] * x[2 * (int) ((long) i * k % RING)]; // cos kθ
            }
            values[k] = sum / RING / row[0];
        }
        return values;
    }

    private static BinaryOperator<Tensor> tangent(int hidden) {
        return (x, y) -> ReluKernel.of(hidden).tangent(x, y);
    }

    /** Of ln |y| by ln x, by least squares. */
    private static double slope(double[] x, double[] y) {
        var u = Arrays.stream(x).map(Math::log).toArray();
        var v = Arrays.stream(y).map(Math::abs).map(Math::log).toArray();
        double mu = Arrays.stream(u).average().orElseThrow();
        double mv = Arrays.stream(v).average().orElseThrow();
        double uv = 0;
        double uu = 0;
        for (int i = 0; i < u.length; i++) {
            uv += (u[i] - mu) * (v[i] - mv);
            uu += (u[i] - mu) * (u[i] - mu);
        }
        return uv / uu;
    }

    private static double slope(double[] spectrum) {
        var k = IntStream.rangeClosed(LOW / 2, HIGH / 2).mapToDouble(i -> 2 * i).toArray();
        return slope(k, Arrays.stream(k).map(v -> spectrum[(int) v]).toArray());
    }

    @Override
    public void run(Trial trial) {
        var widths = widths(trial.tier());
        int nets = trial.tier().pick(6, 8, 20);
        var deviations = new double[widths.size()];
        for (int i = 0; i < widths.size(); i++) {
            int width = widths.get(i);
            var courses = courses(trial, width, nets);
            double squares = 0;
            for (var course : courses) {
                squares += course.deviation() * course.deviation();
            }
            deviations[i] = Math.sqrt(squares / nets);
            trial.point("deviation", width, deviations[i]);
            if (width == WIDEST) {
                trial.measure(DECAY, worst(courses));
                record(trial, "wide", courses.getFirst());
            }
            trial.progress(i + 1, widths.size() + 1);
        }
        var x = widths.stream().mapToDouble(w -> w).toArray();
        trial.measure(SLOPE, slope(x, deviations));

        var one = spectrum(tangent(1));
        var five = spectrum(tangent(DEEP));
        trial.measure(SHALLOW, slope(one));
        trial.measure(DEEPER, slope(five));
        trial.measure("λ of five layers over λ of one at frequency 256", five[HIGH] / one[HIGH]);
        for (int k = 2; k <= HIGH; k += 2) {
            trial.point("one layer", k, one[k]);
            trial.point("five layers", k, five[k]);
        }
    }

    /** The first modes, measured and predicted. */
    private static void record(Trial trial, String name, Course course) {
        for (int i = 0; i < MODES; i++) {
            for (int t = 1; t <= STEPS; t++) {
                trial.point(name + " " + i, t, course.r[t][i] / course.r[0][i]);
                trial.point(name + " predicted " + i, t, course.predicted(t, i) / course.r[0][i]);
            }
        }
    }

    private record Last(Tensor v) {}

    @Override
    public void controls(Trial trial) {
        Tensor frozen = trial.init().normal(FLOAT64, 2, 64);
        Function<Last, Course> linear =
                trainer(
                        (Last p, Tensor x) -> Functions.relu(x.matmul(frozen)).matmul(p.v),
                        Circle.of());
        var last = new Last(trial.init().fold(1).normal(FLOAT64, 64));
        trial.measure(LINEAR, linear.apply(last).deviation());
        var tent = Constructions.tent(DEEP);
        trial.measure(TENT, LinePieces.of(tent, 0, 1).count());
        var at = Grid.spaced(0, 1, 513);
        trial.curve("tent", at, tent.apply(Tensor.of(at, at.length, 1), Pass.eval()).toDoubles());

        var narrow = courses(trial, NARROW, 8);
        trial.measure(BROKEN, worst(narrow));
        record(trial, "narrow", narrow.getFirst());
        trial.measure(GAUSSIAN, slope(spectrum((x, y) -> LeastSquares.gaussianKernel(x, y, 0.05))));
    }

    @Override
    public List<Figure> figures(Results results) {
        var seed = results.seeds().getFirst();
        var deviation = results.band("deviation");
        double first = deviation.mean()[0];
        var guide = Arrays.stream(deviation.x()).map(w -> first * Math.sqrt(64 / w)).toArray();
        var one = seed.curve("one layer");
        double at = one.y()[one.size() - 1] * HIGH * HIGH / 2;
        return List.of(
                modes(
                                "wide",
                                "The residual dies mode by mode, as the kernel said before"
                                        + " training",
                                seed::curve)
                        .yRange(-0.05, 1.05)
                        .caption(
                                "A network of width 4096 (lines) beside (1 − αλ)ᵗ from its kernel"
                                    + " at the start (dashed). A mode is an eigenvector of the"
                                    + " kernel; they come in pairs, the sine and the cosine of a"
                                    + " frequency."),
                new Figure.Panels(
                        "width",
                        "It takes a wide network to be that simple",
                        "Left: the same at width 16.",
                        2,
                        List.of(
                                modes("narrow", "Width 16", results.controls()::curve)
                                        .yRange(-1, 1.05),
                                Plot.of("deviation", "The deviation by width")
                                        .x("width", Scale.LOG)
                                        .y("deviation", Scale.LOG)
                                        .dashed("∝ 1/√width", deviation.x(), guide)
                                        .points("measured", deviation))),
                new Figure.Panels(
                        "depth",
                        "What depth does, and what it could do",
                        "Left: what gradient descent from random weights learns, and how fast: a"
                                + " wave takes a time ∝ 1/λ. Right: what five layers can be, if"
                                + " somebody sets their weights.",
                        2,
                        List.of(
                                Plot.of("spectrum", "The kernel: one layer or five, the same power")
                                        .x("frequency", Scale.LOG)
                                        .y("eigenvalue λ / trace", Scale.LOG)
                                        .line("one hidden layer", one)
                                        .line("five hidden layers", seed.curve("five layers"))
                                        .dashed(
                                                "∝ 1/frequency²",
                                                new double[] {4, HIGH},
                                                new double[] {at / 16, at / HIGH / HIGH}),
                                Plot.of("tent", "The construction: 32 pieces from 5 layers")
                                        .x("x")
                                        .y("tri⁵(x)")
                                        .line("", results.controls().curve("tent")))));
    }

    private static Plot modes(String name, String title, Function<String, Curve> curves) {
        var plot = Plot.of(name, title).x("step t", Scale.LOG).y("what is left of a mode, rₜ / r₀");
        for (int i = 0; i < MODES; i++) {
            var label = "mode " + (i + 1);
            var predicted = curves.apply(name + " predicted " + i);
            plot =
                    plot.line(label, curves.apply(name + " " + i))
                            .dashed(label, predicted.x(), predicted.y());
        }
        return plot;
    }
}
