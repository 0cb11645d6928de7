package dev.fathom.optim.transform;

import dev.fathom.core.tree.Tree;

/**
 * u = c g.
 *
 * @param factor c
 */
public record Scale(double factor) implements GradientTransform<GradientTransform.NoState> {
    @Override
    public NoState init(Object params) {
        return new NoState();
    }

    @Override
    public <P> Updates<P, NoState> update(P gradients, NoState state, P params) {
        return new Updates<>(Tree.times(gradients, factor), state);
    }
}
