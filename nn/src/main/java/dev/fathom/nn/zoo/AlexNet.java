package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Convolutions.Padding;
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
import dev.fathom.nn.norm.LocalResponseNorm;

/**
 * The network that won ImageNet 2012: five convolutions with rectifiers, two of them with local
 * response normalisation, three overlapping pools, two dense layers with dropout, and one to the
 * logits. A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional
 * neural networks", NIPS 2012, section 3.5 and figure 2. Convolutions 2, 4 and 5 have two groups:
 * the halves that lay on two graphics cards. For (227, 227, 3) and 1000 classes it has 60,965,224
 * parameters; the paper says 224, with which its first layer would not give 55 by 55.
 *
 * <p>We differ in the first values: He's law and biases of zero, where the paper has N(0, 0.01²)
 * and biases of one after convolutions 2, 4, 5 and in the dense layers.
 *
 * @param features images to maps
 * @param classifier those to logits
 */
public record AlexNet(Sequential features, Sequential classifier) implements Layer {

    /** As published, for images (height, width, channels) of at least 67 by 67. */
    public static AlexNet of(Shape input, int classes, Key key) {
        return of(input, classes, Initializer.standard(), key);
    }

    /** As published, with weights by the given law. */
    public static AlexNet of(Shape input, int classes, Initializer law, Key key) {
        var image = Inputs.image("AlexNet", input);
        int height = poolings((image.dim(0) - 11) / 4 + 1);
        int width = poolings((image.dim(1) - 11) / 4 + 1);
        if (Math.min(image.dim(0), image.dim(1)) < 67) {
            throw new ShapeException(
                    "AlexNet: images "
                            + input
                            + " are too small; it takes at least 67 by 67. For small images use"
                            + " AlexNet.small");
        }
        var first = Conv2d.of(image.dim(2), 96, 11, 1, law, key.fold(0)).withStride(4);
        int[] maps = {96, 256, 384, 384, 256};
        return of(
                first.withPadding(Padding.VALID),
                maps,
                5,
                new MaxPool(3, 2, Padding.VALID),
                height * width * 256,
                4096,
                classes,
                law,
                key);
    }

    /**
     * The same plan for images from 8 by 8: kernels of 3, a quarter of the maps, dense layers of
     * 128, and pools that pad.
     */
    public static AlexNet small(Shape input, int classes, Key key) {
        var image = Inputs.image("AlexNet", input);
        if (Math.min(image.dim(0), image.dim(1)) < 8) {
            throw new ShapeException(
                    "AlexNet: images " + input + " are too small; it takes at least 8 by 8");
        }
        int[] maps = {24, 64, 96, 96, 64};
        var law = Initializer.standard();
        return of(
                Conv2d.of(image.dim(2), maps[0], 3, 1, law, key.fold(0)),
                maps,
                3,
                new MaxPool(3, 2, Padding.SAME),
                ((image.dim(0) + 7) / 8) * ((image.dim(1) + 7) / 8) * maps[4],
                128,
                classes,
                law,
                key);
    }

    private static AlexNet of(
            Conv2d first,
            int[] maps,
            int kernel,
            MaxPool pool,
            int flat,
            int width,
            int classes,
            Initializer law,
            Key key) {
        return new AlexNet(
                Sequential.of(
                        first,
                        Activation.RELU,
                        LocalResponseNorm.of(),
                        pool,
                        Conv2d.of(maps[0], maps[1], kernel, 2, law, key.fold(1)),
                        Activation.RELU,
                        LocalResponseNorm.of(),
                        pool,
                        Conv2d.of(maps[1], maps[2], 3, 1, law, key.fold(2)),
                        Activation.RELU,
                        Conv2d.of(maps[2], maps[3], 3, 2, law, key.fold(3)),
                        Activation.RELU,
                        Conv2d.of(maps[3], maps[4], 3, 2, law, key.fold(4)),
                        Activation.RELU,
                        pool),
                Sequential.of(
                        Flatten.of(),
                        Dense.of(flat, width, law, key.fold(5)),
                        Activation.RELU,
                        Dropout.of(0.5),
                        Dense.of(width, width, law, key.fold(6)),
                        Activation.RELU,
                        Dropout.of(0.5),
                        Dense.of(width, classes, law, key.fold(7))));
    }

    /** What three pools of windows 3 and steps 2 leave. */
    private static int poolings(int size) {
        int n = size;
        for (int i = 0; i < 3; i++) {
            n = (n - 3) / 2 + 1;
        }
        return n;
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor maps = pass.child("features", features, x); // (n, h', w', maps)
        return pass.child("classifier", classifier, maps); // (n, classes)
    }
}
