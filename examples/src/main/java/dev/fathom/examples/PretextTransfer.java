package dev.fathom.examples;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.nn.conv.AdaptiveAveragePool;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.pretext.RotationPrediction;
import dev.fathom.nn.zoo.Linear;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.train.loop.Evaluator;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.LossModel;
import dev.fathom.train.loop.Predictor;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

import java.util.stream.IntStream;

/**
 * A network learns which way up clothes are, from thousands of images without labels. What it has
 * seen on the way then tells the kinds of clothes apart, from a few labels of each.
 *
 * <p>Run: {@code ./fathom example PretextTransfer}. About a minute.
 */
public final class PretextTransfer {
    private static final int CODE = 256;

    private PretextTransfer() {}

    /**
     * What came out; accuracies on the test images.
     *
     * @param rotations how often the turn of a test image is told right
     * @param random of a linear probe on the features of the network as it began
     * @param probe of a linear probe on what it learned from the turns
     * @param fineTuned of the whole network trained on from there
     * @param scratch of the whole network trained from its beginning on the same few labels
     */
    record Result(
            double rotations, double random, double probe, double fineTuned, double scratch) {}

    /** Images to features, (n, h, w, 1) to (n, 256). */
    static Sequential encoder(Key key) {
        var keys = key.split(3);
        return Sequential.of(
                Conv2d.of(1, 16, 3, keys[0]).withoutBias(),
                BatchNorm.of(16),
                Activation.RELU,
                MaxPool.of(2),
                Conv2d.of(16, 32, 3, keys[1]).withoutBias(),
                BatchNorm.of(32),
                Activation.RELU,
                MaxPool.of(2),
                Conv2d.of(32, 64, 3, keys[2]).withoutBias(),
                BatchNorm.of(64),
                Activation.RELU,
                AdaptiveAveragePool.of(2),
                Flatten.of());
    }

    /** Those of the first {@code each} examples of every class. */
    static Dataset few(Dataset data, int each) {
        var labels = data.labels();
        var counts = new int[data.outputs()];
        return data.subset(
                IntStream.range(0, labels.length)
                        .filter(i -> counts[labels[i]]++ < each)
                        .toArray());
    }

    static Result run(Dataset train, Dataset test, int each, int epochs, long seed) {
        var keys = Key.of(seed).split(3);
        var start = encoder(keys[0]);
        int steps = epochs * Math.ceilDiv(train.size(), 50);
        var pretext =
                Trainer.of(
                                LossModel.of(
                                        RotationPrediction.of(start, CODE, keys[1]),
                                        RotationPrediction::loss),
                                LossModel.loss(),
                                Adam.of(Schedule.cosine(3e-3, steps)))
                        .seed(seed)
                        .fit(train.batches(50).shuffled(seed).prefetch(2), Limit.epochs(epochs))
                        .model()
                        .model();
        var labelled = few(train, each);
        Tensor some = test.take(500).all().features();
        return new Result(
                pretext.accuracy(some),
                probe(start, labelled, test, keys[2]),
                probe(pretext.encoder(), labelled, test, keys[2]),
                whole(pretext.encoder(), labelled, test, keys[2]),
                whole(start, labelled, test, keys[2]));
    }

    /** A linear classifier on features that stay as they are. */
    static double probe(Layer encoder, Dataset labelled, Dataset test, Key key) {
        var predictor = Predictor.of(encoder);
        var seen = Dataset.of(predictor.outputs(labelled), labelled.all().labels());
        var norm = Normalisation.of(seen);
        var probe =
                Trainer.of(
                                Linear.of(seen.featureShape(), labelled.outputs(), key),
                                Losses.crossEntropy(),
                                AdamW.of(1e-2).withWeightDecay(0.1))
                        .fit(seen.normalisedBy(norm).batches(seen.size()), Limit.epochs(100))
                        .model();
        var unseen = Dataset.of(predictor.outputs(test), test.all().labels());
        return accuracy(probe, unseen.normalisedBy(norm));
    }

    /** Encoder and classifier trained together. */
    static double whole(Layer encoder, Dataset labelled, Dataset test, Key key) {
        var model = Sequential.of(encoder, Dense.of(CODE, labelled.outputs(), key));
        var fit =
                Trainer.of(model, Losses.crossEntropy(), AdamW.of(Schedule.cosine(1e-3, 30 * 4)))
                        .fit(
                                labelled.batches(Math.ceilDiv(labelled.size(), 4)).shuffled(1),
                                Limit.epochs(30));
        return accuracy(fit.model(), test);
    }

    private static <M extends Layer> double accuracy(M model, Dataset test) {
        return Evaluator.<M>of(Losses.crossEntropy(), Metrics.accuracy())
                .evaluate(model, test)
                .value("accuracy");
    }

    /** Prints the accuracies. */
    public static void main(String[] arguments) {
        var data = Datasets.load("fashion-mnist-small").normalised();
        for (int each : new int[] {10}) {
            var r = run(data.train(), data.test(), each, 6, 1);
            System.out.printf("turns told right                      %.3f%n", r.rotations());
            System.out.printf("with %d labels of each class:%n", each);
            System.out.printf("  probe on a random network           %.3f%n", r.random());
            System.out.printf("  probe on what it learned from turns %.3f%n", r.probe());
            System.out.printf("  all trained from the random network %.3f%n", r.scratch());
            System.out.printf("  all trained from what it learned    %.3f%n", r.fineTuned());
        }
    }
}
