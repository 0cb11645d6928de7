package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;

import org.hipparchus.stat.inference.KolmogorovSmirnovTest;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * The largest gap between two distribution functions, and how often samples of one distribution
 * would show it.
 *
 * @param statistic sup |F − G|
 * @param pValue of one distribution
 */
public record KolmogorovSmirnov(double statistic, double pValue) {

    /** A sample against a continuous distribution function. */
    public static KolmogorovSmirnov oneSample(double[] sample, DoubleUnaryOperator distribution) {
        InstrumentException.check(
                "Kolmogorov-Smirnov", "values", sample.length, "at least 1", sample.length >= 1);
        checkNumbers(sample);
        var x = sample.clone();
        Arrays.sort(x);
        int n = x.length;
        double gap = 0;
        for (int i = 0; i < n; i++) {
            double f = distribution.applyAsDouble(x[i]);
            gap = Math.max(gap, Math.max(f - (double) i / n, (i + 1.0) / n - f));
        }
        return new KolmogorovSmirnov(gap, 1 - new KolmogorovSmirnovTest().cdf(gap, n));
    }

    /**
     * Two samples: p is the share of all ways to deal their values out to them whose gap is as
     * large. Exact without ties and up to 10⁷ pairs, beyond by Kolmogorov's limit law.
     */
    public static KolmogorovSmirnov twoSample(double[] a, double[] b) {
        InstrumentException.require(
                a.length >= 1 && b.length >= 1,
                "Kolmogorov-Smirnov: samples of " + a.length + " and " + b.length);
        checkNumbers(a);
        checkNumbers(b);
        var x = a.clone();
        var y = b.clone();
        Arrays.sort(x);
        Arrays.sort(y);
        int n = x.length;
        int m = y.length;
        double gap = 0;
        int i = 0;
        int j = 0;
        while (i < n && j < m) {
            double at = Math.min(x[i], y[j]);
            while (i < n && x[i] <= at) {
                i++;
            }
            while (j < m && y[j] <= at) {
                j++;
            }
            gap = Math.max(gap, Math.abs((double) i / n - (double) j / m));
        }
        double p =
                (long) n * m <= 10_000_000L
                        ? 1 - below(gap, n, m)
                        : new KolmogorovSmirnovTest().approximateP(gap, n, m);
        return new KolmogorovSmirnov(gap, p);
    }

    private static void checkNumbers(double[] sample) {
        for (double v : sample) {
            InstrumentException.check(
                    "Kolmogorov-Smirnov",
                    "a value",
                    v,
                    "a number, which has a place in an order",
                    !Double.isNaN(v));
        }
    }

    /**
     * The chance of a gap below d: of a deal of i and j values that stays below, the last value is
     * one of the i with probability i/(i + j).
     */
    private static double below(double d, int n, int m) {
        var row = new double[m + 1];
        for (int i = 0; i <= n; i++) {
            for (int j = 0; j <= m; j++) {
                double before =
                        i + j == 0
                                ? 1
                                : (i > 0 ? row[j] * i / (i + j) : 0)
                                        + (j > 0 ? row[j - 1] * j / (i + j) : 0);
                boolean inside = Math.abs((double) i / n - (double) j / m) < d - 1e-12;
                row[j] = inside ? before : 0;
            }
        }
        return row[m];
    }
}
