package dev.fathom.nn.pretext;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;

import java.util.stream.IntStream;

/**
 * Which way up is it? Every image is shown turned by 0°, 90°, 180° and 270°, and the network says
 * by how much: whoever can tell knows what the things in the images look like. S. Gidaris, P.
 * Singh, N. Komodakis, "Unsupervised representation learning by predicting image rotations", ICLR
 * 2018, equations 2 and 3. As there, all four copies of an image are in one batch.
 *
 * <p>Shapes: square images (n, h, h, c) or (n, h, h) to logits (4n, 4).
 *
 * @param encoder images to features (n, width)
 * @param head features to the four angles
 */
public record RotationPrediction(Layer encoder, Dense head) implements Layer {

    /** Around an encoder that gives {@code width} features. */
    public static RotationPrediction of(Layer encoder, int width, Key key) {
        return new RotationPrediction(
                encoder, Dense.of(width, 4, Initializer.glorotUniform(), key));
    }

    /**
     * The images turned against the clock by 0°, then all of them by 90°, 180° and 270°: (n, h, h,
     * ..) to (4n, h, h, ..).
     *
     * @throws ShapeException if the images are not square
     */
    public static Tensor rotated(Tensor images) {
        if (images.rank() < 3 || images.dim(1) != images.dim(2)) {
            throw new ShapeException(
                    "RotationPrediction: images "
                            + images.shape()
                            + " are not square, (n, h, h, c): a right angle would change their"
                            + " shape. Crop or pad them first");
        }
        int[] order = IntStream.range(0, images.rank()).toArray();
        order[1] = 2;
        order[2] = 1;
        Tensor across = images.transpose(order);
        return Shaping.concatenate(
                0,
                images,
                Shaping.reverse(across, 1),
                Shaping.reverse(images, 1, 2),
                Shaping.reverse(across, 2));
    }

    /** How often each of {@link #rotated} was turned: 0, .., 1, .., 2, .., 3, ..; int32 (4n). */
    public static Tensor turns(int n) {
        return Creation.range(DType.INT32, 4 * n).dividedBy(n);
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor features = pass.child("encoder", encoder, rotated(images)); // (4n, width)
        return pass.child("head", head, features); // (4n, 4)
    }

    /** Cross-entropy of the turns, the mean over all 4n images, in nats. */
    public Tensor loss(Tensor images, Pass pass) {
        return Losses.crossEntropy(apply(images, pass), turns(images.dim(0)));
    }

    /** The share of the 4n images whose turn is told right, in evaluation. */
    public double accuracy(Tensor images) {
        Tensor told = apply(images, Pass.eval()).argMax(-1);
        return told.equalTo(turns(images.dim(0))).cast(DType.FLOAT64).mean().item();
    }
}
