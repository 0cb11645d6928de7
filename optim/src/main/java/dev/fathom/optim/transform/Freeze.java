package dev.fathom.optim.transform;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

/** u = 0: parameters that stay as they are. For a group of {@link Grouped}. */
public record Freeze() implements GradientTransform<GradientTransform.NoState> {
    /**
     * @throws OptimizerException if there is nothing to freeze
     */
    @Override
    public NoState init(Object params) {
        if (Tree.flatten(params).leaves().stream().noneMatch(Tree.Leaf::trained)) {
            throw new OptimizerException(
                    "freeze: no parameter belongs to this group, so nothing would be frozen. Look"
                            + " at the paths, Tree.named(model).keySet(), and whether an earlier"
                            + " group takes them");
        }
        return new NoState();
    }

    @Override
    public <P> Updates<P, NoState> update(P gradients, NoState state, P params) {
        return new Updates<>(Tree.mapTrained(g -> Ops.zeros(g.type()), gradients), state);
    }
}
