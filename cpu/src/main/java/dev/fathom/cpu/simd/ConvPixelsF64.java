package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions in {@code double} of images of one channel with fewer output channels than a vector
 * has lanes: a vector holds neighbouring positions of a row instead of channels, most of which
 * would not be there. The channels are put together row by row.
 */
final class ConvPixelsF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();

    /** Output channels of one kernel call. */
    private static final int CHANNELS = 3;

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
}
