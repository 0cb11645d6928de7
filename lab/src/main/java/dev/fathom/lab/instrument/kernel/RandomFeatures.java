package dev.fathom.lab.instrument.kernel;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

/**
 * Random Fourier features φ(x) = √(2/N) cos(xᵀω + b) with ω ~ N(0, I/σ²) and b uniform in [0, 2π):
 * E φ(x)ᵀφ(x') = exp(−‖x − x'‖²/2σ²). A. Rahimi and B. Recht, "Random features for large-scale
 * kernel machines", NIPS 2007, algorithm 1.
 *
 * @param frequencies ω, (d, N)
 * @param phases b, (N)
 */
public record RandomFeatures(Tensor frequencies, Tensor phases) {

    /** N features for the kernel of width σ on d numbers, float64. */
    public static RandomFeatures of(int in, int count, double bandwidth, Key key) {
        InstrumentException.check("RandomFeatures", "count", count, "at least 1", count >= 1);
        InstrumentException.check(
                "RandomFeatures", "bandwidth", bandwidth, "positive", bandwidth > 0);
        return new RandomFeatures(
                key.stream("frequencies").normal(DType.FLOAT64, in, count).dividedBy(bandwidth),
                key.stream("phases").uniform(DType.FLOAT64, count).times(2 * Math.PI));
    }

    /** The first of them: a smaller model inside this one. */
    public RandomFeatures first(int count) {
        return new RandomFeatures(frequencies.slice(1, 0, count), phases.slice(0, 0, count));
    }

    /** (n, d) to (n, N). */
    public Tensor of(Tensor x) {
        return Functions.cos(x.matmul(frequencies).plus(phases))
                .times(Math.sqrt(2.0 / phases.dim(0)));
    }
}
