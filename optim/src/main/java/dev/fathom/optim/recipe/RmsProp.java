package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;
import static dev.fathom.optim.transform.GradientTransform.trace;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByRmsProp;

/**
 * Gradients divided by their running size: {@link ScaleByRmsProp}, then momentum, then θ ← θ − α u.
 *
 * @param learningRate α
 * @param decay ρ, in [0, 1)
 * @param epsilon ε, ≥ 0
 * @param centred whether the divisor is a standard deviation
 * @param momentum μ, in [0, 1), of the divided gradients
 */
public record RmsProp(
        Schedule learningRate, double decay, double epsilon, boolean centred, double momentum)
        implements Recipe {

    /**
     * With a constant learning rate; decay = 0.9, epsilon = 1e-8, centred = false, momentum = 0.
     */
    public static RmsProp of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; decay = 0.9, epsilon = 1e-8, centred = false,
     * momentum = 0.
     */
    public static RmsProp of(Schedule learningRate) {
        return new RmsProp(learningRate, 0.9, 1e-8, false, 0);
    }

    /** The same with another ρ. */
    public RmsProp withDecay(double decay) {
        return new RmsProp(learningRate, decay, epsilon, centred, momentum);
    }

    /** The same with another ε. */
    public RmsProp withEpsilon(double epsilon) {
        return new RmsProp(learningRate, decay, epsilon, centred, momentum);
    }

    /** The same with another choice of the divisor. */
    public RmsProp withCentred(boolean centred) {
        return new RmsProp(learningRate, decay, epsilon, centred, momentum);
    }

    /** The same with another μ. */
    public RmsProp withMomentum(double momentum) {
        return new RmsProp(learningRate, decay, epsilon, centred, momentum);
    }

    @Override
    public Chain transform() {
        return chain(
                new ScaleByRmsProp(decay, epsilon, centred),
                trace(momentum, false),
                scaleByLearningRate(learningRate));
    }
}
