package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.TreeAssert;

import org.apache.commons.rng.simple.RandomSource;
import org.hipparchus.special.Beta;
import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Random numbers: known answers, independence, laws, and the same bits under every transform. */
class KeyTest {
    private static final int N = 20_000;

    // ---- bits
    // ------------------------------------------------------------------------------------

    private static final int[] ROTATE = {13, 15, 26, 6, 17, 29, 16, 24};

    /** Threefry-2x32-20 written from the paper's table 3, with the key schedule as an array. */
    private static long threefry(int k0, int k1, int c0, int c1) {
        int[] ks = {k0, k1, k0 ^ k1 ^ 0x1BD11BDA};
        int a = c0 + ks[0];
        int b = c1 + ks[1];
        for (int r = 0; r < 20; r++) {
            a += b;
            b = (b << ROTATE[r % 8]) | (b >>> (32 - ROTATE[r % 8]));
            b ^= a;
            if (r % 4 == 3) {
                int n = r / 4 + 1;
                a += ks[n % 3];
                b += ks[(n + 1) % 3] + n;
            }
        }
        return (long) a << 32 | b & 0xffffffffL;
    }

    /** The answers published with the authors' Random123 library (kat_vectors, threefry2x32 20). */
    @Test
    void knownAnswersOfThreefry() {
        assertThat(threefry(0, 0, 0, 0)).isEqualTo(0x6b20015999ba4efeL);
        assertThat(threefry(-1, -1, -1, -1)).isEqualTo(0x1cb996fcbb002be7L);
        assertThat(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))
                .isEqualTo(0xc4923a9c483df7a0L);
        assertThat(Key.of(0).randomBits(1).toInts()).containsExactly(0x6b200159 ^ 0x99ba4efe);
    }

    @Test
    void bitsAreThoseOfThreefryAtEachPosition() {
        for (long seed : new long[] {0, 1, -1, 0x13198a2e03707344L, Long.MIN_VALUE}) {
            int[] found = Key.of(seed).randomBits(7, 9).toInts();
            for (int c = 0; c < found.length; c++) {
                long words = threefry((int) (seed >>> 32), (int) seed, 0, c);
                assertThat(found[c]).isEqualTo((int) (words >>> 32) ^ (int) words);
            }
        }
    }

    @Test
    void numbersDependOnKeyAndPositionOnly() {
        var key = Key.of(42);
        assertThat(key.randomBits(3).toInts())
                .isEqualTo(Arrays.copyOf(key.randomBits(50).toInts(), 3));
        assertThat(key.uniform(2, 3).toFloats()).isEqualTo(key.uniform(6).toFloats());
    }

    // ---- keys
    // ------------------------------------------------------------------------------------

    @Test
    void splitsStreamsAndFoldsDiffer() {
        Set<Long> seen = new HashSet<>();
        var key = Key.of(7);
        var all = new ArrayList<>(Arrays.asList(key.split(50)));
        for (int i = 0; i < 50; i++) {
            all.add(key.fold(i));
            all.add(key.stream("name" + i));
        }
        all.add(key);
        for (var k : all) {
            int[] bits = k.bits().toInts();
            seen.add((long) bits[0] << 32 | bits[1] & 0xffffffffL);
        }
        assertThat(seen).hasSize(151);
        assertThat(key.stream("dropout").bits().toInts())
                .isEqualTo(Key.of(7).stream("dropout").bits().toInts());
    }

    @Test
    void streamsAreUncorrelated() {
        var key = Key.of(8);
        var keys =
                new Key[] {
                    key,
                    key.split(2)[0],
                    key.split(2)[1],
                    key.stream("a"),
                    key.stream("b"),
                    key.fold(0),
                    key.fold(1)
                };
        for (int i = 0; i < keys.length; i++) {
            double[] a = keys[i].normal(DType.FLOAT64, 4000).toDoubles();
            for (int j = 0; j < i; j++) {
                double[] b = keys[j].normal(DType.FLOAT64, 4000).toDoubles();
                double dot = IntStream.range(0, 4000).mapToDouble(k -> a[k] * b[k]).sum() / 4000;
                assertThat(dot).as("%d with %d", i, j).isCloseTo(0, within(5 / Math.sqrt(4000)));
            }
        }
    }

    @Test
    void aFoldedTensorIsTheFoldedNumber() {
        var key = Key.of(9);
        assertThat(key.fold(Tensor.scalar(5)).bits().toInts())
                .isEqualTo(key.fold(5).bits().toInts());
        assertThatThrownBy(() -> key.fold(Tensor.scalar(5.0)))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("a key takes an int32 index, not float64()");
    }

    // ---- laws
    // ------------------------------------------------------------------------------------

    /**
     * Mean and variance within five standard errors, and the largest gap of the distribution
     * function.
     */
    private static void law(
            double[] x,
            double mean,
            double variance,
            double fourth,
            Function<Double, Double> distribution) {
        double n = x.length;
        double m = Arrays.stream(x).average().orElseThrow();
        double v = Arrays.stream(x).map(t -> (t - mean) * (t - mean)).sum() / n;
        assertThat(m).isCloseTo(mean, within(5 * Math.sqrt(variance / n)));
        assertThat(v)
                .isCloseTo(variance, within(5 * Math.sqrt((fourth - variance * variance) / n)));
        double[] sorted = x.clone();
        Arrays.sort(sorted);
        double gap = 0;
        for (int i = 0; i < sorted.length; i++) {
            double p = distribution.apply(sorted[i]);
            gap = Math.max(gap, Math.max(Math.abs(p - i / n), Math.abs(p - (i + 1) / n)));
        }
        assertThat(gap)
                .isLessThan(
                        2.0 / Math.sqrt(n)); // Kolmogorov–Smirnov: exceeded with probability 7e-4
    }

    /**
     * The test of the test: another library's numbers pass it, numbers that are a little off do
     * not.
     */
    @Test
    void theLawIsToldFromItsNeighbours() {
        var other = RandomSource.XO_RO_SHI_RO_128_PP.create(5L);
        double[] good = IntStream.range(0, N).mapToDouble(_ -> other.nextDouble()).toArray();
        law(good, 0.5, 1.0 / 12, 1.0 / 80, x -> x);
        double[] bent = Arrays.stream(good).map(x -> Math.pow(x, 1.06)).toArray();
        assertThatThrownBy(() -> law(bent, 0.5, 1.0 / 12, 1.0 / 80, x -> x))
                .isInstanceOf(AssertionError.class);
        double[] coarse =
                Arrays.stream(good).map(x -> Math.floor(x * 30) / 30 + 1.0 / 60).toArray();
        assertThatThrownBy(() -> law(coarse, 0.5, 1.0 / 12, 1.0 / 80, x -> x))
                .isInstanceOf(AssertionError.class);
    }

    private static double phi(double x) {
        return 0.5 * (1 + Erf.erf(x / Math.sqrt(2)));
    }

    @Test
    void uniform() {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            double[] u = Key.of(11).uniform(dtype, N).toDoubles();
            assertThat(Arrays.stream(u).min().orElseThrow()).isNotNegative();
            assertThat(Arrays.stream(u).max().orElseThrow()).isLessThan(1);
            law(u, 0.5, 1.0 / 12, 1.0 / 80, x -> x);
            double unit = dtype == DType.FLOAT32 ? 0x1p24 : 0x1p53;
            assertThat(Arrays.stream(u)).allMatch(v -> v * unit == Math.rint(v * unit));
        }
        double[] between = Key.of(12).uniformBetween(-3, 5, N).toDoubles();
        law(between, 1, 64.0 / 12, 4096.0 / 80, x -> (x + 3) / 8);
    }

    @Test
    void normal() {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            law(Key.of(13).normal(dtype, N).toDoubles(), 0, 1, 3, KeyTest::phi);
        }
    }

    @Test
    void truncatedNormal() {
        double mass = phi(2) - phi(-2);
        double density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
        double variance = 1 - 4 * density / mass;
        double fourth = 3 * variance - 16 * density / mass; // E x⁴ = 3 E x² − 2·2³ φ(2)/mass
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            double[] x = Key.of(14).truncatedNormal(dtype, N).toDoubles();
            assertThat(Arrays.stream(x)).allMatch(v -> v >= -2 && v <= 2);
            law(x, 0, variance, fourth, v -> (phi(v) - phi(-2)) / mass);
        }
    }

    @Test
    void inverseOfTheErrorFunction() {
        for (double y : new double[] {-0.999, -0.5, -1e-3, 0, 1e-8, 0.3, 0.9, 0.99999}) {
            assertThat(Functions.erfInv(Tensor.scalar(y)).item())
                    .isCloseTo(Erf.erfInv(y), within(1e-12 * (1 + Math.abs(Erf.erfInv(y)))));
            assertThat(Functions.erf(Tensor.scalar(3 * y)).item())
                    .isCloseTo(Erf.erf(3 * y), within(1e-15));
        }
    }

    /** Mean and variance α, fourth central moment 3α² + 6α. */
    @Test
    void gamma() {
        for (double alpha : new double[] {0.2, 1, 1.5, 30}) {
            double[] x = Key.of(22).gamma(DType.FLOAT64, alpha, N).toDoubles();
            law(
                    x,
                    alpha,
                    alpha,
                    3 * alpha * alpha + 6 * alpha,
                    v -> Gamma.regularizedGammaP(alpha, v));
        }
        double[] narrow = Key.of(22).gamma(DType.FLOAT32, 2, N).toDoubles();
        law(narrow, 2, 2, 24, v -> Gamma.regularizedGammaP(2.0, v));
        assertThatThrownBy(() -> Key.of(1).gamma(DType.FLOAT64, 0, 3))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("gamma: the shape parameter is 0.0; it must be above 0");
    }

    @Test
    void beta() {
        for (double[] p : new double[][] {{0.2, 0.2}, {1, 1}, {2, 5}, {0.4, 3}}) {
            double a = p[0];
            double b = p[1];
            double s = a + b;
            double variance = a * b / (s * s * (s + 1));
            double excess =
                    6
                            * ((a - b) * (a - b) * (s + 1) - a * b * (s + 2))
                            / (a * b * (s + 2) * (s + 3));
            law(
                    Key.of(23).beta(DType.FLOAT64, a, b, N).toDoubles(),
                    a / s,
                    variance,
                    (excess + 3) * variance * variance,
                    v -> Beta.regularizedBeta(v, a, b));
        }
        double[] extreme = Key.of(24).beta(DType.FLOAT64, 1e-4, 1e-4, 200).toDoubles();
        assertThat(Arrays.stream(extreme)).allMatch(v -> v >= 0 && v <= 1);
        assertThat(Arrays.stream(extreme).filter(v -> v < 0.5).count()).isBetween(65L, 135L);
        assertThatThrownBy(() -> Key.of(1).beta(DType.FLOAT64, 1, -1))
                .hasMessageContaining("beta: the shape parameter is -1.0; it must be above 0");
    }

    @Test
    void bernoulliAndCategorical() {
        boolean[] b = Key.of(15).bernoulli(0.3, N).toBooleans();
        double share = IntStream.range(0, N).filter(i -> b[i]).count() / (double) N;
        assertThat(share).isCloseTo(0.3, within(5 * Math.sqrt(0.21 / N)));
        double[] p = {0.1, 0.2, 0.3, 0.4};
        Tensor logits = Tensor.of(p).log().plus(3).broadcastTo(N, 4);
        int[] drawn = Key.of(16).categorical(logits).toInts();
        double chi2 = 0;
        for (int k = 0; k < 4; k++) {
            int at = k;
            double count = Arrays.stream(drawn).filter(d -> d == at).count();
            chi2 += (count - N * p[k]) * (count - N * p[k]) / (N * p[k]);
        }
        assertThat(chi2).isLessThan(16.3); // three degrees of freedom, probability 1e-3
        assertThat(Key.of(17).bernoulli(0, 50).toBooleans()).containsOnly(false);
        assertThat(Key.of(17).bernoulli(1, 50).toBooleans()).containsOnly(true);
    }

    @Test
    void permutations() {
        int[] p = Key.of(18).permutation(100).toInts();
        assertThat(p).containsExactlyInAnyOrder(IntStream.range(0, 100).toArray());
        int[][] where = new int[5][5];
        for (var key : Key.of(19).split(2000)) {
            int[] q = key.permutation(5).toInts();
            for (int i = 0; i < 5; i++) {
                where[i][q[i]]++;
            }
        }
        double chi2 = 0;
        for (int[] row : where) {
            for (int count : row) {
                chi2 += (count - 400.0) * (count - 400.0) / 400;
            }
        }
        assertThat(chi2)
                .isLessThan(43.8); // 16 degrees of freedom after (n−1)/n: probability under 1e-3
    }

    @Test
    void integers() {
        int[] v = Key.of(20).integers(7, N).toInts();
        double chi2 = 0;
        for (int k = 0; k < 7; k++) {
            int at = k;
            double count = Arrays.stream(v).filter(d -> d == at).count();
            chi2 += (count - N / 7.0) * (count - N / 7.0) / (N / 7.0);
        }
        assertThat(Arrays.stream(v)).allMatch(d -> d >= 0 && d < 7);
        assertThat(chi2).isLessThan(22.5); // six degrees of freedom, probability 1e-3
        assertThat(Key.of(21).integers(1, 20).toInts()).containsOnly(0);
        assertThat(Arrays.stream(Key.of(21).integers(Integer.MAX_VALUE, 20).toInts()))
                .allMatch(d -> d >= 0);
    }

    // ---- transforms
    // ------------------------------------------------------------------------------

    @Test
    void theSameBitsInJitVmapAndScan() {
        Function<Key, Tensor> draw =
                k ->
                        k.stream("x")
                                .normal(3)
                                .plus(k.fold(2).truncatedNormal(DType.FLOAT32, 3))
                                .plus(k.permutation(3).cast(DType.FLOAT32))
                                .plus(k.beta(DType.FLOAT32, 0.3, 2, 3))
                                .plus(k.categorical(Tensor.zeros(3, 4)).cast(DType.FLOAT32));
        Tensor keys = Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor mapped = vmap((Tensor k) -> draw.apply(new Key(k))).apply(keys);
        Carried<Tensor, Tensor> scanned =
                Loops.scan(
                        (Tensor s, Tensor k) -> new Carried<>(s, draw.apply(new Key(k))),
                        Tensor.scalar(0),
                        keys);
        for (int i = 0; i < 3; i++) {
            var key = new Key(keys.get(i));
            Tensor alone = draw.apply(key);
            TreeAssert.assertClose("jit", jit(draw).apply(key), alone, 1e-6);
            TreeAssert.assertClose("vmap", mapped.get(i), alone, 1e-6);
            TreeAssert.assertClose("scan", scanned.outputs().get(i), alone, 1e-6);
        }
        Function<Key, Tensor> bits = k -> k.split(3)[1].randomBits(5);
        TreeAssert.assertSame("bits", jit(bits).apply(Key.of(3)), bits.apply(Key.of(3)));
        Tensor many = vmap((Tensor k) -> bits.apply(new Key(k))).apply(keys);
        TreeAssert.assertSame("bits", many.get(2), bits.apply(new Key(keys.get(2))));
    }
}
