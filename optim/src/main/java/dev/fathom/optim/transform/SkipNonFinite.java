package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

/**
 * A step whose gradient holds a NaN or an infinity is left out: no parameter and nothing of the
 * inner state changes, and the state says how often that happened.
 *
 * @param <S> what the inner transform remembers
 * @param inner sees finite gradients only
 */
public record SkipNonFinite<S>(GradientTransform<S> inner)
        implements GradientTransform<SkipNonFinite.State<S>> {

    /**
     * The report.
     *
     * @param skipped steps left out so far, int32 ()
     * @param inRow steps left out since the last good one, int32 ()
     * @param inner the inner state
     */
    public record State<S>(Tensor skipped, Tensor inRow, S inner) {}

    @Override
    public State<S> init(Object params) {
        return new State<>(Tensor.scalar(0), Tensor.scalar(0), inner.init(params));
    }

    @Override
    public <P> Updates<P, State<S>> update(P gradients, State<S> state, P params) {
        Tensor finite = finite(gradients);
        P safe = Tree.mapTrained(g -> choose(finite, g, Ops.zeros(g.type())), gradients);
        var result = inner.update(safe, state.inner(), params);
        P updates = Tree.mapTrained(u -> choose(finite, u, Ops.zeros(u.type())), result.updates());
        S next = Tree.zip((a, b) -> choose(finite, a, b), result.state(), state.inner());
        Tensor skipped = choose(finite, state.skipped(), state.skipped().plus(1));
        Tensor inRow = choose(finite, Tensor.scalar(0), state.inRow().plus(1));
        return new Updates<>(updates, new State<>(skipped, inRow, next));
    }

    /** Whether every element of every trained leaf is a finite number: bool (). */
    static Tensor finite(Object gradients) {
        // a sum of g − g is 0 where all are finite and NaN where one is not
        Tensor sum = Tensor.scalar(0.0);
        for (var leaf : Tree.flatten(gradients).leaves()) {
            if (leaf.trained()) {
                Tensor g = leaf.tensor();
                sum = sum.plus(g.minus(g).sum().cast(sum.dtype()));
            }
        }
        return sum.equalTo(Tensor.scalar(0.0));
    }

    private static Tensor choose(Tensor condition, Tensor a, Tensor b) {
        return Functions.where(condition, a, b);
    }
}
