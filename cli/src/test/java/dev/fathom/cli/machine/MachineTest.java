package dev.fathom.cli.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineTest {
    @ParameterizedTest
    @CsvSource({
        "always [madvise] never, madvise",
        "[always] madvise never, always",
        "always madvise [never], never",
        "'', unknown",
        "always, unknown"
    })
    void linuxPutsTheModeInBrackets(String modes, String mode) {
        assertThat(Machine.chosen(modes)).isEqualTo(mode);
    }

    @Test
    void theWidthIsReadOffTheBackendsLine() {
        assertThat(Machine.vectorBits("CPU, 512-bit vectors: 16 x f32")).hasValue(512);
        assertThat(Machine.vectorBits("plain loops")).isEmpty();
    }

    @Test
    void thisMachineIsDescribed() {
        var machine = Machine.current();
        assertThat(machine.java()).startsWith("25");
        assertThat(machine.cores()).isPositive();
        assertThat(machine.heap()).isPositive();
        assertThat(machine.backend()).contains(": ");
    }
}
