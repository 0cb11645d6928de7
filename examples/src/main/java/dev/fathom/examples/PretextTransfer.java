package dev.fathom.examples;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.augment.Augmentation;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.GlobalAveragePool;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.pretext.MaskedAutoencoder;
import dev.fathom.nn.pretext.RotationPrediction;
import dev.fathom.nn.zoo.Linear;
import dev.fathom.nn.zoo.VisionTransformer;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.train.loop.Evaluator;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.LossModel;
import dev.fathom.train.loop.Predictor;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

/**
 * A network learns which way up clothes are, from thousands of images without labels. What it has
 * seen on the way then tells the kinds of clothes apart, from a few labels of each.
 *
 * <p>Run: {@code ./fathom example PretextTransfer}. About two minutes. With ten labels of each
 * class a linear probe tells 0.61 of the test images right, on the network as it began 0.57;
 * trained whole, 0.61 and 0.55. A vision transformer that has painted the hidden parts of digits
 * (masked autoencoding) tells 0.77 of other digits right from ten labels of each, as it began 0.32.
 */
public final class PretextTransfer {
    private static final int WIDTH = 64;
    private static final int BATCH = 50;

    private PretextTransfer() {}

    /**
     * Accuracies on the test images with few labels, the means over several choices of the labelled
     * images.
     *
     * @param each labelled images of every class
     * @param random of a linear probe on the features of the network as it began
     * @param learned of a linear probe on the features it learned from turns
     * @param scratch of the whole network, trained on the labelled images from its beginning
     * @param tuned of the whole network, trained on them from what it learned from turns
     */
    record Accuracies(int each, double random, double learned, double scratch, double tuned) {}

    /** Images to features, (n, h, w, 1) to (n, 64). */
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
                Conv2d.of(32, WIDTH, 3, keys[2]).withoutBias(),
                BatchNorm.of(WIDTH),
                Activation.RELU,
                GlobalAveragePool.of());
    }

    /** The pretext: no label is looked at. */
    static RotationPrediction learnTurns(Sequential encoder, Dataset images, int epochs, Key key) {
        var keys = key.split(2);
        int steps = epochs * Math.ceilDiv(images.size(), BATCH);
        var pretext = RotationPrediction.of(encoder, WIDTH, keys[0]);
        return Trainer.of(
                        LossModel.of(pretext, RotationPrediction::loss),
                        LossModel.loss(),
                        Adam.of(Schedule.cosine(3e-3, steps)))
                .fit(
                        images.batches(BATCH)
                                .shuffled(keys[1])
                                .augmented(Augmentation.crop(3).then(Augmentation.flip()))
                                .prefetch(2),
                        Limit.epochs(epochs))
                .model()
                .model();
    }

    /** What the few labels of {@code each} images of every class are worth, four times. */
    static Accuracies compare(
            Layer beginning, Layer learned, Dataset train, Dataset test, int each, int draws) {
        double random = 0;
        double probe = 0;
        double scratch = 0;
        double tuned = 0;
        for (int draw = 0; draw < draws; draw++) {
            double share = each * train.outputs() / (double) train.size();
            var labelled = train.splitStratified(share, draw).validation();
            random += probe(beginning, labelled, test) / draws;
            probe += probe(learned, labelled, test) / draws;
            scratch += whole(beginning, labelled, test) / draws;
            tuned += whole(learned, labelled, test) / draws;
        }
        return new Accuracies(each, random, probe, scratch, tuned);
    }

    /** A linear classifier on features that stay as they are. */
    static double probe(Layer encoder, Dataset labelled, Dataset test) {
        var predictor = Predictor.of(encoder);
        var seen = Dataset.of(predictor.outputs(labelled), labelled.all().labels());
        var unseen = Dataset.of(predictor.outputs(test), test.all().labels());
        var norm = Normalisation.of(seen);
        var probe =
                Trainer.of(
                                Linear.of(seen.featureShape(), labelled.outputs(), Key.of(0)),
                                Losses.crossEntropy(),
                                AdamW.of(1e-2).withWeightDecay(0.1))
                        .fit(seen.normalisedBy(norm).batches(seen.size()), Limit.epochs(100));
        return accuracy(probe.model(), unseen.normalisedBy(norm));
    }

    /** Encoder and classifier trained together. */
    static double whole(Layer encoder, Dataset labelled, Dataset test) {
        int epochs = 30;
        var batches = labelled.batches(Math.min(BATCH, labelled.size())).shuffled(0).dropLast();
        var model = Sequential.of(encoder, Dense.of(WIDTH, labelled.outputs(), Key.of(0)));
        var adam = AdamW.of(Schedule.cosine(1e-3, epochs * batches.count()));
        var fit = Trainer.of(model, Losses.crossEntropy(), adam).fit(batches, Limit.epochs(epochs));
        return accuracy(fit.model(), test);
    }

    private static <M extends Layer> double accuracy(M model, Dataset test) {
        return Evaluator.<M>of(Losses.crossEntropy(), Metrics.accuracy())
                .evaluate(model, test)
                .value("accuracy");
    }

    /** A small vision transformer: patches of 2 by 2, vectors of 64. */
    static VisionTransformer transformer(Dataset images, Key key) {
        var sizes = new VisionTransformer.Config(2, WIDTH, 3, 4, 2 * WIDTH);
        return VisionTransformer.of(images.featureShape(), images.outputs(), sizes, key);
    }

    /** The other pretext: three quarters of every image are hidden and have to be painted. */
    static VisionTransformer learnHidden(
            VisionTransformer encoder, Dataset images, int epochs, Key key) {
        var keys = key.split(2);
        int steps = epochs * Math.ceilDiv(images.size(), BATCH);
        var pretext = MaskedAutoencoder.of(encoder, 32, 1, 4, keys[0]);
        return Trainer.of(
                        LossModel.of(pretext, MaskedAutoencoder::loss),
                        LossModel.loss(),
                        AdamW.of(Schedule.cosine(2e-3, steps)).withWeightDecay(0.05))
                .fit(images.batches(BATCH).shuffled(keys[1]), Limit.epochs(epochs))
                .model()
                .model()
                .encoder();
    }

    /** Linear probes with few labels, on transformers: as one began, and as it is now. */
    record Probes(double random, double learned) {}

    /** The means over several choices of the labelled images. */
    static Probes probes(
            VisionTransformer beginning,
            VisionTransformer learned,
            Dataset train,
            Dataset test,
            int each,
            int draws) {
        double random = 0;
        double probe = 0;
        for (int draw = 0; draw < draws; draw++) {
            double share = each * train.outputs() / (double) train.size();
            var labelled = train.splitStratified(share, draw).validation();
            random += probe(beginning::features, labelled, test) / draws;
            probe += probe(learned::features, labelled, test) / draws;
        }
        return new Probes(random, probe);
    }

    /** Prints the accuracies. */
    public static void main(String[] arguments) {
        var data = Datasets.load("fashion-mnist-small").normalised();
        var beginning = encoder(Key.of(1));
        var pretext = learnTurns(beginning, data.train(), 5, Key.of(2));
        Tensor some = data.test().take(500).all().features();
        System.out.printf("turns told right                     %.3f%n", pretext.accuracy(some));
        for (int each : new int[] {10, 50}) {
            var a = compare(beginning, pretext.encoder(), data.train(), data.test(), each, 3);
            System.out.printf("%nwith %d labels of each class%n", each);
            System.out.printf("probe on a random network            %.3f%n", a.random());
            System.out.printf("probe on what it learned from turns  %.3f%n", a.learned());
            System.out.printf("all trained from a random network    %.3f%n", a.scratch());
            System.out.printf("all trained from what it learned     %.3f%n", a.tuned());
        }
        var digits = Datasets.load("digits").normalised();
        var blank = transformer(digits.train(), Key.of(3));
        var painter = learnHidden(blank, digits.train(), 100, Key.of(4));
        var p = probes(blank, painter, digits.train(), digits.test(), 10, 3);
        System.out.printf("%ndigits, with 10 labels of each%n");
        System.out.printf("probe on a random transformer        %.3f%n", p.random());
        System.out.printf("probe on what it learned by painting %.3f%n", p.learned());
    }
}
