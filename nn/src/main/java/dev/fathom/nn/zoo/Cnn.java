package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;

/**
 * The default network for small images: two blocks of convolution, batch normalisation, rectifier
 * and pooling, a dense layer with batch normalisation, rectifier and dropout, and a dense layer to
 * the logits. Normalising the dense layer too makes the first epochs count: on few images the same
 * network without it needs about twice as many.
 *
 * @param features images to (n, height/4, width/4, 64)
 * @param classifier those to logits
 */
public record Cnn(Sequential features, Sequential classifier) implements Layer {

    /** For images (height, width, channels) of at least 4 by 4. */
    public static Cnn of(Shape input, int classes, Key key) {
        var image = Inputs.image("Cnn", input);
        if (Math.min(image.dim(0), image.dim(1)) < 4) {
            throw new ShapeException(
                    "Cnn: images " + input + " are too small; it takes at least 4 by 4");
        }
        var keys = key.split(4);
        int flat = (image.dim(0) / 4) * (image.dim(1) / 4) * 64;
        return new Cnn(
                Sequential.of(
                        Conv2d.of(image.dim(2), 32, 3, keys[0]).withoutBias(),
                        BatchNorm.of(32),
                        Activation.RELU,
                        MaxPool.of(2),
                        Conv2d.of(32, 64, 3, keys[1]).withoutBias(),
                        BatchNorm.of(64),
                        Activation.RELU,
                        MaxPool.of(2)),
                Sequential.of(
                        Flatten.of(),
                        Dense.of(flat, 128, keys[2]).withoutBias(),
                        BatchNorm.of(128),
                        Activation.RELU,
                        Dropout.of(0.5),
                        Dense.of(128, classes, Initializer.glorotUniform(), keys[3])));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor maps = pass.child("features", features, x); // (n, h/4, w/4, 64)
        return pass.child("classifier", classifier, maps); // (n, classes)
    }
}
