package dev.fathom.lab.studies.theory;

import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.complexity.Bounds;
import dev.fathom.lab.instrument.complexity.Margins;
import dev.fathom.lab.instrument.complexity.Norms;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** L26: what generalises may still be wrong about a mirror image of all it was trained on. */
public final class UniformConvergenceFails implements Study {
    private static final double SIGNAL = 4; // y w₁·x₁, the same for every point
    private static final double DELTA = 0.01;
    private static final int AT_ONCE = 200;
    private static final double MARGIN = 2; // γ
    private static final int BATCH = 64;
    private static final int WIDTH = 512;
    private static final double INNER = 10; // radius

    /** The sizes of a tier. */
    private record Size(
            int rows,
            List<Integer> ratios,
            long numbers,
            int space,
            double outer,
            List<Integer> n) {
        static Size of(Tier tier) {
            return tier.pick(
                    new Size(20, List.of(50, 500), 20_000_000L, 100, 13, List.of(64, 1024)),
                    new Size(
                            50,
                            List.of(50, 100, 200, 500),
                            50_000_000L,
                            200,
                            12,
                            List.of(64, 256, 1024, 4096)),
                    new Size(
                            100,
                            List.of(50, 100, 200, 500),
                            500_000_000L,
                            200,
                            12,
                            List.of(64, 256, 1024, 4096)));
        }
    }

    @Override
    public Card card(Tier tier) {
        var size = Size.of(tier);
        int widest = size.ratios.getLast();
        int most = size.n.getLast();
        var card =
                Card.of("L26", "uniform-convergence-fails", Oracle.EXACT)
                        .star()
                        .claim(
                                "A classifier of low test error can be wrong about every point of a"
                                        + " mirror image of its training set, which is as likely a"
                                        + " sample; so no bound that covers all samples at once can"
                                        + " explain why it generalises.")
                        .text("001, uniform convergence and its repair by auxiliary classes")
                        .paper(
                                "V. Nagarajan, J. Z. Kolter, Uniform convergence may be unable to"
                                    + " explain generalization in deep learning, NeurIPS 2019,"
                                    + " theorem 3.1 and section 3.2; J. Negrea, G. K. Dziugaite, D."
                                    + " M. Roy, In defense of uniform convergence, ICML 2020")
                        .story(
                                "One step of gradient descent from 0 gives the linear classifier w"
                                    + " = Σ yx. Half of w is signal; the other half is the sum of"
                                    + " all the noise it has seen. For a new point that noise is"
                                    + " one of D directions that no other point shares, and hardly"
                                    + " matters. For a training point it speaks loudly in favour of"
                                    + " its own label. Turn the noise of every training point"
                                    + " around, and it speaks as loudly against: all of them are"
                                    + " wrong, though the turned sample is exactly as likely as the"
                                    + " first. A bound by uniform convergence has to hold for both"
                                    + " samples, so it cannot be below the difference, which is"
                                    + " nearly 1. A network that tells two spheres apart does the"
                                    + " same: moved to the other sphere, with the other label,"
                                    + " nearly all its examples are wrong, and the bound by norms"
                                    + " grows with the number of examples while the test error"
                                    + " falls. (With many more examples this ends: at n = 16384 a"
                                    + " first trial had a bound of 44 after 55, a test error of"
                                    + " 0.12 and 0.23 on the mirrored set.) The repair is to bound"
                                    + " another classifier in its stead: with the noise of a fresh"
                                    + " sample in w the test error is the same, and on the mirrored"
                                    + " sample it is no worse than Hoeffding allows.")
                        .notation(
                                """
                                x       (2yu, z): u fixed with ‖u‖² = 1/m, z normal with variance
                                        32/D in each of D directions; y = ±1; m training points
                                w       Σ yx over the training points
                                test    P(y w·x ≤ 0) = Φ(−√(D/m)/8)
                                mirror  the training points with −z for z
                                fresh   w with the z of another sample of m points
                                bound   R_A ‖X‖_F/(γ n), the leading term of Bartlett, Foster and
                                        Telgarsky 2017, γ = 2; R_A around the first weights\
                                """)
                        .data(
                                ("linear: m = %d, D/m = %s. Spheres of radius 10 and %.0f in %d"
                                     + " dimensions, n = %s; one hidden layer of %d rectifiers, SGD"
                                     + " 0.1 with batches of %d until 99 %% have a margin above γ")
                                        .formatted(
                                                size.rows,
                                                size.ratios,
                                                size.outer,
                                                size.space,
                                                size.n,
                                                WIDTH,
                                                BATCH))
                        .seeds(tier.pick(1, 5, 10))
                        .cost(tier.pick(4.0, 90.0, 600.0), 3e8, tier.pick(1e10, 2e12, 4e12));
        for (int ratio : size.ratios) {
            card = card.predict("test error, D/m = " + ratio, near(exact(ratio)).withinErrors(4));
        }
        return card.predict("training error, largest", near(0))
                .predict("error on the mirrored sample, least", near(1))
                .predict("least that a uniform bound can say, D/m = " + widest, atLeast(0.99))
                .predict(
                        "fresh noise: gap on the mirrored sample",
                        Oracle.BOUND,
                        atMost("√(ln(2/δ)/2m), δ = 0.01"))
                .predict(
                        "spheres: test error at n = 64 less at n = " + most,
                        Oracle.DIRECTION,
                        atLeast(0))
                .predict(
                        "spheres: bound at n = %d over n = 64".formatted(most),
                        Oracle.DIRECTION,
                        atLeast(1))
                .predict(
                        "spheres: error on the mirrored sample, least",
                        Oracle.DIRECTION,
                        atLeast(0.9))
                .positive("no noise: error on the mirrored sample", near(0))
                .sabotage("mirror image of a sample it was not trained on: error", near(1));
    }

    private static double exact(double ratio) {
        return normal(-Math.sqrt(ratio) / 8);
    }

    /** Φ. */
    private static double normal(double x) {
        return Functions.erf(Tensor.scalar(x / Math.sqrt(2))).plus(1).item() / 2;
    }

    /**
     * The linear world.
     *
     * @param z noise of the training points (m, D)
     * @param y their labels ±1 (m)
     * @param w the part of w that belongs to the noise (D)
     */
    private record Linear(Tensor z, Tensor y, Tensor w) {
        static Linear of(Key key, int m, int dimensions) {
            Tensor z = noise(key, m, dimensions);
            Tensor y = signs(key, m);
            return new Linear(z, y, y.matmul(z));
        }

        private static Tensor noise(Key key, int m, int dimensions) {
            double deviation = Math.sqrt(32.0 / dimensions);
            return key.stream("z").normal(FLOAT32, m, dimensions).times(deviation);
        }

        private static Tensor signs(Key key, int m) {
            return key.stream("y").bernoulli(0.5, m).cast(FLOAT32).times(2).minus(1);
        }

        /** y w·x of points with noise z: the signal, and what the noise adds. */
        static Tensor margins(Tensor w, Tensor z, Tensor y) {
            return z.matmul(w).times(y).plus(SIGNAL); // (n)
        }

        double error(Tensor noise) {
            return wrong(margins(w, noise, y)).mean().item();
        }

        /** On this many new points. */
        Estimate test(Trial trial, Key key, int points) {
            int dimensions = w.dim(0);
            BiFunction<Key, Tensor, Tensor> some =
                    jit((k, weights) ->
                            wrong(
                                            margins(
                                                    weights,
                                                    noise(k, AT_ONCE, dimensions),
                                                    signs(k, AT_ONCE)))
                                    .sum());
            double errors = 0;
            int rounds = points / AT_ONCE;
            for (int i = 0; i < rounds; i++) {
                errors += some.apply(key.fold(i), w).item();
                trial.progress(i, 4 * rounds);
            }
            double share = errors / (rounds * AT_ONCE);
            double p = exact((double) dimensions / y.dim(0));
            return new Estimate(share, Math.sqrt(p * (1 - p) / (rounds * AT_ONCE)));
        }
    }

    /** 1 where y w·x is not positive. */
    private static Tensor wrong(Tensor margins) {
        return Functions.not(margins.greaterThan(Tensor.scalar(0f))).cast(FLOAT64);
    }

    @Override
    public void run(Trial trial) {
        linear(trial);
        spheres(trial);
    }

    private static void linear(Trial trial) {
        var size = Size.of(trial.tier());
        int m = size.rows;
        double training = 0;
        double mirrored = 1;
        for (int ratio : size.ratios) {
            int dimensions = ratio * m;
            var key = trial.data().fold(ratio);
            var world = Linear.of(key.fold(0), m, dimensions);
            int points = (int) (size.numbers / dimensions / AT_ONCE) * AT_ONCE;
            var test = world.test(trial, key.fold(1), points);
            trial.measure("test error, D/m = " + ratio, test);
            Tensor mirror = world.z.negate();
            training = Math.max(training, world.error(world.z));
            mirrored = Math.min(mirrored, world.error(mirror));
            trial.point("test", ratio, test.value());
            trial.point("mirror", ratio, world.error(mirror));
            if (ratio != size.ratios.getLast()) {
                continue;
            }
            trial.measure(
                    "least that a uniform bound can say, D/m = " + ratio,
                    world.error(mirror) - test.value());
            var fresh = new Linear(world.z, world.y, Linear.of(key.fold(2), m, dimensions).w);
            trial.measure(
                    "fresh noise: gap on the mirrored sample",
                    Math.abs(fresh.error(mirror) - test.value()),
                    Bounds.finiteClass(0, m, DELTA).value());
            trial.measure("fresh noise: error on the training set", fresh.error(world.z));
            var other = Linear.of(key.fold(3), 1000, dimensions);
            margins(trial, "training", Linear.margins(world.w, world.z, world.y));
            margins(trial, "mirrored", Linear.margins(world.w, mirror, world.y));
            margins(trial, "new", Linear.margins(world.w, other.z, other.y));
            margins(trial, "fresh, mirrored", Linear.margins(fresh.w, mirror, world.y));
        }
        trial.measure("training error, largest", training);
        trial.measure("error on the mirrored sample, least", mirrored);
    }

    private static void margins(Trial trial, String name, Tensor values) {
        trial.curve(name, values.toDoubles());
    }

    /**
     * Points on two spheres.
     *
     * @param x on the sphere of y (n, d)
     * @param mirror the same directions on the other sphere
     * @param y 0 or 1, int32 (n)
     */
    private record Spheres(Tensor x, Tensor mirror, Tensor y) {
        static Spheres of(Key key, int n, int space, double outer) {
            Tensor g = key.normal(FLOAT32, n, space);
            Tensor unit = g.dividedBy(g.square().sum(1).sqrt().expandDims(1));
            var labels = new int[n];
            Arrays.setAll(labels, i -> i % 2);
            Tensor y = Tensor.of(labels);
            Tensor far = y.cast(FLOAT32).expandDims(1); // (n, 1)
            double step = outer - INNER;
            return new Spheres(
                    unit.times(far.times(step).plus(INNER)),
                    unit.times(far.times(-step).plus(outer)),
                    y);
        }

        Images images() {
            return new Images(x, y);
        }

        Tensor other() {
            return Tensor.scalar(1).minus(y);
        }
    }

    private static double error(Mlp net, Tensor x, Tensor y) {
        return 1 - net.apply(x, Pass.eval()).argMax(1).equalTo(y).cast(FLOAT64).mean().item();
    }

    private record State(Mlp net, Chain.State optimizer, Tensor step) {}

    private static void spheres(Trial trial) {
        var size = Size.of(trial.tier());
        var test = Spheres.of(trial.data().stream("test"), 10_000, size.space, size.outer);
        Mlp start = Mlp.of(Shape.of(size.space), 2, trial.init(), WIDTH);
        double first = Double.NaN;
        double firstBound = Double.NaN;
        double least = 1;
        for (int n : size.n) {
            var set = Spheres.of(trial.data().stream("spheres").fold(n), n, size.space, size.outer);
            Mlp net = learn(trial, start, set);
            double wrong = error(net, test.x, test.y);
            double mirrored = error(net, set.mirror, set.other());
            double complexity = Bounds.spectralComplexity(Norms.weights(net), Norms.weights(start));
            double length = Math.sqrt(set.x.square().sum().item());
            double bound = complexity * length / (MARGIN * n);
            trial.point("spheres, test", n, wrong);
            trial.point("spheres, mirror", n, mirrored);
            trial.point("spheres, training", n, error(net, set.x, set.y));
            trial.point("spheres, bound", n, bound);
            least = Math.min(least, mirrored);
            if (n == size.n.getFirst()) {
                first = wrong;
                firstBound = bound;
            }
            if (n == size.n.getLast()) {
                trial.measure("spheres: test error at n = 64 less at n = " + n, first - wrong);
                trial.measure(
                        "spheres: bound at n = %d over n = 64".formatted(n), bound / firstBound);
            }
        }
        trial.measure("spheres: error on the mirrored sample, least", least);
    }

    /** SGD until 99 % of the examples have a margin above γ, at most 6000 steps. */
    private static Mlp learn(Trial trial, Mlp start, Spheres set) {
        var sgd = Sgd.of(0.1);
        var images = set.images();
        int batch = Math.min(BATCH, images.size());
        var key = trial.order();
        var some =
                jit((State from) ->
                        Loops.repeat(
                                s -> {
                                    var b = images.batch(key, s.step, batch);
                                    var slope =
                                            grad((Mlp net) ->
                                                            Losses.crossEntropy(
                                                                    net.apply(b.x(), Pass.eval()),
                                                                    b.y()))
                                                    .apply(s.net);
                                    var moved = sgd.update(slope, s.optimizer, s.net);
                                    return new State(moved.params(), moved.state(), s.step.plus(1));
                                },
                                from,
                                20));
        var state = new State(start, sgd.init(start), Tensor.scalar(0));
        for (int step = 0; step < 6000; step += 20) {
            state = some.apply(state);
            var margins = Margins.of(state.net.apply(set.x, Pass.eval()), set.y);
            if (Arrays.stream(margins).filter(v -> v > MARGIN).count() >= 0.99 * margins.length) {
                return state.net;
            }
            trial.progress(step + 6000, 12_000);
        }
        trial.note("n = %d: less than 99 %% of the margins reached γ".formatted(set.x.dim(0)));
        return state.net;
    }

    @Override
    public void controls(Trial trial) {
        var size = Size.of(trial.tier());
        int dimensions = size.rows * size.ratios.getLast();
        var world = Linear.of(trial.data().fold(0), size.rows, dimensions);
        var other = Linear.of(trial.data().fold(1), size.rows, dimensions);
        trial.measure(
                "no noise: error on the mirrored sample",
                new Linear(world.z.times(0), world.y, world.w.times(0))
                        .error(world.z.times(0).negate()));
        trial.measure(
                "mirror image of a sample it was not trained on: error",
                wrong(Linear.margins(world.w, other.z.negate(), other.y)).mean().item());
    }

    @Override
    public List<Figure> figures(Results results) {
        var ratios = Grid.spaced(50, 500, 100);
        return List.of(
                Plot.of(
                                "mirror",
                                "Right on what it saw and on what is new, wrong on a mirror image"
                                        + " of what it saw")
                        .x("margin y w·x")
                        .y("density")
                        .histogram("training set", 10, results.curve("training").y())
                        .histogram("new points", 25, results.curve("new").y())
                        .histogram("mirrored training set", 10, results.curve("mirrored").y())
                        .vertical("wrong to the left", 0)
                        .caption(
                                "The mirrored set is as likely a sample as the training set: what"
                                        + " holds for nearly all samples would have to hold for"
                                        + " both."),
                Plot.of("linear", "The test error is what the formula says; on the mirror it is 1")
                        .x("D/m", Scale.LOG)
                        .y("error", Scale.LOG)
                        .yRange(1e-3, 1.5)
                        .dashed(
                                "Φ(−√(D/m)/8)",
                                ratios,
                                Arrays.stream(ratios).map(UniformConvergenceFails::exact).toArray())
                        .points("test, mean over the seeds", results.band("test"))
                        .points("mirrored training set", results.band("mirror")),
                new Figure.Panels(
                        "spheres",
                        "Two spheres: the error falls, the bound rises",
                        "A bound above 1 says nothing. The mirrored set has every example on the"
                                + " other sphere, with the other label.",
                        2,
                        List.of(
                                Plot.of("", "errors")
                                        .x("examples n", Scale.LOG)
                                        .y("error")
                                        .yRange(-0.03, 1.05)
                                        .band("test", results.band("spheres, test"))
                                        .band("mirrored", results.band("spheres, mirror"))
                                        .band("training", results.band("spheres, training")),
                                Plot.of("", "R_A ‖X‖/(γn)")
                                        .x("examples n", Scale.LOG)
                                        .y("bound", Scale.LOG)
                                        .band("bound", results.band("spheres, bound"))
                                        .horizontal("1", 1))),
                Plot.of("repair", "The same classifier with the noise of another sample is calm")
                        .x("margin y w·x")
                        .y("density")
                        .histogram("w, mirrored", 10, results.curve("mirrored").y())
                        .histogram(
                                "w with fresh noise, mirrored",
                                10,
                                results.curve("fresh, mirrored").y())
                        .vertical("wrong to the left", 0)
                        .caption(
                                "Both have the same test error. For the second a bound by uniform"
                                        + " convergence is possible, and small."));
    }
}
