package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.GlobalAveragePool;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Residual;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;

import java.util.ArrayList;

/**
 * Residual networks for small images, with 6 b + 2 layers: a convolution, three stages of b blocks
 * with 16, 32 and 64 maps, the second and third of which halve the image, a global mean, a dense
 * layer. K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR
 * 2016, section 4.2. We differ: where the shape changes the shortcut is a convolution (option B),
 * which the paper uses on ImageNet only.
 *
 * @param features images to (n, height/4, width/4, 64)
 * @param output the means of those to logits
 */
public record ResNet(Sequential features, Dense output) implements Layer {

    /** ResNet-8, one block in each stage, for images (height, width, channels). */
    public static ResNet of(Shape input, int classes, Key key) {
        return of(input, classes, 1, key);
    }

    /** ResNet-(6 b + 2): {@code blocks} b in each stage; 3 makes ResNet-20. */
    public static ResNet of(Shape input, int classes, int blocks, Key key) {
        if (blocks < 1) {
            throw new LayerException(
                    "ResNet: " + blocks + " blocks in each stage; it takes at least 1");
        }
        var image = Inputs.image("ResNet", input);
        var keys = key.split(3 * blocks + 2);
        var layers = new ArrayList<Layer>();
        layers.add(Conv2d.of(image.dim(2), 16, 3, keys[0]).withoutBias());
        layers.add(BatchNorm.of(16));
        layers.add(Activation.RELU);
        int in = 16;
        for (int i = 0; i < 3 * blocks; i++) {
            int out = 16 << (i / blocks);
            layers.add(block(in, out, keys[i + 1]));
            layers.add(Activation.RELU);
            in = out;
        }
        layers.add(GlobalAveragePool.of());
        var dense = Dense.of(64, classes, Initializer.glorotUniform(), keys[3 * blocks + 1]);
        return new ResNet(new Sequential(layers), dense);
    }

    private static Residual block(int in, int out, Key key) {
        var keys = key.split(3);
        int stride = in == out ? 1 : 2;
        var body =
                Sequential.of(
                        Conv2d.of(in, out, 3, keys[0]).withStride(stride).withoutBias(),
                        BatchNorm.of(out),
                        Activation.RELU,
                        Conv2d.of(out, out, 3, keys[1]).withoutBias(),
                        BatchNorm.of(out));
        if (in == out) {
            return Residual.of(body);
        }
        var projection = Conv2d.of(in, out, 1, keys[2]).withStride(stride).withoutBias();
        return Residual.of(body, Sequential.of(projection, BatchNorm.of(out)));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor means = pass.child("features", features, x); // (n, 64)
        return output.apply(means, pass); // (n, classes)
    }
}
