package dev.fathom.cpu.simd;

import static dev.fathom.cpu.simd.WinogradF32.IN;
import static dev.fathom.cpu.simd.WinogradF32.OUT;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions with 3x3 taps and no stride in {@code float}, a quarter of the products of their
 * definition: tiles of 4x4 results are transformed with {@link WinogradF32}, and for each of the 36
 * elements of a transformed tile there is one matrix product over the channels.
 *
 * <p>Some tiles at a time pass through all three stages, so that what lies between stays in the
 * second-level cache. Which tiles go together depends on the geometry alone, and so do the results.
 */
final class ConvWinogradF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final int ALL = IN * IN;

    /** Channels of one tile times tiles at a time. */
    private static final int BLOCK = 4096;

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
    ConvWinogradF32(ConvPatches patches, int to) {
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
        this.block = Math.clamp(BLOCK / (channels + to) / 8 * 8, 8, 128);
    }

    /**
     * Whether the taps are 3x3 without stride or dilation, the channels fill vectors, and there are
     * tiles enough that hold more results than places outside the image.
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
                || Math.min(p.channels(), to) < 16) {
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
            float[] image,
            int io,
            float[] w,
            int wo,
            float[] result,
            int ro,
            Workers workers,
            Scratch scratch) {
        float[] u = weights(transposed, w, wo, workers, scratch);
        int planeV = block * channels + 16; // else all 36 meet in one set of the cache
        int planeM = block * to + 16;
        scratch.reserve(workers.threads());
        workers.run(
                (tiles - 1) / block + 1,
                (task, slot) -> {
                    Scratch own = scratch.slot(slot);
                    float[] v = own.floats(ConvF32.PATCHES, ALL * planeV);
                    float[] m = own.floats(ConvF32.RESULT, ALL * planeM);
                    float[] t = own.floats(ConvF32.WEIGHTS, ALL * (Math.max(channels, to) + L));
                    int first = task * block;
                    int count = Math.min(block, tiles - first);
                    for (int i = 0; i < count; i++) {
                        image(first + i, image, io, v, i * channels, planeV, t);
                    }
                    int padded = (count + 7) / 8 * 8; // tiles of whatever was there are not read
                    for (int p = 0; p < ALL; p++) {
                        GemmBlockF32.multiply(
                                padded,
                                to,
                                channels,
                                v,
                                p * planeV,
                                channels,
                                1,
                                false,
                                u,
                                p * channels * to,
                                to,
                                false,
                                m,
                                p * planeM,
                                to,
                                false);
                    }
                    for (int i = 0; i < count; i++) {
                        results(first + i, m, i * to, planeM, result, ro, t);
                    }
                });
    }

    /**
     * The gradient of the weights (3, 3, channels, to).
     *
     * @param dy the gradient of the results (batch, grid, to) from {@code yo}
     */
    void kernelGradient(
            float[] x,
            int xo,
            float[] dy,
            int yo,
            float[] dw,
            int wo,
            Workers workers,
            Scratch scratch) {
        int size = ALL * channels * to;
        int most = Math.clamp(MAX_PARTIALS / size, 1, MAX_PARTS);
        int parts = Math.clamp(tiles / (2 * block), 1, most);
        float[] sums = scratch.floats(ConvF32.RESULT, parts * size);
        int planeV = block * channels + 16;
        int planeZ = block * to + 16;
        scratch.reserve(workers.threads());
        workers.run(
                parts,
                (part, slot) -> {
                    Scratch own = scratch.slot(slot);
                    float[] v = own.floats(ConvF32.PATCHES, ALL * planeV);
                    float[] z = own.floats(ConvF32.RESULT, ALL * planeZ);
                    float[] t = own.floats(ConvF32.WEIGHTS, ALL * (Math.max(channels, to) + L));
                    int start = (int) ((long) tiles * part / parts);
                    int end = (int) ((long) tiles * (part + 1) / parts);
                    for (int first = start; first < end; first += block) {
                        int count = Math.min(block, end - first);
                        for (int i = 0; i < count; i++) {
                            image(first + i, x, xo, v, i * channels, planeV, t);
                            resultsGradient(first + i, dy, yo, z, i * to, planeZ, t);
                        }
                        for (int p = 0; p < ALL; p++) {
                            GemmBlockF32.multiply(
                                    channels,
                                    to,
                                    count,
                                    v,
                                    p * planeV,
                                    1,
                                    channels,
                                    false,
                                    z,
                                    p * planeZ,
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
                    float[] t = scratch.slot(slot).floats(ConvF32.WEIGHTS, 2 * ALL * L);
                    for (int j = 0; j < to; j += L) {
                        for (int p = 0; p < ALL; p++) {
                            int at = (p * channels + c) * to + j;
                            FloatVector sum = V.cast(FloatVector.fromArray(S, sums, at));
                            for (int part = 1; part < parts; part++) {
                                sum =
                                        V.cast(FloatVector.fromArray(S, sums, at + part * size))
                                                .add(sum);
                            }
                            V.cast(sum).intoArray(t, p * L);
                        }
                        int next = channels * to;
                        WinogradF32.tapsGradient(IN, t, 0, IN * L, L, t, ALL * L, IN * L, L);
                        WinogradF32.tapsGradient(
                                3, t, ALL * L, L, IN * L, dw, wo + c * to + j, next, 3 * next);
                    }
                });
    }

    /** (36, channels, to). */
    private float[] weights(
            boolean transposed, float[] w, int wo, Workers workers, Scratch scratch) {
        int next = channels * to;
        float[] u = scratch.floats(ConvF32.WEIGHTS, ALL * next);
        scratch.reserve(workers.threads());
        workers.run(
                channels,
                (c, slot) -> {
                    int tmp = 9 * to;
                    float[] t = scratch.slot(slot).floats(ConvF32.WEIGHTS, tmp + 3 * IN * L);
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
                        WinogradF32.taps(3, t, j, 3 * to, to, t, tmp, 3 * L, L);
                        WinogradF32.taps(IN, t, tmp, L, 3 * L, u, c * to + j, next, IN * next);
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

    /** Transforms what a tile reads. */
    private void image(int tile, float[] x, int xo, float[] v, int vo, int plane, float[] t) {
        int row = row(tile) + patches.offsets()[1][0];
        int column = column(tile) + patches.offsets()[2][0];
        int at = xo + tile / perPlane * height * width * channels;
        float[] from = x;
        int line = width * channels;
        int start = at + row * line + column * channels;
        if (row < 0 || column < 0 || row + IN > height || column + IN > width) {
            window(IN, x, at, height, width, channels, row, column, t);
            from = t;
            line = IN * channels;
            start = 0;
        }
        int tmp = ALL * channels;
        for (int c = 0; c < channels; c += L) {
            WinogradF32.image(IN, from, start + c, line, channels, t, tmp, IN * L, L);
            WinogradF32.image(IN, t, tmp, L, IN * L, v, vo + c, plane, IN * plane);
        }
    }

    /** Transforms the gradient of a tile's results. */
    private void resultsGradient(
            int tile, float[] dy, int yo, float[] z, int zo, int plane, float[] t) {
        int row = row(tile);
        int column = column(tile);
        int at = yo + tile / perPlane * rows * columns * to;
        float[] from = dy;
        int line = columns * to;
        int start = at + row * line + column * to;
        if (row + OUT > rows || column + OUT > columns) {
            window(OUT, dy, at, rows, columns, to, row, column, t);
            from = t;
            line = OUT * to;
            start = 0;
        }
        int tmp = ALL * to;
        for (int j = 0; j < to; j += L) {
            WinogradF32.resultsGradient(OUT, from, start + j, line, to, t, tmp, OUT * L, L);
            WinogradF32.resultsGradient(IN, t, tmp, L, OUT * L, z, zo + j, plane, IN * plane);
        }
    }

    /** Transforms back the products of a tile. */
    private void results(int tile, float[] m, int mo, int plane, float[] y, int yo, float[] t) {
        int row = row(tile);
        int column = column(tile);
        int at = yo + ((tile / perPlane * rows + row) * columns + column) * to;
        int high = Math.min(OUT, rows - row);
        int wide = Math.min(OUT, columns - column);
        boolean whole = high == OUT && wide == OUT;
        float[] into = whole ? y : t;
        int start = whole ? at : 0;
        int line = whole ? columns * to : OUT * to;
        int tmp = ALL * to;
        for (int j = 0; j < to; j += L) {
            WinogradF32.results(IN, m, mo + j, IN * plane, plane, t, tmp, IN * L, L);
            WinogradF32.results(OUT, t, tmp, L, IN * L, into, start + j, to, line);
        }
        if (!whole) {
            for (int i = 0; i < high; i++) {
                System.arraycopy(t, i * line, y, at + i * columns * to, wide * to);
            }
        }
    }

    /** A square of an image, zero outside of it. */
    private static void window(
            int size,
            float[] x,
            int at,
            int height,
            int width,
            int channels,
            int row,
            int column,
            float[] to) {
        Arrays.fill(to, 0, size * size * channels, 0);
        int left = Math.max(0, column);
        int count = (Math.min(width, column + size) - left) * channels;
        for (int i = Math.max(0, -row); i < Math.min(size, height - row); i++) {
            if (count > 0) {
                System.arraycopy(
                        x,
                        at + ((row + i) * width + left) * channels,
                        to,
                        (i * size + left - column) * channels,
                        count);
            }
        }
    }
}
