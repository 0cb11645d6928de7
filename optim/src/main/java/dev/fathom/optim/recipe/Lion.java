package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.addDecayedWeights;
import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.SignOfMomentum;

/**
 * The sign of a mean gradient, {@link SignOfMomentum}, with decoupled decay: θ ← θ − α (u + λ θ).
 * Every weight moves by α, so α is three to ten times smaller than for Adam, and λ as much larger.
 *
 * @param learningRate α
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param weightDecay λ, ≥ 0
 */
public record Lion(Schedule learningRate, double beta1, double beta2, double weightDecay)
        implements Recipe {

    /** With a constant learning rate; beta1 = 0.9, beta2 = 0.99, weightDecay = 0. */
    public static Lion of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; beta1 = 0.9, beta2 = 0.99, weightDecay = 0.
     */
    public static Lion of(Schedule learningRate) {
        return new Lion(learningRate, 0.9, 0.99, 0);
    }

    /** The same with other β₁ and β₂. */
    public Lion withBetas(double beta1, double beta2) {
        return new Lion(learningRate, beta1, beta2, weightDecay);
    }

    /** The same with another λ. */
    public Lion withWeightDecay(double weightDecay) {
        return new Lion(learningRate, beta1, beta2, weightDecay);
    }

    @Override
    public Chain transform() {
        return chain(
                new SignOfMomentum(beta1, beta2),
                addDecayedWeights(weightDecay),
                scaleByLearningRate(learningRate));
    }
}
