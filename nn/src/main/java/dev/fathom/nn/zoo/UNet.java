package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.ConvTranspose;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;

import java.util.ArrayList;
import java.util.List;

/**
 * A network from images to images of the same size, for segmentation: it halves the image d times,
 * doubling the maps, and doubles it again d times; at each size what it saw on the way down stands
 * beside what comes up. O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015, figure 1. We
 * differ: padded convolutions, so that nothing is cropped, and a smaller default (d = 2, 16 maps at
 * the top) than the paper's d = 4 with 64.
 *
 * <p>Shapes: x (n, height, width, channels), logits (n, height, width, classes); height and width
 * are divisible by 2^d. With one class the logits go to {@code Losses.logistic}, with more to
 * {@code Losses.crossEntropy}.
 *
 * @param down two convolutions for each size, top first
 * @param bottom two convolutions for the smallest size
 * @param up transposed convolutions that double the image, smallest size first
 * @param merge two convolutions after each of those and what stands beside it
 * @param output 1 by 1, to the logits
 */
public record UNet(
        List<Sequential> down,
        Sequential bottom,
        List<ConvTranspose> up,
        List<Sequential> merge,
        Conv2d output)
        implements Layer {

    /** Copies the lists. */
    public UNet {
        down = List.copyOf(down);
        up = List.copyOf(up);
        merge = List.copyOf(merge);
    }

    /** Two halvings and 16 maps at the top, for images (height, width, channels). */
    public static UNet of(Shape input, int classes, Key key) {
        return of(input, classes, 2, 16, key);
    }

    /** With {@code depth} halvings and {@code width} maps at the top. */
    public static UNet of(Shape input, int classes, int depth, int width, Key key) {
        var image = Inputs.image("UNet", input);
        if (depth < 1 || width < 1) {
            throw new LayerException(
                    "UNet: depth " + depth + " and width " + width + "; both must be at least 1");
        }
        divisible(image, 0, depth);
        var down = new ArrayList<Sequential>();
        var up = new ArrayList<ConvTranspose>();
        var merge = new ArrayList<Sequential>();
        int maps = image.dim(2);
        for (int i = 0; i < depth; i++) {
            down.add(twice(maps, width << i, key.fold(4 * i)));
            maps = width << i;
        }
        var bottom = twice(maps, 2 * maps, key.fold(4 * depth));
        for (int i = depth - 1; i >= 0; i--) {
            int here = width << i;
            up.add(ConvTranspose.of2d(2 * here, here, 2, key.fold(4 * i + 1)).withStride(2));
            merge.add(twice(2 * here, here, key.fold(4 * i + 2)));
        }
        var law = Initializer.glorotUniform();
        var output = Conv2d.of(width, classes, 1, 1, law, key.fold(4 * depth + 1));
        return new UNet(down, bottom, up, merge, output);
    }

    private static Sequential twice(int in, int out, Key key) {
        var keys = key.split(2);
        return Sequential.of(
                Conv2d.of(in, out, 3, keys[0]),
                Activation.RELU,
                Conv2d.of(out, out, 3, keys[1]),
                Activation.RELU);
    }

    private static void divisible(Shape shape, int first, int depth) {
        int unit = 1 << depth;
        int height = shape.dim(first);
        int width = shape.dim(first + 1);
        if (height % unit != 0 || width % unit != 0) {
            throw new ShapeException(
                    "UNet: images of "
                            + height
                            + " by "
                            + width
                            + " cannot be halved "
                            + depth
                            + " times: height and width must be divisible by "
                            + unit
                            + ". Pad them to "
                            + (height + unit - 1) / unit * unit
                            + " by "
                            + (width + unit - 1) / unit * unit
                            + ", or take less depth");
        }
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        if (x.rank() != 4) {
            throw new ShapeException(
                    "UNet: input " + images.shape() + " is not (n, height, width, channels)");
        }
        int depth = down.size();
        divisible(x.shape(), 1, depth);
        var beside = new ArrayList<Tensor>();
        for (int i = 0; i < depth; i++) {
            Tensor seen = pass.child("down[" + i + "]", down.get(i), x);
            beside.add(seen); // (n, h/2^i, w/2^i, width·2^i)
            x = MaxPool.of(2).apply(seen, pass);
        }
        x = pass.child("bottom", bottom, x); // (n, h/2^d, w/2^d, width·2^d)
        for (int i = 0; i < depth; i++) {
            Tensor wide = pass.child("up[" + i + "]", up.get(i), x);
            Tensor both = Shaping.concatenate(3, beside.get(depth - 1 - i), wide);
            x = pass.child("merge[" + i + "]", merge.get(i), both);
        }
        return pass.child("output", output, x); // (n, h, w, classes)
    }
}
