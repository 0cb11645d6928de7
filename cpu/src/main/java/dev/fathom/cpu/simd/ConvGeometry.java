package dev.fathom.cpu.simd;

import java.util.Arrays;

/**
 * The sizes of a convolution over three axes (depth, height, width), channels last. Fewer axes are
 * expressed with sizes of 1.
 *
 * <p>With x (batch, in, ci), w (kernel, ci / groups, co) and y (batch, out, co),
 *
 * <pre>y[n, o, j] = sum over k, c of x[n, o * stride - padLow + k * dilation, g, c] * w[k, c, j]
 * </pre>
 *
 * where positions outside x count as zero, and output channel j of group g sees the input channels
 * of group g only. The kernel is not flipped.
 *
 * @param batch the number of images
 * @param in the three input extents
 * @param out the three output extents; any extent is allowed, positions that reach outside see
 *     zeros
 * @param kernel the three kernel extents, at least 1
 * @param stride the three steps between neighbouring windows, at least 1
 * @param padLow zeros before the first element of each axis; negative crops
 * @param dilation the three steps between neighbouring taps of a window, at least 1
 * @param ci input channels
 * @param co output channels
 * @param groups the number of groups, a divisor of both channel counts
 */
public record ConvGeometry(
        int batch,
        int[] in,
        int[] out,
        int[] kernel,
        int[] stride,
        int[] padLow,
        int[] dilation,
        int ci,
        int co,
        int groups) {

    /** Bounds every coordinate, so that arithmetic on them stays inside an {@code int}. */
    private static final int LIMIT = 1 << 24;

    /**
     * Copies and checks the sizes.
     *
     * @throws IllegalArgumentException if a size is out of its range or a tensor has more than
     *     2<sup>31</sup> - 1 elements
     */
    public ConvGeometry {
        in = axes("in", in, 0);
        out = axes("out", out, 0);
        kernel = axes("kernel", kernel, 1);
        stride = axes("stride", stride, 1);
        padLow = axes("padLow", padLow, -LIMIT);
        dilation = axes("dilation", dilation, 1);
        if (batch < 0 || ci < 0 || co < 0 || groups < 1 || ci % groups != 0 || co % groups != 0) {
            throw new IllegalArgumentException(
                    ("batch %d, ci %d, co %d must not be negative"
                                    + " and groups %d must divide ci and co")
                            .formatted(batch, ci, co, groups));
        }
        for (int axis = 0; axis < 3; axis++) {
            long reach = (long) out[axis] * stride[axis] + (long) kernel[axis] * dilation[axis];
            if (reach + Math.abs(padLow[axis]) > Integer.MAX_VALUE / 2) {
                throw new IllegalArgumentException(
                        ("windows of axis %d reach too far: out %d, stride %d, kernel %d,"
                                        + " dilation %d")
                                .formatted(
                                        axis,
                                        out[axis],
                                        stride[axis],
                                        kernel[axis],
                                        dilation[axis]));
            }
        }
        elements("x", batch, in[0], in[1], in[2], ci);
        elements("y", batch, out[0], out[1], out[2], co);
        elements("w", kernel[0], kernel[1], kernel[2], ci / groups, co);
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

    /** The three kernel extents. */
    @Override
    public int[] kernel() {
        return kernel.clone();
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
        return batch * in[0] * in[1] * in[2] * ci;
    }

    /** The elements of y. */
    public int outputSize() {
        return batch * out[0] * out[1] * out[2] * co;
    }

    /** The elements of w. */
    public int kernelSize() {
        return kernel[0] * kernel[1] * kernel[2] * (ci / groups) * co;
    }

    /** Whether each channel is convolved with a window of its own. */
    boolean depthwise() {
        return groups == ci && groups == co && groups > 1;
    }

    /** Whether the convolution is the same matrix product at every position. */
    boolean pointwise() {
        return groups == 1
                && Arrays.equals(in, out)
                && kernel[0] * kernel[1] * kernel[2] == 1
                && Arrays.equals(stride, new int[] {1, 1, 1})
                && Arrays.equals(padLow, new int[] {0, 0, 0});
    }

    void checkLengths(long x, int xo, long w, int wo, long y, int yo) {
        check("x", inputSize(), x, xo);
        check("w", kernelSize(), w, wo);
        check("y", outputSize(), y, yo);
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
        return other instanceof ConvGeometry g
                && batch == g.batch
                && ci == g.ci
                && co == g.co
                && groups == g.groups
                && Arrays.equals(in, g.in)
                && Arrays.equals(out, g.out)
                && Arrays.equals(kernel, g.kernel)
                && Arrays.equals(stride, g.stride)
                && Arrays.equals(padLow, g.padLow)
                && Arrays.equals(dilation, g.dilation);
    }

    @Override
    public int hashCode() {
        int hash = 31 * (31 * (31 * batch + ci) + co) + groups;
        for (int[] axes : new int[][] {in, out, kernel, stride, padLow, dilation}) {
            hash = 31 * hash + Arrays.hashCode(axes);
        }
        return hash;
    }

    @Override
    public String toString() {
        return ("ConvGeometry[batch=%d, in=%s, out=%s, kernel=%s, stride=%s, padLow=%s,"
                        + " dilation=%s, ci=%d, co=%d, groups=%d]")
                .formatted(
                        batch,
                        Arrays.toString(in),
                        Arrays.toString(out),
                        Arrays.toString(kernel),
                        Arrays.toString(stride),
                        Arrays.toString(padLow),
                        Arrays.toString(dilation),
                        ci,
                        co,
                        groups);
    }

    static int[] axes(String name, int[] values, int least) {
        int[] copy = values.clone();
        if (copy.length != 3) {
            throw new IllegalArgumentException(
                    name + " must have three axes but is " + Arrays.toString(copy));
        }
        for (int value : copy) {
            if (value < least || value > LIMIT) {
                throw new IllegalArgumentException(
                        "%s must be between %d and %d on every axis but is %s"
                                .formatted(name, least, LIMIT, Arrays.toString(copy)));
            }
        }
        return copy;
    }

    static void elements(String name, int... sizes) {
        long product = 1;
        for (int size : sizes) {
            // Each factor is below 2^31, so a product of two such numbers cannot overflow.
            product = Math.min(product * size, Integer.MAX_VALUE + 1L);
        }
        boolean empty = Arrays.stream(sizes).anyMatch(size -> size == 0);
        if (!empty && product > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%s has too many elements for an array: %s"
                            .formatted(name, Arrays.toString(sizes)));
        }
    }
}
