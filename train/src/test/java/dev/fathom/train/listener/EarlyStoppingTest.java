package dev.fathom.train.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.Map;

class EarlyStoppingTest {
    private static EpochRecord epoch(int number, double value) {
        return new EpochRecord(
                number,
                number * 10L,
                100,
                1,
                Map.of("loss", 0.0),
                Map.of("loss", value, "accuracy", value));
    }

    @ParameterizedTest
    @CsvSource({
        // patience, min delta, higher is better, values after each epoch, stops after epoch, 0 if
        // never
        "1, 0, false, 3 2 1, 0",
        "1, 0, false, 3 2 2, 3",
        "2, 0, false, 3 2 2, 0",
        "2, 0, false, 3 2 2 2, 4",
        "2, 0, false, 3 4 2 5 1, 0",
        "2, 0, false, 3 4 5, 3",
        "3, 0, true, 0.1 0.5 0.4 0.4 0.4, 5",
        "3, 0, true, 0.1 0.5 0.4 0.6 0.4, 0",
        "2, 0.1, true, 0.5 0.55 0.59, 3",
        "2, 0.1, true, 0.5 0.55 0.61, 0",
        "2, 0, false, NaN NaN, 2",
        "2, 0, false, NaN 1 NaN 2, 4",
        "2, 0, false, NaN 1 NaN 0.5, 0",
    })
    void stopsWhenPatienceIsOver(
            int patience, double delta, boolean higher, String values, int expected) {
        var listener = EarlyStopping.of(patience).watching(new Monitor("accuracy", higher, delta));
        var training = new FakeTraining();
        var numbers = Arrays.stream(values.split(" ")).mapToDouble(Double::parseDouble).toArray();
        int stoppedAfter = 0;
        for (int i = 0; i < numbers.length && stoppedAfter == 0; i++) {
            training.history.add(epoch(i + 1, numbers[i]));
            listener.epochEnded(training, training.history.getLast());
            stoppedAfter = training.stopped.isEmpty() ? 0 : i + 1;
        }
        assertThat(stoppedAfter).isEqualTo(expected);

        // a run resumed from that history stops at once
        var resumed = new FakeTraining();
        resumed.history.addAll(training.history);
        listener.fitStarted(resumed);
        assertThat(resumed.stopped.isEmpty()).isEqualTo(expected == 0);
    }

    @Test
    void watchesTheTrainersMonitorUnlessToldOtherwise() {
        var training = new FakeTraining();
        training.history.add(epoch(1, 0.5));
        training.history.add(epoch(2, 0.6)); // a worse loss
        EarlyStopping.of(1).epochEnded(training, training.history.getLast());
        assertThat(training.stopped)
                .containsExactly("loss has not improved for 1 epoch, best in epoch 1");
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> EarlyStopping.of(0)).isInstanceOf(SettingException.class);
        assertThatThrownBy(() -> new Monitor("loss", false, -1))
                .isInstanceOf(SettingException.class);
        var training = new FakeTraining();
        training.history.add(epoch(1, 0.5));
        assertThatThrownBy(() ->
                        EarlyStopping.of(1)
                                .watching(new Monitor("f1", true, 0))
                                .epochEnded(training, training.history.getLast()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'f1'");
    }
}
