package dev.fathom.lab.study;

import org.hipparchus.distribution.continuous.TDistribution;

/** All numbers from {@code low} to {@code high}, both included. */
public record Interval(double low, double high) {
    private static final double CONFIDENCE = 0.95;

    /** True if {@code value} lies inside; NaN never does. */
    public boolean contains(double value) {
        return value >= low && value <= high;
    }

    /** True if the whole of {@code other} lies inside. */
    public boolean contains(Interval other) {
        return contains(other.low) && contains(other.high);
    }

    /** True if no number lies in both. */
    public boolean misses(Interval other) {
        return other.high < low || other.low > high;
    }

    /**
     * Where the mean of the population lies with a confidence of 95 %: mean ± t·s/√n, with the
     * quantile t of Student's distribution with n − 1 degrees of freedom. The number itself if
     * there is one only.
     */
    public static Interval ofMean(double... values) {
        double mean = mean(values);
        int n = values.length;
        if (n < 2) {
            return new Interval(mean, mean);
        }
        double squares = 0;
        for (double v : values) {
            squares += (v - mean) * (v - mean);
        }
        double t = new TDistribution(n - 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);
        double half = squares == 0 ? 0 : t * Math.sqrt(squares / (n - 1) / n);
        return new Interval(mean - half, mean + half);
    }

    /** The mean; NaN of nothing. */
    public static double mean(double... values) {
        double first = values.length == 0 ? Double.NaN : values[0];
        double sum = 0;
        for (double v : values) {
            sum += v - first; // equal numbers keep their mean to the bit, infinity as well as seven
        }
        return Double.isInfinite(first) ? first : first + sum / values.length;
    }
}
