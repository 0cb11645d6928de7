package dev.fathom.lab.studies.autodiff;

import static dev.fathom.core.math.Functions.relu;
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
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.region.Constructions;
import dev.fathom.lab.instrument.region.LinePieces;
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
import dev.fathom.optim.recipe.Adam;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** L03: a layer doubles the pieces of a function, a unit adds one; training misses the former. */
public final class DepthOscillation implements Study {
    private static final List<Integer> DEPTHS = List.of(1, 2, 4, 7, 10);
    private static final int K = 4; // what is trained: tri∘4
    private static final int TEETH = 1 << K;
    private static final int POINTS = 16 * TEETH;
    private static final double RATE = 0.005;
    private static final String OWN_SHAPE = "trained net of tri∘4's own shape: RMS error";
    private static final String ABOVE = "pieces above units + 1, one layer, most";
    private static final String FEW = "fewer than 15 units in a layer: sup error, least";

    private static List<Integer> widths(Tier tier) {
        return tier.pick(List.of(2, 8), List.of(2, 4, 8, 16, 32), List.of(2, 4, 8, 16, 32, 64));
    }

    private static List<Integer> layers(Tier tier) {
        return tier.pick(List.of(1, 4), List.of(1, 2, 3, 4, 5), List.of(1, 2, 3, 4, 5, 6));
    }

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L03", "depth-oscillation", Oracle.EXACT)
                        .star()
                        .claim(
                                "A tent function composed k times has 2^k linear pieces from 2k"
                                    + " units; one hidden layer needs 2^k − 1 units to follow it,"
                                    + " and a network of the deep solution's own shape does not"
                                    + " find it by training.")
                        .text("002, efficient oscillations with composition")
                        .paper(
                                "M. Telgarsky, Benefits of depth in neural networks, COLT 2016,"
                                        + " lemmas 3.1 to 3.5")
                        .story(
                                "tri folds the unit interval onto itself. A second tri sees the"
                                    + " interval twice, a third four times: each layer doubles the"
                                    + " number of teeth, while a unit more in one layer adds one"
                                    + " kink. To stay within less than ½ of 2^k teeth a function"
                                    + " has to cross the height ½ once on each tooth, and a piece"
                                    + " crosses it once at most: with fewer than 2^k − 1 units in"
                                    + " one layer the error is at least ½, however they are"
                                    + " trained. That a small deep network exists does not mean"
                                    + " that descent arrives there: from random weights the shape"
                                    + " of the construction itself learns little more than the"
                                    + " mean.")
                        .notation(
                                """
                                tri    relu(relu(2x) − relu(4x − 2)), as the text has it
                                tri∘k  k tents, each applied to the one before; k layers of 2 units
                                zig_p  the same with p teeth, from one layer of p units
                                piece  an interval on which the network is affine
                                h      units of a network with one hidden layer: at most h + 1 pieces
                                RMS    root mean square error on 256 points; that of the mean is 0.289\
                                """)
                        .data(
                                "tri∘4 on 256 equally spaced points of [0, 1]; Adam 0.005, all"
                                    + " points at once; first kinks uniform on [0, 1], the other"
                                    + " weights as He's, their biases 0")
                        .seeds(tier.pick(1, 5, 10))
                        .cost(tier.pick(3.0, 40.0, 900.0), 1e8, tier.pick(3e8, 1e11, 3e12));
        for (int k : DEPTHS) {
            card = card.predict("pieces of tri∘" + k, near(1 << k));
        }
        return card.predict("pieces of tri∘7, float32", near(128))
                .predict("pieces of 16 units in one layer, built", near(16))
                .predict("pieces of 4 + 4 units in two layers, built", near(16))
                .predict("the text's tri, 7 times, minus the wave of 128 pieces", atMost(0))
                .predict("slope of tri∘7 by autodiff, |·| − 128, farthest from 0", atMost(0))
                .predict(ABOVE, Oracle.BOUND, atMost(0))
                .predict(FEW, Oracle.BOUND, atLeast(0.5))
                .predict(OWN_SHAPE, Oracle.DIRECTION, atLeast(0.1))
                .positive("pieces of tri∘7, counted by autodiff on a grid", near(128))
                .positive("tri∘4 as a network: sup error", atMost(0))
                .sabotage("pieces of the 14 units of tri∘7 in one layer", near(128))
                .sabotage("sup error of 16 units in one layer, built", atLeast(0.5));
    }

    /** As the text has it. */
    private static Tensor tri(Tensor x, int times) {
        Tensor y = x;
        for (int i = 0; i < times; i++) {
            y = relu(relu(y.times(2)).minus(relu(y.times(4).minus(2))));
        }
        return y;
    }

    /** A wave of so many pieces between 0 and 1, in closed form. */
    private static double wave(double x, int pieces) {
        double phase = x * pieces % 2;
        return Math.min(phase, 2 - phase);
    }

    /** (j + shift)/n for j = 0 .. n−1: (n, 1). */
    private static Tensor places(DType dtype, int n, double shift) {
        var x = IntStream.range(0, n).mapToDouble(j -> (j + shift) / n).toArray();
        return Tensor.of(x, n, 1).cast(dtype);
    }

    private static Tensor apply(Mlp net, Tensor x) {
        return net.apply(x, Pass.eval());
    }

    /** Weights as He's; the first layer's kinks are spread over [0, 1]. */
    private static Mlp random(Key key, int depth, int width) {
        var hidden = new ArrayList<Dense>();
        for (int l = 0; l < depth; l++) {
            var layer = Dense.of(l == 0 ? 1 : width, width, key.fold(l));
            if (l == 0) {
                Tensor kinks = key.stream("kinks").uniform(width);
                Tensor bias = layer.weight().reshape(width).times(kinks).negate();
                layer = new Dense(layer.weight(), Optional.of(bias));
            }
            hidden.add(layer);
        }
        return new Mlp(hidden, Dense.of(width, 1, key.fold(depth)));
    }

    private static Mlp trained(Mlp start, int steps) {
        Tensor x = places(FLOAT32, POINTS, 0.5); // (n, 1)
        Tensor y = tri(x, K); // (n, 1)
        return Training.minimise(
                start, Adam.of(RATE), steps, (net, _) -> apply(net, x).minus(y).square().mean());
    }

    private static double rms(Mlp net) {
        Tensor x = places(FLOAT32, POINTS, 0.5);
        return Math.sqrt(apply(net, x).minus(tri(x, K)).square().mean().item());
    }

    /** At the ends of the teeth, where the bound is about. */
    private static double sup(Mlp net) {
        Mlp wide = Tree.map(t -> t.cast(FLOAT64), net);
        Tensor x = Tensor.of(Grid.spaced(0, 1, TEETH + 1), TEETH + 1, 1);
        return apply(wide, x).minus(tri(x, K)).abs().max().item();
    }

    private static int pieces(Mlp net) {
        return LinePieces.of(net, 0, 1).count();
    }

    @Override
    public void run(Trial trial) {
        for (int k = 1; k <= DEPTHS.getLast(); k++) {
            int count = pieces(Constructions.tent(k));
            trial.point("built", 2 * k, count);
            if (DEPTHS.contains(k)) {
                trial.measure("pieces of tri∘" + k, count);
            }
        }
        Mlp narrow = Tree.map(t -> t.cast(FLOAT32), Constructions.tent(7));
        trial.measure("pieces of tri∘7, float32", pieces(narrow));
        trial.measure("pieces of 16 units in one layer, built", pieces(Constructions.zigzag(16)));
        trial.measure(
                "pieces of 4 + 4 units in two layers, built", pieces(Constructions.zigzag(4, 4)));
        trial.measure("the text's tri, 7 times, minus the wave of 128 pieces", difference());
        trial.measure(
                "slope of tri∘7 by autodiff, |·| − 128, farthest from 0",
                slopes(4096).abs().minus(128).abs().max().item());
        landscape(trial);
    }

    /** Exact in float32 too: all numbers are fractions of a power of two. */
    private static double difference() {
        Tensor x = places(FLOAT32, 4096, 0);
        var printed = tri(x, 7).toDoubles();
        double largest = 0;
        for (int j = 0; j < printed.length; j++) {
            largest = Math.max(largest, Math.abs(printed[j] - wave(j / 4096.0, 128)));
        }
        return largest;
    }

    /** d tri∘7/dx between the kinks. */
    private static Tensor slopes(int n) {
        return grad((Tensor x) -> tri(x, 7).sum()).apply(places(FLOAT64, n, 0.5));
    }

    /** Trains a network of every depth and width. */
    private static void landscape(Trial trial) {
        int steps = trial.tier().pick(200, 1500, 6000);
        var widths = widths(trial.tier());
        var depths = layers(trial.tier());
        var error = new double[depths.size()][widths.size()];
        int above = Integer.MIN_VALUE;
        double least = Double.POSITIVE_INFINITY;
        for (int d = 0; d < depths.size(); d++) {
            for (int w = 0; w < widths.size(); w++) {
                int depth = depths.get(d);
                int width = widths.get(w);
                Mlp start = random(trial.init().fold(100 * depth + width), depth, width);
                Mlp end = trained(start, steps);
                error[d][w] = rms(end);
                int count = pieces(end);
                trial.point(depth == 1 ? "trained, 1" : "trained, 2+", depth * width, count);
                if (depth == 1) {
                    above = Math.max(above, Math.max(count, pieces(start)) - width - 1);
                    least = width < TEETH - 1 ? Math.min(least, sup(end)) : least;
                }
                if (depth == K && width == 2) {
                    trial.measure(OWN_SHAPE, error[d][w]);
                }
                draw(trial, "net %d × %d".formatted(depth, width), end);
                trial.progress(d * widths.size() + w + 1, depths.size() * widths.size());
            }
        }
        trial.measure(ABOVE, above);
        trial.measure(FEW, least);
        for (int d = 0; d < depths.size(); d++) {
            double[] row = error[d];
            var names = widths.stream().mapToDouble(Integer::doubleValue).toArray();
            trial.curve("error, depth " + depths.get(d), names, row);
        }
    }

    private static void draw(Trial trial, String name, Mlp net) {
        if (trial.index() == 0) {
            Tensor x = places(FLOAT32, 512, 0.5);
            trial.curve(name, x.toDoubles(), apply(net, x).toDoubles());
        }
    }

    @Override
    public void controls(Trial trial) {
        var slopes = slopes(4096).toDoubles();
        long turns =
                IntStream.range(1, slopes.length).filter(i -> slopes[i] != slopes[i - 1]).count();
        trial.measure("pieces of tri∘7, counted by autodiff on a grid", turns + 1);
        trial.measure("tri∘4 as a network: sup error", sup(Constructions.tent(K)));
        trial.measure(
                "pieces of the 14 units of tri∘7 in one layer", pieces(Constructions.zigzag(14)));
        trial.measure(
                "sup error of 16 units in one layer, built", sup(Constructions.zigzag(TEETH)));
    }

    // ---- figures ----

    @Override
    public List<Figure> figures(Results results) {
        int wide = widths(results.tier()).getLast();
        int deep = layers(results.tier()).getLast();
        return List.of(
                new Figure.Panels(
                        "depth",
                        "A layer more doubles the teeth; small networks do not learn them",
                        "Top left: pieces that exist and pieces that training made (dots, all"
                            + " seeds). Then three networks beside tri∘4 (dashed): one layer of 8"
                            + " units cannot follow, whatever its weights; four layers of 2 can,"
                            + " and do not find out; far more units than needed do.",
                        2,
                        List.of(
                                counts(results),
                                fit(results, "One layer of 8: impossible", 1, 8),
                                fit(results, "Four layers of 2: possible, not found", K, 2),
                                fit(
                                        results,
                                        "%d layers of %d, trained".formatted(deep, wide),
                                        deep,
                                        wide))),
                folding(),
                phases(results));
    }

    private static Plot counts(Results results) {
        var built = results.curve("built");
        var plot =
                Plot.of("pieces", "Pieces from so many units")
                        .x("hidden units", Scale.LOG)
                        .y("linear pieces", Scale.LOG)
                        .line("tri∘k", built)
                        .points("tri∘k", built);
        var units = IntStream.rangeClosed(2, 200).asDoubleStream().toArray();
        plot =
                plot.dashed(
                        "one layer: units + 1",
                        units,
                        Arrays.stream(units).map(h -> h + 1).toArray());
        for (var curve : results.curves("trained, 2+")) {
            plot = plot.points("trained, deeper", curve);
        }
        for (var curve : results.curves("trained, 1")) {
            plot = plot.points("trained, one layer", curve);
        }
        return plot;
    }

    private static Plot fit(Results results, String title, int depth, int width) {
        var x = Grid.spaced(0, 1, TEETH + 1);
        return Plot.of("fit-%d-%d".formatted(depth, width), title)
                .x("x")
                .y("")
                .yRange(-0.2, 1.5)
                .dashed("tri∘4", x, Arrays.stream(x).map(v -> wave(v, TEETH)).toArray())
                .line("trained", results.curve("net %d × %d".formatted(depth, width)));
    }

    private static Figure folding() {
        var frames = new ArrayList<Plot>();
        for (int k = 1; k <= 5; k++) {
            int n = 1 << k;
            var x = Grid.spaced(0, 1, n + 1);
            var y = Arrays.stream(x).map(v -> wave(v, n)).toArray();
            var before = Arrays.stream(x).map(v -> wave(v, n / 2)).toArray();
            frames.add(
                    Plot.of(
                                    "tri" + k,
                                    "tri∘%d: %d units in %d layers, %d pieces"
                                            .formatted(k, 2 * k, k, n))
                            .x("x")
                            .y("")
                            .yRange(-0.05, 1.25)
                            .dashed("a layer less", x, before)
                            .line("tri∘k", x, y));
        }
        return new Figure.Animation(
                "folding",
                "One more layer, twice the oscillations",
                "Each tent folds the unit interval onto itself once more.",
                1,
                frames);
    }

    private static Figure phases(Results results) {
        var widths = widths(results.tier());
        var depths = layers(results.tier());
        var z = new double[depths.size()][];
        for (int d = 0; d < z.length; d++) {
            z[d] = results.band("error, depth " + depths.get(d)).mean();
        }
        var grid =
                new Grid(
                        Grid.spaced(0, widths.size() - 1, widths.size()),
                        depths.stream().mapToDouble(Integer::doubleValue).toArray(),
                        z);
        var l = Grid.spaced(1, depths.getLast(), 60);
        // A net of L layers of w units has a construction if w^L ≥ 2^k.
        var plot =
                Plot.of("phases", "What exists, and what training finds")
                        .xNames(widths.stream().map(String::valueOf).toList())
                        .x("units in each layer")
                        .y("hidden layers")
                        .heat("RMS error", grid, Colours.SEQUENTIAL);
        if (widths.size() > 2) { // widths are then powers of two: position i is 2^(i + 1)
            plot =
                    plot.dashed(
                            "exact fit exists to the right",
                            Arrays.stream(l).map(v -> K / v - 1).toArray(),
                            l);
        }
        return plot.caption(
                "Mean error over the seeds after training; 0.289 is that of a constant. Right of"
                        + " the dashed line, width^depth ≥ 16, weights exist that fit exactly.");
    }
}
