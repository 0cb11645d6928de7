package dev.fathom.optim.second;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.schedule.Schedule;

import java.util.function.UnaryOperator;

/**
 * Natural gradient descent: steepest descent where distance is measured between the distributions
 * the model states, not between its parameters,
 *
 * <pre>
 * θ ← θ − α (F + λI)⁻¹ g
 * F = (1/n) Σᵢ Jᵢᵀ Fᵢ Jᵢ
 * </pre>
 *
 * with Jᵢ the Jacobian of output i of n in θ and Fᵢ the {@link Likelihood}'s Fisher information of
 * that output. S. Amari, "Natural gradient works efficiently in learning", Neural Computation 1998,
 * theorem 1. F is never formed: the system is solved by conjugate gradients, a product costs about
 * one gradient. For softmax cross-entropy and for squared error F is the Gauss–Newton matrix.
 *
 * <p>The objective must be the mean of −log p over the places of the output's leading axes, and
 * know its parts ({@link Objective#of(java.util.function.Function, java.util.function.Function)}).
 *
 * @param likelihood what the output says about the target
 * @param learningRate α
 * @param damping λ ≥ 0
 * @param solver of the linear system
 */
public record NaturalGradient(
        Likelihood likelihood, Schedule learningRate, double damping, ConjugateGradient solver)
        implements Descent<NaturalGradient.State> {

    /**
     * The counter.
     *
     * @param step int32 ()
     */
    public record State(Tensor step) {}

    /** Checks λ. */
    public NaturalGradient {
        OptimizerException.check(
                "natural gradient", "damping", damping, "at least 0", damping >= 0);
    }

    /** With λ = 1e-3 and up to 50 products to a residual of 1e-6. */
    public static NaturalGradient of(Likelihood likelihood, double learningRate) {
        return new NaturalGradient(
                likelihood, Schedule.constant(learningRate), 1e-3, new ConjugateGradient(50, 1e-6));
    }

    /** The same with another λ. */
    public NaturalGradient withDamping(double damping) {
        return new NaturalGradient(likelihood, learningRate, damping, solver);
    }

    /** The same with another solver. */
    public NaturalGradient withSolver(ConjugateGradient solver) {
        return new NaturalGradient(likelihood, learningRate, damping, solver);
    }

    @Override
    public State init(Object params) {
        return new State(Tensor.scalar(0));
    }

    /** F as a function v ↦ F v of trees like the parameters. */
    public <P> UnaryOperator<P> fisher(Objective<P> objective, P params) {
        var run = Transforms.linearize((P p) -> objective.output(p), params);
        Tensor z = run.value();
        double examples = (double) z.size() / z.dim(-1);
        return v -> {
            Tensor middle = likelihood.fisher(z, run.derivative().apply(v));
            return run.transposed().apply(middle.dividedBy(examples));
        };
    }

    @Override
    public <P> Step<P, State> update(
            ValueGrad<P> here, Objective<P> objective, State state, P params) {
        var fisher = fisher(objective, params);
        Tensor g = Vectors.of("natural gradient", here.gradient());
        Tensor direction =
                solver.solve(
                        v -> {
                            P product = fisher.apply(Tree.withTrained(params, v));
                            return Vectors.of("natural gradient", product).plus(v.times(damping));
                        },
                        g);
        Tensor rate = learningRate.at(state.step()).cast(g.dtype());
        Tensor theta = Vectors.of("natural gradient", params).minus(direction.times(rate));
        return new Step<>(Tree.withTrained(params, theta), new State(state.step().plus(1)));
    }
}
