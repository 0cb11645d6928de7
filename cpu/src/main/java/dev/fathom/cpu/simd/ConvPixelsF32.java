package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions in {@code float} of images of one channel with fewer output channels than a vector
 * has lanes, and the gradient of their kernel: a vector holds neighbouring positions of a row
 * instead of channels, most of which would not be there. The channels are put together row by row.
 */
final class ConvPixelsF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Output channels of one kernel call. */
    private static final int CHANNELS = 3;

    /** Taps of one call for the gradient. */
    private static final int TAPS = 5;

    /** Positions at a time, about: their rows and planes stay in the first-level cache. */
    private static final int POSITIONS = 800;

    private ConvPixelsF32() {}

    /** Whether fewer lanes stay empty than with output channels side by side. */
    static boolean suits(ConvPatches p, int columns) {
        int width = p.grid()[2];
        return p.channels() == 1
                && p.step()[1] == 1
                && p.step()[2] == 1
                && columns < L
                && columns * padded(width + p.tapsPerLine() - 1, L) < width * L;
    }

    private static int padded(int n, int to) {
        return (n + to - 1) / to * to;
    }

    /** As {@link ConvRowsF32#product}, with weights (taps, columns) that are not packed. */
    static void product(
            ConvPatches p,
            float[] image,
            int io,
            float[] w,
            int wo,
            float[] result,
            int ro,
            int columns,
            Workers workers,
            Scratch scratch) {
        ConvRowsF32.Rows rows = ConvRowsF32.Rows.of(p, POSITIONS);
        int parts = rows.parts();
        int channels = padded(columns, CHANNELS);
        int plane = padded(rows.each() * rows.row(), 2 * L);
        int taps = rows.lines() * rows.line();
        float[] weights = scratch.floats(ConvF32.WEIGHTS, taps * channels);
        Arrays.fill(weights, 0, taps * channels, 0);
        for (int t = 0; t < taps; t++) {
            System.arraycopy(w, wo + t * columns, weights, t * channels, columns);
        }
        int[] steps = rows.taps(1);
        scratch.reserve(workers.threads());
        workers.run(
                rows.images() * parts,
                (task, slot) -> {
                    int n = task / parts;
                    int first = task % parts * rows.each();
                    int count = Math.min(rows.each(), rows.height() - first);
                    Scratch own = scratch.slot(slot);
                    float[] tile = own.floats(ConvF32.PATCHES, rows.room() + 2 * L);
                    float[] planes = own.floats(ConvF32.RESULT, channels * plane);
                    rows.copy(image, io, n, first, count, tile);
                    for (int j = 0; j < channels; j += CHANNELS) {
                        for (int x = 0; x < count * rows.row(); x += 2 * L) {
                            positions(steps, tile, x, weights, j, channels, planes, plane);
                        }
                    }
                    int at = ro + (n * rows.height() + first) * rows.width() * columns;
                    for (int j = 0; j < columns; j++) {
                        for (int r = 0; r < count; r++) {
                            int to = at + r * rows.width() * columns + j;
                            int from = j * plane + r * rows.row();
                            for (int x = 0; x < rows.width(); x++) {
                                result[to + x * columns] = planes[from + x];
                            }
                        }
                    }
                });
    }

    /** Three channels of two vectors of positions. */
    private static void positions(
            int[] steps, float[] a, int x, float[] w, int j, int rsW, float[] c, int rsC) {
        FloatVector c00 = ZERO.broadcast(0f);
        FloatVector c01 = ZERO.broadcast(0f);
        FloatVector c10 = ZERO.broadcast(0f);
        FloatVector c11 = ZERO.broadcast(0f);
        FloatVector c20 = ZERO.broadcast(0f);
        FloatVector c21 = ZERO.broadcast(0f);
        for (int t = 0; t < steps.length; t++) {
            int at = x + steps[t];
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, at));
            FloatVector a1 = V.cast(FloatVector.fromArray(S, a, at + L));
            FloatVector w0 = ZERO.broadcast(w[j + t * rsW]);
            c00 = a0.fma(w0, c00);
            c01 = a1.fma(w0, c01);
            FloatVector w1 = ZERO.broadcast(w[j + t * rsW + 1]);
            c10 = a0.fma(w1, c10);
            c11 = a1.fma(w1, c11);
            FloatVector w2 = ZERO.broadcast(w[j + t * rsW + 2]);
            c20 = a0.fma(w2, c20);
            c21 = a1.fma(w2, c21);
        }
        int at = j * rsC + x;
        V.cast(c00).intoArray(c, at);
        V.cast(c01).intoArray(c, at + L);
        V.cast(c10).intoArray(c, at + rsC);
        V.cast(c11).intoArray(c, at + rsC + L);
        V.cast(c20).intoArray(c, at + 2 * rsC);
        V.cast(c21).intoArray(c, at + 2 * rsC + L);
    }

    /**
     * As {@link ConvRowsF32#kernels}: the lanes of a sum belong to positions too, and are added up
     * at the end.
     */
    static void kernels(
            ConvPatches p,
            float[] image,
            int io,
            float[] dy,
            int yo,
            float[] sums,
            int so,
            int columns,
            int parts,
            Workers workers,
            Scratch scratch) {
        ConvRowsF32.Rows rows = ConvRowsF32.Rows.of(p, POSITIONS);
        int channels = padded(columns, CHANNELS);
        int plane = padded(rows.each() * rows.row(), L);
        int line = rows.line();
        int taps = padded(line, TAPS);
        int all = rows.images() * rows.height();
        int size = rows.lines() * line * columns;
        scratch.reserve(workers.threads());
        workers.run(
                parts,
                (part, slot) -> {
                    int start = (int) ((long) all * part / parts);
                    int end = (int) ((long) all * (part + 1) / parts);
                    Scratch own = scratch.slot(slot);
                    // Lanes beyond a row and taps beyond a line see what lies there, times zero.
                    int room = rows.room() + L + TAPS;
                    int count = rows.lines() * taps * channels * L;
                    float[] tile = own.floats(ConvF32.PATCHES, room);
                    float[] planes = own.floats(ConvF32.WEIGHTS, channels * plane);
                    float[] total = own.floats(ConvF32.RESULT, count);
                    Arrays.fill(tile, 0, room, 0);
                    Arrays.fill(total, 0, count, 0);
                    rows.walk(
                            image,
                            io,
                            start,
                            end,
                            tile,
                            (at, high) -> {
                                Arrays.fill(planes, 0, channels * plane, 0);
                                for (int j = 0; j < columns; j++) {
                                    for (int r = 0; r < high; r++) {
                                        int from = yo + (at + r) * rows.width() * columns + j;
                                        int to = j * plane + r * rows.row();
                                        for (int x = 0; x < rows.width(); x++) {
                                            planes[to + x] = dy[from + x * columns];
                                        }
                                    }
                                }
                                for (int l = 0; l < rows.lines(); l++) {
                                    for (int j = 0; j < channels; j += CHANNELS) {
                                        for (int t = 0; t < taps; t += TAPS) {
                                            add(
                                                    high * rows.row(),
                                                    tile,
                                                    l * rows.apart() * rows.row() + t,
                                                    planes,
                                                    j * plane,
                                                    plane,
                                                    total,
                                                    ((l * channels + j) * taps + t * CHANNELS) * L);
                                        }
                                    }
                                }
                            });
                    for (int i = 0; i < size; i++) {
                        int j = i % columns;
                        int t = i / columns % line;
                        int group = i / columns / line * channels + j / CHANNELS * CHANNELS;
                        int from = group * taps + t / TAPS * TAPS * CHANNELS;
                        int at = from + j % CHANNELS * TAPS + t % TAPS;
                        sums[so + part * size + i] =
                                V.cast(FloatVector.fromArray(S, total, at * L))
                                        .reduceLanes(VectorOperators.ADD);
                    }
                });
    }

    /** Adds to 15 vectors of C what five taps and three channels give over {@code n} positions. */
    private static void add(
            int n, float[] a, int ao, float[] d, int first, int plane, float[] c, int co) {
        FloatVector c00 = V.cast(FloatVector.fromArray(S, c, co));
        FloatVector c01 = V.cast(FloatVector.fromArray(S, c, co + L));
        FloatVector c02 = V.cast(FloatVector.fromArray(S, c, co + 2 * L));
        FloatVector c03 = V.cast(FloatVector.fromArray(S, c, co + 3 * L));
        FloatVector c04 = V.cast(FloatVector.fromArray(S, c, co + 4 * L));
        FloatVector c10 = V.cast(FloatVector.fromArray(S, c, co + 5 * L));
        FloatVector c11 = V.cast(FloatVector.fromArray(S, c, co + 6 * L));
        FloatVector c12 = V.cast(FloatVector.fromArray(S, c, co + 7 * L));
        FloatVector c13 = V.cast(FloatVector.fromArray(S, c, co + 8 * L));
        FloatVector c14 = V.cast(FloatVector.fromArray(S, c, co + 9 * L));
        FloatVector c20 = V.cast(FloatVector.fromArray(S, c, co + 10 * L));
        FloatVector c21 = V.cast(FloatVector.fromArray(S, c, co + 11 * L));
        FloatVector c22 = V.cast(FloatVector.fromArray(S, c, co + 12 * L));
        FloatVector c23 = V.cast(FloatVector.fromArray(S, c, co + 13 * L));
        FloatVector c24 = V.cast(FloatVector.fromArray(S, c, co + 14 * L));
        for (int x = 0; x < n; x += L) {
            FloatVector d0 = V.cast(FloatVector.fromArray(S, d, first + x));
            FloatVector d1 = V.cast(FloatVector.fromArray(S, d, first + x + plane));
            FloatVector d2 = V.cast(FloatVector.fromArray(S, d, first + x + 2 * plane));
            FloatVector a0 = V.cast(FloatVector.fromArray(S, a, ao + x));
            c00 = a0.fma(d0, c00);
            c10 = a0.fma(d1, c10);
            c20 = a0.fma(d2, c20);
            FloatVector a1 = V.cast(FloatVector.fromArray(S, a, ao + x + 1));
            c01 = a1.fma(d0, c01);
            c11 = a1.fma(d1, c11);
            c21 = a1.fma(d2, c21);
            FloatVector a2 = V.cast(FloatVector.fromArray(S, a, ao + x + 2));
            c02 = a2.fma(d0, c02);
            c12 = a2.fma(d1, c12);
            c22 = a2.fma(d2, c22);
            FloatVector a3 = V.cast(FloatVector.fromArray(S, a, ao + x + 3));
            c03 = a3.fma(d0, c03);
            c13 = a3.fma(d1, c13);
            c23 = a3.fma(d2, c23);
            FloatVector a4 = V.cast(FloatVector.fromArray(S, a, ao + x + 4));
            c04 = a4.fma(d0, c04);
            c14 = a4.fma(d1, c14);
            c24 = a4.fma(d2, c24);
        }
        V.cast(c00).intoArray(c, co);
        V.cast(c01).intoArray(c, co + L);
        V.cast(c02).intoArray(c, co + 2 * L);
        V.cast(c03).intoArray(c, co + 3 * L);
        V.cast(c04).intoArray(c, co + 4 * L);
        V.cast(c10).intoArray(c, co + 5 * L);
        V.cast(c11).intoArray(c, co + 6 * L);
        V.cast(c12).intoArray(c, co + 7 * L);
        V.cast(c13).intoArray(c, co + 8 * L);
        V.cast(c14).intoArray(c, co + 9 * L);
        V.cast(c20).intoArray(c, co + 10 * L);
        V.cast(c21).intoArray(c, co + 11 * L);
        V.cast(c22).intoArray(c, co + 12 * L);
        V.cast(c23).intoArray(c, co + 13 * L);
        V.cast(c24).intoArray(c, co + 14 * L);
    }
}
