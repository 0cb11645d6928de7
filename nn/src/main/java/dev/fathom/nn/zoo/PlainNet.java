package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;

/**
 * The plain network that {@link ResNet} is measured against: the same 6 b + 2 layers, first values
 * and batch normalisations, without shortcuts. With more blocks even its training error grows. K.
 * He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016, section
 * 4.2 and figure 6 (left).
 *
 * @param features images to the means of 64 maps, (n, 64)
 * @param output those to logits
 */
public record PlainNet(Sequential features, Dense output) implements Layer {

    /** Eight layers, one pair in each stage, for images (height, width, channels). */
    public static PlainNet of(Shape input, int classes, Key key) {
        return of(input, classes, 1, key);
    }

    /** Of 6 b + 2 layers: {@code blocks} b pairs of convolutions in each stage; 3 makes 20. */
    public static PlainNet of(Shape input, int classes, int blocks, Key key) {
        var net = ResNet.small("PlainNet", false, input, classes, blocks, key);
        return new PlainNet(net.features(), net.output());
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor means = pass.child("features", features, x); // (n, 64)
        return output.apply(means, pass); // (n, classes)
    }
}
