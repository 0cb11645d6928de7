package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions in {@code float} of images of one channel with fewer output channels than a vector
 * has lanes: a vector holds neighbouring positions of a row instead of channels, most of which
 * would not be there. The channels are put together row by row.
 */
final class ConvPixelsF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();

    /** Output channels of one kernel call. */
    private static final int CHANNELS = 3;

    private ConvPixelsF32() {}

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
        ConvRowsF32.Rows rows = ConvRowsF32.Rows.of(p);
        int parts = rows.parts();
        int channels = padded(columns, CHANNELS);
        int wide = padded(rows.width(), 2 * L);
        int taps = rows.lines() * rows.line();
        float[] weights = scratch.floats(ConvF32.WEIGHTS, taps * channels);
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
                    float[] tile = own.floats(ConvF32.PATCHES, rows.room() + 2 * L);
                    float[] planes = own.floats(ConvF32.RESULT, channels * wide);
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
            float[] plane, int at, float[] result, int to, int columns, int width) {
        for (int x = 0; x < width; x++) {
            result[to + x * columns] = plane[at + x];
        }
    }

    /** Three channels of two vectors of positions. */
    private static void row(
            int lines,
            int nextA,
            int line,
            float[] a,
            int ao,
            float[] w,
            int wo,
            int rsW,
            float[] c,
            int co,
            int rsC) {
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = FloatVector.zero(S);
        FloatVector c10 = FloatVector.zero(S);
        FloatVector c11 = FloatVector.zero(S);
        FloatVector c20 = FloatVector.zero(S);
        FloatVector c21 = FloatVector.zero(S);
        for (int l = 0; l < lines; l++) {
            int al = ao + l * nextA;
            int wl = wo + l * line * rsW;
            for (int p = 0; p < line; p++) {
                FloatVector a0 = FloatVector.fromArray(S, a, al + p);
                FloatVector a1 = FloatVector.fromArray(S, a, al + p + L);
                FloatVector w0 = FloatVector.broadcast(S, w[wl + p * rsW]);
                c00 = a0.fma(w0, c00);
                c01 = a1.fma(w0, c01);
                FloatVector w1 = FloatVector.broadcast(S, w[wl + p * rsW + 1]);
                c10 = a0.fma(w1, c10);
                c11 = a1.fma(w1, c11);
                FloatVector w2 = FloatVector.broadcast(S, w[wl + p * rsW + 2]);
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
}
