package dev.fathom.optim.recipe;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fast weights explore, slow weights follow: after every k steps of the inner optimizer
 *
 * <pre>
 * φ ← φ + α (θ − φ)
 * θ ← φ
 * </pre>
 *
 * M. Zhang, J. Lucas, G. Hinton, J. Ba, "Lookahead optimizer: k steps forward, 1 step back",
 * NeurIPS 2019, algorithm 1. The inner state is kept when θ jumps, as in the paper.
 *
 * @param <S> what the inner optimizer remembers
 * @param inner makes the fast steps
 * @param every k, ≥ 1
 * @param share α, in (0, 1]
 */
public record Lookahead<S>(Optimizer<S> inner, int every, double share)
        implements Optimizer<Lookahead.State<S>> {

    /**
     * What is remembered.
     *
     * @param step number of updates made, int32 ()
     * @param slow φ, by path of the parameter
     * @param inner of the inner optimizer
     */
    public record State<S>(Tensor step, Map<String, Tensor> slow, S inner) {}

    /** Checks the numbers. */
    public Lookahead {
        OptimizerException.check("lookahead", "every", every, "at least 1", every >= 1);
        OptimizerException.check("lookahead", "share", share, "in (0, 1]", share > 0 && share <= 1);
    }

    /** k = 5 and α = 0.5, the paper's values for images. */
    public static <S> Lookahead<S> of(Optimizer<S> inner) {
        return new Lookahead<>(inner, 5, 0.5);
    }

    @Override
    public State<S> init(Object params) {
        var slow = new LinkedHashMap<String, Tensor>();
        for (var leaf : Tree.flatten(params).leaves()) {
            if (leaf.trained()) {
                // memory of its own, since a compiled step may take over that of the parameters
                slow.put(leaf.path().toString(), leaf.tensor().plus(0));
            }
        }
        return new State<>(Tensor.scalar(0), slow, inner.init(params));
    }

    @Override
    public <P> Step<P, State<S>> update(P gradients, State<S> state, P params) {
        var fast = inner.update(gradients, state.inner(), params);
        Tensor step = state.step().plus(1);
        Tensor due = step.minus(step.dividedBy(every).times(every)).equalTo(Tensor.scalar(0));
        var slow = new LinkedHashMap<String, Tensor>();
        P next =
                Tree.mapLeaves(
                        leaf -> {
                            Tensor theta = leaf.tensor();
                            if (!leaf.trained()) {
                                return theta;
                            }
                            var path = leaf.path().toString();
                            Tensor phi = state.slow().get(path);
                            if (phi == null || !phi.type().equals(theta.type())) {
                                throw new OptimizerException(
                                        "lookahead: the state has "
                                                + (phi == null
                                                        ? "nothing"
                                                        : "a tensor of type " + phi.type())
                                                + " for "
                                                + path
                                                + " of type "
                                                + theta.type()
                                                + "; it belongs to another model. Start from"
                                                + " init(params)");
                            }
                            Tensor moved = phi.plus(theta.minus(phi).times(share));
                            slow.put(path, Functions.where(due, moved, phi));
                            return Functions.where(due, moved, theta);
                        },
                        fast.params());
        return new Step<>(next, new State<>(step, slow, fast.state()));
    }
}
