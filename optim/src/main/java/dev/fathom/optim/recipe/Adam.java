package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByAdam;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;

/**
 * Adam: steps whose size is about α in every parameter, whatever the size of its gradient. With t
 * counted from 1:
 *
 * <pre>
 * m ← β₁ m + (1 − β₁) g
 * v ← β₂ v + (1 − β₂) g²
 * θ ← θ − α (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 *
 * D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. Where
 * libraries part: ε stands outside the root and after the correction of v, as in the algorithm (and
 * in PyTorch and Optax); TensorFlow follows the end of the paper's section 2 ("ε̂"), where the
 * correction comes after ε. The step is counted from the start of the optimizer, so the first step
 * is −α sign(g), up to ε.
 *
 * <p>The state is the counter (int32) and m and v, each as large as the parameters.
 *
 * @param learningRate α
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record Adam(Schedule learningRate, double beta1, double beta2, double epsilon)
        implements Recipe {

    /** With a constant learning rate, often 1e-3; the others as in the paper. */
    public static Adam of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; β₁ = 0.9, β₂ = 0.999, ε = 1e-8 as in the
     * paper.
     */
    public static Adam of(Schedule learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8);
    }

    /** The same with other decay rates. */
    public Adam withBetas(double beta1, double beta2) {
        return new Adam(learningRate, beta1, beta2, epsilon);
    }

    /** The same with another ε. */
    public Adam withEpsilon(double epsilon) {
        return new Adam(learningRate, beta1, beta2, epsilon);
    }

    @Override
    public Chain transform() {
        return chain(scaleByAdam(beta1, beta2, epsilon), scaleByLearningRate(learningRate));
    }
}
