package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;
import static dev.fathom.optim.transform.GradientTransform.trace;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;

/**
 * Momentum with the learning rate inside the sum, as text books print it:
 *
 * <pre>
 * v ← μ v + α g
 * θ ← θ − v
 * </pre>
 *
 * While α is constant it is {@link Momentum}; when α falls, the steps already in v keep their size.
 *
 * @param learningRate α
 * @param momentum μ, in [0, 1)
 */
public record MomentumAsPrinted(Schedule learningRate, double momentum) implements Recipe {

    /** With a constant learning rate; momentum = 0.9. */
    public static MomentumAsPrinted of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; momentum = 0.9. */
    public static MomentumAsPrinted of(Schedule learningRate) {
        return new MomentumAsPrinted(learningRate, 0.9);
    }

    /** The same with another μ. */
    public MomentumAsPrinted withMomentum(double momentum) {
        return new MomentumAsPrinted(learningRate, momentum);
    }

    @Override
    public Chain transform() {
        return chain(scaleByLearningRate(learningRate), trace(momentum, false));
    }
}
