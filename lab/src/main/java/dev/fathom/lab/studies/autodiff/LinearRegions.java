package dev.fathom.lab.studies.autodiff;

import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.region.Constructions;
import dev.fathom.lab.instrument.region.PlaneRegions;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.zoo.Mlp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** L04: layers multiply the linear regions of a network, in principle. */
public final class LinearRegions implements Study {
    private static final int UNITS = 20;
    private static final int SHALLOW = 211; // 1 + 20 + 190
    private static final double PLANE = 1e4; // half the side of a window that holds almost all
    private static final int PIXELS = 180;

    /** Equal numbers of units: 1 × 20, 2 × 10, 4 × 5, 5 × 4. */
    private static final List<Integer> DEPTHS = List.of(1, 2, 4, 5);

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L04", "linear-regions", Oracle.EXACT)
                        .claim(
                                "Twenty rectifiers in one layer cut the plane into at most 211"
                                    + " regions, in two layers of ten into 1400 and in five of four"
                                    + " into 2816 when built for it; with random weights depth"
                                    + " brings hardly anything.")
                        .text("002, for a fixed parameter budget deeper is better")
                        .paper(
                                "G. Montúfar, R. Pascanu, K. Cho, Y. Bengio, On the number of"
                                    + " linear regions of deep neural networks, 2014, corollary 6;"
                                    + " T. Zaslavsky, 1975; B. Hanin, D. Rolnick, Deep ReLU"
                                    + " networks have surprisingly few activation patterns, 2019")
                        .story(
                                "A unit of the first layer is a line in the plane; h lines in"
                                    + " general position make 1 + h + h(h−1)/2 regions and never"
                                    + " more. A layer can also fold the plane like a sheet of"
                                    + " paper: what the next layer draws appears on every fold."
                                    + " Five folds along each side repeat the 56 regions of ten"
                                    + " lines 25 times. But a fold has to be placed: random layers"
                                    + " bend the lines of the next one a little instead of copying"
                                    + " them, and the number of regions stays near that of one"
                                    + " layer with as many units.")
                        .notation(
                                """
                                h      units in all, 20
                                region a polygon on which the same units are active
                                Σ      1 + h + h(h−1)/2, the most for one layer (Zaslavsky)
                                bound  ∏ ⌊w/2⌋² · (1 + w + w(w−1)/2), what w units in each layer
                                       reach at least when built for it; the product is over the
                                       layers but the last
                                random weights and biases uniform within ±1/√(inputs of the layer)\
                                """)
                        .data("no data: the regions are found by cutting polygons, not by sampling")
                        .seeds(tier.pick(1, 5, 5))
                        .cost(tier.pick(2.0, 12.0, 120.0), 2e8, tier.pick(1e8, 1e9, 1e10))
                        .predict("one layer of 20, built", near(SHALLOW));
        for (int depth : DEPTHS.subList(1, DEPTHS.size())) {
            card = card.predict(built(depth), Oracle.BOUND, atLeast(bound(depth)));
        }
        card =
                card.predict("one layer of 20, random, most over the nets", near(SHALLOW))
                        .predict("one layer of 20, random without biases", near(2 * UNITS));
        for (int depth : DEPTHS.subList(1, DEPTHS.size())) {
            card = card.predict(random(depth), Oracle.DIRECTION, atMost(3 * SHALLOW));
        }
        return card.positive("three lines in general position", near(7))
                .positive("areas of the 1400 regions, sum", near(1).within(1e-9))
                .sabotage("one layer of 20 has as many as two of 10", atLeast(bound(2)))
                .sabotage("two layers of 10, built, the folds not placed", atLeast(bound(2)));
    }

    private static String built(int depth) {
        return "%d layers of %d, built".formatted(depth, UNITS / depth);
    }

    private static String random(int depth) {
        return "%d layers of %d, random, mean".formatted(depth, UNITS / depth);
    }

    private static long bound(int depth) {
        return Constructions.deepBound(2, Collections.nCopies(depth, UNITS / depth));
    }

    /** The network that reaches the bound; a layer that folds takes an even number of its units. */
    private static Mlp fold(int depth) {
        int width = UNITS / depth;
        return Constructions.folding(depth - 1, Math.max(1, width / 2), width);
    }

    private static PlaneRegions onSquare(Mlp net) {
        return PlaneRegions.of(net, 0, 1, 0, 1);
    }

    private static Mlp randomNet(Key key, int depth, boolean biases) {
        int width = UNITS / depth;
        var layers = new ArrayList<Dense>();
        for (int l = 0; l <= depth; l++) {
            int in = l == 0 ? 2 : width;
            int out = l == depth ? 1 : width;
            double reach = 1 / Math.sqrt(in);
            Tensor w = key.fold(2 * l).uniformBetween(-reach, reach, in, out);
            Tensor b = key.fold(2 * l + 1).uniformBetween(-reach, reach, out);
            layers.add(
                    new Dense(
                            w.cast(DType.FLOAT64),
                            Optional.of(b.cast(DType.FLOAT64).times(biases ? 1 : 0))));
        }
        return new Mlp(layers.subList(0, depth), layers.getLast());
    }

    @Override
    public void run(Trial trial) {
        int nets = trial.tier().pick(5, 40, 400);
        for (int depth : DEPTHS) {
            int count = onSquare(fold(depth)).count();
            trial.measure(depth == 1 ? "one layer of 20, built" : built(depth), count);
            trial.point("built", depth, count);
            var counts = new double[nets];
            for (int i = 0; i < nets; i++) {
                var net = randomNet(trial.init().fold(depth).fold(i), depth, true);
                counts[i] = PlaneRegions.of(net, PLANE).count();
                trial.point("random", depth, counts[i]);
            }
            var estimate = Estimate.of(counts);
            trial.measure(depth == 1 ? "one layer of 20, random, mean" : random(depth), estimate);
            trial.point("random, mean", depth, estimate.value());
            if (depth == 1) {
                trial.measure(
                        "one layer of 20, random, most over the nets",
                        Arrays.stream(counts).max().orElseThrow());
            }
            trial.progress(depth, 5);
        }
        trial.measure(
                "one layer of 20, random without biases",
                PlaneRegions.of(randomNet(trial.init(), 1, false), 1).count());
        if (trial.index() == 0) {
            map(trial, "two layers, built", onSquare(fold(2)), 0, 1);
            map(trial, "five layers, built", onSquare(fold(5)), 0, 1);
            for (int depth : List.of(1, 2)) {
                var net = randomNet(trial.init().fold(depth).fold(0), depth, true);
                map(trial, depth + ", random", PlaneRegions.of(net, 3), -3, 3);
            }
        }
    }

    /** The regions as numbers on a grid. */
    private static void map(Trial trial, String name, PlaneRegions map, double low, double high) {
        var at = Grid.spaced(low, high, PIXELS);
        var z = new double[PIXELS][PIXELS];
        for (int k = 0; k < map.count(); k++) {
            paint(map.regions().get(k).corners(), at, z, k + 1);
        }
        trial.grid(name, new Grid(at, at, z));
        trial.measure("shown: " + name, map.count());
    }

    /** Fills the points inside a convex polygon, row by row. */
    private static void paint(double[][] corners, double[] at, double[][] z, int colour) {
        for (int row = 0; row < at.length; row++) {
            double from = Double.POSITIVE_INFINITY;
            double to = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < corners.length; i++) {
                var p = corners[i];
                var q = corners[(i + 1) % corners.length];
                if (Math.min(p[1], q[1]) <= at[row] && at[row] <= Math.max(p[1], q[1])) {
                    double w = p[1] == q[1] ? 0 : (at[row] - p[1]) / (q[1] - p[1]);
                    double x = p[0] + w * (q[0] - p[0]);
                    from = Math.min(from, p[1] == q[1] ? Math.min(p[0], q[0]) : x);
                    to = Math.max(to, p[1] == q[1] ? Math.max(p[0], q[0]) : x);
                }
            }
            for (int column = 0; column < at.length; column++) {
                if (at[column] >= from && at[column] <= to) {
                    z[row][column] = colour;
                }
            }
        }
    }

    @Override
    public void controls(Trial trial) {
        Tensor w = Tensor.of(new double[] {1, 0, 1, 0, 1, 1}, 2, 3);
        var lines = new Dense(w, Optional.of(Tensor.of(new double[] {0, 0, -1})));
        var out = new Dense(Tensor.of(new double[] {1, 1, 1}, 3, 1), Optional.empty());
        trial.measure(
                "three lines in general position",
                PlaneRegions.of(new Mlp(List.of(lines), out), 5).count());
        double area = 0;
        for (var region : onSquare(fold(2)).regions()) {
            area += region.area();
        }
        trial.measure("areas of the 1400 regions, sum", area);
        trial.measure("one layer of 20 has as many as two of 10", onSquare(fold(1)).count());
        var net = fold(2);
        var first = net.hidden().getFirst();
        var loose = new Dense(first.weight(), first.bias().map(b -> b.times(0))); // all at the edge
        trial.measure(
                "two layers of 10, built, the folds not placed",
                onSquare(new Mlp(List.of(loose, net.hidden().getLast()), net.output())).count());
    }

    // ---- figures ----

    @Override
    public List<Figure> figures(Results results) {
        return List.of(
                new Figure.Panels(
                        "maps",
                        "Twenty units: what depth could do, and what random weights do",
                        "Each colour is a region on which the network is one affine map. Above"
                                + " random weights, below weights built by hand: what the second"
                                + " layer draws appears on each of 25 folds of the square, what the"
                                + " fifth draws on each of 256.",
                        2,
                        List.of(
                                map(results, "1, random", "20 random: %d regions in view"),
                                map(results, "2, random", "10 + 10 random: %d in view"),
                                map(results, "two layers, built", "10 + 10 built: %d regions"),
                                map(results, "five layers, built", "5 × 4 built: %d regions"))),
                counts(results));
    }

    private static Plot map(Results results, String name, String title) {
        int count = (int) results.values("shown: " + name)[0];
        return Plot.of(name.replaceAll("[ ,]+", "-"), title.formatted(count))
                .x("")
                .y("")
                .heat("", results.grid(name), Colours.CATEGORIES);
    }

    private static Plot counts(Results results) {
        int n = DEPTHS.size();
        var place = Grid.spaced(0, n - 1, n);
        var plot =
                Plot.of("counts", "Twenty units in one to five layers")
                        .xNames(
                                DEPTHS.stream()
                                        .map(d -> "%d × %d".formatted(d, UNITS / d))
                                        .toList())
                        .x("layers × units in each")
                        .y("linear regions", Scale.LOG)
                        .yRange(10, 5000)
                        .line("built", place, results.curve("built").y())
                        .points("built", place, results.curve("built").y());
        for (var curve : results.curves("random")) {
            var x = Arrays.stream(curve.x()).map(d -> DEPTHS.indexOf((int) d)).toArray();
            plot = plot.points("random, each net", x, curve.y());
        }
        var mean = results.band("random, mean").mean();
        return plot.line("random, mean", place, mean)
                .dashed(
                        "the most for one layer, 211",
                        new double[] {-0.6, n - 0.4},
                        new double[] {SHALLOW, SHALLOW})
                .caption(
                        "Built networks gain from each division into layers that leaves enough"
                                + " units to fold with; random ones gain nothing. (4 × 5 wastes a"
                                + " unit of each layer: five is odd.)");
    }
}
