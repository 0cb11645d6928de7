package dev.fathom.optim;

import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;
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

    /**
     * The optimizer that adds what {@code transform} makes of the gradients. Its {@code init}
     * throws an {@link OptimizerException} for weights in bfloat16.
     */
    static <S> Optimizer<S> of(GradientTransform<S> transform) {
        return new Optimizer<>() {
            @Override
            public S init(Object params) {
                for (var leaf : Tree.flatten(params).leaves()) {
                    if (leaf.trained() && leaf.tensor().dtype().isStorage()) {
                        throw new OptimizerException(
                                leaf.path()
                                        + " is "
                                        + leaf.tensor().dtype()
                                        + ", which is for keeping: a step would be smaller than its"
                                        + " last digit and be lost. Train it in float32, as"
                                        + " policy.computed(kept.net()) makes it of what"
                                        + " policy.keep(net) made");
                    }
                }
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
