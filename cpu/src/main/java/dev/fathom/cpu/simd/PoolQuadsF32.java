package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * The pooling that most networks use, in {@code float}: windows of two by two that do not overlap,
 * without padding. Each element of the input belongs to one window, so the four of them are read,
 * and written, at once. What is computed is the same as in {@link PoolF32}.
 */
final class PoolQuadsF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Lines of windows of one task. */
    private static final int LINES = 4;

    private PoolQuadsF32() {}

    static boolean suits(PoolGeometry g) {
        int[] quad = {1, 2, 2};
        return Arrays.equals(g.window(), quad)
                && Arrays.equals(g.stride(), quad)
                && Arrays.equals(g.padLow(), new int[] {0, 0, 0})
                && Arrays.equals(g.dilation(), new int[] {1, 1, 1})
                && g.in()[0] == g.out()[0]
                && g.in()[1] / 2 == g.out()[1]
                && g.in()[2] / 2 == g.out()[2];
    }

    /**
     * The first element of a line of windows.
     *
     * @param high lines of windows of one image, which has {@code rows} rows
     */
    private static int start(int line, int high, int rows, int row) {
        return (line / high * rows + line % high * 2) * row;
    }

    /** As {@link PoolF32#maxForward}. */
    static void maxForward(PoolGeometry g, float[] x, int xo, float[] y, int yo, Workers workers) {
        int windows = g.out()[2];
        int channels = g.channels();
        int row = g.in()[2] * channels;
        int high = g.out()[1];
        int rows = g.in()[1];
        workers.runRange(
                g.lines(),
                LINES,
                (first, last) -> {
                    for (int line = first; line < last; line++) {
                        int from = xo + start(line, high, rows, row);
                        max(windows, channels, x, from, row, y, yo + line * windows * channels);
                    }
                });
    }

    private static void max(
            int windows, int channels, float[] x, int xo, int row, float[] y, int yo) {
        int c = 0;
        for (; c <= channels - L; c += L) {
            for (int w = 0; w < windows; w++) {
                int i = xo + 2 * w * channels + c;
                V.cast(FloatVector.fromArray(S, x, i))
                        .max(V.cast(FloatVector.fromArray(S, x, i + channels)))
                        .max(
                                V.cast(FloatVector.fromArray(S, x, i + row))
                                        .max(
                                                V.cast(
                                                        FloatVector.fromArray(
                                                                S, x, i + row + channels))))
                        .intoArray(y, yo + w * channels + c);
            }
        }
        if (c < channels) {
            VectorMask<Float> in = S.indexInRange(c, channels);
            for (int w = 0; w < windows; w++) {
                int i = xo + 2 * w * channels + c;
                V.cast(FloatVector.fromArray(S, x, i, in))
                        .max(V.cast(FloatVector.fromArray(S, x, i + channels, in)))
                        .max(
                                V.cast(FloatVector.fromArray(S, x, i + row, in))
                                        .max(
                                                V.cast(
                                                        FloatVector.fromArray(
                                                                S, x, i + row + channels, in))))
                        .intoArray(y, yo + w * channels + c, in);
            }
        }
    }

    /** As {@link PoolF32#maxCotangent}. */
    static void maxCotangent(
            PoolGeometry g,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            Workers workers) {
        int windows = g.out()[2];
        int channels = g.channels();
        int row = g.in()[2] * channels;
        int high = g.out()[1];
        int rows = g.in()[1];
        boolean oddRows = rows != 2 * high;
        boolean oddColumns = g.in()[2] != 2 * windows;
        workers.runRange(
                g.lines(),
                LINES,
                (first, last) -> {
                    for (int line = first; line < last; line++) {
                        int at = start(line, high, rows, row);
                        int to = dxo + at;
                        route(
                                windows,
                                channels,
                                x,
                                xo + at,
                                row,
                                dy,
                                dyo + line * windows * channels,
                                dx,
                                to);
                        if (oddColumns) {
                            Arrays.fill(dx, to + row - channels, to + row, 0);
                            Arrays.fill(dx, to + 2 * row - channels, to + 2 * row, 0);
                        }
                        if (oddRows && line % high == high - 1) {
                            Arrays.fill(dx, to + 2 * row, to + 3 * row, 0);
                        }
                    }
                });
    }

    /** The gradient goes to the first of the largest, or to the first that is NaN. */
    private static void route(
            int windows,
            int channels,
            float[] x,
            int xo,
            int row,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo) {
        int whole = channels / L * L;
        for (int c = 0; c < whole; c += L) {
            for (int w = 0; w < windows; w++) {
                int i = 2 * w * channels + c;
                int j = i + row;
                FloatVector a = V.cast(FloatVector.fromArray(S, x, xo + i));
                // It wins unless it is no larger; what is NaN already stays.
                FloatVector b = V.cast(FloatVector.fromArray(S, x, xo + i + channels));
                VectorMask<Float> second =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                a = V.cast(a.blend(b, second));
                b = V.cast(FloatVector.fromArray(S, x, xo + j));
                VectorMask<Float> third =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                a = V.cast(a.blend(b, third));
                b = V.cast(FloatVector.fromArray(S, x, xo + j + channels));
                VectorMask<Float> fourth =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                FloatVector d = V.cast(FloatVector.fromArray(S, dy, dyo + w * channels + c));
                ZERO.blend(d, fourth).intoArray(dx, dxo + j + channels);
                d = V.cast(d.blend(ZERO, fourth));
                ZERO.blend(d, third).intoArray(dx, dxo + j);
                d = V.cast(d.blend(ZERO, third));
                ZERO.blend(d, second).intoArray(dx, dxo + i + channels);
                d.blend(ZERO, second).intoArray(dx, dxo + i);
            }
        }
        if (whole < channels) {
            routeRest(windows, channels, whole, x, xo, row, dy, dyo, dx, dxo);
        }
    }

    /** The channels from {@code c} on, which are fewer than a vector has lanes. */
    private static void routeRest(
            int windows,
            int channels,
            int c,
            float[] x,
            int xo,
            int row,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo) {
        VectorMask<Float> in = S.indexInRange(c, channels);
        for (int w = 0; w < windows; w++) {
            int i = 2 * w * channels + c;
            int j = i + row;
            FloatVector a = V.cast(FloatVector.fromArray(S, x, xo + i, in));
            // It wins unless it is no larger; what is NaN already stays.
            FloatVector b = V.cast(FloatVector.fromArray(S, x, xo + i + channels, in));
            VectorMask<Float> second =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            a = V.cast(a.blend(b, second));
            b = V.cast(FloatVector.fromArray(S, x, xo + j, in));
            VectorMask<Float> third =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            a = V.cast(a.blend(b, third));
            b = V.cast(FloatVector.fromArray(S, x, xo + j + channels, in));
            VectorMask<Float> fourth =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            FloatVector d = V.cast(FloatVector.fromArray(S, dy, dyo + w * channels + c, in));
            ZERO.blend(d, fourth).intoArray(dx, dxo + j + channels, in);
            d = V.cast(d.blend(ZERO, fourth));
            ZERO.blend(d, third).intoArray(dx, dxo + j, in);
            d = V.cast(d.blend(ZERO, third));
            ZERO.blend(d, second).intoArray(dx, dxo + i + channels, in);
            d.blend(ZERO, second).intoArray(dx, dxo + i, in);
        }
    }
}
