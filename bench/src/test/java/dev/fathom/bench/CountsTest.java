package dev.fathom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.bench.workload.Workloads;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What one training step is compiled to. The numbers are of this compiler, not of a theory: a
 * change that lowers one writes the new number here, one that raises it says why. They are the same
 * on every machine and for any number of threads.
 */
class CountsTest {
    @ParameterizedTest
    @CsvSource({
        "mlp, 29, 21, 2274256",
        "lenet, 47, 29, 6785872",
        "conv-bn, 55, 40, 57898704",
        "resnet, 256, 169, 232616528",
        "lstm, 25, 13, 51612864",
        "gru, 25, 13, 36801984",
        "gpt, 358, 181, 55427584"
    })
    void aStepIsCompiledTo(String name, long instructions, long regions, long temporaryBytes) {
        var workload = Workloads.named(name);
        var counts = workload.steps(workload.problem()).program().counts();
        assertThat(counts)
                .containsEntry("instructions", instructions)
                .containsEntry("regions", regions)
                .containsEntry("temporaryBytes", temporaryBytes)
                .containsEntry("outputBytesWhenDonated", 4L); // the loss is all that is allocated
    }
}
