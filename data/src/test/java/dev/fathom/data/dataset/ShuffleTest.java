package dev.fathom.data.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.stream.IntStream;

class ShuffleTest {
    /** SplitMix64 from seed 0 starts with these (the reference C code of Vigna, 2015). */
    @Test
    void mixIsSplitMix64() {
        assertThat(Shuffle.mix(0x9e3779b97f4a7c15L)).isEqualTo(0xe220a8397b1dcdafL);
        assertThat(Shuffle.mix(2 * 0x9e3779b97f4a7c15L)).isEqualTo(0x6e789e6aa1b965f4L);
    }

    /** Written down from a separate program in Python with arbitrary-precision integers. */
    @Test
    void permutationsAreTheSameEverywhere() {
        assertThat(Shuffle.permutation(10, 42, 0)).containsExactly(5, 2, 1, 9, 0, 6, 4, 8, 7, 3);
        assertThat(Shuffle.permutation(10, 42, 1)).containsExactly(2, 7, 5, 1, 0, 4, 9, 6, 8, 3);
        assertThat(Shuffle.permutation(10, -7, 3)).containsExactly(1, 8, 5, 2, 4, 9, 6, 0, 3, 7);
    }

    @Test
    void everyPlaceOccursOnce() {
        for (int n : new int[] {0, 1, 2, 17, 1000}) {
            var sorted = Shuffle.permutation(n, 3, 4);
            Arrays.sort(sorted);
            assertThat(sorted).isEqualTo(IntStream.range(0, n).toArray());
        }
    }

    /**
     * 6,000 permutations of 3: each of the 6 has mean 1000 and deviation 29; five deviations
     * allowed.
     */
    @Test
    void allOrdersAreEquallyLikely() {
        var counts = new int[27];
        for (int stream = 0; stream < 6000; stream++) {
            var p = Shuffle.permutation(3, 11, stream);
            counts[9 * p[0] + 3 * p[1] + p[2]]++;
        }
        assertThat(IntStream.of(counts).filter(c -> c > 0))
                .hasSize(6)
                .allSatisfy(c -> assertThat(c).isBetween(855, 1145));
    }
}
