package dev.fathom.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Trainer;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Optional;

final class StopWhenTest {
    private static EpochRecord epoch(int number, double train, double validation) {
        return new EpochRecord(
                number, number, 1, 1, Map.of("loss", train), Map.of("loss", validation));
    }

    /** After which epoch it stops, 0 if never; a run resumed from there must stop at once. */
    private static int stops(StopWhen listener, double[] train, double[] validation) {
        var training = new FakeTraining();
        listener.fitStarted(training);
        for (int i = 0; i < train.length; i++) {
            training.history.add(epoch(i + 1, train[i], validation[i]));
            listener.epochEnded(training, training.history.getLast());
            var resumed = new FakeTraining();
            resumed.history.addAll(training.history);
            listener.fitStarted(resumed);
            assertThat(resumed.stopped).isEqualTo(training.stopped);
            if (!training.stopped.isEmpty()) {
                return i + 1;
            }
        }
        return 0;
    }

    private static final double[] FLAT = {1, 1, 1, 1, 1, 1};

    @Test
    void generalisationLossIsPerCentAboveTheBest() {
        double[] validation = {1, 0.5, 0.52, 0.51, 0.53, 0.4}; // GL 0 0 4 2 6 0
        assertThat(stops(StopWhen.generalisationLoss(3.9), FLAT, validation)).isEqualTo(3);
        assertThat(stops(StopWhen.generalisationLoss(4.1), FLAT, validation)).isEqualTo(5);
        assertThat(stops(StopWhen.generalisationLoss(6.1), FLAT, validation)).isZero();
    }

    @Test
    void theQuotientForgivesWhileTrainingProgresses() {
        // strips of 2. After 4: GL = 100 (.55/.5 − 1) = 10, P = 1000 (.55/.5 − 1) = 100: 0.1.
        // After 6: GL = 10, P = 1000 (.4995/.499 − 1) = 1.002: 9.98
        double[] train = {1, 0.8, 0.6, 0.5, 0.5, 0.499};
        double[] validation = {1, 0.5, 0.6, 0.55, 0.6, 0.55};
        assertThat(stops(StopWhen.progressQuotient(0.09, 2), train, validation)).isEqualTo(4);
        assertThat(stops(StopWhen.progressQuotient(0.11, 2), train, validation)).isEqualTo(6);
        assertThat(stops(StopWhen.progressQuotient(10, 2), train, validation)).isZero();
        assertThat(stops(StopWhen.progressQuotient(10, 2), FLAT, validation)).isEqualTo(4);
    }

    @Test
    void risenLooksAtTheEndsOfStrips() {
        double[] validation = {1, 2, 9, 3, 0, 4}; // ends of strips of 2: 2 3 4
        assertThat(stops(StopWhen.risen(1, 2), FLAT, validation)).isEqualTo(4);
        assertThat(stops(StopWhen.risen(2, 2), FLAT, validation)).isEqualTo(6);
        assertThat(stops(StopWhen.risen(3, 2), FLAT, validation)).isZero();
        assertThat(stops(StopWhen.risen(2, 1), FLAT, validation)).isEqualTo(3);
    }

    @Test
    void theTrainingLossCanDecide() {
        double[] train = {1, 0.5, 0.45, 0.44, 0.2, 0.1};
        assertThat(stops(StopWhen.trainingLossBelow(0.45), train, FLAT)).isEqualTo(3);
        assertThat(stops(StopWhen.trainingLossBelow(0.01), train, FLAT)).isZero();
        assertThat(stops(StopWhen.converged(0.1, 2), train, FLAT)).isEqualTo(4);
        assertThat(stops(StopWhen.converged(0.1, 3), train, FLAT)).isZero();
        assertThat(stops(StopWhen.converged(0.02, 1), train, FLAT)).isEqualTo(4);
    }

    @Test
    void aSmallGradientEndsTheRun() {
        // one weight, E(w) = mean (w x − y)² over (1, 2), (2, 4), (3, 6): ∇E = (28/3) (w − 2)
        var data = Dataset.ofFloats(new float[] {1, 2, 3}, Shape.of(1), new float[] {2, 4, 6}, 1);
        var model = new Dense(Tensor.zeros(1, 1), Optional.empty());
        var listener = new GradientNorm(0.01, Losses.mse(), data.batches(2));
        assertThat(listener.at(model)).isCloseTo(56 / 3.0, within(1e-5));
        var fit =
                Trainer.of(model, Losses.mse(), Sgd.of(0.05))
                        .listeners(listener)
                        .fit(data.batches(3), Limit.epochs(100));
        // each step leaves 1 − 0.05 · 28/3 = 8/15 of the error: 56/3 (8/15)^12 = 0.0099
        assertThat(fit.steps()).isEqualTo(12);
        assertThat(fit.stopped().orElseThrow()).contains("gradient norm").contains("at most 0.01");
        assertThatThrownBy(() -> new GradientNorm(Double.NaN, Losses.mse(), data.batches(2)))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> StopWhen.generalisationLoss(0))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("generalisationLoss: alpha is 0.0; it must be positive");
        assertThatThrownBy(() -> StopWhen.risen(0, 1)).isInstanceOf(SettingException.class);
        var training = new FakeTraining();
        training.history.add(new EpochRecord(1, 1, 1, 1, Map.of("loss", 1.0), Map.of()));
        assertThatThrownBy(() -> StopWhen.generalisationLoss(1).fitStarted(training))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("no validation data");
    }
}
