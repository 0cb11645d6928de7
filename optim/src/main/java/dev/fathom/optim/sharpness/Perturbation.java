package dev.fathom.optim.sharpness;

import static dev.fathom.core.transform.Transforms.grad;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Objective;

/** What the rules of this package have in common. */
final class Perturbation {
    /** Keeps 0/0 at a stationary point from becoming NaN; far below any norm that matters. */
    private static final double TINY = 1e-30;

    private Perturbation() {}

    /** ρ/‖·‖ for a norm, 0 perturbation where the gradient is zero. */
    static Tensor over(double rho, Tensor norm) {
        return Ops.scalar(norm.dtype(), rho).dividedBy(norm.maximum(Ops.full(norm.type(), TINY)));
    }

    /** ∇E at θ + ε. */
    static <P> P gradientAt(Objective<P> objective, P params, P offset) {
        return grad((P p) -> objective.at(p)).apply(Tree.plus(params, offset));
    }

    /** SAM's ascent ρ g/‖g‖. */
    static <P> P ascent(double rho, P gradient) {
        return Tree.times(gradient, over(rho, Tree.norm(gradient)));
    }
}
