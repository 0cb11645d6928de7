package dev.fathom.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TinyLoopTest {
    @Test
    void aLoopComputesWhatItsStepsDo() {
        var loop = Workloads.compiled(new TinyLoop("loop", Workloads.tiny(), 3));
        loop.step(0);
        loop.step(1);
        var each = Workloads.compiled(Workloads.tiny());
        for (int i = 0; i < 2 * 3 * Training.BATCHES; i++) {
            each.step(i);
        }
        assertThat(loop.value()).isCloseTo(each.value(), within(1e-6));
    }

    @Test
    void aCallIsOneInstructionThatAllocatesItsStateOnly() {
        var counts = Workloads.compiled(Workloads.named("tiny-loop")).program().counts();
        // weights 2·16 + 16 + 16·1 + 1, the step number of the optimizer and the loss, 4 bytes each
        assertThat(counts)
                .containsEntry("instructions", 1L)
                .containsEntry("outputBytes", 4L * (2 * 16 + 16 + 16 + 1 + 2));
    }
}
