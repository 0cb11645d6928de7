package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.eye;
import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.attention.DeepNorm;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.norm.Normalisation;
import dev.fathom.nn.norm.NormalizerFree;
import dev.fathom.nn.norm.Partition;
import dev.fathom.nn.norm.WeightNorm;
import dev.fathom.nn.norm.WeightStandardisation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** L08: what normalisers promise. */
public final class NormZoo implements Study {
    private static final double SHIFT = 10; // c
    private static final int FEATURES = 20; // d
    private static final double TINY = 1e-12; // ε where a promise holds for ε = 0 only
    private static final double ALPHA = 0.5;
    private static final int BLOCKS = 8;
    private static final int DEPTH = 10;
    private static final int UNITS = 3; // whose values are drawn
    private static final double PUBLISHED = 1.7139588594436646;
    private static final String STEADY = "DeepNorm: slope of ln ‖ΔF‖ by ln N";
    private static final List<String> INVARIANT = List.of("BN", "LN", "IN", "GN", "WN", "WS");

    @Override
    public Card card(Tier tier) {
        double gain = WeightStandardisation.RELU_GAIN;
        double before = Math.sqrt(1 + SHIFT * SHIFT * FEATURES);
        var card =
                Card.of("L08", "norm-zoo", Oracle.EXACT)
                        .claim(
                                "Removing means repairs the condition of X; normalised layers do"
                                    + " not notice the scale of their weights; initialisation from"
                                    + " data and the gains of normaliser-free networks give"
                                    + " variance 1; and DeepNorm makes a step as large at any"
                                    + " depth.")
                        .text("000 and 002, normalisation")
                        .paper(
                                "S. Ioffe, C. Szegedy, 2015; T. Salimans, D. Kingma, 2016,"
                                    + " equations 5 and 6; A. Brock, S. De, S. Smith, 2021, section"
                                    + " 3; H. Wang et al., DeepNet, 2022, figure 2 and section 4")
                        .story(
                                "If every feature has a mean of c, then X is X₀ + c11ᵀ and one"
                                    + " singular value, c√(nd), dwarfs the others: descent has to"
                                    + " be slow for its sake. Taking the mean away cures that."
                                    + " Dividing by the deviation makes the output blind to the"
                                    + " scale of w, so the gradient stands at right angles on w."
                                    + " Networks without normalisers have to earn variance 1 by"
                                    + " other means: by a first pass over data (WN), or by knowing"
                                    + " what a rectifier does to a Gaussian (NF). And in a stack of"
                                    + " N blocks every sublayer adds its share to what one step of"
                                    + " descent changes: DeepNorm chooses α and β so that the sum"
                                    + " of N shares stays the same.")
                        .notation(
                                """
                                κ      largest over smallest singular value
                                X      X₀ + c11ᵀ, X₀ 200 × 20 with centred orthogonal columns, c = 10:
                                       κ² = 1 + c²d = 2001 before, 1 after
                                γ      √(2/(1 − 1/π)) = 1.712859, the gain of the rectifier
                                NF     x + α b(γ relu(x/β)), 8 blocks with α = ½: variance 1 + 8 α² = 3
                                α, β   of DeepNorm with N blocks: (2N)^¼ and (8N)^−¼
                                ΔF     change of the output by a step of gradient descent, per unit of
                                       rate: 2N sublayers LN(α x + relu(x W₁) W₂), both W times β\
                                """)
                        .data(
                                "Gaussian; the first 500 images of Fashion-MNIST, and 40 random"
                                        + " rectified features of them")
                        .seeds(tier.pick(1, 5, 5))
                        .cost(tier.pick(4.0, 30.0, 120.0), 5e8, tier.pick(5e8, 5e9, 3e10))
                        .predict("κ of X₀ + c11ᵀ", near(before).within(1e-8))
                        .predict("κ after removing the mean", near(1).within(1e-8))
                        .predict("κ after batch normalisation", near(1).within(1e-8))
                        .predict(
                                "features of images: κ with BN over κ without",
                                Oracle.DIRECTION,
                                atMost(0.5))
                        .predict("five partitions minus plain loops, largest", atMost(1e-12));
        for (var name : INVARIANT) {
            card = card.predict(angle(name), atMost(1e-8));
        }
        return card.predict("gain of the rectifier, by sampling", near(gain).within(0.01))
                .predict("gain of the rectifier, by quadrature", near(gain).within(1e-6))
                .predict("WN after its initialisation: |mean|, largest", atMost(1e-9))
                .predict("WN after its initialisation: |variance − 1|, largest", atMost(1e-9))
                .predict("WS: mean of a unit's weights, largest", atMost(1e-12))
                .predict("NF: variance after 8 blocks", near(3).withinPercent(10))
                .predict("DeepNorm, 200 blocks: α", near(Math.sqrt(20)).within(1e-12))
                .predict("DeepNorm, 200 blocks: β", near(1 / Math.sqrt(40)).within(1e-12))
                .predict(STEADY, Oracle.DIRECTION, atMost(0.25))
                .positive("κ of X₀", near(1).within(1e-8))
                .positive("BN in training: variance of a unit over the batch", near(1).within(1e-9))
                .sabotage("no normalisation: ⟨wᵢ, ∂L/∂wᵢ⟩, largest", atMost(1e-8))
                .sabotage("the gain that programs carry", near(gain).within(1e-4))
                .sabotage("NF without its gain: variance", near(3).withinPercent(10))
                .sabotage("post-norm in place of DeepNorm: slope", atMost(0.25));
    }

    private static String angle(String name) {
        return name + ": ⟨w, ∂L/∂w⟩, largest";
    }

    private static <M> M wide(M model) {
        return Tree.map(t -> t.cast(FLOAT64), model);
    }

    private static BatchNorm batchNorm(int features, double epsilon) {
        var of = wide(BatchNorm.of(features));
        return new BatchNorm(
                of.gamma(), of.beta(), of.mean(), of.variance(), of.momentum(), epsilon);
    }

    private static Pass training() {
        return Pass.training(Key.of(0));
    }

    private static double largest(Tensor x) {
        return x.abs().max().item();
    }

    @Override
    public void run(Trial trial) {
        conditions(trial);
        trial.measure("five partitions minus plain loops, largest", partitions(trial.data()));
        angles(trial).forEach((name, dot) -> trial.measure(angle(name), dot));
        trial.progress(1, 4);
        gains(trial);
        weightNorm(trial);
        trial.progress(2, 4);
        deepNorm(trial);
        trial.progress(3, 4);
        if (trial.index() == 0) {
            depths(trial);
        }
    }

    // ---- condition ----

    /** The first over the {@code rank}-th singular value. */
    private static double condition(Tensor x, int rank) {
        var s = Linalg.svd(x).s().toDoubles();
        return s[0] / s[rank - 1];
    }

    /** Centred columns at right angles, each of mean square 1: (200, d). */
    private static Tensor orthogonal(Key key) {
        Tensor g = key.normal(FLOAT64, 200, FEATURES);
        return Linalg.qr(g.minus(g.mean(0))).q().times(Math.sqrt(200));
    }

    private static void conditions(Trial trial) {
        Tensor x = orthogonal(trial.data().stream("x")).plus(SHIFT);
        trial.measure("κ of X₀ + c11ᵀ", condition(x, FEATURES));
        trial.measure("κ after removing the mean", condition(x.minus(x.mean(0)), FEATURES));
        Tensor normal = batchNorm(FEATURES, 1e-5).apply(x, training());
        trial.measure("κ after batch normalisation", condition(normal, FEATURES));

        int d = 40;
        Tensor images = Images.train(500).cast(FLOAT64).x();
        Tensor w = Initializer.heNormal().of(trial.init(), FLOAT64, 784, d, 784, d);
        Tensor h = relu(images.matmul(w)); // (500, d)
        double plain = condition(h, d);
        double bn = condition(batchNorm(d, 1e-5).apply(h, training()), d);
        // a row of each group then sums to 0: as many singular values are 0
        double ln = condition(wide(Normalisation.layer(d)).apply(h, training()), d - 1);
        double gn = condition(wide(Normalisation.group(d, 4)).apply(h, training()), d - 4);
        trial.measure("features of images: κ with BN over κ without", bn / plain);
        trial.curve("conditions", new double[] {plain, bn, ln, gn});
    }

    // ---- what they compute ----

    private static double partitions(Key key) {
        Tensor x = key.normal(FLOAT64, 4, 3, 3, 6).times(2).plus(1);
        double worst = 0;
        for (var partition :
                List.of(
                        Partition.BATCH,
                        Partition.LAYER,
                        Partition.IMAGE_LAYER,
                        Partition.INSTANCE,
                        Partition.group(2))) {
            var ours = partition.standardise(x, 1e-5).toDoubles();
            var theirs = byLoops(x.toDoubles(), partition);
            for (int i = 0; i < ours.length; i++) {
                worst = Math.max(worst, Math.abs(ours[i] - theirs[i]));
            }
        }
        return worst;
    }

    /** (x − μ)/√(σ² + ε), with μ and σ² over all values that share; x is (4, 9 places, 6). */
    private static double[] byLoops(double[] x, Partition partition) {
        int run = partition.groups() == Partition.EACH_CHANNEL ? 1 : 6 / partition.groups();
        var y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double sum = 0;
            double squares = 0;
            int n = 0;
            for (int j = 0; j < x.length; j++) {
                boolean shares =
                        (partition.batch() || i / 54 == j / 54)
                                && (partition.positions() || i / 6 % 9 == j / 6 % 9)
                                && i % 6 / run == j % 6 / run;
                if (shares) {
                    sum += x[j];
                    squares += x[j] * x[j];
                    n++;
                }
            }
            double mean = sum / n;
            y[i] = (x[i] - mean) / Math.sqrt(squares / n - mean * mean + 1e-5);
        }
        return y;
    }

    /** For each normaliser: the largest |⟨w, ∂L/∂w⟩| over the weights that it ties together. */
    private static Map<String, Double> angles(Trial trial) {
        Key key = trial.data().stream("angles");
        Tensor x = key.fold(0).normal(FLOAT64, 10, 6, 12); // (n, places, in)
        Tensor r = key.fold(1).normal(FLOAT64, 10, 6, 8);
        Tensor w = trial.init().fold(1).normal(FLOAT64, 12, 8);
        Affine layer = new Dense(w, Optional.empty());
        Map<String, UnaryOperator<Tensor>> nets = new LinkedHashMap<>();
        nets.put("BN", v -> batchNorm(8, TINY).apply(x.matmul(v), training()));
        nets.put("LN", v -> normalised(Partition.LAYER, x.matmul(v)));
        nets.put("IN", v -> normalised(Partition.INSTANCE, x.matmul(v)));
        nets.put("GN", v -> normalised(Partition.group(2), x.matmul(v)));
        Tensor gain = WeightNorm.of(layer).gain();
        nets.put("WN", v -> new WeightNorm(layer.with(v, layer.bias()), gain).apply(x, training()));
        nets.put(
                "WS",
                v ->
                        new WeightStandardisation(
                                        layer.with(v, layer.bias()), Optional.empty(), 1, TINY)
                                .apply(x, training()));
        var dots = new LinkedHashMap<String, Double>();
        nets.forEach((name, net) -> {
            Tensor g = grad((Tensor v) -> net.apply(v).tanh().times(r).sum()).apply(w);
            Tensor each = g.times(w).sum(0); // (8)
            Tensor tied =
                    switch (name) {
                        case "LN" -> each.sum();
                        case "GN" -> each.reshape(2, 4).sum(1);
                        default -> each;
                    };
            dots.put(name, largest(tied));
        });
        return dots;
    }

    private static Tensor normalised(Partition partition, Tensor z) {
        return wide(Normalisation.of(partition, 8)).withEpsilon(TINY).apply(z, training());
    }

    // ---- gains and first values ----

    private static void gains(Trial trial) {
        int n = trial.tier().pick(500_000, 1_000_000, 10_000_000);
        Tensor a = relu(trial.data().stream("gain").normal(FLOAT64, n));
        trial.measure(
                "gain of the rectifier, by sampling", 1 / Math.sqrt(Functions.variance(a).item()));
        trial.measure("gain of the rectifier, by quadrature", NormalizerFree.gain(Activation.RELU));
        trial.measure(
                "NF: variance after 8 blocks", blocks(trial, WeightStandardisation.RELU_GAIN));
        var unit = wide(WeightStandardisation.of(Dense.of(30, 20, trial.init()).withoutBias()));
        Tensor one = eye(FLOAT64, 30);
        trial.measure(
                "WS: mean of a unit's weights, largest",
                largest(unit.apply(one, training()).mean(0)));
    }

    /** The variance of a signal after normaliser-free blocks, whose rectifier has this gain. */
    private static double blocks(Trial trial, double gain) {
        int width = 256;
        Tensor x = trial.data().stream("blocks").normal(FLOAT32, 128, width);
        double variance = 1;
        for (int i = 0; i < BLOCKS; i++) {
            var body = WeightStandardisation.scaled(Dense.of(width, width, trial.init().fold(i)));
            var of = NormalizerFree.of(body, ALPHA, Math.sqrt(variance));
            var block =
                    new NormalizerFree(
                            new NormalizerFree.Scaled(Activation.RELU, gain),
                            of.body(),
                            of.shortcut(),
                            of.skip(),
                            of.alpha(),
                            of.beta());
            trial.point("NF", i, x.square().mean().item());
            trial.point("NF, promised", i, variance);
            x = block.apply(x, Pass.eval());
            variance = block.variance();
        }
        trial.point("NF", BLOCKS, x.square().mean().item());
        trial.point("NF, promised", BLOCKS, variance);
        return x.square().mean().item();
    }

    private static void weightNorm(Trial trial) {
        Tensor x = Images.train(500).cast(FLOAT64).x();
        Key key = trial.init().stream("wn");
        var net =
                wide(
                        Sequential.of(
                                WeightNorm.of(Dense.of(784, 64, key.fold(0))),
                                Activation.RELU,
                                WeightNorm.of(Dense.of(64, 64, key.fold(1))),
                                Activation.RELU,
                                WeightNorm.of(Dense.of(64, 10, key.fold(2)))));
        double mean = 0;
        double variance = 0;
        Tensor h = x;
        for (Layer layer : WeightNorm.initialised(net, x, Key.of(0)).layers()) {
            h = layer.apply(h, Pass.eval());
            if (layer instanceof WeightNorm) {
                mean = Math.max(mean, largest(h.mean(0)));
                variance = Math.max(variance, largest(Functions.variance(h, 0).minus(1)));
            }
        }
        trial.measure("WN after its initialisation: |mean|, largest", mean);
        trial.measure("WN after its initialisation: |variance − 1|, largest", variance);
    }

    private static void deepNorm(Trial trial) {
        var deep = DeepNorm.stack(200);
        trial.measure("DeepNorm, 200 blocks: α", deep.alpha());
        trial.measure("DeepNorm, 200 blocks: β", deep.beta());
        trial.measure(STEADY, slope(trial, "DeepNorm", true));
    }

    /** Two matrices for each of 2N sublayers, (2N, w, w). */
    private record Stack(Tensor first, Tensor second) {}

    /** How the change of the output by a step of descent, per unit of rate, grows with N. */
    private static double slope(Trial trial, String name, boolean deep) {
        int w = 32;
        Tensor x = trial.data().stream("deep").normal(FLOAT64, 16, w);
        Tensor target = trial.data().stream("target").normal(FLOAT64, 16, w);
        var blocks = trial.tier().pick(List.of(4, 32), List.of(8, 32, 128), List.of(8, 64, 512));
        var changes = new double[blocks.size()];
        for (int i = 0; i < changes.length; i++) {
            int n = blocks.get(i);
            var norm = deep ? DeepNorm.stack(n) : new DeepNorm(1, 1);
            Key key = trial.init().stream("deep").fold(n);
            var draw =
                    new Stack(
                            key.fold(0).normal(FLOAT64, 2 * n, w, w).times(Math.sqrt(2.0 / w)),
                            key.fold(1).normal(FLOAT64, 2 * n, w, w).times(Math.sqrt(1.0 / w)));
            Stack start = Tree.map(t -> t.times(norm.beta()), draw);
            Function<Stack, Tensor> output = net -> stack(net, x, norm.alpha());
            Stack step =
                    grad((Stack net) -> output.apply(net).minus(target).square().mean())
                            .apply(start);
            changes[i] = Math.sqrt(jvp(output, start, step).tangent().square().mean().item());
            trial.point("change, " + name, n, changes[i]);
        }
        int last = changes.length - 1;
        return Math.log(changes[last] / changes[0])
                / Math.log((double) blocks.get(last) / blocks.getFirst());
    }

    /** y = LN(α x + relu(x W₁) W₂), layer after layer. */
    private static Tensor stack(Stack net, Tensor x, double alpha) {
        return Loops.scan(
                        (Tensor h, Stack layer) -> {
                            Tensor g = relu(h.matmul(layer.first)).matmul(layer.second);
                            Tensor sum = h.times(alpha).plus(g);
                            return new Carried<>(
                                    Partition.LAYER.standardise(sum, 1e-5), List.<Tensor>of());
                        },
                        x,
                        net)
                .carry(); // (n, w)
    }

    // ---- depth ----

    /** How much a unit differs between examples, layer by layer; and the last layer's values. */
    private static void depths(Trial trial) {
        int width = 64;
        Tensor x = Images.train(300).x();
        Key key = trial.init().stream("depths");
        var dense =
                IntStream.range(0, DEPTH)
                        .mapToObj(l -> Dense.of(l == 0 ? 784 : width, width, key.fold(l)))
                        .toList();
        for (var kind : List.of("plain", "BN", "LN", "WN")) {
            List<Layer> layers = new ArrayList<>();
            for (var layer : dense) {
                switch (kind) {
                    case "BN" -> layers.add(Sequential.of(layer, BatchNorm.of(width)));
                    case "LN" -> layers.add(Sequential.of(layer, Normalisation.layer(width)));
                    case "WN" -> layers.add(WeightNorm.of(layer));
                    default -> layers.add(layer);
                }
                layers.add(Activation.RELU);
            }
            var net = new Sequential(layers);
            if (kind.equals("WN")) {
                net = WeightNorm.initialised(net, x, Key.of(0));
            }
            Tensor h = x;
            int l = 0;
            for (Layer layer : net.layers()) {
                h = layer.apply(h, training());
                if (!(layer instanceof Activation)) {
                    l++;
                    double spread = Functions.variance(h, 0).mean().item();
                    trial.point("spread, " + kind, l, spread / h.square().mean().item());
                    for (int unit = 1; l == DEPTH && unit <= UNITS; unit++) {
                        trial.curve(
                                "unit %d, %s".formatted(unit, kind),
                                h.slice(1, unit - 1, unit).reshape(300).toDoubles());
                    }
                }
            }
        }
    }

    @Override
    public void controls(Trial trial) {
        trial.measure("κ of X₀", condition(orthogonal(trial.data()), FEATURES));
        Tensor x = trial.data().fold(1).normal(FLOAT64, 40, 12);
        Tensor y = batchNorm(12, TINY).apply(x.times(5).plus(2), training());
        trial.measure(
                "BN in training: variance of a unit over the batch",
                Functions.variance(y, 0).mean().item());
        Tensor w = trial.init().normal(FLOAT64, 12, 8);
        Tensor g = grad((Tensor v) -> x.matmul(v).tanh().sum()).apply(w);
        trial.measure("no normalisation: ⟨wᵢ, ∂L/∂wᵢ⟩, largest", largest(g.times(w).sum(0)));
        trial.measure("the gain that programs carry", PUBLISHED);
        trial.measure("NF without its gain: variance", blocks(trial, 1));
        trial.measure("post-norm in place of DeepNorm: slope", slope(trial, "post-norm", false));
    }

    // ---- figures ----

    @Override
    public List<Figure> figures(Results results) {
        var features = new double[4];
        for (var curve : results.curves("conditions")) {
            for (int i = 0; i < features.length; i++) {
                features[i] += curve.y()[i] / results.seeds().size();
            }
        }
        var conditions =
                Plot.of("conditions", "Condition number of 40 image features")
                        .xNames(List.of("none", "BN", "LN", "GN"))
                        .y("κ")
                        .bars("", features);
        var spread =
                Plot.of("spread", "How much a unit tells examples apart")
                        .x("layer")
                        .y("variance / mean square")
                        .yRange(0, 1.05);
        for (var kind : List.of("plain", "BN", "LN", "WN")) {
            spread = spread.line(kind, results.curve("spread, " + kind));
        }
        var last =
                Plot.of("last", "Three units of the tenth layer")
                        .x("value, over 300 images")
                        .y("density")
                        .xRange(-4, 4);
        for (var kind : List.of("plain", "BN")) {
            for (int unit = 1; unit <= UNITS; unit++) {
                var values = results.curve("unit %d, %s".formatted(unit, kind)).y();
                last = last.histogram(kind, 25, values);
            }
        }
        var promised = results.curve("NF, promised");
        var nf =
                Plot.of("nf", "Variance without a normaliser")
                        .x("block")
                        .y("variance")
                        .yRange(0, 3.5)
                        .dashed("1 + α² each", promised.x(), promised.y());
        for (var curve : results.curves("NF")) {
            nf = nf.points("with the gain", curve);
        }
        nf = nf.points("without", results.controls().curve("NF"));
        return List.of(
                new Figure.Panels(
                        "zoo",
                        "What normalisers are for",
                        "Top: all improve the condition of what the next layer sees (zero singular"
                                + " values left out); plain layers lose the differences between"
                                + " examples with depth, BN and WN (one line) keep them, LN cannot."
                                + " Bottom: plain units sit in narrow peaks apart, those of BN"
                                + " share one bell; and normaliser-free blocks grow as designed.",
                        2,
                        List.of(conditions, spread, last, nf)),
                deepChange(results));
    }

    private static Plot deepChange(Results results) {
        var plot =
                Plot.of("deep", "DeepNorm keeps a step's effect the same at any depth")
                        .x("blocks N", Scale.LOG)
                        .y("‖ΔF‖ per unit of rate", Scale.LOG);
        for (var curve : results.curves("change, DeepNorm")) {
            plot = plot.line("DeepNorm", curve);
        }
        return plot.line("post-norm", results.controls().curve("change, post-norm"))
                .caption(
                        "What one step of gradient descent changes in the output. Every sublayer"
                                + " adds its share; DeepNorm makes the shares smaller as there are"
                                + " more.");
    }
}
