package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByFactors;

/**
 * Adam in little memory: {@link ScaleByFactors}, then θ ← θ − α u. The update is relative to the
 * size of the parameter, so α is a fraction. The paper takes α = min(0.01, 1/√t): {@code
 * Adafactor.of()}.
 *
 * @param learningRate α
 * @param decay the exponent of the running means, > 0
 * @param threshold d, > 0: updates are clipped to this root mean square
 * @param epsilon1 ε₁, ≥ 0
 * @param epsilon2 ε₂, ≥ 0
 */
public record Adafactor(
        Schedule learningRate, double decay, double threshold, double epsilon1, double epsilon2)
        implements Recipe {

    /**
     * With a constant learning rate; decay = 0.8, threshold = 1, epsilon1 = 1e-30, epsilon2 = 1e-3.
     */
    public static Adafactor of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; decay = 0.8, threshold = 1, epsilon1 = 1e-30,
     * epsilon2 = 1e-3.
     */
    public static Adafactor of(Schedule learningRate) {
        return new Adafactor(learningRate, 0.8, 1, 1e-30, 1e-3);
    }

    /** The same with another threshold. */
    public Adafactor withThreshold(double threshold) {
        return new Adafactor(learningRate, decay, threshold, epsilon1, epsilon2);
    }

    /** With the paper's relative steps, min(0.01, 1/√t). */
    public static Adafactor of() {
        return of(t -> Schedule.inverseSqrt(1).at(t).minimum(Tensor.scalar(0.01)));
    }

    @Override
    public Chain transform() {
        return chain(
                new ScaleByFactors(decay, threshold, epsilon1, epsilon2),
                scaleByLearningRate(learningRate));
    }
}
