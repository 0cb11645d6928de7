package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.eye;
import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
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
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.PlainDropout;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.norm.Normalisation;
import dev.fathom.nn.norm.NormalizerFree;
import dev.fathom.nn.norm.Partition;
import dev.fathom.nn.norm.WeightNorm;
import dev.fathom.nn.norm.WeightStandardisation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** L08 and erratum E15: what normalisers promise, and what they do at inference. */
public final class NormZoo implements Study {
    private static final double SHIFT = 10; // c
    private static final int FEATURES = 20; // d
    private static final double TINY = 1e-12; // ε where a promise holds for ε = 0 only
    private static final double KEEP = 0.8; // p of dropout
    private static final int BATCH = 50;
    private static final int SMALL = 8; // a batch where biased and unbiased differ much
    private static final double PAST = 0.9; // momentum of the running statistics
    private static final double ALPHA = 0.5;
    private static final int BLOCKS = 8;
    private static final int DEPTH = 10;
    private static final int UNITS = 3; // whose values are drawn
    private static final double PUBLISHED = 1.7139588594436646;
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
                                    + " variance 1; and the texts' conventions for inference agree"
                                    + " once a factor is moved.")
                        .text("000 and 002, normalisation; 002 and 003, dropout: erratum E15")
                        .paper(
                                "S. Ioffe, C. Szegedy, 2015; T. Salimans, D. Kingma, 2016,"
                                    + " equations 5 and 6; A. Brock, S. De, S. Smith, 2021, section"
                                    + " 3; H. Wang et al., DeepNet, 2022, figure 2; N. Srivastava"
                                    + " et al., 2014")
                        .story(
                                "If every feature has a mean of c, then X is X₀ + c11ᵀ and one"
                                    + " singular value, c√(nd), dwarfs the others: descent has to"
                                    + " be slow for its sake. Taking the mean away cures that."
                                    + " Dividing by the deviation makes the output blind to the"
                                    + " scale of w, so the gradient stands at right angles on w. At"
                                    + " inference the texts disagree. 003 scales the weights by p"
                                    + " at test time, libraries divide by p in training: moving p"
                                    + " from one place to the other changes no prediction, doing it"
                                    + " in both does. 002 asks for the statistics of the whole data"
                                    + " set, libraries keep a running mean, which never stops"
                                    + " trembling: its error is that of a mean of B(1+m)/(1−m)"
                                    + " examples. And the variance is divided by B when training"
                                    + " and by B − 1 when it is kept for later.")
                        .notation(
                                """
                                κ      largest over smallest singular value
                                X      X₀ + c11ᵀ, X₀ 200 × 20 with centred orthogonal columns, c = 10:
                                       κ² = 1 + c²d = 2001 before, 1 after
                                γ      √(2/(1 − 1/π)) = 1.712859, the gain of the rectifier
                                NF     x + α b(γ relu(x/β)), 8 blocks with α = ½: variance 1 + 8 α² = 3
                                p      probability to keep; B, batch; m, weight of the past, 0.9
                                α, β   of DeepNorm with N blocks: (2N)^¼ and (8N)^−¼\
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
                .predict("E15: dropout in training, p moved into the weights", atMost(1e-12))
                .predict("E15: dropout at inference, p moved into the weights", atMost(1e-12))
                .predict(
                        "E15: BN with statistics of all data, minus one batch of all",
                        atMost(1e-10))
                .predict(
                        "E15: error of the running mean, in σ",
                        near(Math.sqrt((1 - PAST) / (1 + PAST) / BATCH)).withinPercent(15))
                .predict(
                        "E15: running over batch variance, B = 8",
                        near(SMALL / (SMALL - 1.0)).within(1e-9))
                .predict("E15: mean variance kept over the true one", near(1).withinErrors(4))
                .positive("κ of X₀", near(1).within(1e-8))
                .positive("BN in training: variance of a unit over the batch", near(1).within(1e-9))
                .sabotage("no normalisation: ⟨wᵢ, ∂L/∂wᵢ⟩, largest", atMost(1e-8))
                .sabotage("the gain that programs carry", near(gain).within(1e-4))
                .sabotage("NF without its gain: variance", near(3).withinPercent(10))
                .sabotage("E15: p in training and at inference", atMost(1e-12))
                .sabotage("E15: mean biased variance over the true one", near(1).withinErrors(4));
    }

    private static String angle(String name) {
        return name + ": ⟨w, ∂L/∂w⟩, largest";
    }

    private static <M> M wide(M model) {
        return Tree.map(t -> t.cast(FLOAT64), model);
    }

    private static BatchNorm batchNorm(int features, double epsilon) {
        var of = wide(BatchNorm.of(features));
        return new BatchNorm(of.gamma(), of.beta(), of.mean(), of.variance(), PAST, epsilon);
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
        dropout(trial);
        batchStatistics(trial);
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
    }

    // ---- E15 ----

    /** Libraries' dropout before W, and 003's before W/p: the same function. */
    private static void dropout(Trial trial) {
        Tensor x = trial.data().stream("dropout").normal(FLOAT64, 20, 30);
        Tensor w = trial.init().stream("dropout").normal(FLOAT64, 30, 5);
        Tensor moved = w.times(1 / KEEP);
        Pass one = Pass.training(trial.dropout());
        Pass two = Pass.training(trial.dropout());
        trial.measure(
                "E15: dropout in training, p moved into the weights",
                largest(
                        Dropout.of(1 - KEEP)
                                .apply(x, one)
                                .matmul(w)
                                .minus(PlainDropout.of(KEEP).apply(x, two).matmul(moved))));
        trial.measure(
                "E15: dropout at inference, p moved into the weights",
                largest(
                        Dropout.of(1 - KEEP)
                                .apply(x, Pass.eval())
                                .matmul(w)
                                .minus(PlainDropout.of(KEEP).apply(x, Pass.eval()).matmul(moved))));
    }

    private static void batchStatistics(Trial trial) {
        int features = 400;
        Tensor all = trial.data().stream("population").normal(FLOAT64, 1000, features).plus(3);
        var batches =
                IntStream.range(0, 20).mapToObj(i -> all.slice(0, 50 * i, 50 * i + 50)).toList();
        var bn = batchNorm(features, 1e-5);
        trial.measure(
                "E15: BN with statistics of all data, minus one batch of all",
                largest(
                        bn.withStatisticsOf(batches)
                                .apply(all, Pass.eval())
                                .minus(bn.apply(all, training()))));

        var running = bn;
        int steps = trial.tier().pick(100, 200, 200);
        Key key = trial.order().stream("batches");
        for (int t = 0; t < steps; t++) {
            Tensor x = key.fold(t).normal(FLOAT64, BATCH, features).plus(3); // fresh examples
            var pass = training();
            running.apply(x, pass);
            running = pass.updated(running);
            if (trial.index() == 0) {
                trial.point("running mean", t + 1, running.mean().value().get(0).item());
            }
        }
        trial.measure(
                "E15: error of the running mean, in σ",
                Math.sqrt(running.mean().value().minus(3).square().mean().item()));

        var kept = new double[2][400];
        for (int t = 0; t < kept[0].length; t++) {
            Tensor x = key.fold(1000 + t).normal(FLOAT64, SMALL, 20);
            var pass = training();
            var fresh = batchNorm(20, 1e-5).withMomentum(0);
            fresh.apply(x, pass);
            kept[0][t] = pass.updated(fresh).variance().value().mean().item();
            kept[1][t] = Functions.variance(x, 0).mean().item();
        }
        trial.measure("E15: running over batch variance, B = 8", kept[0][0] / kept[1][0]);
        trial.measure("E15: mean variance kept over the true one", Estimate.of(kept[0]));
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
        Tensor twice =
                Dropout.of(1 - KEEP)
                        .apply(x, Pass.eval())
                        .matmul(w)
                        .minus(PlainDropout.of(KEEP).apply(x, Pass.eval()).matmul(w));
        trial.measure("E15: p in training and at inference", largest(twice));
        var biased = new double[400];
        for (int t = 0; t < biased.length; t++) {
            Tensor batch = trial.order().fold(t).normal(FLOAT64, SMALL, 20);
            biased[t] = Functions.variance(batch, 0).mean().item();
        }
        trial.measure("E15: mean biased variance over the true one", Estimate.of(biased));
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
        var running = results.curve("running mean");
        double band = Math.sqrt((1 - PAST) / (1 + PAST) / BATCH);
        var n = running.size();
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
                Plot.of("running", "A running mean trembles for ever")
                        .x("batch")
                        .y("running mean of one unit")
                        .line("running, m = 0.9", running)
                        .dashed("whole data", running.x(), constant(n, 3))
                        .dashed("± 2 of its errors", running.x(), constant(n, 3 - 2 * band))
                        .dashed("± 2 of its errors", running.x(), constant(n, 3 + 2 * band))
                        .yRange(2.7, 3.2)
                        .caption(
                                "It starts at 0, far below. Later its error is √((1−m)/((1+m)B)) of"
                                        + " a deviation."));
    }

    private static double[] constant(int n, double value) {
        var values = new double[n];
        Arrays.fill(values, value);
        return values;
    }
}
