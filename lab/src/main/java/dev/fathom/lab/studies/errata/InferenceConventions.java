package dev.fathom.lab.studies.errata;

import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.PlainDropout;
import dev.fathom.nn.norm.BatchNorm;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** E15: what dropout and batch normalisation do at inference, in the texts and in libraries. */
public final class InferenceConventions implements Study {
    private static final double KEEP = 0.8; // p of dropout
    private static final int BATCH = 50;
    private static final int SMALL = 8; // a batch where biased and unbiased differ much
    private static final double PAST = 0.9; // momentum of the running statistics
    private static final double MEAN = 3;
    private static final int DRAWS = 400;

    @Override
    public Card card(Tier tier) {
        return Card.of("E15", "inference-conventions", Oracle.EXACT)
                .claim(
                        "Dropout that scales in training and dropout that scales at test time are"
                                + " one function once p is moved; a running mean is not the mean of"
                                + " the whole data; and variances are kept unbiased but used"
                                + " biased.")
                .text("002, batch normalisation; 003, dropout")
                .paper(
                        "N. Srivastava et al., Dropout, 2014, section 4; S. Ioffe, C. Szegedy,"
                                + " Batch normalization, 2015, algorithm 2")
                .story(
                        "003 scales all weights by p at test time; libraries divide by p in"
                            + " training. Moving p from one place to the other changes no"
                            + " prediction; doing it in both places does. 002 asks for the"
                            + " statistics of the whole data set at inference and adds that"
                            + " programs keep a running average: the two differ. A running mean"
                            + " never stops trembling, however long the training: its error is that"
                            + " of a mean of B(1+m)/(1−m) examples. And the variance that"
                            + " normalises a batch is divided by B, the one that is kept by B − 1:"
                            + " only the latter has the right mean, and with B = 8 they are 14 %"
                            + " apart.")
                .notation(
                        """
                        p  probability that an element is kept, 0.8
                        B  examples in a batch
                        m  weight of the past in the running statistics, 0.9
                        σ  standard deviation of a feature\
                        """)
                .data("Gaussian; for the running mean fresh examples in each batch of 50")
                .seeds(tier.pick(1, 5, 20))
                .cost(tier.pick(1.0, 5.0, 20.0), 1e8, tier.pick(1e7, 1e8, 4e8))
                .predict("dropout in training, p moved into the weights", atMost(1e-12))
                .predict("dropout at inference, p moved into the weights", atMost(1e-12))
                .predict("BN with statistics of all data, minus one batch of all", atMost(1e-10))
                .predict(
                        "error of the running mean, in σ",
                        near(Math.sqrt((1 - PAST) / (1 + PAST) / BATCH)).withinPercent(15))
                .predict(
                        "variance kept over variance used, B = 8",
                        near(SMALL / (SMALL - 1.0)).within(1e-9))
                .predict("mean of the variance kept, over the true one", near(1).withinErrors(4))
                .positive("without dropping, p = 1: difference", atMost(0))
                .sabotage("p in training and at inference: difference", atMost(1e-12))
                .sabotage("running statistics, minus one batch of all", atMost(1e-10))
                .sabotage("mean of the variance used, over the true one", near(1).withinErrors(4));
    }

    private static double largest(Tensor x) {
        return x.abs().max().item();
    }

    private static Pass training() {
        return Pass.training(Key.of(0));
    }

    private static BatchNorm batchNorm(int features) {
        return Tree.map(t -> t.cast(FLOAT64), BatchNorm.of(features));
    }

    /** The layer after a batch in training. */
    private static BatchNorm after(BatchNorm layer, Tensor batch) {
        var pass = training();
        layer.apply(batch, pass);
        return pass.updated(layer);
    }

    @Override
    public void run(Trial trial) {
        Tensor x = trial.data().stream("dropout").normal(FLOAT64, 20, 30);
        Tensor w = trial.init().stream("dropout").normal(FLOAT64, 30, 5);
        trial.measure(
                "dropout in training, p moved into the weights",
                difference(x, w, KEEP, () -> Pass.training(trial.dropout()), 1 / KEEP));
        trial.measure(
                "dropout at inference, p moved into the weights",
                difference(x, w, KEEP, Pass::eval, 1 / KEEP));

        Tensor all = trial.data().stream("population").normal(FLOAT64, 1000, 100).plus(MEAN);
        var bn = batchNorm(100);
        trial.measure(
                "BN with statistics of all data, minus one batch of all",
                largest(
                        bn.withStatisticsOf(batches(all))
                                .apply(all, Pass.eval())
                                .minus(bn.apply(all, training()))));
        running(trial);

        var kept = new double[DRAWS];
        var used = new double[DRAWS];
        var fresh = batchNorm(20).withMomentum(0);
        for (int t = 0; t < DRAWS; t++) {
            Tensor batch = trial.order().fold(t).normal(FLOAT64, SMALL, 20);
            kept[t] = after(fresh, batch).variance().value().mean().item();
            used[t] = used(batch);
        }
        trial.measure("variance kept over variance used, B = 8", kept[0] / used[0]);
        trial.measure("mean of the variance kept, over the true one", Estimate.of(kept));
        trial.curve("kept", kept);
        trial.curve("used", used);
    }

    private static List<Tensor> batches(Tensor all) {
        return IntStream.range(0, all.dim(0) / BATCH)
                .mapToObj(i -> all.slice(0, BATCH * i, BATCH * i + BATCH))
                .toList();
    }

    /**
     * Libraries' dropout before W, minus the text's, with the same mask, before W times a factor.
     */
    private static double difference(
            Tensor x, Tensor w, double keep, Supplier<Pass> pass, double factor) {
        Tensor inverted = Dropout.of(1 - keep).apply(x, pass.get()).matmul(w);
        Tensor plain = PlainDropout.of(keep).apply(x, pass.get()).matmul(w.times(factor));
        return largest(inverted.minus(plain));
    }

    /** What training divides by, from its output: y = x/√(σ² + ε), for a batch of mean 0. */
    private static double used(Tensor batch) {
        Tensor centred = batch.minus(batch.mean(0));
        var layer = batchNorm(batch.dim(1));
        Tensor y = layer.apply(centred, training());
        Tensor ratio = centred.square().sum(0).dividedBy(y.square().sum(0)); // σ² + ε
        return ratio.mean().item() - layer.epsilon();
    }

    private static void running(Trial trial) {
        var layer = batchNorm(400);
        for (int t = 0; t < 200; t++) {
            Tensor fresh = trial.order().stream("fresh").fold(t).normal(FLOAT64, BATCH, 400);
            layer = after(layer, fresh.plus(MEAN));
            trial.point("running mean", t + 1, layer.mean().value().get(0).item());
        }
        trial.measure(
                "error of the running mean, in σ",
                Math.sqrt(layer.mean().value().minus(MEAN).square().mean().item()));
    }

    @Override
    public void controls(Trial trial) {
        Tensor x = trial.data().normal(FLOAT64, 20, 30);
        Tensor w = trial.init().normal(FLOAT64, 30, 5);
        trial.measure(
                "without dropping, p = 1: difference",
                difference(x, w, 1, () -> Pass.training(trial.dropout()), 1));
        trial.measure(
                "p in training and at inference: difference",
                difference(x, w, KEEP, Pass::eval, 1));
        Tensor all = trial.data().stream("population").normal(FLOAT64, 1000, 100).plus(MEAN);
        var bn = batchNorm(100);
        var run = bn;
        for (int epoch = 0; epoch < 5; epoch++) {
            for (var batch : batches(all)) {
                run = after(run, batch);
            }
        }
        trial.measure(
                "running statistics, minus one batch of all",
                largest(run.apply(all, Pass.eval()).minus(bn.apply(all, training()))));
        var used = new double[DRAWS];
        for (int t = 0; t < DRAWS; t++) {
            used[t] = used(trial.order().fold(t).normal(FLOAT64, SMALL, 20));
        }
        trial.measure("mean of the variance used, over the true one", Estimate.of(used));
    }

    @Override
    public List<Figure> figures(Results results) {
        var running = results.curve("running mean");
        double error = Math.sqrt((1 - PAST) / (1 + PAST) / BATCH);
        var low = constant(running.size(), MEAN - 2 * error);
        var high = constant(running.size(), MEAN + 2 * error);
        return List.of(
                Plot.of("running", "A running mean trembles for ever")
                        .x("batch")
                        .y("running mean of a unit")
                        .yRange(MEAN - 0.3, MEAN + 0.2)
                        .line("running, m = 0.9", running)
                        .dashed("whole data", running.x(), constant(running.size(), MEAN))
                        .dashed("± 2 of its errors", running.x(), low)
                        .dashed("± 2 of its errors", running.x(), high)
                        .caption(
                                "It starts at 0, far below. Later its error is √((1−m)/((1+m)B)) of"
                                        + " a deviation, at any time."),
                Plot.of("variances", "The variance that is used, and the one that is kept")
                        .x("mean over 20 units of a batch of 8")
                        .y("density")
                        .histogram("used: divided by B", 30, results.curve("used").y())
                        .histogram("kept: divided by B − 1", 30, results.curve("kept").y())
                        .vertical("true variance", 1)
                        .caption("The one that is kept for inference is right on average."));
    }

    private static double[] constant(int n, double value) {
        var values = new double[n];
        Arrays.fill(values, value);
        return values;
    }
}
