package dev.fathom.core.math;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

/** Convolution and pooling of images (n, spatial.., channels), one to three spatial axes. */
public final class Convolutions {
    private Convolutions() {}

    /** How the border is treated. */
    public enum Padding {
        /** No padding: the result shrinks by kernel − 1. */
        VALID,
        /** Zeros so that the result has ⌈size/stride⌉ elements; the odd one goes after. */
        SAME
    }

    /**
     * Convolution (cross-correlation) with equal steps along every spatial axis; see {@link
     * Contraction.Conv}.
     *
     * @param x (n, spatial.., channels)
     * @param w (kernel.., channels/groups, filters)
     */
    public static Tensor conv(
            Tensor x, Tensor w, int stride, Padding padding, int dilation, int groups) {
        int r = x.rank() - 2;
        var strides = Axes.repeat(stride, r);
        var dilations = Axes.repeat(dilation, r);
        var kernel = w.shape().range(0, Math.min(r, w.rank()));
        var pads = pads(spatial(x), kernel, strides, dilations, padding);
        return conv(x, w, new Geometry(strides, pads[0], pads[1], dilations, groups));
    }

    /** Convolution with stride 1, no dilation, one group. */
    public static Tensor conv(Tensor x, Tensor w, Padding padding) {
        return conv(x, w, 1, padding, 1, 1);
    }

    /** Convolution with every number given. */
    public static Tensor conv(Tensor x, Tensor w, Geometry geometry) {
        return Ops.bind(new Contraction.Conv(geometry), x, w);
    }

    /**
     * The transpose of {@link #conv} in its image, known as transposed convolution: from (n,
     * spatial.., filters) to an image of the given spatial sizes.
     */
    public static Tensor convTranspose(Tensor y, Tensor w, Geometry geometry, int... image) {
        return Ops.bind(new Contraction.ConvInput(geometry, Shape.of(image)), y, w);
    }

    /**
     * Transposed convolution with equal steps along every spatial axis: the transpose of {@link
     * #conv(Tensor, Tensor, int, Padding, int, int)} in its image. A convolution with steps above 1
     * maps images of several sizes to one size, so a size has to be chosen: n elements become n ·
     * stride with SAME, and with VALID the smallest, (n − 1) · stride + (kernel − 1) · dilation +
     * 1.
     *
     * @param y (n, spatial.., filters)
     * @param w (kernel.., channels/groups, filters), the kernel of that convolution
     * @return (n, image.., channels)
     */
    public static Tensor convTranspose(
            Tensor y, Tensor w, int stride, Padding padding, int dilation, int groups) {
        int r = y.rank() - 2;
        var strides = Axes.repeat(stride, r);
        var dilations = Axes.repeat(dilation, r);
        var kernel = w.shape().range(0, Math.min(r, w.rank()));
        var image = new int[kernel.rank()];
        for (int i = 0; i < image.length; i++) {
            int n = y.dim(i + 1);
            image[i] =
                    padding == Padding.SAME
                            ? n * stride
                            : (n - 1) * stride + (kernel.dim(i) - 1) * dilation + 1;
        }
        var pads = pads(Shape.of(image), kernel, strides, dilations, padding);
        var geometry = new Geometry(strides, pads[0], pads[1], dilations, groups);
        return convTranspose(y, w, geometry, image);
    }

    private static Shape spatial(Tensor x) {
        return x.shape().range(1, x.rank() - 1);
    }

    private static Axes[] pads(
            Shape image, Shape kernel, Axes strides, Axes dilations, Padding padding) {
        int r = kernel.rank();
        var low = new int[r];
        var high = new int[r];
        for (int i = 0; i < r && padding == Padding.SAME; i++) {
            int n = image.dim(i);
            int covered = (kernel.dim(i) - 1) * dilations.get(i) + 1;
            int out = (n + strides.get(i) - 1) / strides.get(i);
            int total = Math.max(0, (out - 1) * strides.get(i) + covered - n);
            low[i] = total / 2;
            high[i] = total - total / 2;
        }
        return new Axes[] {Axes.of(low), Axes.of(high)};
    }

    private static Window.Frame frame(Tensor x, int size, int stride, Padding padding) {
        int r = x.rank() - 2;
        var sizes = Axes.repeat(size, r);
        var strides = Axes.repeat(stride, r);
        var pads = pads(spatial(x), Shape.of(sizes.toArray()), strides, Axes.repeat(1, r), padding);
        return new Window.Frame(sizes, strides, pads[0], pads[1]);
    }

    /** The largest element of each window; padding never wins. */
    public static Tensor maxPool(Tensor x, int size, int stride, Padding padding) {
        return Ops.bind(new Window.MaxPool(frame(x, size, stride, padding)), x);
    }

    /** The mean of each window, over the elements that lie in the image. */
    public static Tensor averagePool(Tensor x, int size, int stride, Padding padding) {
        var frame = frame(x, size, stride, padding);
        Tensor sum = Ops.bind(new Window.SumPool(frame), x);
        if (padding == Padding.VALID) {
            return sum.dividedBy(Math.pow(size, x.rank() - 2));
        }
        var one = x.type().withShape(x.shape().with(0, 1).with(x.rank() - 1, 1));
        Tensor count = Ops.bind(new Window.SumPool(frame), Creation.ones(one)); // (1, out.., 1)
        return sum.dividedBy(count);
    }
}
