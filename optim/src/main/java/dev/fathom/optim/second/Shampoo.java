package dev.fathom.optim.second;

import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;
import static dev.fathom.optim.transform.GradientTransform.trace;

import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.second.ScaleByShampoo.Graft;
import dev.fathom.optim.transform.Chain;

/**
 * Shampoo: a preconditioner for each axis of each parameter, from sums of its gradients. For a
 * matrix W with gradient G:
 *
 * <pre>
 * L ← L + G Gᵀ,  R ← R + Gᵀ G,  both ε I at first
 * U = L^(−1/4) G R^(−1/4)
 * W ← W − α (μ-momentum of U)
 * </pre>
 *
 * V. Gupta, T. Koren, Y. Singer, "Shampoo: preconditioned stochastic tensor optimization", ICML
 * 2018, algorithms 1 and 2; see {@link ScaleByShampoo} for other ranks, long axes and the schedule
 * of the roots. We differ by default: updates get the length of the gradient of their leaf
 * (grafting), and roots are renewed every 20 steps.
 *
 * @param learningRate α
 * @param momentum μ, in [0, 1)
 * @param scaling the preconditioner
 */
public record Shampoo(Schedule learningRate, double momentum, ScaleByShampoo scaling)
        implements Recipe {

    /** With a constant learning rate. */
    public static Shampoo of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; μ = 0.9, sums, ε = 1e-4, roots every 20 steps,
     * full matrices up to 1024, the length of the gradient.
     */
    public static Shampoo of(Schedule learningRate) {
        return new Shampoo(learningRate, 0.9, new ScaleByShampoo(1, 1e-4, 20, 1024, Graft.SGD));
    }

    /** The same with another μ. */
    public Shampoo withMomentum(double momentum) {
        return new Shampoo(learningRate, momentum, scaling);
    }

    /** The same with averages that forget, or sums where β = 1. */
    public Shampoo withDecay(double decay) {
        return with(decay, scaling.epsilon(), scaling.every(), scaling.maxAxis(), scaling.graft());
    }

    /** The same with another ε. */
    public Shampoo withEpsilon(double epsilon) {
        return with(scaling.decay(), epsilon, scaling.every(), scaling.maxAxis(), scaling.graft());
    }

    /** The same with roots renewed every so many steps. */
    public Shampoo every(int steps) {
        return with(scaling.decay(), scaling.epsilon(), steps, scaling.maxAxis(), scaling.graft());
    }

    /** The same with another longest axis for full matrices. */
    public Shampoo withMaxAxis(int maxAxis) {
        return with(scaling.decay(), scaling.epsilon(), scaling.every(), maxAxis, scaling.graft());
    }

    /** The same with another graft. */
    public Shampoo grafted(Graft graft) {
        return with(scaling.decay(), scaling.epsilon(), scaling.every(), scaling.maxAxis(), graft);
    }

    private Shampoo with(double decay, double epsilon, int every, int maxAxis, Graft graft) {
        return new Shampoo(
                learningRate, momentum, new ScaleByShampoo(decay, epsilon, every, maxAxis, graft));
    }

    @Override
    public Chain transform() {
        return chain(scaling, trace(momentum, false), scaleByLearningRate(learningRate));
    }
}
