package dev.fathom.nn.zoo;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.GlobalAveragePool;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Residual;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.norm.Fixup;

import java.util.ArrayList;
import java.util.List;

/**
 * Residual networks. K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image
 * recognition", CVPR 2016.
 *
 * <p>For small images ({@link #of}), section 4.2, with 6 b + 2 layers: a convolution, three stages
 * of b blocks with 16, 32 and 64 maps, the second and third of which halve the image, a global
 * mean, a dense layer. We differ: where the shape changes the shortcut is a convolution (option B),
 * which the paper uses on ImageNet only.
 *
 * <p>For images of the size of ImageNet's ({@link #resNet18}, {@link #resNet50}, {@link
 * #imageNet}), table 1: a convolution of 7 by 7 with stride 2, a max pool of 3 by 3 with stride 2,
 * four stages, the last three of which halve the image, a global mean, a dense layer. We differ: a
 * bottleneck that halves does so in its 3 by 3 convolution, not in the first of 1 by 1, as most
 * programs do since ("version 1.5"); where an even size is halved, SAME padding puts the odd zero
 * at the end, the paper's at the start.
 *
 * @param features images to (n, height', width', maps) and their means (n, maps)
 * @param output the means to logits
 */
public record ResNet(Sequential features, Dense output) implements Layer {

    /** ResNet-8, one block in each stage, for images (height, width, channels). */
    public static ResNet of(Shape input, int classes, Key key) {
        return of(input, classes, 1, key);
    }

    /** ResNet-(6 b + 2): {@code blocks} b in each stage; 3 makes ResNet-20. */
    public static ResNet of(Shape input, int classes, int blocks, Key key) {
        return small("ResNet", true, input, classes, blocks, key);
    }

    /** The plan of {@link #of}, with its shortcuts or without. */
    static ResNet small(
            String name, boolean shortcuts, Shape input, int classes, int blocks, Key key) {
        if (blocks < 1) {
            throw new LayerException(
                    name + ": " + blocks + " blocks in each stage; it takes at least 1");
        }
        var image = Inputs.image(name, input);
        var keys = key.split(3 * blocks + 2);
        var layers = new ArrayList<Layer>();
        layers.add(Conv2d.of(image.dim(2), 16, 3, keys[0]).withoutBias());
        layers.add(BatchNorm.of(16));
        layers.add(Activation.RELU);
        int in = 16;
        for (int i = 0; i < 3 * blocks; i++) {
            int out = 16 << (i / blocks);
            int stride = in == out ? 1 : 2;
            var parts = keys[i + 1].split(3);
            var body = basic(in, out, stride, parts);
            if (shortcuts) {
                layers.add(around(body, in, out, stride, parts[2]));
            } else {
                layers.addAll(body.layers());
            }
            layers.add(Activation.RELU);
            in = out;
        }
        layers.add(GlobalAveragePool.of());
        var dense = Dense.of(64, classes, Initializer.glorotUniform(), keys[3 * blocks + 1]);
        return new ResNet(new Sequential(layers), dense);
    }

    /**
     * The same plan of 6 b + 2 layers without any normalisation, with first values by {@link
     * Fixup}: shortcuts without parameters, and logits that begin at zero.
     */
    public static ResNet fixup(Shape input, int classes, int blocks, Key key) {
        Checks.positive("ResNet", "blocks", blocks);
        var image = Inputs.image("ResNet", input);
        var keys = key.split(3 * blocks + 1);
        var layers = new ArrayList<Layer>();
        layers.add(Conv2d.of(image.dim(2), 16, 3, keys[0]).withoutBias());
        layers.add(Fixup.Shift.of());
        layers.add(Activation.RELU);
        int in = 16;
        for (int i = 0; i < 3 * blocks; i++) {
            int out = 16 << (i / blocks);
            int stride = in == out ? 1 : 2;
            var parts = keys[i + 1].split(2);
            var body =
                    Fixup.branch(
                            3 * blocks,
                            Conv2d.of(in, out, 3, parts[0]).withStride(stride),
                            Activation.RELU,
                            Conv2d.of(out, out, 3, parts[1]));
            layers.add(in == out ? Residual.of(body) : Residual.padded(body, stride, out));
            layers.add(Activation.RELU);
            in = out;
        }
        layers.add(GlobalAveragePool.of());
        layers.add(Fixup.Shift.of());
        return new ResNet(new Sequential(layers), Dense.of(64, classes, Initializer.zeros(), key));
    }

    /** The same with every block beginning as its shortcut: {@link Residual#withZeroBranch}. */
    public ResNet withZeroBranches() {
        var layers =
                features.layers().stream()
                        .map(l -> l instanceof Residual r ? (Layer) r.withZeroBranch() : l)
                        .toList();
        return new ResNet(new Sequential(layers), output);
    }

    /**
     * ResNet-18, two basic blocks in each stage: 11,689,512 parameters for (224, 224, 3) and 1000
     * classes.
     */
    public static ResNet resNet18(Shape input, int classes, Key key) {
        return imageNet(input, classes, 64, List.of(2, 2, 2, 2), false, key);
    }

    /**
     * ResNet-50, with 3, 4, 6 and 3 bottlenecks: 25,557,032 parameters for (224, 224, 3) and 1000
     * classes.
     */
    public static ResNet resNet50(Shape input, int classes, Key key) {
        return imageNet(input, classes, 64, List.of(3, 4, 6, 3), true, key);
    }

    /**
     * Any network of table 1.
     *
     * @param input (height, width, channels), at least 32 by 32
     * @param maps of the first convolution, doubled from stage to stage; 64 in the paper
     * @param stages blocks in each stage: (3, 4, 6, 3) are 34 layers of basic blocks or 50 of
     *     bottlenecks, (3, 4, 23, 3) are 101 of bottlenecks
     * @param bottleneck whether blocks are 1 by 1, 3 by 3 and 1 by 1 to four times the maps, and
     *     not two of 3 by 3
     */
    public static ResNet imageNet(
            Shape input, int classes, int maps, List<Integer> stages, boolean bottleneck, Key key) {
        var image = Inputs.image("ResNet", input);
        if (Math.min(image.dim(0), image.dim(1)) < 32) {
            throw new LayerException(
                    "ResNet: images "
                            + input
                            + " are too small for a network that halves them five times; it takes"
                            + " at least 32 by 32. For small images use ResNet.of");
        }
        if (stages.isEmpty() || stages.stream().anyMatch(b -> b < 1)) {
            throw new LayerException(
                    "ResNet: stages of " + stages + " blocks; each takes at least 1");
        }
        var layers = new ArrayList<Layer>();
        layers.add(Conv2d.of(image.dim(2), maps, 7, key.fold(0)).withStride(2).withoutBias());
        layers.add(BatchNorm.of(maps));
        layers.add(Activation.RELU);
        layers.add(new MaxPool(3, 2, Padding.SAME));
        int in = maps;
        for (int s = 0; s < stages.size(); s++) {
            int middle = maps << s;
            int out = bottleneck ? 4 * middle : middle;
            for (int b = 0; b < stages.get(s); b++) {
                int stride = s > 0 && b == 0 ? 2 : 1;
                var parts = key.fold(s + 1).fold(b).split(4);
                var body =
                        bottleneck
                                ? bottleneck(in, middle, stride, parts)
                                : basic(in, out, stride, parts);
                layers.add(around(body, in, out, stride, parts[3]));
                layers.add(Activation.RELU);
                in = out;
            }
        }
        layers.add(GlobalAveragePool.of());
        var law = Initializer.glorotUniform();
        var dense = Dense.of(in, classes, law, key.fold(stages.size() + 1));
        return new ResNet(new Sequential(layers), dense);
    }

    /** Figure 5, left: two convolutions of 3 by 3. */
    private static Sequential basic(int in, int out, int stride, Key[] keys) {
        return Sequential.of(
                Conv2d.of(in, out, 3, keys[0]).withStride(stride).withoutBias(),
                BatchNorm.of(out),
                Activation.RELU,
                Conv2d.of(out, out, 3, keys[1]).withoutBias(),
                BatchNorm.of(out));
    }

    /** Figure 5, right: down to the middle, 3 by 3 there, and up to four times as many maps. */
    private static Sequential bottleneck(int in, int middle, int stride, Key[] keys) {
        return Sequential.of(
                Conv2d.pointwise(in, middle, keys[0]).withoutBias(),
                BatchNorm.of(middle),
                Activation.RELU,
                Conv2d.of(middle, middle, 3, keys[1]).withStride(stride).withoutBias(),
                BatchNorm.of(middle),
                Activation.RELU,
                Conv2d.pointwise(middle, 4 * middle, keys[2]).withoutBias(),
                BatchNorm.of(4 * middle));
    }

    private static Residual around(Sequential body, int in, int out, int stride, Key key) {
        if (in == out && stride == 1) {
            return Residual.of(body);
        }
        var projection = Conv2d.of(in, out, 1, key).withStride(stride).withoutBias();
        return Residual.of(body, Sequential.of(projection, BatchNorm.of(out)));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        Tensor means = pass.child("features", features, x); // (n, maps)
        return output.apply(means, pass); // (n, classes)
    }
}
