package dev.fathom.optim.sharpness;

import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

/**
 * Sharpness-aware minimisation: the gradient is taken at the worst place nearby, to first order,
 *
 * <pre>
 * ε = ρ g/‖g‖,  g = ∇E(θ)
 * θ ← base step at θ with the gradient ∇E(θ + ε)
 * </pre>
 *
 * P. Foret, A. Kleiner, H. Mobahi, B. Neyshabur, "Sharpness-aware minimization for efficiently
 * improving generalization", ICLR 2021, equations 2 and 3 with p = 2, algorithm 1. ‖g‖ is the norm
 * of all trained leaves together. As the paper does, second derivatives of ε are dropped. A step
 * costs two gradients; where g = 0 it is the base's step.
 *
 * @param base what is done with the gradient
 * @param rho ρ ≥ 0, the radius; 0 is the base alone
 */
public record Sam<S>(Optimizer<S> base, double rho) implements Descent<S> {
    /** Checks ρ. */
    public Sam {
        OptimizerException.check("SAM", "rho", rho, "at least 0", rho >= 0);
    }

    /** With ρ = 0.05, the paper's choice for image classification. */
    public static <S> Sam<S> of(Optimizer<S> base) {
        return of(base, 0.05);
    }

    /** With this radius. */
    public static <S> Sam<S> of(Optimizer<S> base, double rho) {
        return new Sam<>(base, rho);
    }

    @Override
    public S init(Object params) {
        return base.init(params);
    }

    @Override
    public <P> Step<P, S> update(ValueGrad<P> here, Objective<P> objective, S state, P params) {
        P ascent = Perturbation.ascent(rho, here.gradient());
        return base.update(Perturbation.gradientAt(objective, params, ascent), state, params);
    }
}
