package dev.fathom.cpu.simd;

/**
 * Which elements of an image each row of the implicit matrix of a convolution consists of.
 *
 * <p>A row belongs to one point of a grid, a column to one tap and channel. Tap (a, b, c) of grid
 * point g reads the image at {@code g * step + (offsets[0][a], offsets[1][b], offsets[2][c])}, or
 * zero outside. Taps with the same a and b form a <em>line</em>: their offsets along the width
 * ascend, so that without dilation a line is one run of memory.
 *
 * <p>The forward pass reads x on the grid of y. The gradient of the input reads y on the grid of x:
 * with a stride s, the positions of x fall into s classes per axis that meet different taps, and
 * each class is a convolution without stride.
 *
 * @param batch the number of images
 * @param image the extents of the image
 * @param channels the channels of the image
 * @param grid the extents of the grid
 * @param step image elements from one grid point to the next
 * @param offsets for each axis, the offsets of its taps
 * @param taps for each axis, the index in the kernel of its taps
 * @param first the position of grid point 0 in the result of the convolution
 * @param spread result positions from one grid point to the next
 */
record ConvPatches(
        int batch,
        int[] image,
        int channels,
        int[] grid,
        int[] step,
        int[][] offsets,
        int[][] taps,
        int[] first,
        int[] spread) {

    private static final int[] ZEROS = {0, 0, 0};
    private static final int[] ONES = {1, 1, 1};

    /** Rows are positions of y, columns read x. */
    static ConvPatches forward(ConvGeometry g) {
        int[] kernel = g.kernel();
        int[] pad = g.padLow();
        int[] dilation = g.dilation();
        int[][] offsets = new int[3][];
        int[][] taps = new int[3][];
        for (int axis = 0; axis < 3; axis++) {
            offsets[axis] = new int[kernel[axis]];
            taps[axis] = new int[kernel[axis]];
            for (int k = 0; k < kernel[axis]; k++) {
                offsets[axis][k] = k * dilation[axis] - pad[axis];
                taps[axis][k] = k;
            }
        }
        return new ConvPatches(
                g.batch(), g.in(), g.ci(), g.out(), g.stride(), offsets, taps, ZEROS, ONES);
    }

    /** Rows are the positions of x of one class, columns read y. */
    static ConvPatches backward(ConvGeometry g, int[] residue) {
        int[] in = g.in();
        int[] kernel = g.kernel();
        int[] stride = g.stride();
        int[] pad = g.padLow();
        int[] dilation = g.dilation();
        int[] grid = new int[3];
        int[][] offsets = new int[3][];
        int[][] taps = new int[3][];
        for (int axis = 0; axis < 3; axis++) {
            int s = stride[axis];
            int r = residue[axis];
            grid[axis] = in[axis] > r ? (in[axis] - r - 1) / s + 1 : 0;
            int count = 0;
            for (int k = 0; k < kernel[axis]; k++) {
                count += (r + pad[axis] - k * dilation[axis]) % s == 0 ? 1 : 0;
            }
            offsets[axis] = new int[count];
            taps[axis] = new int[count];
            for (int k = 0; k < kernel[axis]; k++) {
                int distance = r + pad[axis] - k * dilation[axis];
                if (distance % s == 0) {
                    count--;
                    offsets[axis][count] = distance / s;
                    taps[axis][count] = k;
                }
            }
        }
        return new ConvPatches(
                g.batch(), g.out(), g.co(), grid, ONES, offsets, taps, residue, stride);
    }

    /** The number of grid points, over all images. */
    int rows() {
        return batch * grid[0] * grid[1] * grid[2];
    }

    int lines() {
        return taps[0].length * taps[1].length;
    }

    int tapsPerLine() {
        return taps[2].length;
    }

    /**
     * The index in the kernel of tap {@code i} of a line, where the kernel is (., height, width).
     */
    int kernelTap(int line, int i, int height, int width) {
        int a = taps[0][line / taps[1].length];
        int b = taps[1][line % taps[1].length];
        return (a * height + b) * width + taps[2][i];
    }

    /** Whether the taps of a line are neighbours in the image. */
    boolean denseLines() {
        int[] along = offsets[2];
        return along.length > 0 && along[along.length - 1] - along[0] == along.length - 1;
    }
}
