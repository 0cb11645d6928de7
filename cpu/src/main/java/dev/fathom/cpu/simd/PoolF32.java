package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Maximum and sum over windows in {@code float}, channels last, with the linear maps that
 * differentiation needs; see {@link PoolGeometry} for the windows.
 *
 * <p>Where a place is looked up, elements are compared after each is multiplied with the factor of
 * its channel.
 *
 * <p>Padding is left out of a window: it never is a maximum and adds nothing. The <em>winner</em>
 * of a window is its first NaN, if it has one, otherwise the first of its largest elements. A
 * window that lies outside the input has no winner; its maximum is negative infinity.
 *
 * <p>Channels lie in lanes. Each output of the gathering operations belongs to one task, and the
 * scattering ones divide images and channels, so results do not depend on the number of threads.
 *
 * <p>The kernels walk a window in one loop that steps three counters, not in three loops, and have
 * no helpers that take vectors: C2 does not always keep a vector in a register across nested loops
 * or calls, and boxes it then.
 */
public final class PoolF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Channels of one task of a scattering operation: whole vectors at every width. */
    private static final int CHANNELS = 64;

    /** Lines of windows of one task of a gathering operation. */
    private static final int LINES = 4;

    private PoolF32() {}

    /**
     * y = the maximum of each window.
     *
     * @param x the images (batch, in, channels) from {@code xo}
     * @param y receives (batch, out, channels) from {@code yo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void maxForward(
            PoolGeometry g, float[] x, int xo, float[] y, int yo, Workers workers) {
        g.checkInput("x", x.length, xo);
        g.checkOutput("y", y.length, yo);
        if (PoolQuadsF32.suits(g)) {
            PoolQuadsF32.maxForward(g, x, xo, y, yo, workers);
            return;
        }
        gather(
                g,
                workers,
                (channels, o, i, nx, ny, nz, sx, sy, sz) ->
                        max(channels, nx, ny, nz, sx, sy, sz, x, xo + i, y, yo + o));
    }

    /**
     * dy = the element of dx where x has the winner of each window; zero where there is none.
     *
     * @param x the images (batch, in, channels) from {@code xo}
     * @param k the factors (channels) from {@code ko}
     * @param dx the tangents of x from {@code dxo}
     * @param dy receives (batch, out, channels) from {@code dyo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void maxTangent(
            PoolGeometry g,
            float[] x,
            int xo,
            float[] k,
            int ko,
            float[] dx,
            int dxo,
            float[] dy,
            int dyo,
            Workers workers) {
        g.checkInput("x", x.length, xo);
        g.checkFactors("k", k.length, ko);
        g.checkInput("dx", dx.length, dxo);
        g.checkOutput("dy", dy.length, dyo);
        if (PoolQuadsF32.suits(g)) {
            PoolQuadsF32.maxTangent(g, x, xo, k, ko, dx, dxo, dy, dyo, workers);
            return;
        }
        gather(
                g,
                workers,
                (channels, o, i, nx, ny, nz, sx, sy, sz) ->
                        select(
                                channels,
                                nx,
                                ny,
                                nz,
                                sx,
                                sy,
                                sz,
                                x,
                                xo + i,
                                k,
                                ko + o % g.channels(),
                                dx,
                                dxo + i,
                                dy,
                                dyo + o));
    }

    /**
     * dx = the transpose of {@link #maxTangent} in dx: each element of dy is added where x has the
     * winner of its window.
     *
     * @param x the images (batch, in, channels) from {@code xo}
     * @param k the factors (channels) from {@code ko}
     * @param dy the cotangents of y from {@code dyo}
     * @param dx receives (batch, in, channels) from {@code dxo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void maxCotangent(
            PoolGeometry g,
            float[] x,
            int xo,
            float[] k,
            int ko,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            Workers workers) {
        g.checkInput("x", x.length, xo);
        g.checkFactors("k", k.length, ko);
        g.checkOutput("dy", dy.length, dyo);
        g.checkInput("dx", dx.length, dxo);
        if (PoolQuadsF32.suits(g)) {
            PoolQuadsF32.maxCotangent(g, x, xo, k, ko, dy, dyo, dx, dxo, workers);
            return;
        }
        clear(dx, dxo, g.inputSize(), workers);
        scatter(
                g,
                workers,
                (channels, o, i, nx, ny, nz, sx, sy, sz) ->
                        route(
                                channels,
                                nx,
                                ny,
                                nz,
                                sx,
                                sy,
                                sz,
                                x,
                                xo + i,
                                k,
                                ko + o % g.channels(),
                                dy,
                                dyo + o,
                                dx,
                                dxo + i));
    }

    /** Whether {@link #maxCotangentRows} is there for such windows. */
    public static boolean suitsRows(PoolGeometry g) {
        return PoolQuadsF32.suits(g) && g.inputSize() > 0 && g.outputSize() > 0;
    }

    /** The parts in which {@link #maxCotangentRows} hands rows on. */
    public static int parts(PoolGeometry g) {
        return PoolQuadsF32.parts(g);
    }

    /** The elements of such a part, at most. */
    public static int most(PoolGeometry g) {
        return PoolQuadsF32.most(g);
    }

    /**
     * {@link #maxCotangent}, of which rows of the image are handed on instead of being kept.
     *
     * @param x the images (batch, in, channels) from {@code xo}
     * @param k the factors (channels) from {@code ko}
     * @param dy the cotangents of y from {@code dyo}
     * @param taker of the elements of dx
     * @param scratch memory of the caller
     * @throws IllegalArgumentException if the windows do not {@link #suitsRows suit}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void maxCotangentRows(
            PoolGeometry g,
            float[] x,
            int xo,
            float[] k,
            int ko,
            float[] dy,
            int dyo,
            RowTaker taker,
            Workers workers,
            Scratch scratch) {
        if (!suitsRows(g)) {
            throw new IllegalArgumentException("windows of " + g + " are not made by rows");
        }
        g.checkInput("x", x.length, xo);
        g.checkFactors("k", k.length, ko);
        g.checkOutput("dy", dy.length, dyo);
        PoolQuadsF32.maxCotangentRows(g, x, xo, k, ko, dy, dyo, taker, workers, scratch);
    }

    /**
     * y = the sum of each window.
     *
     * @param x the images (batch, in, channels) from {@code xo}
     * @param y receives (batch, out, channels) from {@code yo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void sumForward(
            PoolGeometry g, float[] x, int xo, float[] y, int yo, Workers workers) {
        g.checkInput("x", x.length, xo);
        g.checkOutput("y", y.length, yo);
        gather(
                g,
                workers,
                (channels, o, i, nx, ny, nz, sx, sy, sz) ->
                        sum(channels, nx, ny, nz, sx, sy, sz, x, xo + i, y, yo + o));
    }

    /**
     * dx = the transpose of {@link #sumForward}: each element of dy is added to every element of
     * its window.
     *
     * @param dy the cotangents of y (batch, out, channels) from {@code yo}
     * @param dx receives (batch, in, channels) from {@code xo}
     * @throws IndexOutOfBoundsException if an array is too short
     */
    public static void sumTranspose(
            PoolGeometry g, float[] dy, int yo, float[] dx, int xo, Workers workers) {
        g.checkOutput("dy", dy.length, yo);
        g.checkInput("dx", dx.length, xo);
        clear(dx, xo, g.inputSize(), workers);
        scatter(
                g,
                workers,
                (channels, o, i, nx, ny, nz, sx, sy, sz) ->
                        spread(channels, nx, ny, nz, sx, sy, sz, dy, yo + o, dx, xo + i));
    }

    private static void clear(float[] to, int offset, int size, Workers workers) {
        workers.runRange(
                size, 1 << 16, (from, end) -> Arrays.fill(to, offset + from, offset + end, 0));
    }

    /** Windows write to their own outputs, so a task is a few lines of them. */
    private static void gather(PoolGeometry g, Workers workers, PoolGeometry.Visitor visitor) {
        workers.runRange(
                g.lines(), LINES, (first, last) -> g.visit(first, last, 0, g.channels(), visitor));
    }

    /**
     * Windows of one image may overlap, so a task has an image to itself, or some of its channels.
     */
    private static void scatter(PoolGeometry g, Workers workers, PoolGeometry.Visitor visitor) {
        int channels = g.channels();
        if (g.inputSize() == 0 || g.outputSize() == 0) {
            return;
        }
        int lines = g.lines() / g.batch();
        int parts = (channels - 1) / CHANNELS + 1;
        workers.run(
                g.batch() * parts,
                task -> {
                    int first = task / parts * lines;
                    int c = task % parts * CHANNELS;
                    int count = Math.min(CHANNELS, channels - c);
                    g.visit(first, first + lines, c, count, visitor);
                });
    }

    private static void max(
            int channels,
            int nx,
            int ny,
            int nz,
            int sx,
            int sy,
            int sz,
            float[] x,
            int xo,
            float[] y,
            int yo) {
        int taps = nx * ny * nz;
        for (int c = 0; c < channels; c += L) {
            VectorMask<Float> in = S.indexInRange(c, channels);
            FloatVector best = ZERO.broadcast(Float.NEGATIVE_INFINITY);
            int j = 0;
            int k = 0;
            int q = c;
            for (int t = 0; t < taps; t++) {
                // The vector maximum is NaN if either side is.
                best = best.max(V.cast(FloatVector.fromArray(S, x, xo + q, in)));
                q += sz;
                if (++k == nz) {
                    k = 0;
                    q += sy - nz * sz;
                    if (++j == ny) {
                        j = 0;
                        q += sx - ny * sy;
                    }
                }
            }
            V.cast(best).intoArray(y, yo + c, in);
        }
    }

    private static void select(
            int channels,
            int nx,
            int ny,
            int nz,
            int sx,
            int sy,
            int sz,
            float[] x,
            int xo,
            float[] f,
            int fo,
            float[] dx,
            int dxo,
            float[] dy,
            int dyo) {
        int taps = nx * ny * nz;
        if (taps == 0) {
            Arrays.fill(dy, dyo, dyo + channels, 0);
            return;
        }
        for (int c = 0; c < channels; c += L) {
            VectorMask<Float> in = S.indexInRange(c, channels);
            // Even where all elements are negative infinity the first one wins.
            FloatVector factor = V.cast(FloatVector.fromArray(S, f, fo + c, in));
            FloatVector best = V.cast(FloatVector.fromArray(S, x, xo + c, in)).mul(factor);
            FloatVector chosen = V.cast(FloatVector.fromArray(S, dx, dxo + c, in));
            int j = 0;
            int k = 0;
            int q = c;
            for (int t = 0; t < taps; t++) {
                FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + q, in)).mul(factor);
                // It wins where it is larger, or the first NaN.
                VectorMask<Float> wins =
                        v.compare(VectorOperators.GT, best)
                                .or(
                                        v.compare(VectorOperators.NE, v)
                                                .andNot(best.compare(VectorOperators.NE, best)));
                best = best.blend(v, wins);
                chosen = chosen.blend(V.cast(FloatVector.fromArray(S, dx, dxo + q, in)), wins);
                q += sz;
                if (++k == nz) {
                    k = 0;
                    q += sy - nz * sz;
                    if (++j == ny) {
                        j = 0;
                        q += sx - ny * sy;
                    }
                }
            }
            chosen.intoArray(dy, dyo + c, in);
        }
    }

    private static void route(
            int channels,
            int nx,
            int ny,
            int nz,
            int sx,
            int sy,
            int sz,
            float[] x,
            int xo,
            float[] f,
            int fo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo) {
        int taps = nx * ny * nz;
        if (taps == 0) {
            return;
        }
        for (int c = 0; c < channels; c += L) {
            VectorMask<Float> in = S.indexInRange(c, channels);
            FloatVector factor = V.cast(FloatVector.fromArray(S, f, fo + c, in));
            FloatVector best = V.cast(FloatVector.fromArray(S, x, xo + c, in)).mul(factor);
            FloatVector winner = ZERO.broadcast(0f);
            int j = 0;
            int k = 0;
            int q = c;
            for (int t = 0; t < taps; t++) {
                FloatVector v = V.cast(FloatVector.fromArray(S, x, xo + q, in)).mul(factor);
                VectorMask<Float> wins =
                        v.compare(VectorOperators.GT, best)
                                .or(
                                        v.compare(VectorOperators.NE, v)
                                                .andNot(best.compare(VectorOperators.NE, best)));
                best = best.blend(v, wins);
                winner = winner.blend((float) t, wins);
                q += sz;
                if (++k == nz) {
                    k = 0;
                    q += sy - nz * sz;
                    if (++j == ny) {
                        j = 0;
                        q += sx - ny * sy;
                    }
                }
            }
            FloatVector d = V.cast(FloatVector.fromArray(S, dy, dyo + c, in));
            j = 0;
            k = 0;
            q = c;
            for (int t = 0; t < taps; t++) {
                VectorMask<Float> here = winner.compare(VectorOperators.EQ, (float) t);
                FloatVector old = V.cast(FloatVector.fromArray(S, dx, dxo + q, in));
                old.blend(old.add(d), here).intoArray(dx, dxo + q, in);
                q += sz;
                if (++k == nz) {
                    k = 0;
                    q += sy - nz * sz;
                    if (++j == ny) {
                        j = 0;
                        q += sx - ny * sy;
                    }
                }
            }
        }
    }

    private static void sum(
            int channels,
            int nx,
            int ny,
            int nz,
            int sx,
            int sy,
            int sz,
            float[] x,
            int xo,
            float[] y,
            int yo) {
        int taps = nx * ny * nz;
        for (int c = 0; c < channels; c += L) {
            VectorMask<Float> in = S.indexInRange(c, channels);
            FloatVector sum = ZERO.broadcast(0f);
            int j = 0;
            int k = 0;
            int q = c;
            for (int t = 0; t < taps; t++) {
                sum = sum.add(V.cast(FloatVector.fromArray(S, x, xo + q, in)));
                q += sz;
                if (++k == nz) {
                    k = 0;
                    q += sy - nz * sz;
                    if (++j == ny) {
                        j = 0;
                        q += sx - ny * sy;
                    }
                }
            }
            V.cast(sum).intoArray(y, yo + c, in);
        }
    }

    private static void spread(
            int channels,
            int nx,
            int ny,
            int nz,
            int sx,
            int sy,
            int sz,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo) {
        int taps = nx * ny * nz;
        for (int c = 0; c < channels; c += L) {
            VectorMask<Float> in = S.indexInRange(c, channels);
            FloatVector d = V.cast(FloatVector.fromArray(S, dy, dyo + c, in));
            int j = 0;
            int k = 0;
            int q = c;
            for (int t = 0; t < taps; t++) {
                FloatVector old = V.cast(FloatVector.fromArray(S, dx, dxo + q, in));
                old.add(d).intoArray(dx, dxo + q, in);
                q += sz;
                if (++k == nz) {
                    k = 0;
                    q += sy - nz * sz;
                    if (++j == ny) {
                        j = 0;
                        q += sx - ny * sy;
                    }
                }
            }
        }
    }
}
