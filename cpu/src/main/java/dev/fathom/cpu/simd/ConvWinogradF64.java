package dev.fathom.cpu.simd;

import static dev.fathom.cpu.simd.WinogradF64.IN;
import static dev.fathom.cpu.simd.WinogradF64.OUT;
import static dev.fathom.cpu.simd.WinogradF64.PLANE;
import static dev.fathom.cpu.simd.WinogradF64.ROOM;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions with 3x3 taps and no stride in {@code double}, a quarter of the products of their
 * definition: tiles of 4x4 results are transformed with {@link WinogradF64}, and for each of the 36
 * elements of a transformed tile there is one matrix product over the channels.
 *
 * <p>Some tiles at a time pass through all three stages, so that what lies between stays in the
 * second-level cache. Which tiles go together depends on the geometry alone, and so do the results.
 */
final class ConvWinogradF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final int ALL = IN * IN;

    /**
     * A row of an image that is transformed at a time: six of them stay in the first-level cache.
     */
    private static final int ROW = 1280;

    /** With more channels there is room for less than four tiles. */
    private static final int MOST_CHANNELS = ROOM / 4;

    /** Fewer tiles do not pay for the transformed weights. */
    private static final int LEAST_TILES = 32;

    private static final int MAX_PARTS = 16;
    private static final int MAX_PARTIALS = 1 << 20;

    private final ConvPatches patches;
    private final int height;
    private final int width;
    private final int channels;
    private final int rows;
    private final int columns;
    private final int to;
    private final int across;
    private final int perPlane;
    private final int tiles;
    private final int block;

    /**
     * @param patches taps of an image of {@code channels} channels, as {@link #suits} wants them
     * @param to the channels of the result
     */
    ConvWinogradF64(ConvPatches patches, int to) {
        this.patches = patches;
        this.height = patches.image()[1];
        this.width = patches.image()[2];
        this.channels = patches.channels();
        this.rows = patches.grid()[1];
        this.columns = patches.grid()[2];
        this.to = to;
        this.across = (columns - 1) / OUT + 1;
        this.perPlane = ((rows - 1) / OUT + 1) * across;
        this.tiles = patches.batch() * patches.grid()[0] * perPlane;
        int most = ROOM / Math.max(channels, to);
        this.block = Math.min(most, Math.clamp(ROOM / (channels + to) / 8 * 8, 8, 128));
    }

    /**
     * Whether the taps are 3x3 without stride or dilation, the channels fill vectors and are not
     * too many, and there are tiles enough that hold more results than places outside the image.
     */
    static boolean suits(ConvPatches p, int to) {
        int[] grid = p.grid();
        if (!Arrays.equals(p.step(), new int[] {1, 1, 1})
                || !Arrays.equals(p.spread(), new int[] {1, 1, 1})
                || !Arrays.equals(p.offsets()[0], new int[] {0})
                || grid[0] != p.image()[0]
                || !threeInARow(p.offsets()[1])
                || !threeInARow(p.offsets()[2])
                || p.channels() % L != 0
                || to % L != 0
                || Math.min(p.channels(), to) < 16
                || Math.max(p.channels(), to) > MOST_CHANNELS) {
            return false;
        }
        long perPlane = ((grid[1] + OUT - 1L) / OUT) * ((grid[2] + OUT - 1L) / OUT);
        long results = (long) grid[1] * grid[2];
        return perPlane * p.batch() * grid[0] >= LEAST_TILES && perPlane * OUT * OUT <= 2 * results;
    }

    private static boolean threeInARow(int[] offsets) {
        return offsets.length == 3 && offsets[1] == offsets[0] + 1 && offsets[2] == offsets[0] + 2;
    }

    /**
     * The convolution, or the gradient of its input.
     *
     * @param transposed whether the weights map output channels to input channels
     * @param w (3, 3, ci, co) from {@code wo}
     * @param result receives (batch, grid, to) from {@code ro}
     */
    void product(
            boolean transposed,
            double[] image,
            int io,
            double[] w,
            int wo,
            double[] result,
            int ro,
            Workers workers,
            Scratch scratch) {
        double[] u = weights(transposed, w, wo, workers, scratch);
        scratch.reserve(workers.threads());
        workers.run(
                (tiles - 1) / block + 1,
                (task, slot) -> {
                    Scratch own = scratch.slot(slot);
                    double[] v = own.doubles(ConvF64.PATCHES, ALL * PLANE);
                    double[] m = own.doubles(ConvF64.RESULT, ALL * PLANE);
                    double[] t = own.doubles(ConvF64.WEIGHTS, room());
                    int first = task * block;
                    int count = Math.min(block, tiles - first);
                    images(first, count, image, io, v, t);
                    // tiles of whatever was there are not read
                    int padded = Math.min((count + 7) / 8 * 8, ROOM / Math.max(channels, to));
                    for (int p = 0; p < ALL; p++) {
                        GemmBlockF64.multiply(
                                padded,
                                to,
                                channels,
                                v,
                                p * PLANE,
                                channels,
                                1,
                                false,
                                u,
                                p * channels * to,
                                to,
                                false,
                                m,
                                p * PLANE,
                                to,
                                false);
                    }
                    results(first, count, m, result, ro, t);
                });
    }

    /**
     * The gradient of the weights (3, 3, channels, to).
     *
     * @param dy the gradient of the results (batch, grid, to) from {@code yo}
     */
    void kernelGradient(
            double[] x,
            int xo,
            double[] dy,
            int yo,
            double[] dw,
            int wo,
            Workers workers,
            Scratch scratch) {
        int size = ALL * channels * to;
        int most = Math.clamp(MAX_PARTIALS / size, 1, MAX_PARTS);
        int parts = Math.clamp(tiles / (2 * block), 1, most);
        double[] sums = scratch.doubles(ConvF64.RESULT, parts * size);
        scratch.reserve(workers.threads());
        workers.run(
                parts,
                (part, slot) -> {
                    Scratch own = scratch.slot(slot);
                    double[] v = own.doubles(ConvF64.PATCHES, ALL * PLANE);
                    double[] z = own.doubles(ConvF64.RESULT, ALL * PLANE);
                    double[] t = own.doubles(ConvF64.WEIGHTS, room());
                    int start = (int) ((long) tiles * part / parts);
                    int end = (int) ((long) tiles * (part + 1) / parts);
                    for (int first = start; first < end; first += block) {
                        int count = Math.min(block, end - first);
                        images(first, count, x, xo, v, t);
                        resultsGradients(first, count, dy, yo, z, t);
                        for (int p = 0; p < ALL; p++) {
                            GemmBlockF64.multiply(
                                    channels,
                                    to,
                                    count,
                                    v,
                                    p * PLANE,
                                    1,
                                    channels,
                                    false,
                                    z,
                                    p * PLANE,
                                    to,
                                    false,
                                    sums,
                                    part * size + p * channels * to,
                                    to,
                                    first > start);
                        }
                    }
                });
        workers.run(
                channels,
                (c, slot) -> {
                    double[] t = scratch.slot(slot).doubles(ConvF64.WEIGHTS, 2 * ALL * L);
                    for (int j = 0; j < to; j += L) {
                        for (int p = 0; p < ALL; p++) {
                            int at = (p * channels + c) * to + j;
                            DoubleVector sum = V.cast(DoubleVector.fromArray(S, sums, at));
                            for (int part = 1; part < parts; part++) {
                                sum =
                                        V.cast(DoubleVector.fromArray(S, sums, at + part * size))
                                                .add(sum);
                            }
                            V.cast(sum).intoArray(t, p * L);
                        }
                        int next = channels * to;
                        WinogradF64.tapsGradient(IN, t, 0, IN * L, L, t, ALL * L, IN * L, L);
                        WinogradF64.tapsGradient(
                                3, t, ALL * L, L, IN * L, dw, wo + c * to + j, next, 3 * next);
                    }
                });
    }

    /** (36, channels, to). */
    private double[] weights(
            boolean transposed, double[] w, int wo, Workers workers, Scratch scratch) {
        int next = channels * to;
        double[] u = scratch.doubles(ConvF64.WEIGHTS, ALL * next);
        scratch.reserve(workers.threads());
        workers.run(
                channels,
                (c, slot) -> {
                    int tmp = 9 * to;
                    double[] t = scratch.slot(slot).doubles(ConvF64.WEIGHTS, tmp + 3 * IN * L);
                    for (int tap = 0; tap < 9; tap++) {
                        int at = wo + patches.kernelTap(tap / 3, tap % 3, 3, 3) * next;
                        if (transposed) {
                            for (int j = 0; j < to; j++) {
                                t[tap * to + j] = w[at + j * channels + c];
                            }
                        } else {
                            System.arraycopy(w, at + c * to, t, tap * to, to);
                        }
                    }
                    for (int j = 0; j < to; j += L) {
                        WinogradF64.taps(3, t, j, 3 * to, to, t, tmp, 3 * L, L);
                        WinogradF64.taps(IN, t, tmp, L, 3 * L, u, c * to + j, next, IN * next);
                    }
                });
        return u;
    }

    /** The first row of a tile's results. */
    private int row(int tile) {
        return tile % perPlane / across * OUT;
    }

    /** The first column of a tile's results. */
    private int column(int tile) {
        return tile % across * OUT;
    }

    /** What {@link #images}, {@link #resultsGradients} and {@link #results} need for themselves. */
    private int room() {
        return 2 * IN * (Math.max(ROW, IN * Math.max(channels, to)) + L);
    }

    /**
     * How many of {@code count} tiles from {@code tile} on are beside each other and go down
     * together; the rows of a run lie a vector apart, which nobody reads, so as not to meet in one
     * set of the cache.
     *
     * @param reads columns that a tile reads, of {@code depth} channels each
     */
    private int run(int tile, int count, int reads, int depth) {
        int most = Math.max(1, (ROW / depth - (reads - OUT)) / OUT);
        return Math.min(most, Math.min(count, across - tile % across));
    }

    /** Transforms what tiles read. */
    private void images(int first, int count, double[] x, int xo, double[] v, double[] t) {
        for (int i = 0; i < count; ) {
            int tile = first + i;
            int run = run(tile, count - i, IN, channels);
            int row = row(tile) + patches.offsets()[1][0];
            int column = column(tile) + patches.offsets()[2][0];
            int reads = run * OUT + IN - OUT;
            int next = reads * channels + L;
            // the columns of the image among those that the run reads
            int left = Math.clamp(-column, 0, reads);
            int right = Math.clamp(width - column, left, reads);
            int length = (right - left) * channels;
            int start = xo + ((tile / perPlane * height + row) * width + column + left) * channels;
            int line = width * channels;
            double[] from = x;
            if (row < 0 || row + IN > height) {
                rows(IN, row, height, x, start, line, length, t, IN * next);
                from = t;
                start = IN * next;
                line = length;
            }
            outside(t, next, left * channels, right * channels);
            WinogradF64.imageDown(length, from, start, line, t, left * channels, next);
            for (int k = 0; k < run; k++) {
                for (int c = 0; c < channels; c += L) {
                    WinogradF64.imageAcross(
                            t, k * OUT * channels + c, channels, next, v, (i + k) * channels + c);
                }
            }
            i += run;
        }
    }

    /** Transforms the gradients of tiles' results. */
    private void resultsGradients(
            int first, int count, double[] dy, int yo, double[] z, double[] t) {
        for (int i = 0; i < count; ) {
            int tile = first + i;
            int run = run(tile, count - i, OUT, to);
            int row = row(tile);
            int column = column(tile);
            int next = run * OUT * to + L;
            int length = Math.min(run * OUT, columns - column) * to;
            int start = yo + ((tile / perPlane * rows + row) * columns + column) * to;
            int line = columns * to;
            double[] from = dy;
            if (row + OUT > rows) {
                rows(OUT, row, rows, dy, start, line, length, t, IN * next);
                from = t;
                start = IN * next;
                line = length;
            }
            outside(t, next, 0, length);
            WinogradF64.resultsGradientDown(length, from, start, line, t, 0, next);
            for (int k = 0; k < run; k++) {
                for (int j = 0; j < to; j += L) {
                    WinogradF64.resultsGradientAcross(
                            t, k * OUT * to + j, to, next, z, (i + k) * to + j);
                }
            }
            i += run;
        }
    }

    /** Transforms back the products of tiles. */
    private void results(int first, int count, double[] m, double[] y, int yo, double[] t) {
        for (int i = 0; i < count; ) {
            int tile = first + i;
            int run = run(tile, count - i, OUT, to);
            int row = row(tile);
            int column = column(tile);
            int next = run * OUT * to + L;
            int length = Math.min(run * OUT, columns - column) * to;
            int start = yo + ((tile / perPlane * rows + row) * columns + column) * to;
            int line = columns * to;
            for (int k = 0; k < run; k++) {
                for (int j = 0; j < to; j += L) {
                    WinogradF64.resultsAcross(m, (i + k) * to + j, t, k * OUT * to + j, to, next);
                }
            }
            if (row + OUT <= rows) {
                WinogradF64.resultsDown(length, t, next, y, start, line);
            } else {
                WinogradF64.resultsDown(length, t, next, t, IN * next, length);
                for (int r = 0; r < rows - row; r++) {
                    System.arraycopy(t, IN * next + r * length, y, start + r * line, length);
                }
            }
            i += run;
        }
    }

    /** Sets what is left and right of an image to zero in the six rows of a run. */
    private static void outside(double[] t, int next, int left, int right) {
        for (int k = 0; k < IN; k++) {
            Arrays.fill(t, k * next, k * next + left, 0);
            Arrays.fill(t, k * next + right, (k + 1) * next - L, 0);
        }
    }

    /** Rows of an image side by side from {@code too} on, zero where there are none. */
    private static void rows(
            int count,
            int row,
            int height,
            double[] x,
            int start,
            int line,
            int length,
            double[] to,
            int too) {
        for (int i = 0; i < count; i++) {
            int at = too + i * length;
            if (row + i >= 0 && row + i < height) {
                System.arraycopy(x, start + i * line, to, at, length);
            } else {
                Arrays.fill(to, at, at + length, 0);
            }
        }
    }
}
