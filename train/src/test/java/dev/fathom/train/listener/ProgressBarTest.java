package dev.fathom.train.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.BatchResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

class ProgressBarTest {
    private long now;
    private final StringBuilder out = new StringBuilder();
    private final FakeTraining training = new FakeTraining();

    private static Map<String, Double> values(double loss, double accuracy) {
        var map = new LinkedHashMap<String, Double>();
        map.put("loss", loss);
        map.put("accuracy", accuracy);
        return map;
    }

    private void run(ProgressBar bar) {
        bar.fitStarted(training);
        training.epoch = 1;
        bar.epochStarted(training);
        for (int i = 1; i <= 4; i++) {
            now += 250_000_000L;
            training.step = i;
            bar.batchEnded(
                    training,
                    new BatchResult(i, i, 50, 1, values(2.0 / i, 0.2 * i), 50L * i, 0.25 * i));
        }
        bar.epochEnded(
                training, new EpochRecord(1, 4, 200, 1.25, values(0.5, 0.8), values(0.6, 0.75)));
        bar.fitEnded(training);
    }

    @Test
    void rewritesItsLineOnATerminal() {
        run(ProgressBar.to(out, true, () -> now));
        // each step took 0.25 s and there are 40: after the first 39 · 0.25 = 9.75 s are left
        assertThat(out.toString().replace("\r", "\n").lines().map(String::stripTrailing))
                .containsExactly(
                        "",
                        "epoch  1/10 preparing",
                        "epoch  1/10 [=====>              ]  25%  loss 2.0000  accuracy 0.2000 "
                                + " 200/s  0:10 left",
                        "epoch  1/10 [==========>         ]  50%  loss 1.0000  accuracy 0.4000 "
                                + " 200/s  0:10 left",
                        "epoch  1/10 [===============>    ]  75%  loss 0.6667  accuracy 0.6000 "
                                + " 200/s  0:09 left",
                        "epoch  1/10 [====================] 100%  loss 0.5000  accuracy 0.8000 "
                                + " 200/s",
                        "epoch  1/10  loss 0.5000  accuracy 0.8000  validation  loss 0.6000 "
                                + " accuracy 0.7500  1.3 s  160/s");
        assertThat(out.chars().filter(c -> c == '\n').count()).isEqualTo(1);
    }

    @Test
    void aShorterLineWipesALongerOne() {
        run(ProgressBar.to(out, true, () -> now));
        var lines = out.toString().split("\r");
        for (int i = 2; i < lines.length; i++) {
            assertThat(lines[i].replace("\n", "").length())
                    .as("line %d covers the one before", i)
                    .isGreaterThanOrEqualTo(lines[i - 1].stripTrailing().length());
        }
    }

    @Test
    void doesNotWriteMoreThanTenTimesASecond() {
        var bar = ProgressBar.to(out, true, () -> now);
        bar.fitStarted(training);
        for (int i = 1; i <= 1000; i++) {
            now += 1_000_000L;
            bar.batchEnded(training, new BatchResult(i, 1, 50, 1, values(1, 1), 50, 1));
        }
        assertThat(out.chars().filter(c -> c == '\r').count()).isBetween(9L, 11L);
    }

    @Test
    void writesOneLineAnEpochElsewhere() {
        run(ProgressBar.to(out, false, () -> now));
        assertThat(out.toString())
                .isEqualTo(
                        "epoch  1/10  loss 0.5000  accuracy 0.8000  validation  loss 0.6000 "
                                + " accuracy 0.7500  1.3 s  160/s\n");
    }

    @Test
    void theHeldOutDataHasTheNameGiven() {
        run(ProgressBar.to(out, false, () -> now).calling("test"));
        assertThat(out.toString())
                .contains("accuracy 0.8000  test  loss 0.6000")
                .doesNotContain("validation");
    }

    @Test
    void theLocaleOfTheMachineDoesNotMatter() {
        var before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            run(ProgressBar.to(out, false, () -> now));
        } finally {
            Locale.setDefault(before);
        }
        assertThat(out.toString()).contains("epoch  1/10  loss 0.5000");
    }

    @ParameterizedTest
    @CsvSource({"0, 0:00", "-3, 0:00", "59.6, 1:00", "754, 12:34", "3723, 1:02:03"})
    void timesAreReadable(double seconds, String expected) {
        assertThat(ProgressBar.time(seconds)).isEqualTo(expected);
    }
}
