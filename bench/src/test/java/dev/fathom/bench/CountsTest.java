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
        "lenet, 47, 29, 7391056",
        "conv-bn, 50, 35, 61511376",
        "resnet, 256, 169, 232616528",
        "lstm, 25, 13, 51612864",
        "gru, 25, 13, 36801984",
        "gpt, 358, 181, 55427584",
        "vit, 545, 260, 603085328",
        "nets, 5, 4, 3776",
        "nets-tiny, 2, 1, 8"
    })
    void aStepIsCompiledTo(String name, long instructions, long regions, long temporaryBytes) {
        var workload = Workloads.named(name);
        var counts = workload.steps(workload.problem()).program().counts();
        assertThat(counts)
                .containsEntry("instructions", instructions)
                .containsEntry("regions", regions)
                .containsEntry("temporaryBytes", temporaryBytes)
                .containsEntry(
                        "outputBytesWhenDonated", // the losses are all that is allocated
                        (long) Float.BYTES * workload.parts());
    }
}
