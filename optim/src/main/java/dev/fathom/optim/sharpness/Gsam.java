package dev.fathom.optim.sharpness;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

/**
 * Surrogate gap guided sharpness-aware minimisation: SAM that also climbs in the loss itself, only
 * across SAM's direction, which makes the gap between the two losses smaller,
 *
 * <pre>
 * g = ∇E(θ),  p = ∇E(θ + ρ g/‖g‖)
 * g⊥ = g − (⟨g, p⟩/⟨p, p⟩) p
 * θ ← base step at θ with the gradient p − α g⊥
 * </pre>
 *
 * J. Zhuang et al., "Surrogate gap minimization improves sharpness-aware training", ICLR 2022,
 * algorithm 1. We differ: ρ is constant, where the paper lets it fall with the learning rate.
 *
 * @param base what is done with the gradient
 * @param rho ρ ≥ 0, the radius
 * @param alpha α ≥ 0; 0 is {@link Sam}
 */
public record Gsam<S>(Optimizer<S> base, double rho, double alpha) implements Descent<S> {
    /** Checks the numbers. */
    public Gsam {
        OptimizerException.check("GSAM", "rho", rho, "at least 0", rho >= 0);
        OptimizerException.check("GSAM", "alpha", alpha, "at least 0", alpha >= 0);
    }

    /** With ρ = 0.05 and α = 0.4. */
    public static <S> Gsam<S> of(Optimizer<S> base) {
        return new Gsam<>(base, 0.05, 0.4);
    }

    /** The same with another ρ. */
    public Gsam<S> withRho(double rho) {
        return new Gsam<>(base, rho, alpha);
    }

    /** The same with another α. */
    public Gsam<S> withAlpha(double alpha) {
        return new Gsam<>(base, rho, alpha);
    }

    @Override
    public S init(Object params) {
        return base.init(params);
    }

    @Override
    public <P> Step<P, S> update(ValueGrad<P> here, Objective<P> objective, S state, P params) {
        P g = here.gradient();
        P p = Perturbation.gradientAt(objective, params, Perturbation.ascent(rho, g));
        Tensor square = Tree.dot(p, p);
        Tensor tiny = Ops.full(square.type(), 1e-30);
        Tensor along = Tree.dot(g, p).dividedBy(square.maximum(tiny));
        P across = Tree.minus(g, Tree.times(p, along));
        return base.update(Tree.minus(p, Tree.times(across, alpha)), state, params);
    }
}
