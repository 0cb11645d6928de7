package dev.fathom.optim;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.error.OptimizerException;

import java.util.function.Function;

/**
 * What is made small: a loss of a model's output, as a function of the parameters. A {@link
 * Descent} may ask for it at other parameters than the present ones. It is a pure function: asked
 * twice at the same place it answers the same, on the same batch, with the same random masks, and
 * it leaves running statistics alone.
 *
 * @param <P> the parameters: a tree of tensors
 */
public interface Objective<P> {
    /** What the model gives, (n, ..) for a batch of n. */
    Tensor output(P params);

    /** The loss of such an output: a floating scalar, the mean over the batch. */
    Tensor loss(Tensor output);

    /** The loss at {@code params}. */
    default Tensor at(P params) {
        return loss(output(params));
    }

    /**
     * The model's affine layers from inside, at {@code params}. A training loop shows them; an
     * objective made of functions cannot.
     *
     * @throws OptimizerException if this objective does not know the layers
     */
    default Activations activations(P params) {
        throw new OptimizerException(
                "this objective does not show the layers of its model, which K-FAC needs. Train"
                    + " with Trainer, give a BatchObjective, or implement Objective.activations");
    }

    /** The objective with this output and loss. */
    static <P> Objective<P> of(Function<P, Tensor> output, Function<Tensor, Tensor> loss) {
        return new Objective<>() {
            @Override
            public Tensor output(P params) {
                return output.apply(params);
            }

            @Override
            public Tensor loss(Tensor result) {
                return loss.apply(result);
            }
        };
    }

    /**
     * A scalar function that is not known to have parts. Rules that need the curvature of the loss
     * in the output (Gauss–Newton) see none in it: use {@link #of(Function, Function)} for those.
     */
    static <P> Objective<P> of(Function<P, Tensor> loss) {
        return of(loss, value -> value);
    }
}
