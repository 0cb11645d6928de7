package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByAmsGrad;

/**
 * Adam whose divisor never shrinks: {@link ScaleByAmsGrad}, then θ ← θ − α u.
 *
 * @param learningRate α
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record AmsGrad(Schedule learningRate, double beta1, double beta2, double epsilon)
        implements Recipe {

    /** With a constant learning rate; beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8. */
    public static AmsGrad of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8.
     */
    public static AmsGrad of(Schedule learningRate) {
        return new AmsGrad(learningRate, 0.9, 0.999, 1e-8);
    }

    /** The same with other β₁ and β₂. */
    public AmsGrad withBetas(double beta1, double beta2) {
        return new AmsGrad(learningRate, beta1, beta2, epsilon);
    }

    /** The same with another ε. */
    public AmsGrad withEpsilon(double epsilon) {
        return new AmsGrad(learningRate, beta1, beta2, epsilon);
    }

    @Override
    public Chain transform() {
        return chain(new ScaleByAmsGrad(beta1, beta2, epsilon), scaleByLearningRate(learningRate));
    }
}
