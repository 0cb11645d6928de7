package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Creation;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.optim.recipe.AdaGrad;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamAsPrinted;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Nesterov;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.RmsProp;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** L10: where optimizers walk, and Adam as a lecture prints it. */
public final class OptimizerAtlas implements Study {
    private static final double[] START = {-1.2, 1};
    private static final int WORDS = 100;
    private static final double EPSILON = 1e-8;

    /** A rule in plain Java: place, gradient, memory of two vectors, step from 1. */
    @FunctionalInterface
    private interface Rule {
        void move(double[] x, double[] g, double[][] memory, int t);
    }

    private static Map<String, Recipe> recipes() {
        var all = new LinkedHashMap<String, Recipe>();
        all.put("gradient descent", Sgd.of(1e-3));
        all.put("momentum", Momentum.of(1e-3).withMomentum(0.9));
        all.put("Nesterov", Nesterov.of(1e-3).withMomentum(0.9));
        all.put("AdaGrad", AdaGrad.of(0.5).withInitial(0).withEpsilon(EPSILON));
        all.put("RMSProp", RmsProp.of(0.01).withDecay(0.9).withEpsilon(EPSILON));
        all.put("Adam", Adam.of(0.05));
        return all;
    }

    /** The same rules, written from the papers. */
    private static Rule reference(String name) {
        return switch (name) {
            case "gradient descent" -> each((g, m, t) -> 1e-3 * g);
            case "momentum" ->
                    each((g, m, t) -> {
                        m[0] = 0.9 * m[0] + g;
                        return 1e-3 * m[0];
                    });
            case "Nesterov" ->
                    each((g, m, t) -> {
                        m[0] = 0.9 * m[0] + g;
                        return 1e-3 * (g + 0.9 * m[0]);
                    });
            case "AdaGrad" ->
                    each((g, m, t) -> {
                        m[0] += g * g;
                        return 0.5 * g / (Math.sqrt(m[0]) + EPSILON);
                    });
            case "RMSProp" ->
                    each((g, m, t) -> {
                        m[0] = 0.9 * m[0] + 0.1 * g * g;
                        return 0.01 * g / (Math.sqrt(m[0]) + EPSILON);
                    });
            case "Adam" ->
                    each((g, m, t) -> {
                        m[0] = 0.9 * m[0] + 0.1 * g;
                        m[1] = 0.999 * m[1] + 0.001 * g * g;
                        double mean = m[0] / (1 - Math.pow(0.9, t));
                        double square = m[1] / (1 - Math.pow(0.999, t));
                        return 0.05 * mean / (Math.sqrt(square) + EPSILON);
                    });
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The step of one number. */
    @FunctionalInterface
    private interface Step {
        double of(double g, double[] memory, int t);
    }

    private static Rule each(Step step) {
        return (x, g, memory, t) -> {
            for (int i = 0; i < x.length; i++) {
                x[i] -= step.of(g[i], memory[i], t);
            }
        };
    }

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L10", "optimizer-atlas", Oracle.EXACT)
                        .claim(
                                "Every optimizer follows its paper to the last digits, and Adam as"
                                    + " the lecture prints it stands still after twenty steps in"
                                    + " float32.")
                        .text("003, optimizers; the Adam slide")
                        .paper(
                                "D. Kingma, J. Ba, Adam, 2015, algorithm 1; J. Duchi, E. Hazan, Y."
                                        + " Singer, AdaGrad, 2011; Y. Nesterov, 1983; B. Polyak,"
                                        + " 1964")
                        .story(
                                "In the bent valley of Rosenbrock gradient descent creeps, momentum"
                                    + " overshoots and comes back, the adaptive ones walk at a pace"
                                    + " that the slope does not set. On words with Zipf's"
                                    + " frequencies descent learns the rare ones last; AdaGrad, for"
                                    + " which a constant factor of the gradient cancels, learns all"
                                    + " at once. The slide's Adam feeds the corrected moments back"
                                    + " into their recursion: its second moment grows like"
                                    + " 1000ᵗ/t!, overflows, and the step becomes 0. In float64 it"
                                    + " does not overflow, but its steps shrink just the same.")
                        .notation(
                                """
                                Rosenbrock   (1 − x)² + 100 (y − x²)², from (−1.2, 1)
                                saddle       ½x² − ½y² + ¼y⁴, from (−1, 10⁻³)
                                Zipf         ½ Σ pᵢ (xᵢ − 1)², pᵢ ∝ 1/i, 100 words, from 0
                                as printed   s ← (β s + (1 − β) g²) / (1 − βᵗ), v likewise\
                                """)
                        .data("three functions; no randomness")
                        .cost(tier.pick(2.0, 4.0, 8.0), 1e7, 1e7);
        for (var name : recipes().keySet()) {
            card = card.predict(name + ": 50 steps, difference to the paper", atMost(1e-12));
        }
        return card.predict("as printed, float32: step at which it overflows", near(20))
                .predict("as printed, float32: size of step 30 over α", near(0))
                .predict("Adam, float32: size of step 30 over α", near(1).within(1e-5))
                .predict("Zipf: AdaGrad, largest difference between words", atMost(1e-6))
                .predict(
                        "Zipf: gradient descent, steps for the last word over the first",
                        Oracle.DIRECTION,
                        atLeast(20))
                .predict(
                        "saddle: steps of gradient descent over those of Adam",
                        Oracle.DIRECTION,
                        atLeast(2))
                .positive("gradient descent on ½x², α = 1: distance after one step", near(0))
                .sabotage("Adam without its corrections: difference to the paper", atMost(1e-12))
                .sabotage("as printed, size of step 30 over α", near(1).within(1e-5));
    }

    private static Tensor rosenbrock(Tensor p) {
        Tensor x = p.get(0);
        Tensor y = p.get(1);
        return x.negate().plus(1).square().plus(y.minus(x.square()).square().times(100));
    }

    private static double rosenbrock(double x, double y) {
        return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
    }

    private static Tensor saddle(Tensor p) {
        Tensor y = p.get(1).square();
        return p.get(0).square().times(0.5).minus(y.times(0.5)).plus(y.square().times(0.25));
    }

    private static double saddle(double x, double y) {
        return x * x / 2 - y * y / 2 + y * y * y * y / 4;
    }

    private record State(Tensor x, Chain.State optimizer) {}

    /** The places that an optimizer goes through. */
    private static List<double[]> walk(
            Recipe recipe, Function<Tensor, Tensor> f, Tensor start, int steps) {
        var step =
                jit((State s) -> {
                    var next = recipe.update(grad(f).apply(s.x), s.optimizer, s.x);
                    return new State(next.params(), next.state());
                });
        var path = new ArrayList<double[]>();
        var s = new State(start, recipe.init(start));
        path.add(start.toDoubles());
        for (int t = 0; t < steps; t++) {
            s = step.apply(s);
            path.add(s.x.toDoubles());
        }
        return path;
    }

    /** The largest difference to the plain rule over 50 steps on Rosenbrock. */
    private static double difference(Recipe recipe, Rule rule) {
        var path = walk(recipe, OptimizerAtlas::rosenbrock, Tensor.of(START), 50);
        var x = START.clone();
        var memory = new double[2][2];
        double worst = 0;
        for (int t = 1; t <= 50; t++) {
            double r = x[1] - x[0] * x[0];
            var g = new double[] {-2 * (1 - x[0]) - 400 * x[0] * r, 200 * r};
            rule.move(x, g, memory, t);
            for (int i = 0; i < 2; i++) {
                worst = Math.max(worst, Math.abs(x[i] - path.get(t)[i]));
            }
        }
        return worst;
    }

    @Override
    public void run(Trial trial) {
        int steps = trial.tier().pick(300, 2000, 5000);
        recipes()
                .forEach((name, recipe) -> {
                    trial.measure(
                            name + ": 50 steps, difference to the paper",
                            difference(recipe, reference(name)));
                    for (var p :
                            walk(recipe, OptimizerAtlas::rosenbrock, Tensor.of(START), steps)) {
                        trial.point("Rosenbrock, " + name, p[0], p[1]);
                    }
                });
        printed(trial);
        zipf(trial);
        double descent = escape(trial, "gradient descent", Sgd.of(0.05));
        escape(trial, "momentum", Momentum.of(0.05).withMomentum(0.9));
        double adam = escape(trial, "Adam", Adam.of(0.05));
        trial.measure("saddle: steps of gradient descent over those of Adam", descent / adam);
    }

    /** Sizes of steps at a gradient of 1, over α. */
    private static double[] sizes(Recipe recipe, DType dtype, int steps) {
        var sizes = new double[steps];
        Tensor gradient = Tensor.full(dtype, 1, 1);
        Tensor zero = Tensor.full(dtype, 0, 1); // so that a small step does not vanish beside x
        var state = recipe.init(zero);
        for (int t = 0; t < steps; t++) {
            var next = recipe.update(gradient, state, zero);
            sizes[t] = next.params().abs().sum().item();
            state = next.state();
        }
        return sizes;
    }

    private static void printed(Trial trial) {
        var broken = sizes(AdamAsPrinted.of(1), FLOAT32, 30);
        var right = sizes(Adam.of(1), FLOAT32, 30);
        var broken64 = sizes(AdamAsPrinted.of(1), FLOAT64, 30);
        int stop = 1;
        while (stop <= 30 && broken[stop - 1] > 0) {
            stop++;
        }
        trial.measure("as printed, float32: step at which it overflows", stop);
        trial.measure("as printed, float32: size of step 30 over α", broken[29]);
        trial.measure("Adam, float32: size of step 30 over α", right[29]);
        trial.measure("as printed, float64: size of step 30 over α", broken64[29]);
        for (int t = 0; t < 30; t++) {
            trial.point("as printed, float32", t + 1, broken[t] > 0 ? broken[t] : Double.NaN);
            trial.point("as printed, float64", t + 1, broken64[t]);
            trial.point("Adam", t + 1, right[t]);
        }
    }

    private static void zipf(Trial trial) {
        double harmonic = 0;
        for (int i = 1; i <= WORDS; i++) {
            harmonic += 1.0 / i;
        }
        double first = 1 / harmonic;
        Tensor p = Creation.range(FLOAT64, WORDS).plus(1).pow(-1).times(first); // (words)
        Function<Tensor, Tensor> f = x -> p.times(x.minus(1).square()).sum().times(0.5);
        Tensor start = Tensor.full(FLOAT64, 0, WORDS);
        var descent = learnt(trial, "gradient descent", walk(Sgd.of(0.5 / first), f, start, 1000));
        var fair = AdaGrad.of(0.5).withInitial(0).withEpsilon(1e-12);
        var path = walk(fair, f, start, 1000);
        learnt(trial, "AdaGrad", path);
        learnt(trial, "Adam", walk(Adam.of(0.05), f, start, 1000));
        double spread = 0;
        for (var x : path.subList(0, 50)) {
            double low = Arrays.stream(x).min().orElseThrow();
            spread = Math.max(spread, Arrays.stream(x).max().orElseThrow() - low);
        }
        trial.measure("Zipf: AdaGrad, largest difference between words", spread);
        trial.measure(
                "Zipf: gradient descent, steps for the last word over the first",
                (double) descent[WORDS - 1] / descent[0]);
    }

    /** The step from which on a word is within 1 % of its value. */
    private static int[] learnt(Trial trial, String name, List<double[]> path) {
        var steps = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            int t = path.size();
            while (t > 0 && Math.abs(path.get(t - 1)[i] - 1) < 0.01) {
                t--;
            }
            steps[i] = t;
            trial.point("Zipf, " + name, i + 1, t);
        }
        return steps;
    }

    private static double escape(Trial trial, String name, Recipe recipe) {
        var start = Tensor.of(new double[] {-1, 1e-3});
        var path = walk(recipe, OptimizerAtlas::saddle, start, 300);
        int out = 0;
        for (int t = 0; t < path.size(); t++) {
            trial.point("saddle, " + name, path.get(t)[0], path.get(t)[1]);
            if (out == 0 && Math.abs(path.get(t)[1]) > 0.5) {
                out = t;
            }
        }
        return out;
    }

    @Override
    public void controls(Trial trial) {
        Tensor one = Tensor.of(new double[] {1});
        var path = walk(Sgd.of(1), x -> x.square().sum().times(0.5), one, 1);
        trial.measure("gradient descent on ½x², α = 1: distance after one step", path.getLast()[0]);
        Rule uncorrected =
                each((g, m, t) -> {
                    m[0] = 0.9 * m[0] + 0.1 * g;
                    m[1] = 0.999 * m[1] + 0.001 * g * g;
                    return 0.05 * m[0] / (Math.sqrt(m[1]) + EPSILON);
                });
        trial.measure(
                "Adam without its corrections: difference to the paper",
                difference(Adam.of(0.05), uncorrected));
        trial.measure(
                "as printed, size of step 30 over α", sizes(AdamAsPrinted.of(1), FLOAT32, 30)[29]);
    }

    @Override
    public List<Figure> figures(Results results) {
        var frames = new ArrayList<Plot>();
        int steps = results.curve("Rosenbrock, Adam").size();
        for (int t = 4; t < steps; t = t * 5 / 4 + 1) {
            frames.add(atlas(results, t));
        }
        frames.add(atlas(results, steps));
        var dip = Grid.of(-1.2, 1.2, 49, -1.4, 1.4, 49, OptimizerAtlas::saddle);
        var saddle =
                Plot.of("saddle", "Away from a saddle")
                        .x("x")
                        .y("y")
                        .heat("", dip, Colours.SEQUENTIAL)
                        .contours(dip, -0.2, -0.1, 0, 0.1, 0.2, 0.4, 0.6);
        var words =
                Plot.of("zipf", "Rare words are learnt last, or at once")
                        .x("rank of the word", Scale.LOG)
                        .y("steps to 1 %", Scale.LOG);
        for (var name : List.of("gradient descent", "momentum", "Adam")) {
            saddle = saddle.line(name, results.curve("saddle, " + name));
        }
        for (var name : List.of("gradient descent", "AdaGrad", "Adam")) {
            words = words.line(name, results.curve("Zipf, " + name));
        }
        return List.of(
                new Figure.Animation(
                        "rosenbrock",
                        "Six ways through a bent valley",
                        "Rosenbrock's function from (−1.2, 1); the minimum is at (1, 1). Steps are"
                                + " shown at a growing pace.",
                        3,
                        frames),
                Plot.of("printed", "Adam as the slide prints it")
                        .x("step t")
                        .y("size of the step over α", Scale.LOG)
                        .line("Adam", results.curve("Adam"))
                        .line("as printed, float64", results.curve("as printed, float64"))
                        .points("as printed, float32", results.curve("as printed, float32"))
                        .caption("At a gradient of 1. In float32 the points end: the step is 0."),
                saddle.caption("From (−1, 0.001): 300 steps each."),
                words.caption("Descent waits 1/pᵢ; what is divided by its own size does not."));
    }

    private static Plot atlas(Results results, int steps) {
        var valley =
                Grid.of(
                        -1.6,
                        1.6,
                        65,
                        -0.6,
                        1.8,
                        49,
                        (x, y) -> Math.log10(1e-2 + rosenbrock(x, y)));
        var plot =
                Plot.of("step" + steps, "After %d steps".formatted(steps - 1))
                        .x("x")
                        .y("y")
                        .xRange(-1.6, 1.6)
                        .yRange(-0.6, 1.8)
                        .heat("log₁₀ f", valley, Colours.GREY);
        for (var name : recipes().keySet()) {
            var path = results.curve("Rosenbrock, " + name);
            int n = Math.min(steps, path.size());
            plot = plot.line(name, Arrays.copyOf(path.x(), n), Arrays.copyOf(path.y(), n));
        }
        return plot.points("minimum", new double[] {1}, new double[] {1});
    }
}
