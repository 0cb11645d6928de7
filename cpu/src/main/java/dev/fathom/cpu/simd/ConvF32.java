package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import java.util.Arrays;

/**
 * Convolution in {@code float} and its two transposes, channels last; see {@link ConvGeometry} for
 * the formula and the layouts.
 *
 * <p>All three are matrix products whose left operand, the matrix of patches, exists only in tiles
 * of a few tens of rows that are copied straight from the image into a buffer of the thread, or, in
 * the usual case, not even there: see {@link ConvRowsF32}. The weights are packed once per call.
 *
 * <p>Results do not depend on the number of threads: {@link #forward} and {@link #inputGradient}
 * compute each element within one tile, {@link #kernelGradient} cuts the sum over positions into
 * parts that depend on the geometry only and adds the parts in their order.
 *
 * <p>Positions outside the image contribute {@code 0 * w}: where w is infinite or NaN, so is the
 * result.
 */
public final class ConvF32 {
    private static final int N = GemmKernelsF32.COLUMNS;

    /** Columns of the patch matrix handled at a time, in whole lines. */
    private static final int K_BLOCK = 512;

    /** Elements of a tile of patches: it stays in the second-level cache. */
    private static final int TILE = 48 * 1024;

    private static final int MAX_ROWS = 96;

    /** Positions that one part of the kernel gradient sums, unless the parts would be too many. */
    private static final int PART = 2048;

    private static final int MAX_PARTS = 32;
    private static final int MAX_PARTIALS = 1 << 22;

    static final int PATCHES = 4;
    static final int RESULT = 5;
    static final int WEIGHTS = 6;

    private ConvF32() {}

    /**
     * y = conv(x, w).
     *
     * @param x the images (batch, in, ci) from {@code xo}
     * @param w the kernel (kernel, ci / groups, co) from {@code wo}
     * @param y receives (batch, out, co) from {@code yo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void forward(
            ConvGeometry g,
            float[] x,
            int xo,
            float[] w,
            int wo,
            float[] y,
            int yo,
            Workers workers,
            Scratch scratch) {
        g.checkLengths(x.length, xo, w.length, wo, y.length, yo);
        if (g.outputSize() == 0) {
            return;
        }
        if (g.ci() == 0) {
            Arrays.fill(y, yo, yo + g.outputSize(), 0);
        } else if (g.pointwise()) {
            int positions = g.outputSize() / g.co();
            GemmF32.gemm(
                    positions, g.co(), g.ci(), x, xo, g.ci(), 1, w, wo, g.co(), 1, y, yo, g.co(),
                    false, workers, scratch);
        } else if (g.depthwise()) {
            ConvDepthwiseF32.forward(g, x, xo, w, wo, y, yo, workers);
        } else {
            ConvPatches patches = ConvPatches.forward(g);
            product(g, patches, false, x, xo, w, wo, y, yo, g.out(), g.co(), workers, scratch);
        }
    }

    /**
     * The gradient of the input: dx = transpose of {@link #forward} in x, applied to dy.
     *
     * @param dy the gradient of the output (batch, out, co) from {@code yo}
     * @param w the kernel (kernel, ci / groups, co) from {@code wo}
     * @param dx receives (batch, in, ci) from {@code xo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void inputGradient(
            ConvGeometry g,
            float[] dy,
            int yo,
            float[] w,
            int wo,
            float[] dx,
            int xo,
            Workers workers,
            Scratch scratch) {
        g.checkLengths(dx.length, xo, w.length, wo, dy.length, yo);
        if (g.inputSize() == 0) {
            return;
        }
        if (g.outputSize() == 0) {
            Arrays.fill(dx, xo, xo + g.inputSize(), 0);
        } else if (g.pointwise()) {
            int positions = g.outputSize() / g.co();
            GemmF32.gemm(
                    positions, g.ci(), g.co(), dy, yo, g.co(), 1, w, wo, 1, g.co(), dx, xo, g.ci(),
                    false, workers, scratch);
        } else if (g.depthwise()) {
            ConvDepthwiseF32.inputGradient(g, dy, yo, w, wo, dx, xo, workers);
        } else if (ConvLanesF32.suitsInput(g)) {
            ConvLanesF32.inputGradient(g, dy, yo, w, wo, dx, xo, workers, scratch);
        } else if (ConvColumnsF32.suits(g)) {
            ConvColumnsF32.inputGradient(g, dy, yo, w, wo, dx, xo, workers, scratch);
        } else {
            int[] s = g.stride();
            if (s[0] * s[1] * s[2] > 1) {
                // Some classes of positions may meet no tap.
                Arrays.fill(dx, xo, xo + g.inputSize(), 0);
            }
            for (int a = 0; a < s[0]; a++) {
                for (int b = 0; b < s[1]; b++) {
                    for (int c = 0; c < s[2]; c++) {
                        ConvPatches patches = ConvPatches.backward(g, new int[] {a, b, c});
                        product(
                                g, patches, true, dy, yo, w, wo, dx, xo, g.in(), g.ci(), workers,
                                scratch);
                    }
                }
            }
        }
    }

    /** Whether each image of a few has a lane of its own. */
    private static boolean lanes(ConvGeometry g, ConvPatches patches) {
        return g.groups() == 1 && ConvLanesF32.suits(patches, g.co());
    }

    /**
     * The product of a patch matrix and the weights, for all groups.
     *
     * @param transposed whether the weights map output channels to input channels
     * @param extents the extents of the result, and {@code channels} its channels
     */
    private static void product(
            ConvGeometry g,
            ConvPatches patches,
            boolean transposed,
            float[] image,
            int io,
            float[] w,
            int wo,
            float[] result,
            int ro,
            int[] extents,
            int channels,
            Workers workers,
            Scratch scratch) {
        int groups = g.groups();
        int from = patches.channels() / groups;
        int to = channels / groups;
        int lines = patches.lines();
        int line = patches.tapsPerLine() * from;
        int rows = patches.rows();
        if (rows == 0 || lines * line == 0) {
            return;
        }
        if (groups == 1 && ConvWinogradF32.suits(patches, to)) {
            new ConvWinogradF32(patches, to)
                    .product(transposed, image, io, w, wo, result, ro, workers, scratch);
            return;
        }
        if (groups == 1 && ConvRowsF32.fits(patches)) {
            float[] packed = pack(g, patches, transposed, w, wo, from, to, lines, workers, scratch);
            if (!transposed && ConvLanesF32.suits(patches, to)) {
                ConvLanesF32.product(patches, image, io, packed, result, ro, to, workers, scratch);
                return;
            }
            ConvRowsF32.product(
                    patches, image, io, packed, result, ro, extents, to, workers, scratch);
            return;
        }
        int perBlock = Math.clamp(K_BLOCK / line, 1, lines);
        int stripes = (to - 1) / N + 1;
        int groupSize = lines * line * stripes * N;
        float[] packed = pack(g, patches, transposed, w, wo, from, to, perBlock, workers, scratch);
        int ld = leading(perBlock * line);
        int height = Math.clamp(TILE / ld / 8 * 8, 8, MAX_ROWS);
        int tiles = (rows - 1) / height + 1;
        boolean direct = Arrays.equals(patches.spread(), new int[] {1, 1, 1});
        scratch.reserve(workers.threads());
        workers.run(
                tiles * groups,
                (task, slot) -> {
                    int group = task % groups;
                    int row = task / groups * height;
                    int count = Math.min(height, rows - row);
                    Scratch own = scratch.slot(slot);
                    float[] tile = own.floats(PATCHES, height * ld);
                    float[] c = direct ? result : own.floats(RESULT, height * to);
                    int co = direct ? ro + row * channels + group * to : 0;
                    int rsC = direct ? channels : to;
                    for (int l = 0; l < lines; l += perBlock) {
                        int n = Math.min(perBlock, lines - l);
                        ConvTileF32.gather(
                                patches, image, io, row, count, l, n, group * from, from, tile, ld);
                        GemmBlockF32.multiply(
                                count,
                                to,
                                n * line,
                                tile,
                                0,
                                ld,
                                1,
                                false,
                                packed,
                                group * groupSize + l * line * stripes * N,
                                0,
                                true,
                                c,
                                co,
                                rsC,
                                l > 0);
                    }
                    if (!direct) {
                        int at = ro + group * to;
                        scatter(patches, row, count, c, to, result, at, extents, channels);
                    }
                });
    }

    /** The weights of all groups, in stripes of {@code perBlock} lines of taps. */
    private static float[] pack(
            ConvGeometry g,
            ConvPatches patches,
            boolean transposed,
            float[] w,
            int wo,
            int from,
            int to,
            int perBlock,
            Workers workers,
            Scratch scratch) {
        int groups = g.groups();
        int lines = patches.lines();
        int line = patches.tapsPerLine() * from;
        int stripes = (to - 1) / N + 1;
        int groupSize = lines * line * stripes * N;
        float[] packed = scratch.floats(WEIGHTS, Math.multiplyExact(groups, groupSize));
        Workers.Task pack =
                task -> {
                    int group = task / lines;
                    int l = task % lines;
                    int l0 = l / perBlock * perBlock;
                    int depth = Math.min(perBlock, lines - l0) * line;
                    int at = group * groupSize + l0 * line * stripes * N + (l - l0) * line * N;
                    packLine(g, patches, transposed, w, wo, group, l, from, to, packed, at, depth);
                };
        if (groups * lines * line * to < 1 << 14) {
            for (int i = 0; i < groups * lines; i++) {
                pack.run(i);
            }
        } else {
            workers.run(groups * lines, pack);
        }
        return packed;
    }

    /** A power of two would make all rows of a tile compete for the same cache sets. */
    private static int leading(int columns) {
        return columns % 128 == 0 ? columns + 16 : columns;
    }

    /** Packs the weights of one line of taps into their rows of every stripe. */
    private static void packLine(
            ConvGeometry g,
            ConvPatches patches,
            boolean transposed,
            float[] w,
            int wo,
            int group,
            int line,
            int from,
            int to,
            float[] packed,
            int at,
            int depth) {
        int[] kernel = g.kernel();
        int ci = g.ci() / g.groups();
        int co = g.co();
        int taps = patches.tapsPerLine();
        for (int i = 0; i < taps; i++) {
            int tap = patches.kernelTap(line, i, kernel[1], kernel[2]);
            int base = wo + tap * ci * co + group * (co / g.groups());
            for (int j = 0; j < to; j += N) {
                int stripe = at + i * from * N + j * depth;
                int width = Math.min(N, to - j);
                if (transposed) {
                    GemmPackingF32.packStripe(from, width, w, base + j * co, 1, co, packed, stripe);
                } else {
                    GemmPackingF32.packStripe(from, width, w, base + j, co, 1, packed, stripe);
                }
            }
        }
    }

    /** Puts the rows of a tile where their grid points lie in the result. */
    private static void scatter(
            ConvPatches patches,
            int row,
            int rows,
            float[] tile,
            int width,
            float[] result,
            int ro,
            int[] extents,
            int channels) {
        int[] grid = patches.grid();
        int[] first = patches.first();
        int[] spread = patches.spread();
        for (int r = 0; r < rows; r++) {
            int rest = row + r;
            int gw = rest % grid[2];
            rest /= grid[2];
            int gh = rest % grid[1];
            rest /= grid[1];
            int gd = rest % grid[0];
            int n = rest / grid[0];
            int position = n * extents[0] + first[0] + gd * spread[0];
            position = position * extents[1] + first[1] + gh * spread[1];
            position = position * extents[2] + first[2] + gw * spread[2];
            System.arraycopy(tile, r * width, result, ro + position * channels, width);
        }
    }

    /**
     * The gradient of the kernel: dw = transpose of {@link #forward} in w, applied to dy.
     *
     * @param x the images (batch, in, ci) from {@code xo}
     * @param dy the gradient of the output (batch, out, co) from {@code yo}
     * @param dw receives (kernel, ci / groups, co) from {@code wo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void kernelGradient(
            ConvGeometry g,
            float[] x,
            int xo,
            float[] dy,
            int yo,
            float[] dw,
            int wo,
            Workers workers,
            Scratch scratch) {
        g.checkLengths(x.length, xo, dw.length, wo, dy.length, yo);
        int size = g.kernelSize();
        if (size == 0) {
            return;
        }
        if (g.outputSize() == 0 || g.inputSize() == 0) {
            Arrays.fill(dw, wo, wo + size, 0);
            return;
        }
        ConvPatches patches = ConvPatches.forward(g);
        if (g.groups() == 1 && ConvWinogradF32.suits(patches, g.co())) {
            new ConvWinogradF32(patches, g.co())
                    .kernelGradient(x, xo, dy, yo, dw, wo, workers, scratch);
            return;
        }
        int rows = g.outputSize() / g.co();
        int most = Math.clamp(MAX_PARTIALS / size, 1, MAX_PARTS);
        boolean lanes = lanes(g, patches);
        int parts =
                lanes
                        ? Math.min(ConvLanesF32.parts(patches), most)
                        : Math.clamp((rows - 1) / PART + 1, 1, most);
        float[] sums = parts == 1 ? dw : scratch.floats(RESULT, parts * size);
        int so = parts == 1 ? wo : 0;
        if (lanes) {
            ConvLanesF32.kernels(
                    patches, x, xo, dy, yo, sums, so, g.co(), parts, false, workers, scratch);
        } else {
            sums(g, patches, x, xo, dy, yo, sums, so, parts, workers, scratch);
        }
        if (parts > 1) {
            workers.runRange(
                    size,
                    1024,
                    (from, to) -> {
                        System.arraycopy(sums, from, dw, wo + from, to - from);
                        for (int part = 1; part < parts; part++) {
                            int at = part * size;
                            for (int i = from; i < to; i++) {
                                dw[wo + i] += sums[at + i];
                            }
                        }
                    });
        }
    }

    /**
     * A gradient of the kernel for each of {@code samples}, to which equal runs of images belong.
     *
     * @param dw receives (samples, kernel, ci / groups, co) from {@code wo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void kernelGradients(
            ConvGeometry g,
            int samples,
            float[] x,
            int xo,
            float[] dy,
            int yo,
            float[] dw,
            int wo,
            Workers workers,
            Scratch scratch) {
        int all = Math.multiplyExact(samples, g.kernelSize());
        g.checkLengths(x.length, xo, dw.length - all + g.kernelSize(), wo, dy.length, yo);
        if (g.outputSize() == 0 || g.inputSize() == 0) {
            Arrays.fill(dw, wo, wo + all, 0);
        } else if (all > 0) {
            ConvPatches patches = ConvPatches.forward(g);
            if (samples == g.batch() && lanes(g, patches)) {
                ConvLanesF32.kernels(
                        patches, x, xo, dy, yo, dw, wo, g.co(), samples, true, workers, scratch);
            } else {
                sums(g, patches, x, xo, dy, yo, dw, wo, samples, workers, scratch);
            }
        }
    }

    /** The kernel gradients of equal parts of the positions, one after another. */
    private static void sums(
            ConvGeometry g,
            ConvPatches patches,
            float[] x,
            int xo,
            float[] dy,
            int yo,
            float[] sums,
            int so,
            int parts,
            Workers workers,
            Scratch scratch) {
        if (g.depthwise()) {
            ConvDepthwiseF32.kernelGradient(g, x, xo, dy, yo, sums, so, parts, workers);
        } else {
            partialKernels(g, patches, x, xo, dy, yo, sums, so, parts, workers, scratch);
        }
    }

    private static void partialKernels(
            ConvGeometry g,
            ConvPatches patches,
            float[] x,
            int xo,
            float[] dy,
            int yo,
            float[] sums,
            int so,
            int parts,
            Workers workers,
            Scratch scratch) {
        int groups = g.groups();
        if (groups == 1 && ConvRowsF32.fits(patches)) {
            ConvRowsF32.kernels(patches, x, xo, dy, yo, sums, so, g.co(), parts, workers, scratch);
            return;
        }
        int from = g.ci() / groups;
        int to = g.co() / groups;
        int co = g.co();
        int size = g.kernelSize();
        int rows = patches.rows();
        int lines = patches.lines();
        int line = patches.tapsPerLine() * from;
        int perBlock = Math.clamp(K_BLOCK / line, 1, lines);
        int blocks = (lines - 1) / perBlock + 1;
        int ld = leading(perBlock * line);
        int height = Math.clamp(TILE / ld / 8 * 8, 8, 2 * MAX_ROWS);
        scratch.reserve(workers.threads());
        workers.run(
                parts * blocks * groups,
                (task, slot) -> {
                    int group = task % groups;
                    int l = task / groups % blocks * perBlock;
                    int part = task / groups / blocks;
                    int n = Math.min(perBlock, lines - l);
                    int start = (int) ((long) rows * part / parts);
                    int end = (int) ((long) rows * (part + 1) / parts);
                    float[] tile = scratch.slot(slot).floats(PATCHES, height * ld);
                    int at = so + part * size + l * line * co + group * to;
                    for (int row = start; row < end; row += height) {
                        int count = Math.min(height, end - row);
                        ConvTileF32.gather(
                                patches, x, xo, row, count, l, n, group * from, from, tile, ld);
                        GemmBlockF32.multiply(
                                n * line,
                                to,
                                count,
                                tile,
                                0,
                                1,
                                ld,
                                false,
                                dy,
                                yo + row * co + group * to,
                                co,
                                false,
                                sums,
                                at,
                                co,
                                row > start);
                    }
                });
    }
}
