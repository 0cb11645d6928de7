package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByAdaGrad;

/**
 * Steps that shrink with all gradients so far: {@link ScaleByAdaGrad}, then θ ← θ − α u.
 *
 * @param learningRate α
 * @param initial the first value of the sum of squares, ≥ 0
 * @param epsilon ε, ≥ 0
 */
public record AdaGrad(Schedule learningRate, double initial, double epsilon) implements Recipe {

    /** With a constant learning rate; initial = 0, epsilon = 1e-10. */
    public static AdaGrad of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; initial = 0, epsilon = 1e-10. */
    public static AdaGrad of(Schedule learningRate) {
        return new AdaGrad(learningRate, 0, 1e-10);
    }

    /** The same with another first value of the sum. */
    public AdaGrad withInitial(double initial) {
        return new AdaGrad(learningRate, initial, epsilon);
    }

    /** The same with another ε. */
    public AdaGrad withEpsilon(double epsilon) {
        return new AdaGrad(learningRate, initial, epsilon);
    }

    @Override
    public Chain transform() {
        return chain(new ScaleByAdaGrad(initial, epsilon), scaleByLearningRate(learningRate));
    }
}
