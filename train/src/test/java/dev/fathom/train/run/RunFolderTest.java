package dev.fathom.train.run;

import static dev.fathom.train.loop.Limit.epochs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.train.error.RunFolderException;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.listener.HistoryWriter;
import dev.fathom.train.loop.Toy;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

class RunFolderTest {
    /** Settings as a program might have them. */
    public record Settings(String model, int epochs, double learningRate) {}

    @TempDir private Path parent;

    @Test
    void aRunCanBeReadFromItsFolder() {
        var run = RunFolder.next(parent.resolve("runs"), "digits");
        assertThat(run.path()).hasFileName("digits-1");
        assertThat(RunFolder.next(parent.resolve("runs"), "digits").path()).hasFileName("digits-2");

        var train = Toy.clouds(40, 1).describedAs("clouds", "made up", "abc");
        run.writeConfig(new Settings("net", 3, 0.1));
        var environment = Environment.current(17, train);
        run.writeEnvironment(environment);
        var fit =
                Trainer.of(Toy.Net.of(1), Losses.crossEntropy(), Adam.of(0.01))
                        .metrics(Metrics.accuracy())
                        .listeners(
                                HistoryWriter.to(run.path()),
                                CheckpointListener.to(run.checkpoints()))
                        .fit(train.batches(10), epochs(3), train);
        run.saveModel(fit.best(), Map.of("classes", "a b c"));

        var again = RunFolder.open(run.path());
        assertThat(again.readConfig(Settings.class)).isEqualTo(new Settings("net", 3, 0.1));
        assertThat(again.readEnvironment()).isEqualTo(environment);
        assertThat(again.readHistory()).isEqualTo(fit.history());
        assertThat(Toy.bits(again.loadModel(Toy.Net.of(2)))).isEqualTo(Toy.bits(fit.best()));
        assertThat(again.modelMetadata()).isEqualTo(Map.of("classes", "a b c"));
        assertThat(again.checkpoints())
                .isDirectoryContaining("glob:**checkpoint-00000012.safetensors");
    }

    @Test
    void theEnvironmentSaysWhatRan() {
        var environment = Environment.current(17, Toy.clouds(40, 1));
        assertThat(environment.java()).startsWith("25");
        assertThat(environment.seed()).isEqualTo(17);
        assertThat(environment.examples()).isEqualTo(40);
        assertThat(environment.dataSha256()).hasSize(64);
        assertThat(environment.device()).isNotEmpty();
        assertThat(environment.processors()).isPositive();
        assertThat(environment.started()).endsWith("Z");
    }

    @Test
    void foldersOfOthersAreLeftAlone() {
        var run = RunFolder.create(parent.resolve("a"));
        run.writeConfig(Map.of("k", 1));
        assertThatThrownBy(() -> RunFolder.create(parent.resolve("a")))
                .isInstanceOf(RunFolderException.class)
                .hasMessageContaining("not empty");
        assertThatThrownBy(() -> RunFolder.open(parent))
                .isInstanceOf(RunFolderException.class)
                .hasMessageContaining("no config.json");
        assertThat(RunFolder.create(parent.resolve("b")).readHistory()).isEmpty();
    }
}
