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
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.NormalizerFree;
import dev.fathom.nn.norm.NormalizerFree.Scaled;
import dev.fathom.nn.norm.WeightStandardisation;

import java.util.ArrayList;

/**
 * A residual network without normalisation, for small images: the plan of {@link ResNet#of} with 6
 * b + 2 layers, every convolution by scaled {@link WeightStandardisation}, every block {@link
 * NormalizerFree} with α = 0.2 and the β that the blocks before it make. Train it with adaptive
 * clipping of the gradients (optim's {@code ClipByUnitNorm}). A. Brock, S. De, S. Smith, ICLR 2021,
 * section 3, and A. Brock et al., ICML 2021. We differ: the small plan of 16, 32 and 64 maps; a
 * shortcut with stride is a strided 1 by 1 convolution, without their mean pool; no squeeze and
 * excitation.
 *
 * @param features images to the means of 64 maps, (n, 64)
 * @param output those to logits
 */
public record NfNet(Sequential features, Dense output) implements Layer {
    private static final double ALPHA = 0.2;

    /** Eight layers, one block in each stage, for images (height, width, channels). */
    public static NfNet of(Shape input, int classes, Key key) {
        return of(input, classes, 1, key);
    }

    /** Of 6 b + 2 layers: {@code blocks} b in each stage. */
    public static NfNet of(Shape input, int classes, int blocks, Key key) {
        if (blocks < 1) {
            throw new LayerException(
                    "NfNet: " + blocks + " blocks in each stage; it takes at least 1");
        }
        var image = Inputs.image("NfNet", input);
        var keys = key.split(3 * blocks + 2);
        var relu = new Scaled(Activation.RELU, WeightStandardisation.RELU_GAIN);
        var layers = new ArrayList<Layer>();
        layers.add(conv(image.dim(2), 16, 3, 1, keys[0]));
        int in = 16;
        double variance = 1;
        for (int i = 0; i < 3 * blocks; i++) {
            int out = 16 << (i / blocks);
            int stride = in == out ? 1 : 2;
            var parts = keys[i + 1].split(3);
            var body =
                    Sequential.of(
                            conv(in, out, 3, stride, parts[0]),
                            relu,
                            conv(out, out, 3, 1, parts[1]));
            var block = NormalizerFree.of(body, ALPHA, Math.sqrt(variance));
            if (i % blocks == 0) { // the first of a stage, where the variance begins again
                block = block.withShortcut(conv(in, out, 1, stride, parts[2]));
            }
            layers.add(block);
            variance = block.variance();
            in = out;
        }
        layers.add(relu);
        layers.add(GlobalAveragePool.of());
        var dense = Dense.of(64, classes, Initializer.glorotUniform(), keys[3 * blocks + 1]);
        return new NfNet(new Sequential(layers), dense);
    }

    private static WeightStandardisation conv(int in, int out, int kernel, int stride, Key key) {
        return WeightStandardisation.scaled(Conv2d.of(in, out, kernel, key).withStride(stride));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor means = pass.child("features", features, x); // (n, 64)
        return output.apply(means, pass); // (n, classes)
    }
}
