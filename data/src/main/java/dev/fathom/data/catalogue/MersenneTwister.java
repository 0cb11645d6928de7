package dev.fathom.data.catalogue;

import java.util.stream.IntStream;

/**
 * MT19937 (Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998) seeded by their
 * {@code init_genrand}, with the ways of drawing numbers from it that NumPy's legacy generator has
 * frozen (NEP 19). It exists so that {@link Mnist1d} gives the published numbers; everything else
 * in Fathom draws from keys.
 */
final class MersenneTwister {
    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;
    private double spareNormal = Double.NaN;

    MersenneTwister(int seed) {
        state[0] = seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /** 32 random bits. */
    int bits() {
        if (next == N) {
            for (int i = 0; i < N; i++) {
                int y = (state[i] & 0x8000_0000) | (state[(i + 1) % N] & 0x7fff_ffff);
                state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (y & 1) * 0x9908b0df;
            }
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    /** Uniform on [0, 1) with 53 bits: {@code numpy.random.rand}. */
    double uniform() {
        int high = bits() >>> 5;
        int low = bits() >>> 6;
        return (high * 0x1p26 + low) * 0x1p-53;
    }

    /** Standard normal by Marsaglia's polar method, two at a time: {@code numpy.random.randn}. */
    double normal() {
        if (!Double.isNaN(spareNormal)) {
            double value = spareNormal;
            spareNormal = Double.NaN;
            return value;
        }
        double x;
        double y;
        double r;
        do {
            x = 2 * uniform() - 1;
            y = 2 * uniform() - 1;
            r = x * x + y * y;
        } while (r >= 1 || r == 0);
        double scale = Math.sqrt(-2 * StrictMath.log(r) / r);
        spareNormal = scale * x;
        return scale * y;
    }

    /** Uniform on {@code 0 .. bound-1} by masking and rejection: {@code numpy.random.randint}. */
    int below(int bound) {
        int mask = bound <= 1 ? 0 : -1 >>> Integer.numberOfLeadingZeros(bound - 1);
        if (mask == 0) {
            return 0;
        }
        int value = bits() & mask;
        while (value >= bound) {
            value = bits() & mask;
        }
        return value;
    }

    /** {@code numpy.random.permutation}. */
    int[] permutation(int n) {
        var order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = below(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
