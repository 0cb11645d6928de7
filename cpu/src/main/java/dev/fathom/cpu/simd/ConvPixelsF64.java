package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions in {@code double} of images of one channel with fewer output channels than a vector
 * has lanes, and the gradient of their kernels: a vector holds neighbouring positions of a row
 * instead of channels, most of which would not be there. Channels are taken apart and put together
 * again row by row.
 */
final class ConvPixelsF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();

    /** Output channels of one kernel call. */
    private static final int CHANNELS = 3;

    /** Taps of one kernel call of the gradient. */
    private static final int TAPS = 4;

    private ConvPixelsF64() {}

    /** Whether fewer lanes stay empty than with output channels side by side. */
    static boolean suits(ConvPatches p, int columns) {
        int width = p.grid()[2];
        return p.channels() == 1
                && p.step()[2] == 1
                && columns < L
                && columns * padded(width, 2 * L) < width * L;
    }

    private static int padded(int n, int to) {
        return (n + to - 1) / to * to;
    }

    /** As {@link ConvRowsF64#product}, with weights (taps, columns) that are not packed. */
    static void product(
            ConvPatches p,
            double[] image,
            int io,
            double[] w,
            int wo,
            double[] result,
            int ro,
            int columns,
            Workers workers,
            Scratch scratch) {
        ConvRowsF64.Rows rows = ConvRowsF64.Rows.of(p);
        int parts = rows.parts();
        int channels = padded(columns, CHANNELS);
        int wide = padded(rows.width(), 2 * L);
        int taps = rows.lines() * rows.line();
        double[] weights = scratch.doubles(ConvF64.WEIGHTS, taps * channels);
        Arrays.fill(weights, 0, taps * channels, 0);
        for (int t = 0; t < taps; t++) {
            System.arraycopy(w, wo + t * columns, weights, t * channels, columns);
        }
        scratch.reserve(workers.threads());
        workers.run(
                rows.images() * parts,
                (task, slot) -> {
                    int n = task / parts;
                    int first = task % parts * rows.each();
                    int count = Math.min(rows.each(), rows.height() - first);
                    Scratch own = scratch.slot(slot);
                    double[] tile = own.doubles(ConvF64.PATCHES, rows.room() + 2 * L);
                    double[] planes = own.doubles(ConvF64.RESULT, channels * wide);
                    rows.copy(image, io, n, first, count, tile);
                    for (int r = 0; r < count; r++) {
                        for (int j = 0; j < channels; j += CHANNELS) {
                            for (int x = 0; x < wide; x += 2 * L) {
                                row(
                                        rows.lines(),
                                        rows.apart() * rows.row(),
                                        rows.line(),
                                        tile,
                                        r * rows.nextRow() + x,
                                        weights,
                                        j,
                                        channels,
                                        planes,
                                        j * wide + x,
                                        wide);
                            }
                        }
                        int at = ro + (n * rows.height() + first + r) * rows.width() * columns;
                        for (int j = 0; j < columns; j++) {
                            together(planes, j * wide, result, at + j, columns, rows.width());
                        }
                    }
                });
    }

    private static void together(
            double[] plane, int at, double[] result, int to, int columns, int width) {
        for (int x = 0; x < width; x++) {
            result[to + x * columns] = plane[at + x];
        }
    }

    private static void apart(
            double[] from, int at, int columns, double[] plane, int to, int width) {
        for (int x = 0; x < width; x++) {
            plane[to + x] = from[at + x * columns];
        }
    }

    /** Three channels of two vectors of positions. */
    private static void row(
            int lines,
            int nextA,
            int line,
            double[] a,
            int ao,
            double[] w,
            int wo,
            int rsW,
            double[] c,
            int co,
            int rsC) {
        DoubleVector c00 = DoubleVector.zero(S);
        DoubleVector c01 = DoubleVector.zero(S);
        DoubleVector c10 = DoubleVector.zero(S);
        DoubleVector c11 = DoubleVector.zero(S);
        DoubleVector c20 = DoubleVector.zero(S);
        DoubleVector c21 = DoubleVector.zero(S);
        for (int l = 0; l < lines; l++) {
            int al = ao + l * nextA;
            int wl = wo + l * line * rsW;
            for (int p = 0; p < line; p++) {
                DoubleVector a0 = DoubleVector.fromArray(S, a, al + p);
                DoubleVector a1 = DoubleVector.fromArray(S, a, al + p + L);
                DoubleVector w0 = DoubleVector.broadcast(S, w[wl + p * rsW]);
                c00 = a0.fma(w0, c00);
                c01 = a1.fma(w0, c01);
                DoubleVector w1 = DoubleVector.broadcast(S, w[wl + p * rsW + 1]);
                c10 = a0.fma(w1, c10);
                c11 = a1.fma(w1, c11);
                DoubleVector w2 = DoubleVector.broadcast(S, w[wl + p * rsW + 2]);
                c20 = a0.fma(w2, c20);
                c21 = a1.fma(w2, c21);
            }
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c10.intoArray(c, co + rsC);
        c11.intoArray(c, co + rsC + L);
        c20.intoArray(c, co + 2 * rsC);
        c21.intoArray(c, co + 2 * rsC + L);
    }

    /** As {@link ConvRowsF64#kernels}. */
    static void kernels(
            ConvRowsF64.Rows rows,
            double[] image,
            int io,
            double[] dy,
            int yo,
            double[] sums,
            int so,
            int columns,
            int parts,
            Workers workers,
            Scratch scratch) {
        int count = rows.lines() * rows.line();
        int[] taps = new int[padded(count, TAPS)];
        for (int t = 0; t < count; t++) {
            taps[t] = t / rows.line() * rows.apart() * rows.row() + t % rows.line();
        }
        int channels = padded(columns, CHANNELS);
        int wide = padded(rows.width(), L);
        int all = rows.images() * rows.height();
        scratch.reserve(workers.threads());
        workers.run(
                parts,
                (part, slot) -> {
                    int start = (int) ((long) all * part / parts);
                    int end = (int) ((long) all * (part + 1) / parts);
                    Scratch own = scratch.slot(slot);
                    int room = rows.room();
                    double[] tile = own.doubles(ConvF64.PATCHES, room + L);
                    Arrays.fill(tile, room, room + L, 0);
                    double[] total = own.doubles(ConvF64.RESULT, taps.length * channels * L);
                    Arrays.fill(total, 0, taps.length * channels * L, 0);
                    double[] planes = own.doubles(ConvF64.WEIGHTS, channels * rows.each() * wide);
                    Arrays.fill(planes, 0, channels * rows.each() * wide, 0);
                    int plane = rows.each() * wide;
                    rows.walk(
                            image,
                            io,
                            start,
                            end,
                            tile,
                            (at, lines) -> {
                                for (int r = 0; r < lines; r++) {
                                    int from = yo + (at + r) * rows.width() * columns;
                                    for (int j = 0; j < columns; j++) {
                                        int to = j * plane + r * wide;
                                        apart(dy, from + j, columns, planes, to, rows.width());
                                    }
                                }
                                for (int t = 0; t < taps.length; t += TAPS) {
                                    for (int j = 0; j < channels; j += CHANNELS) {
                                        add(
                                                lines,
                                                rows.nextRow(),
                                                wide,
                                                tile,
                                                taps,
                                                t,
                                                planes,
                                                j * plane,
                                                plane,
                                                total,
                                                (t * channels + j * TAPS) * L);
                                    }
                                }
                            });
                    for (int t = 0; t < count; t++) {
                        for (int j = 0; j < columns; j++) {
                            int g = t / TAPS * TAPS * channels + j / CHANNELS * CHANNELS * TAPS;
                            int v = g + t % TAPS * CHANNELS + j % CHANNELS;
                            sums[so + (part * count + t) * columns + j] =
                                    DoubleVector.fromArray(S, total, v * L)
                                            .reduceLanes(VectorOperators.ADD);
                        }
                    }
                });
    }

    /** Adds to twelve vectors of C the products of four taps and three channels, lane by lane. */
    private static void add(
            int lines,
            int nextA,
            int wide,
            double[] a,
            int[] taps,
            int t,
            double[] b,
            int bo,
            int plane,
            double[] c,
            int co) {
        DoubleVector c00 = DoubleVector.fromArray(S, c, co);
        DoubleVector c01 = DoubleVector.fromArray(S, c, co + L);
        DoubleVector c02 = DoubleVector.fromArray(S, c, co + 2 * L);
        DoubleVector c10 = DoubleVector.fromArray(S, c, co + 3 * L);
        DoubleVector c11 = DoubleVector.fromArray(S, c, co + 4 * L);
        DoubleVector c12 = DoubleVector.fromArray(S, c, co + 5 * L);
        DoubleVector c20 = DoubleVector.fromArray(S, c, co + 6 * L);
        DoubleVector c21 = DoubleVector.fromArray(S, c, co + 7 * L);
        DoubleVector c22 = DoubleVector.fromArray(S, c, co + 8 * L);
        DoubleVector c30 = DoubleVector.fromArray(S, c, co + 9 * L);
        DoubleVector c31 = DoubleVector.fromArray(S, c, co + 10 * L);
        DoubleVector c32 = DoubleVector.fromArray(S, c, co + 11 * L);
        int t0 = taps[t];
        int t1 = taps[t + 1];
        int t2 = taps[t + 2];
        int t3 = taps[t + 3];
        for (int l = 0; l < lines; l++) {
            int al = l * nextA;
            int bl = bo + l * wide;
            for (int x = 0; x < wide; x += L) {
                DoubleVector b0 = DoubleVector.fromArray(S, b, bl + x);
                DoubleVector b1 = DoubleVector.fromArray(S, b, bl + x + plane);
                DoubleVector b2 = DoubleVector.fromArray(S, b, bl + x + 2 * plane);
                DoubleVector a0 = DoubleVector.fromArray(S, a, al + x + t0);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                c02 = a0.fma(b2, c02);
                DoubleVector a1 = DoubleVector.fromArray(S, a, al + x + t1);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                c12 = a1.fma(b2, c12);
                DoubleVector a2 = DoubleVector.fromArray(S, a, al + x + t2);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                c22 = a2.fma(b2, c22);
                DoubleVector a3 = DoubleVector.fromArray(S, a, al + x + t3);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                c32 = a3.fma(b2, c32);
            }
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c02.intoArray(c, co + 2 * L);
        c10.intoArray(c, co + 3 * L);
        c11.intoArray(c, co + 4 * L);
        c12.intoArray(c, co + 5 * L);
        c20.intoArray(c, co + 6 * L);
        c21.intoArray(c, co + 7 * L);
        c22.intoArray(c, co + 8 * L);
        c30.intoArray(c, co + 9 * L);
        c31.intoArray(c, co + 10 * L);
        c32.intoArray(c, co + 11 * L);
    }
}
