package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

/**
 * u = c g, where c is part of the state and begins as 1: whoever trains may change it between steps
 * without compiling anew, and it is saved and resumed with the rest. At the end of a chain it
 * scales the learning rate.
 */
public record ScaleByFactor() implements GradientTransform<ScaleByFactor.State> {

    /**
     * The factor.
     *
     * @param factor c, float32 ()
     */
    public record State(Tensor factor) {}

    @Override
    public State init(Object params) {
        return new State(Tensor.scalar(1f));
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        return new Updates<>(Tree.times(gradients, state.factor()), state);
    }

    /** The state of a chain, whose parts of this kind now have the factor {@code c}. */
    public static Chain.State with(Chain.State state, double c) {
        return new Chain.State(state.parts().stream().<Object>map(part -> with(part, c)).toList());
    }

    private static Object with(Object part, double c) {
        return switch (part) {
            case State _ -> new State(Tensor.scalar((float) c));
            case Chain.State inner -> with(inner, c);
            case Object other -> other;
        };
    }
}
