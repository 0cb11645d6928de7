package dev.fathom.nn.pretext;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.EmbeddingLosses;

import java.util.Arrays;

/**
 * Two views of the same image belong together, views of different images do not: the features of
 * the encoder, projected once more, have to find their partner in the batch. T. Chen, S. Kornblith,
 * M. Norouzi, G. Hinton, "A simple framework for contrastive learning of visual representations",
 * ICML 2020, algorithm 1. The projection is thrown away afterwards.
 *
 * <p>Views come from the loader: {@code data.views(2).batches(128).augmented(..)}.
 *
 * <p>Shapes: pairs of views (n, 2, ..) to projections (2n, code), first views before second ones.
 *
 * @param encoder one view (n, ..) to features (n, width)
 * @param projection features to what is compared
 * @param temperature τ of {@link EmbeddingLosses#ntXent}
 */
public record SimClr(Layer encoder, Layer projection, double temperature) implements Layer {

    /**
     * Around an encoder that gives {@code width} features: a projection with one hidden layer, to
     * {@code code} numbers, and τ = 0.5, the paper's for CIFAR-10 (section B.9).
     */
    public static SimClr of(Layer encoder, int width, int code, Key key) {
        var keys = key.split(2);
        return new SimClr(
                encoder,
                Sequential.of(
                        Dense.of(width, width, keys[0]),
                        Activation.RELU,
                        Dense.of(width, code, keys[1])),
                0.5);
    }

    /** The same with another temperature. */
    public SimClr withTemperature(double other) {
        return new SimClr(encoder, projection, other);
    }

    /**
     * @throws ShapeException if the input is no pair of views (n, 2, ..)
     */
    @Override
    public Tensor apply(Tensor views, Pass pass) {
        if (views.rank() < 3 || views.dim(1) != 2) {
            throw new ShapeException(
                    "SimClr: the input "
                            + views.shape()
                            + " is not two views of each example, (n, 2, ..). Make them in the"
                            + " loader: data.views(2).batches(..).augmented(..)");
        }
        int[] dims = views.shape().dims();
        int[] one = Arrays.copyOfRange(dims, 1, dims.length);
        one[0] = 2 * dims[0];
        int[] order = new int[dims.length];
        Arrays.setAll(order, i -> i < 2 ? 1 - i : i);
        Tensor x = views.transpose(order).reshape(one); // (2n, ..)
        Tensor features = pass.child("encoder", encoder, x); // (2n, width)
        return pass.child("projection", projection, features); // (2n, code)
    }

    /** The loss of algorithm 1, the mean over the 2n views. */
    public Tensor loss(Tensor views, Pass pass) {
        Tensor z = apply(views, pass); // (2n, code)
        int n = views.dim(0);
        return EmbeddingLosses.ntXent(z.slice(0, 0, n), z.slice(0, n, 2 * n), temperature);
    }
}
