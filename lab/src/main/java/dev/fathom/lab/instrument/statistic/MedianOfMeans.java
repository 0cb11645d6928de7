package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.Arrays;

/**
 * A mean that a few wild values cannot spoil: the median of the means of k blocks of neighbours.
 * For k = ⌈8 ln(1/δ)⌉ blocks it is within σ √(32 ln(1/δ)/n) of the expectation with probability 1 −
 * δ for any law with variance σ², where the plain mean needs 1/√(δn). G. Lugosi and S. Mendelson,
 * "Mean estimation and regression under heavy-tailed distributions: a survey", 2019, theorem 2.
 */
public final class MedianOfMeans {
    private MedianOfMeans() {}

    /** k for a failure probability δ in (0, 1). */
    public static int blocks(double delta) {
        InstrumentException.check(
                "median of means", "delta", delta, "in (0, 1)", delta > 0 && delta < 1);
        return (int) Math.ceil(8 * Math.log(1 / delta));
    }

    /** The guarantee at n values. */
    public static double radius(double deviation, double delta, int n) {
        return deviation * Math.sqrt(32 * Math.log(1 / delta) / n);
    }

    /**
     * The estimate. Block b holds the values from b n/k to (b + 1) n/k; of an even number of means
     * the middle two are averaged.
     */
    public static double of(double[] values, int blocks) {
        int n = values.length;
        InstrumentException.check(
                "median of means", "blocks", blocks, "from 1 to n", blocks >= 1 && blocks <= n);
        for (double v : values) {
            InstrumentException.check(
                    "median of means", "a value", v, "a number", !Double.isNaN(v));
        }
        var means = new double[blocks];
        for (int b = 0; b < blocks; b++) {
            int from = (int) ((long) b * n / blocks);
            int to = (int) ((b + 1L) * n / blocks);
            means[b] = Arrays.stream(values, from, to).sum() / (to - from);
        }
        Arrays.sort(means);
        return (means[(blocks - 1) / 2] + means[blocks / 2]) / 2;
    }
}
