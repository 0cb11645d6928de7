package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * The pooling that most networks use, in {@code double}: windows of two by two that do not overlap,
 * without padding. Each element of the input belongs to one window, so the four of them are read,
 * and written, at once. What is computed is the same as in {@link PoolF64}.
 */
final class PoolQuadsF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    /** Lines of windows of one task. */
    private static final int LINES = 4;

    /** About so many elements of rows are handed on at a time. */
    private static final int TAKEN = 1 << 14;

    /** A use of {@link Scratch}: rows. */
    private static final int ROWS = 0;

    private PoolQuadsF64() {}

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
     * How lines of windows lie in the images.
     *
     * @param windows of a line
     * @param high lines of windows of one image, which has {@code rows} rows
     * @param row elements of a row of an image
     */
    private record Lines(int windows, int channels, int high, int rows, int row) {
        static Lines of(PoolGeometry g) {
            int row = g.in()[2] * g.channels();
            return new Lines(g.out()[2], g.channels(), g.out()[1], g.in()[1], row);
        }

        /** The first element of a line. */
        int start(int line) {
            return (line / high * rows + line % high * 2) * row;
        }

        /** The lines of a part that is handed on. */
        int each() {
            return Math.max(1, TAKEN / (2 * row));
        }

        /** The elements of a line of results. */
        int width() {
            return windows * channels;
        }
    }

    /** As {@link PoolF64#maxForward}. */
    static void maxForward(
            PoolGeometry g, double[] x, int xo, double[] y, int yo, Workers workers) {
        var lines = Lines.of(g);
        workers.runRange(
                g.lines(),
                LINES,
                (first, last) -> {
                    for (int line = first; line < last; line++) {
                        max(lines, x, xo + lines.start(line), y, yo + line * lines.width());
                    }
                });
    }

    private static void max(Lines lines, double[] x, int xo, double[] y, int yo) {
        int windows = lines.windows();
        int channels = lines.channels();
        int row = lines.row();
        int c = 0;
        for (; c <= channels - L; c += L) {
            for (int w = 0; w < windows; w++) {
                int i = xo + 2 * w * channels + c;
                V.cast(DoubleVector.fromArray(S, x, i))
                        .max(V.cast(DoubleVector.fromArray(S, x, i + channels)))
                        .max(
                                V.cast(DoubleVector.fromArray(S, x, i + row))
                                        .max(
                                                V.cast(
                                                        DoubleVector.fromArray(
                                                                S, x, i + row + channels))))
                        .intoArray(y, yo + w * channels + c);
            }
        }
        if (c < channels) {
            VectorMask<Double> in = S.indexInRange(c, channels);
            for (int w = 0; w < windows; w++) {
                int i = xo + 2 * w * channels + c;
                V.cast(DoubleVector.fromArray(S, x, i, in))
                        .max(V.cast(DoubleVector.fromArray(S, x, i + channels, in)))
                        .max(
                                V.cast(DoubleVector.fromArray(S, x, i + row, in))
                                        .max(
                                                V.cast(
                                                        DoubleVector.fromArray(
                                                                S, x, i + row + channels, in))))
                        .intoArray(y, yo + w * channels + c, in);
            }
        }
    }

    /** As {@link PoolF64#maxTangent}. */
    static void maxTangent(
            PoolGeometry g,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dx,
            int dxo,
            double[] dy,
            int dyo,
            Workers workers) {
        var lines = Lines.of(g);
        workers.runRange(
                g.lines(),
                LINES,
                (first, last) -> {
                    for (int line = first; line < last; line++) {
                        int at = lines.start(line);
                        int to = dyo + line * lines.width();
                        select(lines, x, xo + at, k, ko, dx, dxo + at, dy, to);
                    }
                });
    }

    /** Takes the first of the largest, or the first that is NaN. */
    private static void select(
            Lines lines,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dx,
            int dxo,
            double[] dy,
            int dyo) {
        int windows = lines.windows();
        int channels = lines.channels();
        int row = lines.row();
        int whole = channels / L * L;
        for (int c = 0; c < whole; c += L) {
            DoubleVector factor = V.cast(DoubleVector.fromArray(S, k, ko + c));
            for (int w = 0; w < windows; w++) {
                int i = 2 * w * channels + c;
                int j = i + row;
                DoubleVector a = V.cast(DoubleVector.fromArray(S, x, xo + i)).mul(factor);
                DoubleVector d = V.cast(DoubleVector.fromArray(S, dx, dxo + i));
                DoubleVector b =
                        V.cast(DoubleVector.fromArray(S, x, xo + i + channels)).mul(factor);
                VectorMask<Double> second =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                a = V.cast(a.blend(b, second));
                d =
                        V.cast(
                                d.blend(
                                        V.cast(DoubleVector.fromArray(S, dx, dxo + i + channels)),
                                        second));
                b = V.cast(DoubleVector.fromArray(S, x, xo + j)).mul(factor);
                VectorMask<Double> third =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                a = V.cast(a.blend(b, third));
                d = V.cast(d.blend(V.cast(DoubleVector.fromArray(S, dx, dxo + j)), third));
                b = V.cast(DoubleVector.fromArray(S, x, xo + j + channels)).mul(factor);
                VectorMask<Double> fourth =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                d =
                        V.cast(
                                d.blend(
                                        V.cast(DoubleVector.fromArray(S, dx, dxo + j + channels)),
                                        fourth));
                d.intoArray(dy, dyo + w * channels + c);
            }
        }
        if (whole < channels) {
            selectRest(lines, whole, x, xo, k, ko, dx, dxo, dy, dyo);
        }
    }

    /** The channels from {@code c} on, which are fewer than a vector has lanes. */
    private static void selectRest(
            Lines lines,
            int c,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dx,
            int dxo,
            double[] dy,
            int dyo) {
        int windows = lines.windows();
        int channels = lines.channels();
        int row = lines.row();
        VectorMask<Double> in = S.indexInRange(c, channels);
        DoubleVector factor = V.cast(DoubleVector.fromArray(S, k, ko + c, in));
        for (int w = 0; w < windows; w++) {
            int i = 2 * w * channels + c;
            int j = i + row;
            DoubleVector a = V.cast(DoubleVector.fromArray(S, x, xo + i, in)).mul(factor);
            DoubleVector d = V.cast(DoubleVector.fromArray(S, dx, dxo + i, in));
            DoubleVector b =
                    V.cast(DoubleVector.fromArray(S, x, xo + i + channels, in)).mul(factor);
            VectorMask<Double> second =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            a = V.cast(a.blend(b, second));
            d =
                    V.cast(
                            d.blend(
                                    V.cast(DoubleVector.fromArray(S, dx, dxo + i + channels, in)),
                                    second));
            b = V.cast(DoubleVector.fromArray(S, x, xo + j, in)).mul(factor);
            VectorMask<Double> third =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            a = V.cast(a.blend(b, third));
            d = V.cast(d.blend(V.cast(DoubleVector.fromArray(S, dx, dxo + j, in)), third));
            b = V.cast(DoubleVector.fromArray(S, x, xo + j + channels, in)).mul(factor);
            VectorMask<Double> fourth =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            d =
                    V.cast(
                            d.blend(
                                    V.cast(DoubleVector.fromArray(S, dx, dxo + j + channels, in)),
                                    fourth));
            d.intoArray(dy, dyo + w * channels + c, in);
        }
    }

    /** As {@link PoolF64#maxCotangent}. */
    static void maxCotangent(
            PoolGeometry g,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dy,
            int dyo,
            double[] dx,
            int dxo,
            Workers workers) {
        var lines = Lines.of(g);
        workers.runRange(
                g.lines(),
                LINES,
                (first, last) ->
                        route(
                                lines,
                                first,
                                last,
                                x,
                                xo,
                                k,
                                ko,
                                dy,
                                dyo,
                                dx,
                                dxo + lines.start(first)));
    }

    /** As {@link PoolF64#parts}. */
    static int parts(PoolGeometry g) {
        return (g.lines() - 1) / Lines.of(g).each() + 1;
    }

    /** As {@link PoolF64#most}. */
    static int most(PoolGeometry g) {
        var lines = Lines.of(g);
        int odd = (lines.each() / lines.high() + 1) * (lines.rows() - 2 * lines.high());
        return (2 * lines.each() + odd) * lines.row();
    }

    /** As {@link PoolF64#maxCotangentRows}. */
    static void maxCotangentRows(
            PoolGeometry g,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dy,
            int dyo,
            RowTaker taker,
            Workers workers,
            Scratch scratch) {
        var lines = Lines.of(g);
        int each = lines.each();
        scratch.reserve(workers.threads());
        workers.run(
                parts(g),
                (Workers.SlotTask)
                        (t, slot) -> {
                            int first = t * each;
                            int last = Math.min(g.lines(), first + each);
                            int from = lines.start(first);
                            int to = lines.start(last);
                            double[] dx = scratch.slot(slot).doubles(ROWS, to - from);
                            route(lines, first, last, x, xo, k, ko, dy, dyo, dx, 0);
                            taker.take(dx, t, from, to, slot);
                        });
    }

    /** Some lines of windows, of which {@code dx} holds the elements from {@code to} on. */
    private static void route(
            Lines lines,
            int first,
            int last,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dy,
            int dyo,
            double[] dx,
            int to) {
        int row = lines.row();
        int channels = lines.channels();
        boolean oddRows = lines.rows() != 2 * lines.high();
        boolean oddColumns = row != 2 * lines.width();
        for (int line = first; line < last; line++) {
            int at = lines.start(line);
            int here = to + at - lines.start(first);
            route(lines, x, xo + at, k, ko, dy, dyo + line * lines.width(), dx, here);
            if (oddColumns) {
                Arrays.fill(dx, here + row - channels, here + row, 0);
                Arrays.fill(dx, here + 2 * row - channels, here + 2 * row, 0);
            }
            if (oddRows && line % lines.high() == lines.high() - 1) {
                Arrays.fill(dx, here + 2 * row, here + 3 * row, 0);
            }
        }
    }

    /** The gradient goes to the first of the largest, or to the first that is NaN. */
    private static void route(
            Lines lines,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dy,
            int dyo,
            double[] dx,
            int dxo) {
        int windows = lines.windows();
        int channels = lines.channels();
        int row = lines.row();
        int whole = channels / L * L;
        for (int c = 0; c < whole; c += L) {
            DoubleVector factor = V.cast(DoubleVector.fromArray(S, k, ko + c));
            for (int w = 0; w < windows; w++) {
                int i = 2 * w * channels + c;
                int j = i + row;
                DoubleVector a = V.cast(DoubleVector.fromArray(S, x, xo + i)).mul(factor);
                // It wins unless it is no larger; what is NaN already stays.
                DoubleVector b =
                        V.cast(DoubleVector.fromArray(S, x, xo + i + channels)).mul(factor);
                VectorMask<Double> second =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                a = V.cast(a.blend(b, second));
                b = V.cast(DoubleVector.fromArray(S, x, xo + j)).mul(factor);
                VectorMask<Double> third =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                a = V.cast(a.blend(b, third));
                b = V.cast(DoubleVector.fromArray(S, x, xo + j + channels)).mul(factor);
                VectorMask<Double> fourth =
                        a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
                DoubleVector d = V.cast(DoubleVector.fromArray(S, dy, dyo + w * channels + c));
                ZERO.blend(d, fourth).intoArray(dx, dxo + j + channels);
                d = V.cast(d.blend(ZERO, fourth));
                ZERO.blend(d, third).intoArray(dx, dxo + j);
                d = V.cast(d.blend(ZERO, third));
                ZERO.blend(d, second).intoArray(dx, dxo + i + channels);
                d.blend(ZERO, second).intoArray(dx, dxo + i);
            }
        }
        if (whole < channels) {
            routeRest(lines, whole, x, xo, k, ko, dy, dyo, dx, dxo);
        }
    }

    /** The channels from {@code c} on, which are fewer than a vector has lanes. */
    private static void routeRest(
            Lines lines,
            int c,
            double[] x,
            int xo,
            double[] k,
            int ko,
            double[] dy,
            int dyo,
            double[] dx,
            int dxo) {
        int windows = lines.windows();
        int channels = lines.channels();
        int row = lines.row();
        VectorMask<Double> in = S.indexInRange(c, channels);
        DoubleVector factor = V.cast(DoubleVector.fromArray(S, k, ko + c, in));
        for (int w = 0; w < windows; w++) {
            int i = 2 * w * channels + c;
            int j = i + row;
            DoubleVector a = V.cast(DoubleVector.fromArray(S, x, xo + i, in)).mul(factor);
            // It wins unless it is no larger; what is NaN already stays.
            DoubleVector b =
                    V.cast(DoubleVector.fromArray(S, x, xo + i + channels, in)).mul(factor);
            VectorMask<Double> second =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            a = V.cast(a.blend(b, second));
            b = V.cast(DoubleVector.fromArray(S, x, xo + j, in)).mul(factor);
            VectorMask<Double> third =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            a = V.cast(a.blend(b, third));
            b = V.cast(DoubleVector.fromArray(S, x, xo + j + channels, in)).mul(factor);
            VectorMask<Double> fourth =
                    a.compare(VectorOperators.EQ, a).andNot(b.compare(VectorOperators.LE, a));
            DoubleVector d = V.cast(DoubleVector.fromArray(S, dy, dyo + w * channels + c, in));
            ZERO.blend(d, fourth).intoArray(dx, dxo + j + channels, in);
            d = V.cast(d.blend(ZERO, fourth));
            ZERO.blend(d, third).intoArray(dx, dxo + j, in);
            d = V.cast(d.blend(ZERO, third));
            ZERO.blend(d, second).intoArray(dx, dxo + i + channels, in);
            d.blend(ZERO, second).intoArray(dx, dxo + i, in);
        }
    }
}
