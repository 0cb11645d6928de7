package dev.fathom.lab.studies.features;

import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.studies.support.Training;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Observations;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.schedule.Schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** L43: a network memorises sums modulo p, and much later understands them. */
public final class Grokking implements Study {
    private static final int LOOK = 10; // steps between two looks
    private static final int WAVES = 2; // units that are drawn
    private static final double LEARNT = 0.99;
    private static final double UNDERSTOOD = 0.95;

    /** The sizes of a tier: p, units, share of the pairs that are shown, steps. */
    private record Size(int p, int width, double shown, int steps, int without) {
        static Size of(Tier tier) {
            var paper = new Size(59, 256, 0.3, 4000, 6000);
            return tier.pick(new Size(31, 128, 0.5, 2200, 800), paper, paper);
        }

        /** The steps whose answers are drawn. */
        List<Integer> pictures() {
            return List.of(LOOK, 100, part(3), part(4), part(5), steps);
        }

        private int part(int eighths) {
            return steps * eighths / 8 / LOOK * LOOK;
        }
    }

    @Override
    public Card card(Tier tier) {
        var size = Size.of(tier);
        return Card.of("L43", "grokking", Oracle.EXACT)
                .star()
                .claim(
                        "A network learns its sums modulo p by heart at once, answers no"
                                + " other sum for ten times as long and more, and then answers"
                                + " them all: with weight decay only, and with weights that"
                                + " have become waves.")
                .text("001, sub-networks that perform tasks, induction and grokking")
                .paper(
                        "A. Power, Y. Burda, H. Edwards, I. Babuschkin, V. Misra, Grokking:"
                                + " generalization beyond overfitting on small algorithmic"
                                + " datasets, 2022; A. Gromov, Grokking modular arithmetic,"
                                + " 2023, section 3 (the weights in closed form)")
                .story(
                        "After a hundred steps every sum that was shown is right and none"
                                + " of the others; the curve of the loss looks finished. But"
                                + " weight decay goes on: what was learnt by heart needs large"
                                + " weights, and there is a solution with smaller ones. A unit"
                                + " that holds cos(2πka/p + φ) for the first number and"
                                + " cos(2πkb/p + ψ) for the second has, once it is squared, a"
                                + " term cos(2πk(a+b)/p + φ + ψ): the addition theorem adds"
                                + " modulo p. Units drift towards single frequencies long"
                                + " before any unseen sum is right, and when enough of them"
                                + " agree the accuracy jumps. The same weights can be written"
                                + " down without training. Without decay nothing draws the"
                                + " network away from what it knows by heart. (An earlier"
                                + " program with these settings had known at 80 to 90 steps and"
                                + " seen at 2750 to 3100 in five seeds. Registered as"
                                + " predictions at first, these ranges of single seeds came out"
                                + " undecided: our five have the means 78 ± 6 and 2880 ± 170."
                                + " They are shown now, not predicted.)")
                .notation(
                        """
                        p      the modulus, a prime
                        a, b   the numbers, 0 .. p−1, each in a code of p places with one 1
                        f      W₂ᵀ (Uₐ + V_b)², the square of every unit; p logits
                        known  fewest steps after which 99 % of the shown pairs are right
                        seen   fewest steps after which 95 % of the other pairs are right
                        share  of the power of the waves of all units (in a, without the
                               constant) that lies in the strongest frequency of its unit
                        closed U = cos(2πka/p + φ), V = cos(2πkb/p + ψ),
                               W₂ = cos(2πkq/p + φ + ψ), φ and ψ at random, k in turn\
                        """)
                .data(
                        ("all p² = %d pairs for p = %d; %.0f %% drawn at random are shown."
                                        + " %d units, U and V of deviation 0.71, W₂ of 1/√%d;"
                                        + " cross-entropy on all shown pairs at once, AdamW 0.002,"
                                        + " β₂ 0.98, decay 1")
                                .formatted(
                                        size.p * size.p,
                                        size.p,
                                        100 * size.shown,
                                        size.width,
                                        size.width))
                .seeds(tier.pick(1, 5, 20))
                .cost(tier.pick(4.0, 60.0, 200.0), 1e8, tier.pick(2e11, 6e12, 2.1e13))
                .predict("seen over known", Oracle.BOUND, atLeast(10))
                .predict("accuracy on unseen pairs, when known", Oracle.BOUND, atMost(0.05))
                .predict("accuracy on unseen pairs, in the end", Oracle.BOUND, atLeast(UNDERSTOOD))
                .predict("closed form: accuracy on all pairs", near(1))
                .predict("share of one frequency, in the end", Oracle.DIRECTION, atLeast(0.5))
                .positive("closed form, p = 97, 256 units: accuracy on all pairs", near(1))
                .sabotage(
                        "no weight decay: accuracy on unseen pairs, in the end",
                        atLeast(UNDERSTOOD))
                .sabotage("closed form, W₂ without its phases: accuracy", atLeast(UNDERSTOOD));
    }

    /**
     * One hidden layer of squares.
     *
     * @param left U (p, width)
     * @param right V (p, width)
     * @param out W₂ (width, p)
     */
    private record Net(Tensor left, Tensor right, Tensor out) {
        static Net random(Key key, int p, int width) {
            var keys = key.split(3);
            return new Net(
                    keys[0].normal(FLOAT32, p, width).times(0.71),
                    keys[1].normal(FLOAT32, p, width).times(0.71),
                    keys[2].normal(FLOAT32, width, p).times(1 / Math.sqrt(width)));
        }

        /** Gromov's weights; {@code matched} is 1, or 0 for a W₂ that ignores the phases. */
        static Net closed(Key key, int p, int width, double matched) {
            var phases = key.uniformBetween(0, 2 * Math.PI, 2, width).toDoubles();
            var u = new float[p * width];
            var v = new float[p * width];
            var w = new float[width * p];
            for (int unit = 0; unit < width; unit++) {
                double wave = 2 * Math.PI * (unit % ((p - 1) / 2) + 1) / p;
                double phi = phases[unit];
                double psi = phases[width + unit];
                for (int i = 0; i < p; i++) {
                    u[i * width + unit] = (float) Math.cos(wave * i + phi);
                    v[i * width + unit] = (float) Math.cos(wave * i + psi);
                    w[unit * p + i] = (float) Math.cos(wave * i + matched * (phi + psi));
                }
            }
            return new Net(Tensor.of(u, p, width), Tensor.of(v, p, width), Tensor.of(w, width, p));
        }

        Tensor logits(Pairs pairs) {
            Tensor a = Shaping.take(left, pairs.a, 0); // (n, width)
            Tensor b = Shaping.take(right, pairs.b, 0); // (n, width)
            return a.plus(b).square().matmul(out); // (n, p)
        }

        /** 1 where the sum is right. */
        Tensor right(Pairs pairs) {
            return logits(pairs).argMax(1).equalTo(pairs.sum).cast(FLOAT32); // (n)
        }
    }

    /** Pairs and their sums modulo p, each int32 (n). */
    private record Pairs(Tensor a, Tensor b, Tensor sum) {
        /** All p² of them, in this order of a p + b. */
        static Pairs of(int[] order, int p) {
            return new Pairs(
                    Tensor.of(Arrays.stream(order).map(i -> i / p).toArray()),
                    Tensor.of(Arrays.stream(order).map(i -> i % p).toArray()),
                    Tensor.of(Arrays.stream(order).map(i -> (i / p + i % p) % p).toArray()));
        }

        static Pairs all(int p) {
            return of(IntStream.range(0, p * p).toArray(), p);
        }

        Pairs first(int n) {
            return new Pairs(a.slice(0, 0, n), b.slice(0, 0, n), sum.slice(0, 0, n));
        }
    }

    /** What was seen while a network learnt. */
    private static final class Diary {
        int known; // 0: never
        int seen; // 0: never
        double unseenWhenKnown = 1;
        double unseen;
    }

    @Override
    public void run(Trial trial) {
        var size = Size.of(trial.tier());
        var order = trial.data().permutation(size.p * size.p);
        trial.checksum("order of the pairs", order);
        var diary = learn(trial, size, order.toInts(), 1, size.steps);
        trial.measure("known, steps", diary.known);
        trial.measure("seen, steps", diary.seen);
        trial.measure("seen over known", (double) diary.seen / Math.max(1, diary.known));
        trial.measure("accuracy on unseen pairs, when known", diary.unseenWhenKnown);
        trial.measure("accuracy on unseen pairs, in the end", diary.unseen);
        var closed = Net.closed(trial.stream("phases"), size.p, size.width, 1);
        trial.measure("closed form: accuracy on all pairs", accuracy(closed, size.p));
    }

    private static double accuracy(Net net, int p) {
        return net.right(Pairs.all(p)).mean().item();
    }

    /** Trains, and keeps the curves. */
    private static Diary learn(Trial trial, Size size, int[] order, double decay, int steps) {
        int p = size.p;
        var pairs = Pairs.of(order, p);
        int n = (int) (size.shown * p * p);
        var shown = pairs.first(n);
        var start = Net.random(trial.init(), p, size.width);
        var recipe = new AdamW(Schedule.constant(2e-3), 0.9, 0.98, 1e-8, decay, _ -> true);
        var right = jit((Net net) -> net.right(pairs));
        var diary = new Diary();
        var pictures = size.pictures();
        Training.Look<Net> look =
                (step, net) -> {
                    var answers = right.apply(net).toDoubles();
                    double known = mean(answers, 0, n);
                    diary.unseen = mean(answers, n, answers.length);
                    if (known >= LEARNT && diary.known == 0) {
                        diary.known = step;
                        diary.unseenWhenKnown = diary.unseen;
                    }
                    if (diary.unseen >= UNDERSTOOD && diary.seen == 0) {
                        diary.seen = step;
                    }
                    trial.point("shown", step, known);
                    trial.point("unseen", step, diary.unseen);
                    if (step % 50 == 0) {
                        trial.point("share", step, Waves.of(net.left).share());
                        trial.progress(step, steps);
                    }
                    if (trial.index() == 0 && pictures.contains(step)) {
                        trial.grid("answers " + step, table(answers, order, p));
                    }
                };
        var end =
                Training.minimise(
                        start,
                        recipe,
                        steps,
                        LOOK,
                        (net, _) -> Losses.crossEntropy(net.logits(shown), shown.sum),
                        look);
        var waves = Waves.of(end.left);
        trial.measure("share of one frequency, in the end", waves.share());
        if (trial.index() == 0) {
            trial.grid("waves", waves.picture());
            waves.longest(trial, end.left);
        }
        return diary;
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to).average().orElseThrow();
    }

    /** Right answers in their places, a to the right and b upwards. */
    private static Grid table(double[] answers, int[] order, int p) {
        var rows = new double[p][p];
        for (int i = 0; i < order.length; i++) {
            rows[order[i] % p][order[i] / p] = answers[i];
        }
        var places = Grid.spaced(0, p - 1, p);
        return new Grid(places, places, rows);
    }

    /** |DFT|² of every unit's weights over the p numbers: [unit][frequency 1 .. (p−1)/2]. */
    private record Waves(double[][] power) {
        static Waves of(Tensor weights) {
            int p = weights.dim(0);
            int units = weights.dim(1);
            var w = weights.toDoubles();
            var power = new double[units][(p - 1) / 2];
            for (int f = 1; f <= (p - 1) / 2; f++) {
                var cos = new double[units];
                var sin = new double[units];
                for (int a = 0; a < p; a++) {
                    double angle = 2 * Math.PI * f * a / p;
                    double c = Math.cos(angle);
                    double s = Math.sin(angle);
                    for (int u = 0; u < units; u++) {
                        cos[u] += c * w[a * units + u];
                        sin[u] += s * w[a * units + u];
                    }
                }
                for (int u = 0; u < units; u++) {
                    power[u][f - 1] = cos[u] * cos[u] + sin[u] * sin[u];
                }
            }
            return new Waves(power);
        }

        private double sum(ToDoubleFunction<double[]> of) {
            return Arrays.stream(power).mapToDouble(of).sum();
        }

        double share() {
            return sum(unit -> Arrays.stream(unit).max().orElseThrow())
                    / sum(unit -> Arrays.stream(unit).sum());
        }

        private static int peak(double[] unit) {
            return IntStream.range(0, unit.length)
                    .boxed()
                    .max(Comparator.comparingDouble(f -> unit[f]))
                    .orElseThrow();
        }

        /** Units by their strongest frequency. */
        Grid picture() {
            var sorted = new ArrayList<>(List.of(power));
            sorted.sort(Comparator.comparingInt(Waves::peak));
            int frequencies = power[0].length;
            var z = new double[frequencies][power.length];
            for (int u = 0; u < power.length; u++) {
                double all = Arrays.stream(sorted.get(u)).sum();
                for (int f = 0; f < frequencies; f++) {
                    z[f][u] = sorted.get(u)[f] / all;
                }
            }
            return new Grid(
                    Grid.spaced(1, power.length, power.length),
                    Grid.spaced(1, frequencies, frequencies),
                    z);
        }

        /** Records the weights over a of three strong units, those of the longest waves. */
        void longest(Trial trial, Tensor weights) {
            int units = power.length;
            var w = weights.toDoubles();
            var total = Arrays.stream(power).mapToDouble(u -> Arrays.stream(u).sum()).toArray();
            double strong = Arrays.stream(total).sorted().toArray()[3 * units / 4];
            var some =
                    IntStream.range(0, units)
                            .filter(u -> total[u] >= strong)
                            .boxed()
                            .sorted(Comparator.comparingInt(u -> peak(power[u])))
                            .limit(WAVES)
                            .toList();
            for (int i = 0; i < some.size(); i++) {
                for (int a = 0; a < weights.dim(0); a++) {
                    trial.point("unit " + (i + 1), a, w[a * units + some.get(i)]);
                }
            }
        }
    }

    @Override
    public void controls(Trial trial) {
        var phases = trial.stream("phases");
        trial.measure(
                "closed form, p = 97, 256 units: accuracy on all pairs",
                accuracy(Net.closed(phases, 97, 256, 1), 97));
        var size = Size.of(trial.tier());
        trial.measure(
                "closed form, W₂ without its phases: accuracy",
                accuracy(Net.closed(phases, size.p, size.width, 0), size.p));
        var order = trial.data().permutation(size.p * size.p).toInts();
        var diary = learn(trial, size, order, 0, size.without);
        trial.measure("no weight decay: accuracy on unseen pairs, in the end", diary.unseen);
    }

    @Override
    public List<Figure> figures(Results results) {
        var control = results.controls();
        var accuracy =
                Plot.of("accuracy", "By heart at once; understood much later, if weights decay")
                        .x("step", Scale.LOG)
                        .y("share of right answers")
                        .yRange(-0.03, 1.03)
                        .band("shown pairs", results.band("shown"))
                        .band("unseen pairs", results.band("unseen"))
                        .line("unseen pairs, no weight decay", control.curve("unseen"))
                        .caption(
                                "Bands: 95 % over the seeds. In the first hundred steps the two"
                                        + " networks cannot be told apart.");
        var tables =
                Size.of(results.tier()).pictures().stream()
                        .map(s -> new Figure.Image("step " + s, results.grid("answers " + s)))
                        .toList();
        return List.of(
                accuracy,
                new Figure.Gallery(
                        "answers",
                        "The table of sums: first the shown pairs, then all",
                        "A place for every pair (a, b); white where the answer is right.",
                        3,
                        tables),
                Plot.of("share", "Units drift towards single frequencies before the accuracy jumps")
                        .x("step", Scale.LOG)
                        .y("share")
                        .yRange(0, 1.03)
                        .band("power in a unit's strongest frequency", results.band("share"))
                        .line("the same, no weight decay", control.curve("share"))
                        .band("unseen pairs that are right", results.band("unseen"))
                        .caption("The gradual change that the jump of the accuracy is made of."),
                new Figure.Panels(
                        "waves",
                        "What was learnt: every unit a wave",
                        "Top: the weights U of two strong units over the number a. Below:"
                                + " the share of each frequency in each unit's power, units ordered"
                                + " by their strongest; left with decay, right without.",
                        2,
                        List.of(
                                waves("with decay", results.seeds().getFirst()),
                                waves("no decay", control),
                                power("with decay", results.grid("waves")),
                                power("no decay", control.grid("waves")))));
    }

    private static Plot waves(String title, Observations from) {
        var plot = Plot.of("", title).x("number a").y("weight");
        for (int i = 1; i <= WAVES; i++) {
            plot = plot.line("unit " + i, from.curve("unit " + i));
        }
        return plot;
    }

    private static Plot power(String title, Grid grid) {
        return Plot.of("", title).x("unit").y("frequency").heat("share", grid, Colours.SEQUENTIAL);
    }
}
