package dev.fathom.nn.zoo;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.AveragePool;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * LeNet-5 for images of 28 by 28 (61,706 parameters for one channel and 10 classes), and of other
 * sizes from 4 by 4. Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
 * to document recognition", Proc. IEEE 86, 1998, section II.B. We differ as most do: every map of
 * the second convolution sees all six maps of the first (the paper has a table of connections),
 * pooling has no coefficients, tanh is not scaled, and the output is a dense layer in place of
 * radial basis functions. The paper pads 28 to 32 by hand; SAME padding does it here.
 *
 * @param first 5 by 5, 6 maps
 * @param second 5 by 5, 16 maps
 * @param third 120 units
 * @param fourth 84 units
 * @param output to the logits
 */
public record LeNet(Conv2d first, Conv2d second, Dense third, Dense fourth, Dense output)
        implements Layer {

    /** For images (height, width, channels). */
    public static LeNet of(Shape input, int classes, Key key) {
        var image = Inputs.image("LeNet", input);
        var keys = key.split(5);
        var law = Initializer.glorotUniform();
        int h = image.dim(0) / 2;
        int w = image.dim(1) / 2;
        // the paper's second convolution has no padding; images too small for that get it
        boolean small = Math.min(h, w) < 6;
        int features = 16 * (small ? (h / 2) * (w / 2) : ((h - 4) / 2) * ((w - 4) / 2));
        return new LeNet(
                Conv2d.of(image.dim(2), 6, 5, 1, law, keys[0]),
                Conv2d.of(6, 16, 5, 1, law, keys[1])
                        .withPadding(small ? Padding.SAME : Padding.VALID),
                Dense.of(features, 120, law, keys[2]),
                Dense.of(120, 84, law, keys[3]),
                Dense.of(84, classes, law, keys[4]));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, 28, 28, c)
        x = Activation.TANH.apply(first.apply(x, pass), pass); // (n, 28, 28, 6)
        x = AveragePool.of(2).apply(x, pass); // (n, 14, 14, 6)
        x = Activation.TANH.apply(second.apply(x, pass), pass); // (n, 10, 10, 16)
        x = AveragePool.of(2).apply(x, pass); // (n, 5, 5, 16)
        x = Flatten.of().apply(x, pass); // (n, 400)
        x = Activation.TANH.apply(third.apply(x, pass), pass); // (n, 120)
        x = Activation.TANH.apply(fourth.apply(x, pass), pass); // (n, 84)
        return output.apply(x, pass); // (n, classes)
    }
}
