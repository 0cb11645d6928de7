package dev.fathom.optim;

import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.transform.GradientTransform;

/**
 * A rule that moves parameters along their gradients; two pure functions.
 *
 * @param <S> what it remembers between steps: a tree of tensors
 */
public interface Optimizer<S> extends Descent<S> {
    /** New parameters and the new state. {@code gradients} has the structure of {@code params}. */
    <P> Step<P, S> update(P gradients, S state, P params);

    @Override
    default <P> Step<P, S> update(ValueGrad<P> here, Objective<P> objective, S state, P params) {
        return update(here.gradient(), state, params);
    }

    /** What a step gives. */
    record Step<P, S>(P params, S state) {}

    /** The optimizer that adds what {@code transform} makes of the gradients. */
    static <S> Optimizer<S> of(GradientTransform<S> transform) {
        return new Optimizer<>() {
            @Override
            public S init(Object params) {
                return transform.init(params);
            }

            @Override
            public <P> Step<P, S> update(P gradients, S state, P params) {
                var result = transform.update(gradients, state, params);
                return new Step<>(Tree.plus(params, result.updates()), result.state());
            }
        };
    }
}
