package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

/**
 * u = min(max(g, −c), c), element by element. Changes the direction; {@link ClipByGlobalNorm} does
 * not.
 *
 * @param max c, > 0
 */
public record ClipByValue(double max) implements GradientTransform<GradientTransform.NoState> {

    /** Checks the bound. */
    public ClipByValue {
        OptimizerException.check("clipByValue", "max", max, "positive", max > 0);
    }

    @Override
    public NoState init(Object params) {
        return new NoState();
    }

    @Override
    public <P> Updates<P, NoState> update(P gradients, NoState state, P params) {
        return new Updates<>(Tree.mapTrained(g -> Functions.clip(g, -max, max), gradients), state);
    }
}
