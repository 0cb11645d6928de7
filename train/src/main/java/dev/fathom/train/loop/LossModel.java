package dev.fathom.train.loop;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;

/**
 * A model that is trained by a loss of its own, which needs more than an output and a target, as
 * that of a variational autoencoder: its output is the loss, the labels of the batches are not
 * looked at.
 *
 * <pre>{@code
 * var fit = Trainer.of(LossModel.of(vae, VariationalAutoencoder::negativeElbo), LossModel.loss(),
 *         Adam.of(1e-3)).fit(batches, epochs(10), validation);
 * var trained = fit.best().model();
 * }</pre>
 *
 * @param model what is trained
 * @param of its loss on a batch, a scalar, the mean over the examples
 */
public record LossModel<M extends Layer>(M model, OfBatch<M> of) implements Layer {
    /** A loss of a model on the features of a batch. */
    @FunctionalInterface
    public interface OfBatch<M> {
        /** The mean over the examples, a scalar. */
        Tensor apply(M model, Tensor features, Pass pass);
    }

    /** A model with this loss. */
    public static <M extends Layer> LossModel<M> of(M model, OfBatch<M> loss) {
        return new LossModel<>(model, loss);
    }

    /** The loss to train such a model with: its output. */
    public static Loss loss() {
        return (output, _) -> output;
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return of.apply(model, x, pass); // ()
    }
}
