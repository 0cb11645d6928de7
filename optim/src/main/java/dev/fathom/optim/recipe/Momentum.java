package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;
import static dev.fathom.optim.transform.GradientTransform.trace;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;

/**
 * Gradient descent with momentum (the heavy ball):
 *
 * <pre>
 * v ← μ v + g
 * θ ← θ − α v
 * </pre>
 *
 * B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, equation 9.
 * We differ as PyTorch and Optax do: α multiplies the sum, so that a change of α acts at once; the
 * first step is α g.
 *
 * @param learningRate α
 * @param momentum μ, in [0, 1)
 */
public record Momentum(Schedule learningRate, double momentum) implements Recipe {

    /** With a constant learning rate; μ = 0.9. */
    public static Momentum of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; μ = 0.9. */
    public static Momentum of(Schedule learningRate) {
        return new Momentum(learningRate, 0.9);
    }

    /** The same with another μ. */
    public Momentum withMomentum(double momentum) {
        return new Momentum(learningRate, momentum);
    }

    @Override
    public Chain transform() {
        return chain(trace(momentum, false), scaleByLearningRate(learningRate));
    }
}
