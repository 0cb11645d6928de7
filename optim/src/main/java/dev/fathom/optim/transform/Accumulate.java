package dev.fathom.optim.transform;

import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

/**
 * Several small batches in place of a large one: gradients are averaged over {@code every} calls,
 * of which only the last moves the parameters. With equal batches it is the step of all their
 * examples together.
 *
 * @param <S> what the inner transform remembers
 * @param every calls to one step, ≥ 1
 * @param inner gets the mean
 */
public record Accumulate<S>(int every, GradientTransform<S> inner)
        implements GradientTransform<Accumulate.State<S>> {

    /**
     * What has been gathered.
     *
     * @param count calls since the last step, int32 ()
     * @param sum of the gradients, in the structure of the parameters
     * @param inner the inner state
     */
    public record State<S>(Tensor count, Object sum, S inner) {}

    private record Branch(Object sum, Object inner, Object params) {}

    private record Outcome(Object updates, Object sum, Object inner) {}

    /** Checks the number. */
    public Accumulate {
        OptimizerException.check("accumulate", "every", every, "at least 1", every >= 1);
    }

    @Override
    public State<S> init(Object params) {
        return new State<>(Tensor.scalar(0), Tree.zerosLike(params), inner.init(params));
    }

    @Override
    @SuppressWarnings("unchecked") // branches give back what they were given
    public <P> Updates<P, State<S>> update(P gradients, State<S> state, P params) {
        Tensor count = state.count().plus(1);
        P sum =
                Tree.zipLeaves(
                        (g, s) -> g.trained() ? g.tensor().plus(s) : g.tensor(),
                        gradients,
                        state.sum());
        Tensor full = count.greaterThan(Tensor.scalar(every - 1));
        var out =
                Loops.cond(
                        full,
                        b -> step(b),
                        b ->
                                new Outcome(
                                        Tree.mapTrained(t -> t.minus(t), b.sum()),
                                        b.sum(),
                                        b.inner()),
                        new Branch(sum, state.inner(), params));
        Tensor next = Loops.cond(full, c -> c.minus(c), c -> c, count);
        return new Updates<>((P) out.updates(), new State<>(next, out.sum(), (S) out.inner()));
    }

    @SuppressWarnings("unchecked")
    private Outcome step(Branch b) {
        Object mean = Tree.mapTrained(t -> t.dividedBy(every), b.sum());
        var result = inner.update(mean, (S) b.inner(), b.params());
        return new Outcome(
                result.updates(), Tree.mapTrained(t -> t.minus(t), b.sum()), result.state());
    }
}
