package dev.fathom.optim.transform;

import dev.fathom.optim.error.OptimizerException;

import java.util.ArrayList;
import java.util.List;

/**
 * Transforms one after another: the updates of each are the gradients of the next.
 *
 * @param parts first to last
 */
public record Chain(List<GradientTransform<?>> parts) implements GradientTransform<Chain.State> {

    /**
     * The states of the parts.
     *
     * @param parts one for each transform, in order
     */
    public record State(List<Object> parts) {}

    /** Copies the list. */
    public Chain {
        parts = List.copyOf(parts);
    }

    @Override
    public State init(Object params) {
        return new State(parts.stream().<Object>map(p -> p.init(params)).toList());
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        if (state.parts().size() != parts.size()) {
            throw new OptimizerException(
                    "chain: a state of "
                            + state.parts().size()
                            + " parts was given to a chain of "
                            + parts.size()
                            + "; it belongs to another optimizer. Start from init(params)");
        }
        var states = new ArrayList<Object>();
        P updates = gradients;
        for (int i = 0; i < parts.size(); i++) {
            var result = apply(parts.get(i), updates, state.parts().get(i), params);
            updates = result.updates();
            states.add(result.state());
        }
        return new Updates<>(updates, new State(states));
    }

    @SuppressWarnings("unchecked") // the i-th state was made by the i-th part
    private static <P, S> Updates<P, S> apply(
            GradientTransform<S> part, P updates, Object state, P params) {
        return part.update(updates, (S) state, params);
    }
}
