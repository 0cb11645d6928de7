package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByAdamAsPrinted;

/**
 * Adam with the mistake of a lecture, for teaching: {@link ScaleByAdamAsPrinted}. In float32 it
 * stops moving near step 20. To train, take {@link Adam}.
 *
 * @param learningRate α
 * @param mu μ, in [0, 1)
 * @param beta β, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record AdamAsPrinted(Schedule learningRate, double mu, double beta, double epsilon)
        implements Recipe {

    /** With a constant learning rate; mu = 0.9, beta = 0.999, epsilon = 1e-8. */
    public static AdamAsPrinted of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; mu = 0.9, beta = 0.999, epsilon = 1e-8. */
    public static AdamAsPrinted of(Schedule learningRate) {
        return new AdamAsPrinted(learningRate, 0.9, 0.999, 1e-8);
    }

    /** The same with another ε. */
    public AdamAsPrinted withEpsilon(double epsilon) {
        return new AdamAsPrinted(learningRate, mu, beta, epsilon);
    }

    @Override
    public Chain transform() {
        return chain(
                new ScaleByAdamAsPrinted(mu, beta, epsilon), scaleByLearningRate(learningRate));
    }
}
