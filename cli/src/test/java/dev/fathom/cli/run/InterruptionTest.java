package dev.fathom.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.train.loop.BatchResult;
import dev.fathom.train.loop.Training;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class InterruptionTest {
    private static final BatchResult STEP = new BatchResult(1, 1, 8, 0.5, Map.of(), 8, 0.1);

    /** A training that only notes why it is told to stop. */
    private static Training training(List<String> reasons) {
        return (Training)
                Proxy.newProxyInstance(
                        InterruptionTest.class.getClassLoader(),
                        new Class<?>[] {Training.class},
                        (_, method, args) -> {
                            assertThat(method.getName()).isEqualTo("stop");
                            reasons.add((String) args[0]);
                            return null;
                        });
    }

    @Test
    void aTrainingGoesOnUntilItIsAskedToStop() throws InterruptedException {
        var reasons = new ArrayList<String>();
        var interruption = Interruption.listening();
        interruption.batchEnded(training(reasons), STEP);
        assertThat(reasons).isEmpty();

        var signal = new Thread(interruption::request);
        signal.start();
        while (reasons.isEmpty()) {
            interruption.batchEnded(training(reasons), STEP);
            Thread.onSpinWait();
        }
        assertThat(reasons).containsOnly(Interruption.REASON);
        assertThat(signal.isAlive()).as("the process waits for the checkpoint").isTrue();

        interruption.close();
        assertThat(signal.join(Duration.ofSeconds(30))).isTrue();
    }
}
