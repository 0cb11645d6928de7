package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThreefryTest {

    /** The known answers published with Random123 1.14 for threefry2x32 with 20 rounds. */
    @Test
    void knownAnswers() {
        assertThat(Threefry.block(0, 0, 0, 0)).isEqualTo(0x6b200159_99ba4efeL);
        assertThat(Threefry.block(-1, -1, -1, -1)).isEqualTo(0x1cb996fc_bb002be7L);
        assertThat(Threefry.block(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))
                .isEqualTo(0xc4923a9c_483df7a0L);
    }

    private static int word(int k0, int k1, long counter) {
        long block = Threefry.block(k0, k1, (int) (counter >>> 32), (int) counter);
        return (int) (block >>> 32) ^ (int) block;
    }

    @Test
    void vectorsGiveTheBlocks() {
        for (int n : Kernels.SIZES) {
            int[] out = new int[n + 4];
            Threefry.bits(0x12345678, 0x9abcdef0, 7, out, 3, n);
            for (int i = 0; i < n; i++) {
                assertThat(out[i + 3]).isEqualTo(word(0x12345678, 0x9abcdef0, 7 + i));
            }
            assertThat(out[n + 3]).isZero();
        }
        int[] first = new int[1];
        Threefry.bits(0, 0, 0, first, 0, 1);
        // the first known answer, its two words combined by hand
        assertThat(first[0]).isEqualTo(0x6b200159 ^ 0x99ba4efe);
    }

    @Test
    void theCounterCarriesIntoItsHighWord() {
        for (long start : new long[] {0xffff_fff0L, 0x1_ffff_ff80L, 0x7fff_fff0L, -40}) {
            int[] out = new int[200];
            Threefry.bits(1, 2, start, out, 0, 200);
            for (int i = 0; i < 200; i++) {
                assertThat(out[i]).isEqualTo(word(1, 2, start + i));
            }
        }
    }
}
