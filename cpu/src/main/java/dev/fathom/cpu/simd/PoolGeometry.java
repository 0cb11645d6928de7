package dev.fathom.cpu.simd;

import java.util.Arrays;

/**
 * The sizes of a pooling over windows of three axes (depth, height, width), channels last. Fewer
 * axes are expressed with sizes of 1.
 *
 * <p>The window of output position o holds the input positions {@code o * stride - padLow + k *
 * dilation} for k in {@code window}; positions outside the input are left out of it.
 *
 * @param batch the number of images
 * @param in the three input extents
 * @param out the three output extents
 * @param window the three window extents, at least 1
 * @param stride the three steps between neighbouring windows, at least 1
 * @param padLow positions before the first element of each axis; negative crops
 * @param dilation the three steps between neighbouring elements of a window, at least 1
 * @param channels the number of channels
 */
public record PoolGeometry(
        int batch,
        int[] in,
        int[] out,
        int[] window,
        int[] stride,
        int[] padLow,
        int[] dilation,
        int channels) {

    /** Positions in a window are also kept in {@code float} lanes, which are exact up to here. */
    private static final long MAX_WINDOW = 1 << 24;

    /**
     * Copies and checks the sizes.
     *
     * @throws IllegalArgumentException if a size is out of its range or a tensor has more than
     *     2<sup>31</sup> - 1 elements
     */
    public PoolGeometry {
        // The same rules as for a convolution of each channel.
        var checked =
                new ConvGeometry(
                        batch,
                        in,
                        out,
                        window,
                        stride,
                        padLow,
                        dilation,
                        channels,
                        channels,
                        Math.max(1, channels));
        in = checked.in();
        out = checked.out();
        window = checked.kernel();
        stride = checked.stride();
        padLow = checked.padLow();
        dilation = checked.dilation();
        if ((long) window[0] * window[1] * window[2] > MAX_WINDOW) {
            throw new IllegalArgumentException(
                    "a window must not have more than %d positions but is %s"
                            .formatted(MAX_WINDOW, Arrays.toString(window)));
        }
    }

    /** The three input extents. */
    @Override
    public int[] in() {
        return in.clone();
    }

    /** The three output extents. */
    @Override
    public int[] out() {
        return out.clone();
    }

    /** The three window extents. */
    @Override
    public int[] window() {
        return window.clone();
    }

    /** The three strides. */
    @Override
    public int[] stride() {
        return stride.clone();
    }

    /** The padding before each axis. */
    @Override
    public int[] padLow() {
        return padLow.clone();
    }

    /** The three dilations. */
    @Override
    public int[] dilation() {
        return dilation.clone();
    }

    /** The elements of x. */
    public int inputSize() {
        return batch * in[0] * in[1] * in[2] * channels;
    }

    /** The elements of y. */
    public int outputSize() {
        return batch * out[0] * out[1] * out[2] * channels;
    }

    /** The part of a window that lies inside the input. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Visits one window: elements {@code x + i * sx + j * sy + k * sz} for i below {@code nx},
         * j below {@code ny} and k below {@code nz}, counted in channels from the start of the
         * input. A window outside the input has {@code nx * ny * nz == 0}.
         *
         * @param channels the number of channels to work on, from x and y on
         * @param y the output position, counted like x
         */
        void window(int channels, int y, int x, int nx, int ny, int nz, int sx, int sy, int sz);
    }

    /** The number of lines of the output along the width. */
    int lines() {
        return batch * out[0] * out[1];
    }

    /**
     * Visits {@code count} channels from {@code channel} on of the windows of the lines in {@code
     * [first, last)}, in ascending order.
     */
    void visit(int first, int last, int channel, int count, Visitor visitor) {
        int sx = dilation[0] * in[1] * in[2] * channels;
        int sy = dilation[1] * in[2] * channels;
        int sz = dilation[2] * channels;
        for (int line = first; line < last; line++) {
            int image = line / (out[0] * out[1]) * in[0];
            int d = line / out[1] % out[0] * stride[0] - padLow[0];
            int h = line % out[1] * stride[1] - padLow[1];
            int dLow = low(d, 0);
            int hLow = low(h, 1);
            int nx = high(d, 0) - dLow;
            int ny = high(h, 1) - hLow;
            int base = (image + d + dLow * dilation[0]) * in[1] + h + hLow * dilation[1];
            for (int o = 0; o < out[2]; o++) {
                int w = o * stride[2] - padLow[2];
                int wLow = low(w, 2);
                int nz = high(w, 2) - wLow;
                int x = (base * in[2] + w + wLow * dilation[2]) * channels + channel;
                int y = (line * out[2] + o) * channels + channel;
                visitor.window(count, y, x, nx, ny, nz, sx, sy, sz);
            }
        }
    }

    /** The first k of the window with {@code start + k * dilation >= 0}. */
    private int low(int start, int axis) {
        return Math.clamp(Math.ceilDiv(-start, dilation[axis]), 0, window[axis]);
    }

    /** The first k from there on with {@code start + k * dilation >= in}. */
    private int high(int start, int axis) {
        int end = Math.clamp(Math.ceilDiv(in[axis] - start, dilation[axis]), 0, window[axis]);
        return Math.max(end, low(start, axis));
    }

    void checkInput(String name, long length, int offset) {
        check(name, inputSize(), length, offset);
    }

    void checkFactors(String name, long length, int offset) {
        check(name, channels, length, offset);
    }

    void checkOutput(String name, long length, int offset) {
        check(name, outputSize(), length, offset);
    }

    private static void check(String name, int size, long length, int offset) {
        if (offset < 0 || offset + (long) size > length) {
            throw new IndexOutOfBoundsException(
                    "%s needs %d elements from %d but its array has %d"
                            .formatted(name, size, offset, length));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PoolGeometry g
                && batch == g.batch
                && channels == g.channels
                && Arrays.equals(in, g.in)
                && Arrays.equals(out, g.out)
                && Arrays.equals(window, g.window)
                && Arrays.equals(stride, g.stride)
                && Arrays.equals(padLow, g.padLow)
                && Arrays.equals(dilation, g.dilation);
    }

    @Override
    public int hashCode() {
        int hash = 31 * batch + channels;
        for (int[] axes : new int[][] {in, out, window, stride, padLow, dilation}) {
            hash = 31 * hash + Arrays.hashCode(axes);
        }
        return hash;
    }

    @Override
    public String toString() {
        return ("PoolGeometry[batch=%d, in=%s, out=%s, window=%s, stride=%s, padLow=%s,"
                        + " dilation=%s, channels=%d]")
                .formatted(
                        batch,
                        Arrays.toString(in),
                        Arrays.toString(out),
                        Arrays.toString(window),
                        Arrays.toString(stride),
                        Arrays.toString(padLow),
                        Arrays.toString(dilation),
                        channels);
    }
}
