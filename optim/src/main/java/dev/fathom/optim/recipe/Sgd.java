package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;

/**
 * Stochastic gradient descent: θ ← θ − α g. H. Robbins and S. Monro, "A stochastic approximation
 * method", 1951, equation 8.
 *
 * @param learningRate α
 */
public record Sgd(Schedule learningRate) implements Recipe {

    /** With a constant learning rate. */
    public static Sgd of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step. */
    public static Sgd of(Schedule learningRate) {
        return new Sgd(learningRate);
    }

    @Override
    public Chain transform() {
        return chain(scaleByLearningRate(learningRate));
    }
}
