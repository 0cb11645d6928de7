package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByAdaDelta;

/**
 * Steps in the units of the parameters, {@link ScaleByAdaDelta}; α is 1 in the paper.
 *
 * @param learningRate α
 * @param decay ρ, in [0, 1)
 * @param epsilon ε, > 0
 */
public record AdaDelta(Schedule learningRate, double decay, double epsilon) implements Recipe {

    /** With a constant learning rate; decay = 0.95, epsilon = 1e-6. */
    public static AdaDelta of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; decay = 0.95, epsilon = 1e-6. */
    public static AdaDelta of(Schedule learningRate) {
        return new AdaDelta(learningRate, 0.95, 1e-6);
    }

    /** With the learning rate 1; decay = 0.95, epsilon = 1e-6. */
    public static AdaDelta of() {
        return of(1);
    }

    /** The same with another ρ. */
    public AdaDelta withDecay(double decay) {
        return new AdaDelta(learningRate, decay, epsilon);
    }

    /** The same with another ε. */
    public AdaDelta withEpsilon(double epsilon) {
        return new AdaDelta(learningRate, decay, epsilon);
    }

    @Override
    public Chain transform() {
        return chain(new ScaleByAdaDelta(decay, epsilon), scaleByLearningRate(learningRate));
    }
}
