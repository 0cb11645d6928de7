package dev.fathom.lab.study;

/**
 * A mean over random repetitions.
 *
 * @param value the mean
 * @param error its standard error
 */
public record Estimate(double value, double error) {

    /** The mean of the samples and s/√n. */
    public static Estimate of(double... samples) {
        double mean = Interval.mean(samples);
        double squares = 0;
        for (double v : samples) {
            squares += (v - mean) * (v - mean);
        }
        int n = samples.length;
        return new Estimate(mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n));
    }
}
