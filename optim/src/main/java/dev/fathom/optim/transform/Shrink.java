package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.schedule.Schedule;

import java.util.function.Predicate;

/**
 * L1 regularisation by its proximal step, last in a chain: after the step w + u every chosen weight
 * is drawn towards zero by α λ and stays there if it would cross it,
 *
 * <pre>u ← sign(w + u) max(|w + u| − α(t) λ, 0) − w</pre>
 *
 * so that weights become exactly zero, which the subgradient λ sign(w) never does. A. Beck and M.
 * Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems", 2009,
 * equations 1.3 and 2.6 (ISTA).
 *
 * @param strength λ, ≥ 0
 * @param learningRate α, the rate of the step before
 * @param where which trained leaves
 */
public record Shrink(double strength, Schedule learningRate, Predicate<Tree.Leaf> where)
        implements GradientTransform<ScaleBySchedule.State> {

    /** Checks the strength. */
    public Shrink {
        OptimizerException.check("shrink", "strength", strength, "at least 0", strength >= 0);
    }

    @Override
    public ScaleBySchedule.State init(Object params) {
        return new ScaleBySchedule.State(Tensor.scalar(0));
    }

    @Override
    public <P> Updates<P, ScaleBySchedule.State> update(
            P gradients, ScaleBySchedule.State state, P params) {
        Tensor by = learningRate.at(state.step()).times(strength);
        P updates =
                Tree.zipLeaves(
                        (u, w) ->
                                u.trained() && where.test(new Tree.Leaf(u.path(), w, true))
                                        ? shrunk(w.plus(u.tensor()), by.cast(w.dtype())).minus(w)
                                        : u.tensor(),
                        gradients,
                        params);
        return new Updates<>(updates, new ScaleBySchedule.State(state.step().plus(1)));
    }

    private static Tensor shrunk(Tensor w, Tensor by) {
        Tensor rest = w.abs().minus(by);
        return Functions.sign(w).times(rest.maximum(Ops.zeros(rest.type())));
    }
}
