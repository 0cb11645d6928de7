package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;

/**
 * The squared error of a method that is trained again and again on fresh samples, where the truth
 * is known. With f̄ the mean prediction over the samples and means over test places x,
 *
 * <pre>mean (f_r(x) − y)² = (f̄ − f*)² + mean (f_r − f̄)² + σ²</pre>
 *
 * exactly for the first two terms, in expectation over y = f*(x) + noise for the third. S. Geman,
 * E. Bienenstock, R. Doursat, Neural Computation 4, 1992.
 *
 * @param bias (f̄ − f*)², averaged over places
 * @param variance over samples, with 1/R, averaged over places
 * @param noise σ²
 */
public record BiasVariance(double bias, double variance, double noise) {

    /**
     * Of the predictions of R models.
     *
     * @param predictions [model][place]
     * @param truth f* at the places
     * @param noise σ² ≥ 0, known
     */
    public static BiasVariance of(double[][] predictions, double[] truth, double noise) {
        InstrumentException.check(
                "bias and variance", "models", predictions.length, "≥ 1", predictions.length >= 1);
        double bias = 0;
        double variance = 0;
        int models = predictions.length;
        for (int i = 0; i < truth.length; i++) {
            double mean = 0;
            for (var p : predictions) {
                InstrumentException.require(
                        p.length == truth.length,
                        "bias and variance: "
                                + p.length
                                + " predictions for "
                                + truth.length
                                + " places");
                mean += p[i] / models;
            }
            bias += Math.pow(mean - truth[i], 2) / truth.length;
            for (var p : predictions) {
                variance += Math.pow(p[i] - mean, 2) / models / truth.length;
            }
        }
        return new BiasVariance(bias, variance, noise);
    }

    /** The expected squared error, their sum. */
    public double total() {
        return bias + variance + noise;
    }
}
