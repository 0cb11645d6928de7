package dev.fathom.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.cli.machine.Machine;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorCommandTest {
    private static Machine machine(String backend, int bits, int threads, long heap, String pages) {
        return new Machine(
                "25", "VM", "Linux", "CPU", 4, threads, backend, bits, 8L << 30, heap, pages);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "reference: loops | 512 | 4 | 4 | madvise | start Fathom with ./fathom",
                "simd: CPU        | 128 | 4 | 4 | madvise | vectors have only 128 bits",
                "simd: CPU        | 512 | 9 | 4 | madvise | leave out --threads",
                "simd: CPU        | 512 | 4 | 0 | madvise | FATHOM_JAVA_OPTS=-Xmx2g",
                "simd: CPU        | 512 | 4 | 4 | never   | transparent_hugepage/enabled",
            })
    void aProblemComesWithItsCure(
            String backend, int bits, int threads, long gibibytes, String pages, String cure) {
        var problems =
                DoctorCommand.problems(machine(backend, bits, threads, gibibytes << 30, pages));
        assertThat(problems).anyMatch(line -> line.contains(cure)).allMatch(p -> !p.contains("\n"));
    }

    @Test
    void aGoodMachineHasNoneButMissingData() {
        assertThat(DoctorCommand.problems(machine("simd: CPU", 512, 4, 4L << 30, "always")))
                .allMatch(line -> line.contains("fathom data fetch"));
    }
}
