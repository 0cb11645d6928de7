package dev.fathom.lab.studies.autodiff;

import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.math.Shaping.take;
import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.landscape.Sharpness;
import dev.fathom.lab.studies.support.Training;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.recipe.Sgd;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/** L02: rectangles of four rectifiers approximate everything, if ε is not too small. */
public final class Rectangles implements Study {
    private static final double PRINTED = 1e-7; // the text's ε
    private static final double SOFT = 0.05; // ε of the function to be learnt
    private static final double RATE = 0.12; // over the number of units
    private static final int BATCH = 32;
    private static final int KNOTS = 12;
    private static final double ROUNDING = 1e-9; // a bound that is reached to the last digit
    private static final List<Integer> COUNTS = List.of(4, 16, 64, 256);
    private static final String LEARNT = "12 units trained by SGD: RMS error";

    /** The text's figure: three rectangles, (a, b, h). */
    private static final double[][] THREE = {{-1, 0, 0.4}, {0, 1, 1.3}, {1, 2, 0.8}};

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L02", "rectangles", Oracle.EXACT)
                        .claim(
                                "Rectangles of four rectifiers each follow a Lipschitz function to"
                                    + " Lip/(2h); the text's ε of 1e-7 works in double precision"
                                    + " only; and SGD does not find the rectangles.")
                        .text("002, approximation with ReLU nets; erratum E8")
                        .paper(
                                "C. Davis, Quora: is a single layered ReLU network still a"
                                    + " universal approximator?; S. Sonoda, N. Murata, Neural"
                                    + " network with unbounded activation functions is universal"
                                    + " approximator, 2017")
                        .story(
                                "Two rectifiers of opposite sign make a step of width ε, two steps"
                                    + " a rectangle, and h rectangles side by side a staircase that"
                                    + " is never further from a function than the function moves in"
                                    + " half a step. That is all of the universal approximation"
                                    + " theorem in one dimension. It is also fragile: the step is"
                                    + " the difference of two nearly equal numbers, times 1/ε. In"
                                    + " single precision, numbers between ½ and 1 have gaps of"
                                    + " 6e-8, between 1 and 2 of 1.2e-7, and with ε = 1e-7 the"
                                    + " difference can only be 0, one or two of those: the"
                                    + " rectangle of height 1.3 comes out between −1.55 and 1.55."
                                    + " And the theorem does not say that the weights can be found:"
                                    + " even for wide steps, that twelve units fit exactly, SGD"
                                    + " from random weights ends elsewhere; the built solution is"
                                    + " so sharp that descent at the usual rates could not even"
                                    + " stay there.")
                        .notation(
                                """
                                rect(x)  h/ε · (relu(x−a) − relu(x−a−ε) − relu(x−b) + relu(x−b−ε))
                                h        rectangles on [0, 1] (in the bound), the height (in rect)
                                f        random broken lines with 12 knots, Lip their steepest slope
                                sup      largest error on 20 001 points; each step has its ramp centred;
                                         the bound is reached where f is steepest at an end of
                                         [0, 1], so 1e-9 of it is left to rounding
                                RMS      root mean square error at the text's 1000 points of [−3, 3]\
                                """)
                        .data(
                                "broken lines with uniform knots and slopes; for SGD the text's"
                                    + " three rectangles with ε = 0.05 at its 1000 points, batches"
                                    + " of 32, rate 0.12/units (0.01 for all, tried first, diverged"
                                    + " with 192 units), He's weights, kinks uniform on [−3, 3]")
                        .seeds(tier.pick(1, 5, 10))
                        .cost(tier.pick(2.0, 15.0, 200.0), 1e8, tier.pick(1e8, 3e9, 3e10));
        for (int count : COUNTS) {
            card = card.predict(over(count), Oracle.BOUND, atMost(1 + ROUNDING));
        }
        return card.predict("float32, ε = 1e-7: largest value", near(1.5497).within(1e-3))
                .predict("float32, ε = 1e-7: smallest value", near(-1.5497).within(1e-3))
                .predict("float64, ε = 1e-7: largest value", near(1.3).within(1e-6))
                .predict("float64, ε = 1e-7: smallest value", near(0).within(1e-6))
                .predict("12 units built, ε = 0.05: RMS error", atMost(1e-9))
                .predict(LEARNT, Oracle.DIRECTION, atLeast(0.05))
                .positive("float32, ε = 0.01: largest value", near(1.3).within(1e-3))
                .positive("12 units built: gradient", atMost(1e-9))
                .sabotage(
                        "float64 takes the place of float32: largest value",
                        near(1.5497).within(1e-3))
                .sabotage(
                        "sup error over Lip/(2h), h = 256, heights at the left ends",
                        atMost(1 + ROUNDING));
    }

    private static String over(int count) {
        return "sup error over Lip/(2h), h = " + count;
    }

    /** As the text has it, in the precision of x. */
    private static Tensor rect(Tensor x, double a, double b, double h, double eps) {
        return relu(x.minus(a))
                .minus(relu(x.minus(a + eps)))
                .minus(relu(x.minus(b)))
                .plus(relu(x.minus(b + eps)))
                .times(h / eps);
    }

    /** np.linspace(-3, 3, 1000). */
    private static Tensor printedPlaces(DType dtype) {
        return Tensor.of(Grid.spaced(-3, 3, 1000)).cast(dtype); // (1000)
    }

    private static Tensor threeRects(Tensor x, double eps) {
        Tensor sum = x.times(0);
        for (var r : THREE) {
            sum = sum.plus(rect(x, r[0], r[1], r[2], eps));
        }
        return sum;
    }

    /**
     * Rectangles between neighbours of {@code edges} as a network of one hidden layer, four units
     * each; float64.
     */
    private static Mlp network(double[] edges, double[] heights, double eps) {
        int m = heights.length;
        var ones = new double[4 * m];
        Arrays.fill(ones, 1);
        var bias = new double[4 * m];
        var out = new double[4 * m];
        for (int i = 0; i < m; i++) {
            double a = edges[i];
            double b = edges[i + 1];
            double v = heights[i] / eps;
            System.arraycopy(new double[] {-a, -a - eps, -b, -b - eps}, 0, bias, 4 * i, 4);
            System.arraycopy(new double[] {v, -v, -v, v}, 0, out, 4 * i, 4);
        }
        return new Mlp(
                List.of(new Dense(Tensor.of(ones, 1, 4 * m), Optional.of(Tensor.of(bias)))),
                new Dense(Tensor.of(out, 4 * m, 1), Optional.of(Tensor.of(new double[1]))));
    }

    /** A thousand points at a time, since there are a thousand units. */
    private static double[] apply(Mlp net, double... x) {
        var y = new double[x.length];
        for (int i = 0; i < x.length; i += 1000) {
            var some = Arrays.copyOfRange(x, i, Math.min(x.length, i + 1000));
            Tensor values = net.apply(Tensor.of(some, some.length, 1), Pass.eval());
            System.arraycopy(values.toDoubles(), 0, y, i, some.length);
        }
        return y;
    }

    // ---- the staircase ----

    /** A broken line with its Lipschitz constant. */
    private record Broken(double[] knots, double[] slopes) implements DoubleUnaryOperator {
        static Broken of(Key key) {
            var knots = key.fold(0).uniform(FLOAT64, KNOTS).toDoubles();
            Arrays.sort(knots);
            return new Broken(
                    knots, key.fold(1).uniform(FLOAT64, KNOTS + 1).times(8).minus(4).toDoubles());
        }

        double lipschitz() {
            return Arrays.stream(slopes).map(Math::abs).max().orElseThrow();
        }

        @Override
        public double applyAsDouble(double x) {
            double y = 0;
            double from = 0;
            for (int i = 0; i < slopes.length; i++) {
                double to = i < knots.length ? Math.min(knots[i], x) : x;
                y += slopes[i] * Math.max(0, to - from);
                from = Math.max(from, to);
            }
            return y;
        }
    }

    /**
     * h rectangles on [0, 1] whose ramps are centred between them; the outermost reach beyond.
     *
     * @param where a height is taken, from 0, the left end of a rectangle, to 1
     */
    private static Mlp staircase(DoubleUnaryOperator f, int count, double where) {
        double eps = 0.01 / count;
        var edges = new double[count + 1];
        var heights = new double[count];
        for (int i = 0; i < count; i++) {
            edges[i] = i == 0 ? -1 : (double) i / count - eps / 2;
            heights[i] = f.applyAsDouble((i + where) / count);
        }
        edges[count] = 2;
        return network(edges, heights, eps);
    }

    private static double sup(DoubleUnaryOperator f, Mlp net) {
        var x = Grid.spaced(0, 1, 20_001);
        var y = apply(net, x);
        double largest = 0;
        for (int i = 0; i < x.length; i++) {
            largest = Math.max(largest, Math.abs(y[i] - f.applyAsDouble(x[i])));
        }
        return largest;
    }

    @Override
    public void run(Trial trial) {
        var f = Broken.of(trial.data());
        for (int count : COUNTS) {
            double error = sup(f, staircase(f, count, 0.5));
            double bound = f.lipschitz() / (2 * count);
            trial.measure(over(count), error / bound);
            trial.point("error", count, error);
            trial.point("bound", count, bound);
        }
        trial.progress(1, 3);
        var x = Grid.spaced(0, 1, 801);
        trial.curve("f", x, Arrays.stream(x).map(f).toArray());
        trial.curve("16 rectangles", x, apply(staircase(f, 16, 0.5), x));

        for (var dtype : List.of(FLOAT32, FLOAT64)) {
            Tensor y = rect(printedPlaces(dtype), 0, 1, 1.3, PRINTED);
            String name = dtype == FLOAT32 ? "float32" : "float64";
            trial.measure(name + ", ε = 1e-7: largest value", y.max().item());
            trial.measure(name + ", ε = 1e-7: smallest value", y.min().item());
            trial.curve(
                    name,
                    printedPlaces(FLOAT64).toDoubles(),
                    threeRects(printedPlaces(dtype), PRINTED).toDoubles());
            for (double e = -1; e >= -14; e -= 0.5) {
                trial.point("distance, " + name, Math.pow(10, e), distance(dtype, Math.pow(10, e)));
            }
        }
        trial.progress(2, 3);
        learn(trial);
    }

    /** Mean |rect − rectangle| over [−3, 3]; the ramps, though narrow, get points of their own. */
    private static double distance(DType dtype, double eps) {
        var far = Grid.spaced(-3, 3, 6001);
        double ramps = 0;
        for (double edge : new double[] {0, 1}) {
            ramps += eps * mean(dtype, eps, Grid.spaced(edge, edge + eps, 101));
        }
        return (ramps + (6 - 2 * eps) * mean(dtype, eps, far)) / 6;
    }

    private static double mean(DType dtype, double eps, double... x) {
        var y = rect(Tensor.of(x).cast(dtype), 0, 1, 1.3, eps).toDoubles();
        double sum = 0;
        int n = 0;
        boolean ramp = x[x.length - 1] - x[0] <= eps * 1.01;
        for (int i = 0; i < x.length; i++) {
            boolean between = x[i] >= 0 && x[i] <= eps || x[i] >= 1 && x[i] <= 1 + eps;
            if (between == ramp) {
                sum += Math.abs(y[i] - (x[i] >= 0 && x[i] <= 1 ? 1.3 : 0));
                n++;
            }
        }
        return n == 0 ? 0 : sum / n;
    }

    // ---- learning ----

    private static Mlp built() {
        return network(
                new double[] {-1, 0, 1, 2},
                Arrays.stream(THREE).mapToDouble(r -> r[2]).toArray(),
                SOFT);
    }

    /** He's weights, kinks uniform on [−3, 3]; float32. */
    private static Mlp random(Key key, int width) {
        var layer = Dense.of(1, width, key.fold(0));
        Tensor kinks = key.stream("kinks").uniformBetween(-3, 3, width);
        Tensor bias = layer.weight().reshape(width).times(kinks).negate();
        return new Mlp(
                List.of(new Dense(layer.weight(), Optional.of(bias))),
                Dense.of(width, 1, key.fold(1)));
    }

    private static Tensor loss(Mlp net, Tensor x, Tensor y) {
        return net.apply(x, Pass.eval()).minus(y).square().mean();
    }

    private static void learn(Trial trial) {
        Tensor x = printedPlaces(FLOAT32).reshape(1000, 1);
        Tensor y = threeRects(printedPlaces(FLOAT64), SOFT).cast(FLOAT32).reshape(1000, 1);
        int steps = trial.tier().pick(400, 4000, 40_000);
        for (int width : List.of(12, 48, 192)) {
            Key order = trial.order().fold(width);
            Mlp net =
                    Training.minimise(
                            random(trial.init().fold(width), width),
                            Sgd.of(RATE / width),
                            steps,
                            (m, step) -> {
                                Tensor rows = order.fold(step).integers(1000, BATCH);
                                return loss(m, take(x, rows, 0), take(y, rows, 0));
                            });
            double rms = Math.sqrt(loss(net, x, y).item());
            trial.measure(width == 12 ? LEARNT : width + " units trained by SGD: RMS error", rms);
            trial.curve("learnt, " + width, x.toDoubles(), net.apply(x, Pass.eval()).toDoubles());
        }
        Mlp built = built();
        trial.measure("12 units built, ε = 0.05: RMS error", Math.sqrt(exactLoss(built).item()));
        double sharpness =
                Sharpness.eigenvalue(Rectangles::exactLoss, built, 30, trial.stream("power"))
                        .value();
        trial.measure("12 units built: sharpness λ", sharpness);
        trial.measure("12 units built: 2/λ, beyond which descent leaves it", 2 / sharpness);
    }

    /** Against the trapezoids themselves, not against rectifiers; float64. */
    private static Tensor exactLoss(Mlp net) {
        var x = Grid.spaced(-3, 3, 1000);
        var y = Arrays.stream(x).map(Rectangles::trapezoids).toArray();
        return loss(net, Tensor.of(x, 1000, 1), Tensor.of(y, 1000, 1));
    }

    private static double trapezoids(double x) {
        var corners = new double[][] {{-1, 0}, {0, 0.4}, {1, 1.3}, {2, 0.8}, {3, 0}};
        for (int i = 0; i + 1 < corners.length; i++) {
            double start = corners[i][0];
            double before = corners[i][1];
            double after = corners[i + 1][1];
            if (x < start) {
                return before;
            }
            if (x < start + SOFT) {
                return before + (after - before) * (x - start) / SOFT;
            }
        }
        return 0;
    }

    @Override
    public void controls(Trial trial) {
        trial.measure(
                "float32, ε = 0.01: largest value",
                rect(printedPlaces(FLOAT32), 0, 1, 1.3, 0.01).max().item());
        Mlp built = built();
        double steepest = 0;
        for (Tensor t : Tree.leaves(grad(Rectangles::exactLoss).apply(built))) {
            steepest = Math.max(steepest, t.abs().max().item());
        }
        trial.measure("12 units built: gradient", steepest);
        trial.measure(
                "float64 takes the place of float32: largest value",
                rect(printedPlaces(FLOAT64), 0, 1, 1.3, PRINTED).max().item());
        var f = Broken.of(trial.data());
        trial.measure(
                "sup error over Lip/(2h), h = 256, heights at the left ends",
                sup(f, staircase(f, 256, 0)) / (f.lipschitz() / 512));
    }

    // ---- figures ----

    @Override
    public List<Figure> figures(Results results) {
        var three =
                Plot.of("three", "The text's figure, ε = 1e-7")
                        .x("x")
                        .y("")
                        .yRange(-1, 2.5)
                        .line("float32", results.curve("float32"))
                        .line("float64", results.curve("float64"));
        var f = results.curve("f");
        var stairs =
                Plot.of("stairs", "16 rectangles follow a function")
                        .x("x")
                        .y("")
                        .dashed("f", f.x(), f.y())
                        .line("network", results.curve("16 rectangles"));
        var bound = results.curve("bound");
        var errors =
                Plot.of("errors", "The error stays below Lip/(2h)")
                        .x("rectangles h", Scale.LOG)
                        .y("sup error", Scale.LOG)
                        .dashed("Lip/(2h)", bound.x(), bound.y())
                        .points("network", results.curve("error"));
        var x = Grid.spaced(-3, 3, 1000);
        var learnt =
                Plot.of("learnt", "What SGD makes of twelve units")
                        .x("x")
                        .y("")
                        .dashed(
                                "built, and target",
                                x,
                                Arrays.stream(x).map(Rectangles::trapezoids).toArray())
                        .line("12 units, SGD", results.curve("learnt, 12"))
                        .line("192 units, SGD", results.curve("learnt, 192"));
        var single = results.curve("distance, float32");
        var twice = results.curve("distance, float64");
        return List.of(
                new Figure.Panels(
                        "rectangles",
                        "Rectangles can do everything, but not at any ε, and they are not found",
                        "Single precision breaks the text's figure (top left). Built by hand the"
                                + " staircase keeps its promise; trained, twelve units that could"
                                + " fit exactly do not.",
                        2,
                        List.of(three, stairs, errors, learnt)),
                Plot.of("epsilon", "Too wide a step is wrong, too narrow a one is noise")
                        .x("ε", Scale.LOG)
                        .y("mean |rect − rectangle|", Scale.LOG)
                        .line("float32", single)
                        .points("float32", single)
                        .line("float64", twice)
                        .points("float64", twice)
                        .vertical("the text's ε", PRINTED)
                        .caption(
                                "To the right the ramps count, in proportion to ε; to the left the"
                                        + " rounding of x − a, times 1/ε."));
    }
}
