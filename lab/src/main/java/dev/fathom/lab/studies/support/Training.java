package dev.fathom.lab.studies.support;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.transform.Chain;

import java.util.function.BiFunction;

/** A training loop without anything around it, compiled as a whole. */
public final class Training {
    private Training() {}

    /** Looks at a model on its way. */
    @FunctionalInterface
    public interface Look<M> {
        /** The model after {@code step} steps. */
        void at(int step, M model);
    }

    private record State<M>(M model, Chain.State optimizer, Tensor step) {}

    /**
     * The model after so many steps down the gradient of a loss.
     *
     * @param loss of the model at a step, 0, 1, 2, ..: the int32 scalar from which a batch is drawn
     */
    public static <M> M minimise(
            M start, Recipe optimizer, int steps, BiFunction<M, Tensor, Tensor> loss) {
        return minimise(start, optimizer, steps, steps, loss, (_, _) -> {});
    }

    /** The same, looked at after every {@code each} steps. */
    public static <M> M minimise(
            M start,
            Recipe optimizer,
            int steps,
            int each,
            BiFunction<M, Tensor, Tensor> loss,
            Look<M> look) {
        var stretch =
                jit((State<M> from) -> Loops.repeat(s -> next(s, optimizer, loss), from, each));
        var state = new State<>(start, optimizer.init(start), Tensor.scalar(0));
        for (int done = each; done <= steps; done += each) {
            state = stretch.apply(state);
            look.at(done, state.model);
        }
        return state.model;
    }

    private static <M> State<M> next(
            State<M> s, Recipe optimizer, BiFunction<M, Tensor, Tensor> loss) {
        M gradient = grad((M model) -> loss.apply(model, s.step)).apply(s.model);
        var step = optimizer.update(gradient, s.optimizer, s.model);
        return new State<>(step.params(), step.state(), s.step.plus(1));
    }
}
