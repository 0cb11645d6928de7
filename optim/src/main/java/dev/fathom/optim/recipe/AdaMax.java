package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByAdaMax;

/**
 * Adam with the largest gradient as divisor: {@link ScaleByAdaMax}, then θ ← θ − α u.
 *
 * @param learningRate α
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record AdaMax(Schedule learningRate, double beta1, double beta2, double epsilon)
        implements Recipe {

    /** With a constant learning rate; beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8. */
    public static AdaMax of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8.
     */
    public static AdaMax of(Schedule learningRate) {
        return new AdaMax(learningRate, 0.9, 0.999, 1e-8);
    }

    /** The same with other β₁ and β₂. */
    public AdaMax withBetas(double beta1, double beta2) {
        return new AdaMax(learningRate, beta1, beta2, epsilon);
    }

    /** The same with another ε. */
    public AdaMax withEpsilon(double epsilon) {
        return new AdaMax(learningRate, beta1, beta2, epsilon);
    }

    @Override
    public Chain transform() {
        return chain(new ScaleByAdaMax(beta1, beta2, epsilon), scaleByLearningRate(learningRate));
    }
}
