package dev.fathom.train.mixing;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.sharpness.Sam;
import dev.fathom.train.checkpoint.Checkpoints;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;

/** Mixed batches, by hand. */
final class MixingTest {
    private static final Tensor LABELS = Tensor.of(new int[] {0, 1, 2});
    private static final Tensor TURN = Tensor.of(new int[] {1, 2, 0});

    private static Tensor images(int n, int h, int w, int c) {
        return Key.of(3).uniform(DType.FLOAT64, n, h, w, c);
    }

    @Test
    void mixUpByHand() {
        Tensor x = Tensor.of(new float[] {0, 8, 16, 24, 4, 4}, 3, 2);
        var mixed = MixUp.mix(x, LABELS, Tensor.scalar(0.75f), TURN);
        assertThat(mixed.features().toFloats()).containsExactly(4, 12, 13, 19, 3, 5);
        assertThat(mixed.partners().toInts()).containsExactly(1, 2, 0);
        assertThat(mixed.distributions(LABELS, 3, DType.FLOAT64).toDoubles())
                .containsExactly(0.75, 0.25, 0, 0, 0.75, 0.25, 0.25, 0, 0.75);
    }

    @Test
    void aShareOfOneIsThePlainBatchToTheBit() {
        Tensor x = images(3, 4, 4, 1).cast(DType.FLOAT32).flatten(1);
        Tensor z = Key.of(5).normal(3, 3);
        var mixed = MixUp.mix(x, LABELS, Tensor.scalar(1f), TURN);
        assertThat(mixed.features().toFloats()).containsExactly(x.toFloats());
        assertThat(mixed.loss(Losses.crossEntropy()).apply(z, LABELS).toFloats())
                .containsExactly(Losses.crossEntropy(z, LABELS).toFloats());
    }

    /** The loss in λ is a line between those of the two labels, and that of the distributions. */
    @Test
    void theLossIsLinearInTheLabels() {
        Tensor z = Key.of(6).normal(DType.FLOAT64, 3, 3);
        Tensor x = Tensor.full(DType.FLOAT64, 0, 3, 1);
        double own = Losses.crossEntropy(z, LABELS).item();
        double other = Losses.crossEntropy(z, TURN).item(); // the labels 1, 2, 0
        for (float share : new float[] {0, 0.25f, 0.5f, 1}) {
            var mixed = MixUp.mix(x, LABELS, Tensor.scalar(share), TURN);
            double loss = mixed.loss(Losses.crossEntropy()).apply(z, LABELS).item();
            assertThat(loss).isCloseTo(share * own + (1 - share) * other, within(1e-15));
            Tensor p = mixed.distributions(LABELS, 3, DType.FLOAT64);
            assertThat(Losses.crossEntropyOfDistributions(z, p).item())
                    .isCloseTo(loss, within(1e-15));
            Tensor slope =
                    grad((Tensor t) -> mixed.loss(Losses.crossEntropy()).apply(t, LABELS)).apply(z);
            Tensor slopeOfP = grad((Tensor t) -> Losses.crossEntropyOfDistributions(t, p)).apply(z);
            assertThat(slope.toDoubles()).containsExactly(slopeOfP.toDoubles(), within(1e-15));
        }
    }

    /** 4 × 6, λ = 0.75: sides 2 and 3, halves 1 and 1 (3/2 rounded down), middle (1, 0), cut. */
    @Test
    void cutMixByHand() {
        Tensor x = Tensor.full(DType.FLOAT32, 0, 2, 4, 6, 1);
        Tensor two = Tensor.of(new float[] {1, 2}, 2, 1, 1, 1).broadcastTo(2, 4, 6, 1).plus(x);
        var mixed =
                CutMix.mix(
                        two,
                        Tensor.of(new int[] {0, 1}),
                        Tensor.scalar(0.75),
                        Tensor.scalar(1),
                        Tensor.scalar(0),
                        Tensor.of(new int[] {1, 0}));
        var expected = new float[24];
        Arrays.fill(expected, 1);
        expected[0] = 2; // rows 0 and 1, column 0; column −1 is outside
        expected[6] = 2;
        assertThat(mixed.features().get(0).toFloats()).containsExactly(expected);
        assertThat(mixed.share().item()).isEqualTo((float) (22.0 / 24));
    }

    /** Whatever is drawn, λ is the share of pixels that stayed. */
    @Test
    void theShareIsTheRealArea() {
        var ones = new double[2 * 7 * 5 * 3];
        Arrays.fill(ones, 7 * 5 * 3, ones.length, 1);
        Tensor x = Tensor.of(ones, 2, 7, 5, 3); // image 0 black, image 1 white
        Tensor labels = Tensor.of(new int[] {0, 1});
        int exchanged = 0;
        double sum = 0;
        for (int seed = 0; seed < 200; seed++) {
            var mixed = CutMix.of().mix(x, labels, Key.of(seed));
            double share = mixed.share().item();
            assertThat(share).isBetween(0.0, 1.0);
            sum += share;
            double white = mixed.features().get(0).mean().item();
            if (mixed.partners().toInts()[0] == 1) {
                exchanged++;
                assertThat(1 - white).isCloseTo(share, within(1e-6));
            } else {
                assertThat(white).isZero();
            }
        }
        assertThat(exchanged).isBetween(65, 135);
        assertThat(sum / 200).isBetween(0.5, 0.9);
    }

    @Test
    void drawsAreAFunctionOfTheKeyCompiledOrNot() {
        Tensor x = images(3, 4, 4, 2);
        for (Mixing how : new Mixing[] {MixUp.of(0.4), CutMix.of(), MixUp.of(1).sometimes(0.5)}) {
            var plain = how.mix(x, LABELS, Key.of(8));
            Tensor compiled = jit((Key k) -> how.mix(x, LABELS, k).features()).apply(Key.of(8));
            assertThat(compiled.toDoubles())
                    .containsExactly(plain.features().toDoubles(), within(1e-15));
            boolean differs = false;
            for (int seed = 0; seed < 20; seed++) {
                differs |=
                        !Arrays.equals(
                                how.mix(x, LABELS, Key.of(seed)).features().toDoubles(),
                                plain.features().toDoubles());
            }
            assertThat(differs).isTrue();
        }
    }

    @Test
    void sometimes() {
        Tensor x = images(3, 2, 2, 1);
        int plain = 0;
        for (int seed = 0; seed < 400; seed++) {
            var mixed = MixUp.of(2).sometimes(0.25).mix(x, LABELS, Key.of(seed));
            if (mixed.share().item() == 1) {
                plain++;
                assertThat(mixed.features().toDoubles()).containsExactly(x.toDoubles());
            }
        }
        assertThat(plain).isBetween(265, 335); // 300 and 4 deviations of 8.7
    }

    // ---- in training ---------------------------------------------------------------------------

    private static Dataset data() {
        var labels = new int[24];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % 3;
        }
        return Dataset.of(images(24, 4, 4, 1).cast(DType.FLOAT32), Tensor.of(labels));
    }

    private static Sequential model() {
        return Sequential.of(Flatten.of(), Dense.of(16, 3, Key.of(1)));
    }

    /** A step of the trainer, written out. */
    @Test
    void aStepIsThatOfTheMixedBatch() {
        var how = CutMix.of();
        var batches = data().batches(24);
        var fit =
                Trainer.of(model(), Losses.crossEntropy(), Sgd.of(0.5))
                        .metrics(Metrics.accuracy())
                        .mixing(how)
                        .seed(4)
                        .fit(batches, Limit.steps(1));
        var batch = batches.batch(0, 0);
        var mixed =
                how.mix(
                        batch.features(),
                        batch.labels(),
                        Key.of(4).fold(Tensor.scalar(0)).stream("mixing"));
        Tensor p = mixed.distributions(batch.labels(), 3, DType.FLOAT32);
        var slope =
                grad((Sequential m) ->
                                Losses.crossEntropyOfDistributions(
                                        m.apply(mixed.features(), Pass.eval()), p))
                        .apply(model());
        var sgd = Sgd.of(0.5);
        var expected = sgd.update(slope, sgd.init(model()), model()).params();
        var found = Tree.leaves(fit.model());
        var wanted = Tree.leaves(expected);
        for (int i = 0; i < wanted.size(); i++) {
            assertThat(found.get(i).toFloats())
                    .containsExactly(wanted.get(i).toFloats(), within(1e-6f));
        }
        Tensor hits =
                model().apply(mixed.features(), Pass.eval())
                        .argMax(-1)
                        .equalTo(batch.labels())
                        .cast(DType.FLOAT64);
        Tensor partnerHits =
                model().apply(mixed.features(), Pass.eval())
                        .argMax(-1)
                        .equalTo(mixed.partners())
                        .cast(DType.FLOAT64);
        double share = mixed.share().item();
        assertThat(fit.history().getLast().train().get("accuracy"))
                .isCloseTo(
                        share * hits.mean().item() + (1 - share) * partnerHits.mean().item(),
                        within(1e-6));
    }

    @Test
    void aDescentThatAsksTwiceSeesTheSameMixture() {
        var sam =
                Trainer.of(model(), Losses.crossEntropy(), Sam.of(Sgd.of(0.5), 1e-9))
                        .mixing(MixUp.of(1))
                        .fit(data().batches(24), Limit.steps(3));
        var sgd =
                Trainer.of(model(), Losses.crossEntropy(), Sgd.of(0.5))
                        .mixing(MixUp.of(1))
                        .fit(data().batches(24), Limit.steps(3));
        var a = Tree.leaves(sam.model());
        var b = Tree.leaves(sgd.model());
        for (int i = 0; i < a.size(); i++) {
            assertThat(a.get(i).toFloats()).containsExactly(b.get(i).toFloats(), within(1e-6f));
        }
    }

    @Test
    void aResumedRunMixesAsOneThatWasNot(@TempDir Path folder) {
        var trainer =
                Trainer.of(model(), Losses.crossEntropy(), Sgd.of(0.5)).mixing(CutMix.of()).seed(6);
        var batches = data().batches(8).shuffled(5);
        var whole = trainer.fit(batches, Limit.epochs(4));
        trainer.listeners(CheckpointListener.to(folder)).fit(batches, Limit.epochs(2));
        var rest = trainer.resume(Checkpoints.in(folder)).fit(batches, Limit.epochs(4));
        var a = Tree.leaves(whole.model());
        var b = Tree.leaves(rest.model());
        for (int i = 0; i < a.size(); i++) {
            assertThat(b.get(i).toFloats()).containsExactly(a.get(i).toFloats());
        }
        var plain = Trainer.of(model(), Losses.crossEntropy(), Sgd.of(0.5)).seed(6);
        assertThat(Tree.leaves(plain.fit(batches, Limit.epochs(4)).model()).getFirst().toFloats())
                .isNotEqualTo(a.getFirst().toFloats());
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> MixUp.of(0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("MixUp: α is 0.0; it must be above 0");
        assertThatThrownBy(() -> CutMix.of(Double.NaN)).hasMessageContaining("CutMix: α is NaN");
        assertThatThrownBy(() -> MixUp.of(1).mix(LABELS, LABELS, Key.of(1)))
                .hasMessageContaining("MixUp: features int32(3,) cannot be mixed");
        assertThatThrownBy(() -> CutMix.of().mix(Tensor.zeros(3, 8, 8), LABELS, Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "CutMix: features (3, 8, 8) are not images (n, h, w, c). Give them their"
                                + " channel: x.expandDims(-1)");
        assertThatThrownBy(() -> CutMix.of().mix(Tensor.zeros(3, 8), LABELS, Key.of(1)))
                .hasMessageContaining("For others take MixUp");
        assertThatThrownBy(() -> MixUp.of(1).sometimes(2))
                .hasMessageContaining("mixing: the probability is 2.0; it must be in [0, 1]");
    }

    @Test
    void featuresAndLabelsAreOfTheSameExamples() {
        for (var mixing : new Mixing[] {MixUp.of(0.2), CutMix.of()}) {
            for (int n : new int[] {2, 4}) {
                assertThatThrownBy(() -> mixing.mix(images(n, 4, 4, 1), LABELS, Key.of(1)))
                        .isInstanceOf(ShapeException.class)
                        .hasMessageContaining("are not of the same examples");
            }
        }
    }

    /** With the smallest number there is, λ was NaN. */
    @Test
    void refusesAlphasThatCannotBeDrawnWith() {
        assertThatThrownBy(() -> MixUp.of(Double.MIN_VALUE))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("α is 4.9E-324");
        double share = MixUp.of(1e-300).mix(images(3, 2, 2, 1), LABELS, Key.of(1)).share().item();
        assertThat(share).isBetween(0.0, 1.0);
    }
}
