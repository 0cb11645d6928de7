package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.train.validation.Bootstrap;

import org.hipparchus.stat.inference.TTest;
import org.hipparchus.stat.inference.WilcoxonSignedRankTest;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Two treatments on the same cases, such as two optimizers from the same seeds: what is looked at
 * are the differences dᵢ = aᵢ − bᵢ, so that what a seed does to both cancels. All tests are
 * two-sided.
 *
 * @param difference mean of d
 * @param standardError s/√n
 * @param interval of the mean, by the bootstrap over cases
 * @param tTest p of mean 0 if d were normal
 * @param wilcoxon p of the signed ranks, exact up to 16 cases
 * @param signFlip p by flipping the signs of d, exact up to 16 cases, else (1 + hits)/(1 + 65535)
 */
public record PairedComparison(
        double difference,
        double standardError,
        Bootstrap.Interval interval,
        double tTest,
        double wilcoxon,
        double signFlip) {

    private static final int FLIPS = 1 << 16;

    /** Of a against b, case by case; at least 2. */
    public static PairedComparison of(double[] a, double[] b, long seed) {
        InstrumentException.require(
                a.length == b.length && a.length >= 2,
                "paired comparison: "
                        + a.length
                        + " and "
                        + b.length
                        + " values; the same cases are wanted on both sides, 2 or more");
        var d = new double[a.length];
        Arrays.setAll(d, i -> a[i] - b[i]);
        var mean = Estimate.ofMean(d);
        boolean equal = Arrays.stream(d).allMatch(v -> v == 0);
        boolean constant = mean.standardError() == 0;
        return new PairedComparison(
                mean.value(),
                mean.standardError(),
                Bootstrap.ofMean(d, seed),
                equal ? 1 : constant ? 0 : new TTest().pairedTTest(a, b),
                equal ? 1 : wilcoxon(d),
                signFlip(d, seed));
    }

    /** Zero differences say nothing and are left out. */
    private static double wilcoxon(double[] d) {
        var some = Arrays.stream(d).filter(v -> v != 0).toArray();
        if (some.length == 1) {
            return 1;
        }
        return new WilcoxonSignedRankTest()
                .wilcoxonSignedRankTest(some, new double[some.length], some.length <= 16);
    }

    private static double signFlip(double[] d, long seed) {
        double bar = Math.abs(Arrays.stream(d).sum()) * (1 - 1e-12);
        if (d.length <= 16) {
            int hits = 0;
            int all = 1 << d.length;
            for (int bits = 0; bits < all; bits++) {
                hits += flipped(d, bits) >= bar ? 1 : 0;
            }
            return (double) hits / all;
        }
        var random = new SplittableRandom(seed);
        int hits = 1;
        for (int i = 1; i < FLIPS; i++) {
            double sum = 0;
            for (double v : d) {
                sum += random.nextBoolean() ? v : -v;
            }
            hits += Math.abs(sum) >= bar ? 1 : 0;
        }
        return (double) hits / FLIPS;
    }

    private static double flipped(double[] d, int bits) {
        double sum = 0;
        for (int i = 0; i < d.length; i++) {
            sum += (bits >> i & 1) == 0 ? d[i] : -d[i];
        }
        return Math.abs(sum);
    }
}
