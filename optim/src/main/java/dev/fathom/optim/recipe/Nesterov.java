package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;
import static dev.fathom.optim.transform.GradientTransform.trace;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;

/**
 * Gradient descent with Nesterov's momentum:
 *
 * <pre>
 * v ← μ v + g
 * θ ← θ − α (g + μ v)
 * </pre>
 *
 * Y. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k²)",
 * 1983, in the form of I. Sutskever, J. Martens, G. Dahl, G. Hinton, ICML 2013, equations 3 and 4,
 * written for the look-ahead point as PyTorch and Optax do; the first step is (1 + μ) α g.
 *
 * @param learningRate α
 * @param momentum μ, in [0, 1)
 */
public record Nesterov(Schedule learningRate, double momentum) implements Recipe {

    /** With a constant learning rate; μ = 0.9. */
    public static Nesterov of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; μ = 0.9. */
    public static Nesterov of(Schedule learningRate) {
        return new Nesterov(learningRate, 0.9);
    }

    /** The same with another μ. */
    public Nesterov withMomentum(double momentum) {
        return new Nesterov(learningRate, momentum);
    }

    @Override
    public Chain transform() {
        return chain(trace(momentum, true), scaleByLearningRate(learningRate));
    }
}
