package dev.fathom.nn.recurrent;

import dev.fathom.core.tensor.Tensor;

/**
 * One step of a recurrent network: a record of tensors. What a step does with its input alone is
 * apart ({@link #project}), so that it is one matrix product for all steps.
 *
 * @param <S> the state, a tree of tensors (n, ..) whose types a step does not change
 */
public interface Cell<S> {
    /** The number of features of an input. */
    int features();

    /** The number of features of an output. */
    int width();

    /** The state before the first step: zeros. */
    S start(int batch);

    /** The part of a step that needs no state: x (.., features) to (.., whatever). */
    Tensor project(Tensor x);

    /** The state after a step, from the projected input (n, ..) and the state before. */
    S advance(Tensor projected, S state);

    /** What a state shows: (n, width). */
    Tensor output(S state);

    /** One step on an input x, (n, features). */
    default S step(Tensor x, S state) {
        return advance(project(x), state);
    }
}
