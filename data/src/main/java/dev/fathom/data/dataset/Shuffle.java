package dev.fathom.data.dataset;

import java.util.stream.IntStream;

/**
 * Random permutations that are a function of (seed, stream) alone, the same on every machine:
 * Fisher-Yates (Durstenfeld 1964) driven by SplitMix64 (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014), with Lemire's unbiased bounded integers ("Fast
 * random integer generation in an interval", 2019).
 */
final class Shuffle {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    private Shuffle(long state) {
        this.state = state;
    }

    /** A permutation of {@code 0 .. n-1}. */
    static int[] permutation(int n, long seed, long stream) {
        // Mixing both words keeps (seed, epoch + 1) and (seed + 1, epoch) unrelated.
        var random = new Shuffle(mix(mix(seed) + GOLDEN_GAMMA * (2 * stream + 1)));
        var order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = random.below(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** {@code n} numbers from {@code 0 .. n-1}, each drawn from all of them. */
    static int[] draws(int n, long seed, long stream) {
        var random = new Shuffle(mix(mix(seed) + GOLDEN_GAMMA * (2 * stream + 1)));
        return IntStream.range(0, n).map(_ -> random.below(n)).toArray();
    }

    /** SplitMix64's output function. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private long next32() {
        state += GOLDEN_GAMMA;
        return mix(state) >>> 32;
    }

    private int below(int bound) {
        long product = next32() * bound;
        long low = product & 0xffff_ffffL;
        if (low < bound) {
            long rejected = (1L << 32) % bound;
            while (low < rejected) {
                product = next32() * bound;
                low = product & 0xffff_ffffL;
            }
        }
        return (int) (product >>> 32);
    }
}
