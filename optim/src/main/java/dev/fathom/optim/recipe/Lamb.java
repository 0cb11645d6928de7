package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.addDecayedWeights;
import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByAdam;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByTrustRatio;

/**
 * Adam for large batches: its direction plus λ θ, scaled for each leaf to the length of the leaf,
 * {@link ScaleByTrustRatio}. Y. You et al., ICLR 2020, algorithm 2.
 *
 * @param learningRate α
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 * @param weightDecay λ, ≥ 0
 */
public record Lamb(
        Schedule learningRate, double beta1, double beta2, double epsilon, double weightDecay)
        implements Recipe {

    /**
     * With a constant learning rate; beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6, weightDecay = 0.
     */
    public static Lamb of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6,
     * weightDecay = 0.
     */
    public static Lamb of(Schedule learningRate) {
        return new Lamb(learningRate, 0.9, 0.999, 1e-6, 0);
    }

    /** The same with other β₁ and β₂. */
    public Lamb withBetas(double beta1, double beta2) {
        return new Lamb(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /** The same with another ε. */
    public Lamb withEpsilon(double epsilon) {
        return new Lamb(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /** The same with another λ. */
    public Lamb withWeightDecay(double weightDecay) {
        return new Lamb(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public Chain transform() {
        return chain(
                scaleByAdam(beta1, beta2, epsilon),
                addDecayedWeights(weightDecay),
                new ScaleByTrustRatio(),
                scaleByLearningRate(learningRate));
    }
}
