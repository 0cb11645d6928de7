package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import jdk.incubator.vector.VectorShape;

import org.junit.jupiter.api.Test;

class WidthTest {

    @Test
    void allSpeciesHaveTheConfiguredWidth() {
        String configured = System.getProperty("fathom.vector.bits", "");
        if (!configured.isEmpty()) {
            assertThat(Width.bits()).isEqualTo(Integer.parseInt(configured));
        }
        assertThat(Width.bits()).isIn(128, 256, 512);
        assertThat(Width.F32.length() * 32).isEqualTo(Width.bits());
        assertThat(Width.F64.length() * 64).isEqualTo(Width.bits());
        assertThat(Width.I32.length()).isEqualTo(Width.F32.length());
        assertThat(Width.I64.length()).isEqualTo(Width.F64.length());
        assertThat(Width.describe()).startsWith(Width.bits() + "-bit vectors");
    }

    @Test
    void readsTheProperty() {
        assertThat(Width.shape("128")).isEqualTo(VectorShape.S_128_BIT);
        assertThat(Width.shape(" 256 ")).isEqualTo(VectorShape.S_256_BIT);
        assertThat(Width.shape("512")).isEqualTo(VectorShape.S_512_BIT);
        assertThat(Width.shape("").vectorBitSize()).isIn(128, 256, 512);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Width.shape("1024"))
                .withMessageContaining("fathom.vector.bits")
                .withMessageContaining("1024");
        assertThatIllegalArgumentException().isThrownBy(() -> Width.shape("wide"));
    }
}
