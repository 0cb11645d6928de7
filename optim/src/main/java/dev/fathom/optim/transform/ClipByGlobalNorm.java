package dev.fathom.optim.transform;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

/**
 * u = g · c / max(‖g‖, c), where ‖g‖ is the norm of all gradients together: the direction stays,
 * the length is at most c. R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training
 * recurrent neural networks", ICML 2013, algorithm 1. A NaN in any gradient makes all of them NaN.
 *
 * @param max c, > 0
 */
public record ClipByGlobalNorm(double max) implements GradientTransform<GradientTransform.NoState> {

    /** Checks the bound. */
    public ClipByGlobalNorm {
        OptimizerException.check("clipByGlobalNorm", "max", max, "positive", max > 0);
    }

    @Override
    public NoState init(Object params) {
        return new NoState();
    }

    @Override
    public <P> Updates<P, NoState> update(P gradients, NoState state, P params) {
        Tensor norm = Tree.norm(gradients);
        Tensor bound = Ops.full(norm.type(), max);
        return new Updates<>(Tree.times(gradients, bound.dividedBy(norm.maximum(bound))), state);
    }
}
