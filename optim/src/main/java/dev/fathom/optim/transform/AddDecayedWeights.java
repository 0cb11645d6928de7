package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.function.Predicate;

/**
 * u = g + λ θ on the chosen leaves. Before the scaling of Adam this is L2 regularisation, after it
 * decoupled weight decay (see {@link dev.fathom.optim.recipe.AdamW}).
 *
 * @param decay λ, ≥ 0
 * @param where which trained leaves of the parameters decay
 */
public record AddDecayedWeights(double decay, Predicate<Tree.Leaf> where)
        implements GradientTransform<GradientTransform.NoState> {

    /** Checks the decay. */
    public AddDecayedWeights {
        OptimizerException.check("addDecayedWeights", "decay", decay, "at least 0", decay >= 0);
    }

    @Override
    public NoState init(Object params) {
        return new NoState();
    }

    @Override
    public <P> Updates<P, NoState> update(P gradients, NoState state, P params) {
        P updates =
                Tree.zipLeaves(
                        (g, w) -> decays(g, w) ? g.tensor().plus(w.times(decay)) : g.tensor(),
                        gradients,
                        params);
        return new Updates<>(updates, state);
    }

    private boolean decays(Tree.Leaf gradient, Tensor weight) {
        return gradient.trained() && where.test(new Tree.Leaf(gradient.path(), weight, true));
    }
}
