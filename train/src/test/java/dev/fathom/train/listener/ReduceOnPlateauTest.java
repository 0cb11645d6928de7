package dev.fathom.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Toy;
import dev.fathom.train.loop.Trainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

final class ReduceOnPlateauTest {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        // patience, values after each epoch, factor after the last
        "1, 3 2 1, 1",
        "1, 3 3, 0.1",
        "1, 3 3 3, 0.01",
        "2, 3 4, 1",
        "2, 3 4 5, 0.1",
        "2, 3 4 2 3, 1",
        "2, 3 4 5 6, 0.1",
        "2, 3 4 5 6 7, 0.01",
        "2, NaN NaN, 0.1",
        "1, 3 3 3 3, 0.005",
    })
    void theFactorFollowsFromTheHistory(int patience, String values, double expected) {
        var listener = ReduceOnPlateau.of(0.1, patience).withLeast(0.005);
        var training = new FakeTraining();
        listener.fitStarted(training);
        assertThat(training.factor).isEqualTo(1);
        for (var value : values.split(" ")) {
            int number = training.history.size() + 1;
            var numbers = Map.of("loss", Double.parseDouble(value));
            training.history.add(new EpochRecord(number, number, 1, 1, numbers, numbers));
            listener.epochEnded(training, training.history.getLast());
        }
        assertThat(training.factor).isCloseTo(expected, within(1e-15));
    }

    @Test
    void theNextStepsAreSmaller() {
        // E(w) = (w − 1)² with w from 0, and a monitor that never improves: rates 0.25, 0.125, ...
        var data = Dataset.ofFloats(new float[] {1}, Shape.of(1), new float[] {1}, 1);
        var fit =
                Trainer.of(
                                new Dense(Tensor.zeros(1, 1), Optional.empty()),
                                Losses.mse(),
                                Sgd.of(0.25).adjustable())
                        .listeners(
                                ReduceOnPlateau.of(0.5, 1).watching(new Monitor("loss", true, 0)))
                        .fit(data.batches(1), Limit.epochs(3));
        // errors 1, (1 − 2·.25) = 1/2, the first epoch sets the best, so again 1/2: 1/4, then
        // (1 − 2·.125): 3/16
        assertThat(fit.model().weight().item()).isEqualTo(1 - 3.0 / 16);
    }

    @Test
    void aResumedRunHasTheSameRate() {
        var train = Toy.clouds(60, 1).batches(20).shuffled(3);
        var plain =
                Trainer.of(
                                Toy.Net.of(1),
                                Losses.crossEntropy(),
                                Momentum.of(0.1).clipped(1).adjustable())
                        .listeners(
                                ReduceOnPlateau.of(0.5, 1).watching(new Monitor("loss", true, 0)));
        var whole = plain.fit(train, Limit.epochs(6));
        // also written in the middle of an epoch
        plain.listeners(CheckpointListener.to(folder).everySteps(2)).fit(train, Limit.steps(11));
        var resumed = plain.resume(folder).fit(train, Limit.epochs(6));
        assertThat(Toy.bits(resumed.model())).isEqualTo(Toy.bits(whole.model()));
        var constant =
                Trainer.of(
                                Toy.Net.of(1),
                                Losses.crossEntropy(),
                                Momentum.of(0.1).clipped(1).adjustable())
                        .fit(train, Limit.epochs(6));
        assertThat(Toy.bits(constant.model())).isNotEqualTo(Toy.bits(whole.model()));
    }

    @Test
    void anOptimizerThatCannotIsRefused() {
        var train = Toy.clouds(60, 1).batches(20);
        assertThatThrownBy(() ->
                        Trainer.of(Toy.Net.of(1), Losses.crossEntropy(), Sgd.of(0.1))
                                .listeners(ReduceOnPlateau.of(0.5, 1))
                                .fit(train, Limit.epochs(1)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("Sgd.of(0.1).adjustable()");
        assertThatThrownBy(() -> ReduceOnPlateau.of(1, 1)).isInstanceOf(SettingException.class);
    }
}
