package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.GlobalMaxPool;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Residual;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;

/**
 * The nine-layer residual network that won DAWNBench on CIFAR-10: a convolution, three stages that
 * double the maps and halve the image, the first and the last with a residual block of two
 * convolutions, the maximum of each map, and a dense layer without bias times 1/8. Every
 * convolution is 3 by 3, followed by batch normalisation and a rectifier, also at the end of a
 * residual body. D. Page, "How to train your ResNet", 2018, part 4 (the network "res1 + res3"); C.
 * Coleman et al., "DAWNBench", 2017. For (32, 32, 3) and 10 classes it has 6,573,120 parameters.
 *
 * <p>We differ: the last pool covers the whole map whatever its size (4 by 4 there); scales of the
 * batch normalisations are trained.
 *
 * @param features images to (n, 8 maps)
 * @param output those to logits, before the scale
 * @param scale of the logits
 */
public record ResNet9(Sequential features, Dense output, double scale) implements Layer {

    /** As published, with 64 maps at first, for images (height, width, channels) from 8 by 8. */
    public static ResNet9 of(Shape input, int classes, Key key) {
        return of(input, classes, 64, key);
    }

    /** With {@code maps} after the first convolution. */
    public static ResNet9 of(Shape input, int classes, int maps, Key key) {
        Checks.positive("ResNet9", "maps", maps);
        var image = Inputs.image("ResNet9", input);
        if (Math.min(image.dim(0), image.dim(1)) < 8) {
            throw new ShapeException(
                    "ResNet9: images "
                            + input
                            + " are too small to halve three times; it takes at least 8 by 8");
        }
        var keys = key.split(9);
        var features =
                Sequential.of(
                        step(image.dim(2), maps, keys[0]), // (n, h, w, m)
                        step(maps, 2 * maps, keys[1]),
                        MaxPool.of(2), // (n, h/2, w/2, 2 m)
                        block(2 * maps, keys[2], keys[3]),
                        step(2 * maps, 4 * maps, keys[4]),
                        MaxPool.of(2), // (n, h/4, w/4, 4 m)
                        step(4 * maps, 8 * maps, keys[5]),
                        MaxPool.of(2), // (n, h/8, w/8, 8 m)
                        block(8 * maps, keys[6], keys[7]),
                        GlobalMaxPool.of()); // (n, 8 m)
        var dense = Dense.of(8 * maps, classes, Initializer.leCunNormal(), keys[8]).withoutBias();
        return new ResNet9(features, dense, 0.125);
    }

    private static Sequential step(int in, int out, Key key) {
        return Sequential.of(
                Conv2d.of(in, out, 3, key).withoutBias(), BatchNorm.of(out), Activation.RELU);
    }

    private static Residual block(int maps, Key first, Key second) {
        return Residual.of(Sequential.of(step(maps, maps, first), step(maps, maps, second)));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor maxima = pass.child("features", features, x); // (n, 8 maps)
        return output.apply(maxima, pass).times(scale); // (n, classes)
    }
}
