package dev.fathom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.bench.workload.Workloads;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one training step is compiled to. The numbers are of this compiler, not of a theory: a
 * change that lowers one writes the new number here, one that raises it says why. They are the same
 * on every machine and for any number of threads.
 */
class CountsTest {
    /**
     * The losses are all that is allocated; and for ViT the weights of its last layer, which are
     * read once more after their update is computed.
     */
    @ParameterizedTest
    @CsvSource({
        "mlp, 24, 21, 963024, 4",
        "lenet, 45, 29, 6785872, 4",
        "conv-bn, 45, 32, 32123856, 4",
        "resnet, 255, 168, 230495376, 4",
        "lstm, 26, 13, 32738496, 4",
        "gru, 26, 13, 36801984, 4",
        "gpt, 200, 145, 34421248, 4",
        "vit, 315, 206, 335057168, 4",
        "nets, 3, 2, 3776, 256",
        "nets-tiny, 1, 0, 0, 4096"
    })
    void aStepIsCompiledTo(
            String name, long instructions, long regions, long temporaryBytes, long allocated) {
        var counts = Workloads.compiled(Workloads.named(name)).program().counts();
        assertThat(counts)
                .containsEntry("instructions", instructions)
                .containsEntry("regions", regions)
                .containsEntry("temporaryBytes", temporaryBytes)
                .containsEntry("outputBytesWhenDonated", allocated);
    }

    /** The Jacobian of {@code ntk} would be 1.3 GB, the gradients of {@code clipped} 343 MB. */
    @ParameterizedTest
    @CsvSource({
        "per-sample, 33, 15, 4983808",
        "clipped, 22, 17, 1252352",
        "hvp-mlp, 27, 13, 2272768",
        "hvp-resnet, 422, 183, 538240064",
        "ntk, 12, 4, 6553600"
    })
    void aDerivativeIsCompiledTo(
            String name, long instructions, long regions, long temporaryBytes) {
        assertThat(Workloads.compiled(Workloads.named(name)).program().counts())
                .containsEntry("instructions", instructions)
                .containsEntry("regions", regions)
                .containsEntry("temporaryBytes", temporaryBytes);
    }

    /** The products are those of the formula; what stands beside them is less than 3 %. */
    @ParameterizedTest
    @ValueSource(strings = {"per-sample", "clipped", "hvp-mlp", "ntk"})
    void theArithmeticIsThatOfTheFormula(String name) {
        var workload = Workloads.named(name);
        double done = Workloads.compiled(workload).profile(1).flop();
        assertThat(done).isBetween(workload.flop(), 1.03 * workload.flop());
    }
}
