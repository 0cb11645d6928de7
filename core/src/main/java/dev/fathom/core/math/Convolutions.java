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
        var pads = pads(x, kernel, strides, dilations, padding);
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

    private static Axes[] pads(
            Tensor x, Shape kernel, Axes strides, Axes dilations, Padding padding) {
        int r = kernel.rank();
        var low = new int[r];
        var high = new int[r];
        for (int i = 0; i < r && padding == Padding.SAME; i++) {
            int n = x.dim(i + 1);
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
        var pads = pads(x, Shape.of(sizes.toArray()), strides, Axes.repeat(1, r), padding);
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
