package dev.fathom.train.loop;

import static dev.fathom.train.loop.Limit.epochs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.augment.Augmentation;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.dataset.Dataset;
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
import dev.fathom.nn.pretext.SimClr;
import dev.fathom.nn.zoo.Linear;
import dev.fathom.nn.zoo.VisionTransformer;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.schedule.Schedule;

import org.junit.jupiter.api.Test;

/** Learning without labels on the 8 × 8 digits, and what comes after. */
final class PretextTrainingTest {
    private static final Dataset DIGITS = Datasets.load("digits").train().take(600);

    private static Sequential encoder() {
        var keys = Key.of(1).split(2);
        return Sequential.of(
                Conv2d.of(1, 8, 3, keys[0]).withoutBias(),
                BatchNorm.of(8),
                Activation.RELU,
                MaxPool.of(2),
                Conv2d.of(8, 16, 3, keys[1]).withoutBias(),
                BatchNorm.of(16),
                Activation.RELU,
                GlobalAveragePool.of()); // (n, 16)
    }

    private static <M extends Layer> Fit<LossModel<M>> train(
            M pretext, LossModel.OfBatch<M> loss, Dataset data, int epochs) {
        var adam = Adam.of(Schedule.cosine(3e-3, epochs * 12)); // 12 batches of 50
        return Trainer.of(LossModel.of(pretext, loss), LossModel.loss(), adam)
                .fit(data.batches(50).shuffled(1), epochs(epochs));
    }

    private static void falls(Fit<?> fit, double share) {
        double first = fit.history().getFirst().train().get("loss");
        double last = fit.history().getLast().train().get("loss");
        assertThat(last).isLessThan(share * first);
    }

    @Test
    void rotationsAreLearnedAndTransferred() {
        var pretext = RotationPrediction.of(encoder(), 16, Key.of(2));
        var fit = train(pretext, RotationPrediction::loss, DIGITS, 20);
        falls(fit, 0.5);
        Tensor test = Datasets.load("digits").test().all().features();
        assertThat(fit.model().model().accuracy(test)).isGreaterThan(0.6); // chance is 0.25
        var learned = (Sequential) fit.model().model().encoder();

        // a probe: the data as the encoder sees it
        var features = Dataset.of(Predictor.of(learned).outputs(DIGITS), DIGITS.all().labels());
        assertThat(features.featureShape()).isEqualTo(Shape.of(16));
        var probe =
                Trainer.of(
                                Linear.of(features.featureShape(), 10, Key.of(3)),
                                Losses.crossEntropy(),
                                Adam.of(0.05))
                        .fit(features.batches(50).shuffled(2), epochs(10));
        falls(probe, 0.7);

        // fine-tuning with the encoder held still: no weight of it moves
        var classifier = Sequential.of(learned, Dense.of(16, 10, Key.of(4)));
        var frozen =
                Trainer.of(
                                classifier,
                                Losses.crossEntropy(),
                                AdamW.of(1e-2).freezing("layers[0].**"))
                        .fit(DIGITS.batches(50).shuffled(3), epochs(3));
        falls(frozen, 0.95);
        var before = Tree.flatten(classifier).leaves();
        var after = Tree.flatten(frozen.model()).leaves();
        for (int i = 0; i < before.size(); i++) {
            var leaf = before.get(i);
            if (leaf.trained()) {
                boolean still = leaf.path().toString().startsWith("layers[0].");
                var same = leaf.tensor().minus(after.get(i).tensor()).abs().max().item() == 0;
                assertThat(same).as(leaf.path().toString()).isEqualTo(still);
            }
        }
    }

    @Test
    void contrastIsLearned() {
        var views = DIGITS.views(2);
        var pretext = SimClr.of(encoder(), 16, 8, Key.of(2));
        var shaken = Augmentation.shift(1).then(Augmentation.noise(0.1));
        var model = LossModel.of(pretext, SimClr::loss);
        var fit =
                Trainer.of(model, LossModel.loss(), Adam.of(3e-3))
                        .fit(views.batches(50).shuffled(1).augmented(shaken), epochs(5));
        // ln 99 = 4.6 at chance; not below −ln(e² / (e² + 98 e^−2)), where all others are opposite
        falls(fit, 0.85);
    }

    /** Images of one brightness each, with noise: whoever sees half of one knows the rest. */
    @Test
    void hiddenPatchesArePainted() {
        int n = 600;
        Tensor level = Key.of(5).uniform(n, 1, 1, 1);
        Tensor x = Key.of(6).normal(n, 8, 8, 1).times(0.1).plus(level);
        var images = Dataset.of(x, Tensor.of(new int[n]));
        var vit =
                VisionTransformer.of(
                        Shape.of(8, 8, 1),
                        10,
                        new VisionTransformer.Config(2, 16, 2, 2, 32),
                        Key.of(1));
        var pretext = MaskedAutoencoder.of(vit, 16, 1, 2, Key.of(2)).withMasked(0.5);
        var fit = train(pretext, MaskedAutoencoder::loss, images, 20);
        double last = fit.history().getLast().train().get("loss");
        assertThat(last).isBetween(0.01, 0.02); // the noise; blind: 1/12 more

        var trained = fit.model().model().encoder();
        Layer features = trained::features;
        assertThat(Predictor.of(features).outputs(DIGITS).shape()).isEqualTo(Shape.of(600, 16));
        var fine =
                Trainer.of(trained, Losses.crossEntropy(), Adam.of(3e-3))
                        .fit(DIGITS.batches(50).shuffled(3), epochs(10));
        falls(fine, 0.8);
    }
}
