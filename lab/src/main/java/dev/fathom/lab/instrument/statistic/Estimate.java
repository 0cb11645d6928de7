package dev.fathom.lab.instrument.statistic;

import java.util.Arrays;

/**
 * A mean of random numbers.
 *
 * @param value it
 * @param standardError s/√m, NaN for a single sample
 * @param samples m
 */
public record Estimate(double value, double standardError, int samples) {
    /** Of independent samples. */
    public static Estimate ofMean(double[] samples) {
        int m = samples.length;
        double mean = Arrays.stream(samples).sum() / m;
        double square = Arrays.stream(samples).map(x -> (x - mean) * (x - mean)).sum();
        return new Estimate(mean, Math.sqrt(square / (m - 1) / m), m);
    }

    /** The same of s times the samples, plus a constant. */
    public Estimate scaled(double s, double plus) {
        return new Estimate(s * value + plus, Math.abs(s) * standardError, samples);
    }

    /** Whether this number lies within {@code z} standard errors. */
    public boolean covers(double truth, double z) {
        return Math.abs(truth - value) <= z * standardError;
    }
}
