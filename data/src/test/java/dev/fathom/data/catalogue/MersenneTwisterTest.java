package dev.fathom.data.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Expected values were printed by NumPy's RandomState. */
class MersenneTwisterTest {
    @Test
    void bitsAreThoseOfTheReferenceCode() {
        var standard = new MersenneTwister(5489);
        assertThat(Integer.toUnsignedLong(standard.bits())).isEqualTo(3499211612L);
        assertThat(Integer.toUnsignedLong(standard.bits())).isEqualTo(581869302L);
        assertThat(Integer.toUnsignedLong(new MersenneTwister(42).bits())).isEqualTo(1608637542L);
    }

    /** The standard fixes the ten-thousandth number of the default seed (C++11, 26.5.5). */
    @Test
    void theTenThousandthNumber() {
        var random = new MersenneTwister(5489);
        for (int i = 1; i < 10_000; i++) {
            random.bits();
        }
        assertThat(Integer.toUnsignedLong(random.bits())).isEqualTo(4123659995L);
    }

    @Test
    void drawsAreThoseOfNumpy() {
        var uniform = new MersenneTwister(42);
        assertThat(uniform.uniform()).isEqualTo(0.3745401188473625);
        assertThat(uniform.uniform()).isEqualTo(0.9507143064099162);
        var normal = new MersenneTwister(42);
        assertThat(normal.normal()).isEqualTo(0.4967141530112327);
        assertThat(normal.normal()).isEqualTo(-0.13826430117118466);
        assertThat(normal.normal()).isEqualTo(0.6476885381006925);
        var integers = new MersenneTwister(42);
        for (int expected : new int[] {38, 28, 14, 42, 7, 20, 38, 18}) {
            assertThat(integers.below(48)).isEqualTo(expected);
        }
        assertThat(new MersenneTwister(42).permutation(10))
                .containsExactly(8, 1, 5, 0, 7, 2, 9, 4, 3, 6);
    }
}
