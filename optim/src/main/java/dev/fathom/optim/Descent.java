package dev.fathom.optim;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.transform.LossScaling;

/**
 * A rule that moves parameters and may look at the loss elsewhere on its way: at a perturbed place,
 * along a line, through its curvature. Two pure functions. An {@link Optimizer} is one that needs
 * the gradient only.
 *
 * <pre>{@code
 * var descent = Sam.of(Momentum.of(0.1), 0.05);
 * var state = descent.init(model);
 * for (var batch : batches) {
 *     Objective<Net> loss = Objective.of(m -> m.apply(batch.features(), Pass.eval()),
 *                                        y -> crossEntropy(y, batch.labels()));
 *     var step = descent.update(loss, state, model);
 *     model = step.params();
 *     state = step.state();
 * }
 * }</pre>
 *
 * @param <S> what it remembers between steps: a tree of tensors
 */
public interface Descent<S> {
    /** The state before the first step, for parameters of this structure. */
    S init(Object params);

    /**
     * New parameters and the new state.
     *
     * @param here value and gradient of {@code objective} at {@code params}
     */
    <P> Step<P, S> update(ValueGrad<P> here, Objective<P> objective, S state, P params);

    /** {@link #update(ValueGrad, Objective, Object, Object)} that first takes the gradient. */
    default <P> Step<P, S> update(Objective<P> objective, S state, P params) {
        return update(
                valueAndGrad((P p) -> objective.at(p)).apply(params), objective, state, params);
    }

    /**
     * The descent that takes the gradient of the scaled loss and adds what {@code scaling} makes of
     * it, as in {@code Descent.scaled(LossScaling.of(Adam.of(1e-3).transform()))}.
     */
    static <S> Descent<LossScaling.State<S>> scaled(LossScaling<S> scaling) {
        return new Descent<>() {
            @Override
            public LossScaling.State<S> init(Object params) {
                return scaling.init(params);
            }

            @Override
            public <P> Step<P, LossScaling.State<S>> update(
                    ValueGrad<P> here,
                    Objective<P> objective,
                    LossScaling.State<S> state,
                    P params) {
                P gradients = grad((P p) -> scaling.scaled(objective.at(p), state)).apply(params);
                var result = scaling.update(gradients, state, params);
                return new Step<>(Tree.plus(params, result.updates()), result.state());
            }
        };
    }
}
