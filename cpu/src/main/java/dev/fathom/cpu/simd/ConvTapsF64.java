package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * The gradient of a convolution's kernel in {@code double} where a line of taps is short, as with
 * one to six input channels: nine taps, wherever they lie in the image's rows, meet one vector of
 * output channels, and the sums stay in registers over all positions of a few rows.
 */
final class ConvTapsF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    /** Taps of one kernel call. */
    private static final int TAPS = 9;

    /** Rows of a tile of the products that are used else. */
    private static final int ROWS = 8;

    private ConvTapsF64() {}

    /** Whether lines of this many elements would leave a good part of the last rows of tiles. */
    static boolean suits(int line) {
        return line % ROWS != 0 && line < 8 * ROWS;
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
        int[] taps = rows.taps(TAPS);
        int size = rows.lines() * rows.line() * columns;
        int padded = (columns - 1) / L * L + L;
        int all = rows.images() * rows.height();
        scratch.reserve(workers.threads());
        workers.run(
                parts,
                (part, slot) -> {
                    int start = (int) ((long) all * part / parts);
                    int end = (int) ((long) all * (part + 1) / parts);
                    Scratch own = scratch.slot(slot);
                    double[] tile = own.doubles(ConvF64.PATCHES, rows.room());
                    double[] total = own.doubles(ConvF64.RESULT, taps.length * padded);
                    Arrays.fill(total, 0, taps.length * padded, 0);
                    rows.walk(
                            image,
                            io,
                            start,
                            end,
                            tile,
                            (at, count) -> {
                                int positions = count * rows.width();
                                double[] b = dy;
                                int from = yo + at * rows.width() * columns;
                                if (padded != columns) {
                                    b = own.doubles(ConvF64.WEIGHTS, positions * padded);
                                    pad(dy, from, positions, columns, b, padded);
                                    from = 0;
                                }
                                for (int j = 0; j < padded; j += L) {
                                    for (int t = 0; t < taps.length; t += TAPS) {
                                        add(
                                                count,
                                                rows.nextRow(),
                                                rows.width() * padded,
                                                rows.width(),
                                                tile,
                                                rows.stepA(),
                                                taps,
                                                t,
                                                b,
                                                from + j,
                                                padded,
                                                total,
                                                j * taps.length + t * L);
                                    }
                                }
                            });
                    write(
                            rows.lines() * rows.line(),
                            columns,
                            taps.length,
                            total,
                            sums,
                            so + part * size);
                });
    }

    private static void pad(
            double[] from, int offset, int rows, int columns, double[] to, int padded) {
        for (int j = 0; j < columns; j += L) {
            VectorMask<Double> in = S.indexInRange(j, columns);
            for (int i = 0; i < rows; i++) {
                V.cast(DoubleVector.fromArray(S, from, offset + i * columns + j, in))
                        .intoArray(to, i * padded + j);
            }
        }
    }

    private static void write(
            int taps, int columns, int paddedTaps, double[] total, double[] sums, int so) {
        for (int t = 0; t < taps; t++) {
            for (int j = 0; j < columns; j += L) {
                System.arraycopy(
                        total,
                        j * paddedTaps + t * L,
                        sums,
                        so + t * columns + j,
                        Math.min(L, columns - j));
            }
        }
    }

    /** Adds to nine vectors of C the products of nine taps and the rows of B. */
    private static void add(
            int lines,
            int nextA,
            int nextB,
            int k,
            double[] a,
            int stepA,
            int[] taps,
            int t,
            double[] b,
            int bo,
            int rsB,
            double[] c,
            int co) {
        DoubleVector c0 = V.cast(DoubleVector.fromArray(S, c, co));
        DoubleVector c1 = V.cast(DoubleVector.fromArray(S, c, co + L));
        DoubleVector c2 = V.cast(DoubleVector.fromArray(S, c, co + 2 * L));
        DoubleVector c3 = V.cast(DoubleVector.fromArray(S, c, co + 3 * L));
        DoubleVector c4 = V.cast(DoubleVector.fromArray(S, c, co + 4 * L));
        DoubleVector c5 = V.cast(DoubleVector.fromArray(S, c, co + 5 * L));
        DoubleVector c6 = V.cast(DoubleVector.fromArray(S, c, co + 6 * L));
        DoubleVector c7 = V.cast(DoubleVector.fromArray(S, c, co + 7 * L));
        DoubleVector c8 = V.cast(DoubleVector.fromArray(S, c, co + 8 * L));
        int t0 = taps[t];
        int t1 = taps[t + 1];
        int t2 = taps[t + 2];
        int t3 = taps[t + 3];
        int t4 = taps[t + 4];
        int t5 = taps[t + 5];
        int t6 = taps[t + 6];
        int t7 = taps[t + 7];
        int t8 = taps[t + 8];
        for (int l = 0; l < lines; l++) {
            int al = l * nextA;
            int bl = bo + l * nextB;
            for (int p = 0; p < k; p++) {
                DoubleVector d = V.cast(DoubleVector.fromArray(S, b, bl + p * rsB));
                int i = al + p * stepA;
                c0 = ZERO.broadcast(a[i + t0]).fma(d, c0);
                c1 = ZERO.broadcast(a[i + t1]).fma(d, c1);
                c2 = ZERO.broadcast(a[i + t2]).fma(d, c2);
                c3 = ZERO.broadcast(a[i + t3]).fma(d, c3);
                c4 = ZERO.broadcast(a[i + t4]).fma(d, c4);
                c5 = ZERO.broadcast(a[i + t5]).fma(d, c5);
                c6 = ZERO.broadcast(a[i + t6]).fma(d, c6);
                c7 = ZERO.broadcast(a[i + t7]).fma(d, c7);
                c8 = ZERO.broadcast(a[i + t8]).fma(d, c8);
            }
        }
        V.cast(c0).intoArray(c, co);
        V.cast(c1).intoArray(c, co + L);
        V.cast(c2).intoArray(c, co + 2 * L);
        V.cast(c3).intoArray(c, co + 3 * L);
        V.cast(c4).intoArray(c, co + 4 * L);
        V.cast(c5).intoArray(c, co + 5 * L);
        V.cast(c6).intoArray(c, co + 6 * L);
        V.cast(c7).intoArray(c, co + 7 * L);
        V.cast(c8).intoArray(c, co + 8 * L);
    }
}
