package dev.fathom.train.checkpoint;

import static dev.fathom.train.loop.Limit.epochs;
import static dev.fathom.train.loop.Limit.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.random.Key;
import dev.fathom.data.dataset.Batches;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.TreeMismatchException;
import dev.fathom.io.safetensors.SafeTensors;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.loss.Loss;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.train.error.CheckpointException;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.loop.BatchResult;
import dev.fathom.train.loop.Fit;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Toy;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.loop.Training;
import dev.fathom.train.metric.Metrics;
import dev.fathom.train.mixing.MixUp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

class CheckpointsTest {
    private static final Dataset TRAIN = Toy.clouds(50, 1);
    private static final Dataset TEST = Toy.clouds(31, 2);
    private static final Batches BATCHES = TRAIN.batches(16).shuffled(5);

    @TempDir private Path folder;

    /** The power goes. */
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private record CrashAt(long step) implements Listener {
        @Override
        public void batchEnded(Training training, BatchResult result) {
            if (result.step() == step) {
                throw new Crash();
            }
        }
    }

    private static Trainer<Toy.Net, ?> trainer(long seed, Listener... listeners) {
        return Trainer.of(Toy.Net.of(seed), Losses.crossEntropy(), Adam.of(0.03))
                .metrics(Metrics.accuracy())
                .seed(seed)
                .listeners(listeners);
    }

    private static void assertSame(Fit<?> actual, Fit<?> expected) {
        assertThat(Toy.bits(actual.model())).isEqualTo(Toy.bits(expected.model()));
        assertThat(Toy.bits(actual.best())).isEqualTo(Toy.bits(expected.best()));
        assertThat(actual.bestEpoch()).isEqualTo(expected.bestEpoch());
        assertThat(actual.steps()).isEqualTo(expected.steps());
        assertThat(actual.history().stream().map(EpochRecord::untimed))
                .isEqualTo(expected.history().stream().map(EpochRecord::untimed).toList());
    }

    @Test
    void aRunThatCrashesAtAnyStepEndsAsIfItHadNot() {
        var unbroken = trainer(3).fit(BATCHES, epochs(4), TEST);
        for (int every : new int[] {1, 3}) {
            for (long crash = 1; crash <= 16; crash++) {
                var dir = folder.resolve(every + "-" + crash);
                var save = CheckpointListener.to(Checkpoints.in(dir)).everySteps(every);
                var doomed = trainer(3, save, new CrashAt(crash));
                assertThatThrownBy(() -> doomed.fit(BATCHES, epochs(4), TEST))
                        .isInstanceOf(Crash.class);
                // numbers and key of the new trainer do not matter: those of the file are used
                var resumed =
                        trainer(99, CheckpointListener.to(dir))
                                .resume(dir)
                                .fit(BATCHES, epochs(4), TEST);
                assertSame(resumed, unbroken);
            }
        }
    }

    @Test
    void aFinishedRunGoesOnToMoreEpochs() {
        var unbroken = trainer(3).fit(BATCHES, epochs(5), TEST);
        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(2), TEST);
        assertSame(trainer(3).resume(folder).fit(BATCHES, epochs(5), TEST), unbroken);
        var nothing = trainer(3).resume(folder).fit(BATCHES, epochs(2), TEST);
        assertThat(nothing.steps()).isEqualTo(8);
    }

    @Test
    void aRunThatEndedWithinAnEpochGoesOnWithin() {
        var unbroken = trainer(3).fit(BATCHES, epochs(4), TEST);
        var part = trainer(3, CheckpointListener.to(folder)).fit(BATCHES, steps(6), TEST);
        assertThat(part.history()).hasSize(2);
        assertSame(trainer(3).resume(folder).fit(BATCHES, epochs(4), TEST), unbroken);
    }

    @Test
    void theNewestAndTheBestAreKept() {
        var fit =
                trainer(3, CheckpointListener.to(Checkpoints.in(folder).keeping(2)))
                        .fit(BATCHES, epochs(9), TEST);
        var files = Checkpoints.in(folder).files();
        var names = files.stream().map(f -> f.getFileName().toString()).toList();
        assertThat(names)
                .contains("checkpoint-00000032.safetensors", "checkpoint-00000036.safetensors");
        assertThat(names).contains("checkpoint-%08d.safetensors".formatted(4 * fit.bestEpoch()));
        assertThat(names).hasSize(fit.bestEpoch() >= 8 ? 2 : 3);
        var like = State.initial(Toy.Net.of(1), Adam.of(0.03).init(Toy.Net.of(1)), Key.of(0));
        var best = Checkpoints.read(Checkpoints.in(folder).file(4L * fit.bestEpoch()), like);
        assertThat(Toy.bits(best.state().model())).isEqualTo(Toy.bits(fit.best()));
        assertThat(Toy.bits(Checkpoints.in(folder).latest(like).best().orElseThrow().model()))
                .isEqualTo(Toy.bits(fit.best()));
    }

    @Test
    void aDamagedFileIsRefusedByNameAndReason() throws IOException {
        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(3), TEST);
        var newest = Checkpoints.in(folder).file(12);
        var good = Files.readAllBytes(newest);

        Files.write(newest, Arrays.copyOf(good, good.length - 100));
        assertThatThrownBy(() -> trainer(3).resume(folder).fit(BATCHES, epochs(4), TEST))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "checkpoint-00000012.safetensors, is damaged: the header describes")
                .hasMessageContaining("The newest intact one is checkpoint-00000008.safetensors")
                .hasMessageContaining("fallingBack()");

        var flipped = good.clone();
        flipped[good.length - 5] ^= 1;
        Files.write(newest, flipped);
        assertThatThrownBy(() -> trainer(3).resume(folder).fit(BATCHES, epochs(4), TEST))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("its checksum is")
                .hasCauseInstanceOf(CorruptFileException.class);

        var unbroken = trainer(3).fit(BATCHES, epochs(4), TEST);
        var older =
                trainer(3)
                        .resume(Checkpoints.in(folder).fallingBack())
                        .fit(BATCHES, epochs(4), TEST);
        assertSame(older, unbroken);

        for (var file : Checkpoints.in(folder).files()) {
            Files.write(file, new byte[3]);
        }
        assertThatThrownBy(() -> trainer(3).resume(folder).fit(BATCHES, epochs(4), TEST))
                .hasMessageContaining("No older one is intact");
        assertThatThrownBy(() ->
                        trainer(3)
                                .resume(Checkpoints.in(folder).fallingBack())
                                .fit(BATCHES, epochs(4), TEST))
                .hasMessageContaining("checkpoints in " + folder + " are damaged");
    }

    @Test
    void aModelFileIsNoCheckpoint() {
        SafeTensors.write(Checkpoints.in(folder).file(1), Map.of());
        assertThatThrownBy(() -> trainer(3).resume(folder).fit(BATCHES, epochs(4), TEST))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no checkpoint");
    }

    @Test
    void aRunGoesOnOnlyWithItsOwnThings() {
        assertThatThrownBy(() -> trainer(3).resume(folder).fit(BATCHES, epochs(4)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("there is no checkpoint in");
        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(2), TEST);
        assertThatThrownBy(() ->
                        trainer(3).resume(folder).fit(TRAIN.batches(8).shuffled(5), epochs(4)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "50 examples in batches of 16, shuffled by seed 5; it cannot go on with")
                .hasMessageContaining("batches of 8");
        assertThatThrownBy(() ->
                        trainer(3)
                                .metrics(Metrics.accuracy(), Metrics.topK(2))
                                .resume(folder)
                                .fit(BATCHES, epochs(4)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("had 1 metrics");
        assertThatThrownBy(() ->
                        Trainer.of(Toy.Net.of(1), Losses.crossEntropy(), Momentum.of(0.1))
                                .metrics(Metrics.accuracy())
                                .resume(folder)
                                .fit(BATCHES, epochs(4)))
                .isInstanceOf(TreeMismatchException.class)
                .hasMessageContaining("optimizer.");
        assertThatThrownBy(() ->
                        Trainer.of(Dense.of(4, 3, Key.of(1)), Losses.crossEntropy(), Adam.of(0.1))
                                .metrics(Metrics.accuracy())
                                .resume(folder)
                                .fit(BATCHES, epochs(4)))
                .isInstanceOf(TreeMismatchException.class)
                .hasMessageContaining("model.");
        assertThatThrownBy(() ->
                        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(2), TEST))
                .as("a new run does not mix its files with those of an old one")
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("another run");
        assertThatThrownBy(() -> Checkpoints.in(folder).keeping(0))
                .isInstanceOf(SettingException.class);
    }

    /** Functions without names are known by what they compute. */
    @Test
    void aRunGoesOnOnlyWithItsLossAndMixing() {
        trainer(3, CheckpointListener.to(folder))
                .mixing(MixUp.of(0.2))
                .fit(BATCHES, epochs(1), TEST);
        var noted = Checkpoints.in(folder).latest(initial()).objective();
        assertThat(noted).isPresent();
        trainer(3).mixing(MixUp.of(0.2)).resume(folder).fit(BATCHES, epochs(2), TEST);

        refused(trainer(3));
        refused(trainer(3).mixing(MixUp.of(0.3)));
        refused(trainer(3).mixing(MixUp.of(0.2).sometimes(0.5)));
        for (var loss :
                List.of(Losses.smoothedCrossEntropy(0.1), (Loss) (z, _) -> z.square().mean())) {
            refused(
                    Trainer.of(Toy.Net.of(3), loss, Adam.of(0.03))
                            .metrics(Metrics.accuracy())
                            .mixing(MixUp.of(0.2)));
        }
    }

    private State<Toy.Net, ?> initial() {
        var net = Toy.Net.of(3);
        return State.initial(net, Adam.of(0.03).init(net), Key.of(3));
    }

    private void refused(Trainer<?, ?> trainer) {
        assertThatThrownBy(() -> trainer.resume(folder).fit(BATCHES, epochs(4)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "the run in "
                                + folder
                                + " was trained with another loss, or its examples were mixed in"
                                + " another way (MixUp, CutMix), than in this one; give the same,"
                                + " or begin a new run from its model");
    }

    /** Files written before the objective was noted are read as before. */
    @Test
    void filesWithoutAnObjectiveAreGoneOnWith() {
        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(1));
        var file = Checkpoints.in(folder).files().getLast();
        var content = SafeTensors.read(file);
        var meta = content.metadata().get("fathom.checkpoint");
        var older = meta.replaceFirst(",\\s*\"objective\"\\s*:\\s*\"[^\"]*\"", "");
        assertThat(older).hasSizeLessThan(meta.length());
        SafeTensors.write(file, content.tensors(), Map.of("fathom.checkpoint", older));
        assertThat(trainer(3).resume(folder).fit(BATCHES, epochs(2)).steps()).isEqualTo(8);
    }

    @Test
    void leftoversOfAKilledWriterAreRemoved() throws IOException {
        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(1));
        Files.write(folder.resolve(".checkpoint-00000005.safetensors.123.tmp"), new byte[10]);
        trainer(3, CheckpointListener.to(folder)).resume(folder).fit(BATCHES, epochs(2));
        try (var files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .allMatch(n -> n.matches("checkpoint-\\d{8}\\.safetensors"));
        }
    }

    @Test
    void tensorsHaveReadableNames() {
        trainer(3, CheckpointListener.to(folder)).fit(BATCHES, epochs(1));
        var names = SafeTensors.read(Checkpoints.in(folder).file(4)).tensors().keySet();
        assertThat(names).contains("model.hidden.weight", "model.norm.mean", "key.bits", "step");
        assertThat(names).noneMatch(n -> n.startsWith("best.")).as("the best is this one");
        assertThat(List.copyOf(names).stream().filter(n -> n.startsWith("optimizer.")))
                .isNotEmpty();
    }
}
