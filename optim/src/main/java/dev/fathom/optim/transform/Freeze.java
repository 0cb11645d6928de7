package dev.fathom.optim.transform;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tree.Tree;

/** u = 0: parameters that stay as they are. For a group of {@link Partition}. */
public record Freeze() implements GradientTransform<GradientTransform.NoState> {
    @Override
    public NoState init(Object params) {
        return new NoState();
    }

    @Override
    public <P> Updates<P, NoState> update(P gradients, NoState state, P params) {
        return new Updates<>(Tree.mapTrained(g -> Ops.zeros(g.type()), gradients), state);
    }
}
