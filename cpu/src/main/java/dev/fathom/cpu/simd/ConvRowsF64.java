package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions in {@code double} of images whose windows are dense along the width: a few rows of
 * the image are copied with zeros at their ends, and the matrix of patches lies in that copy
 * already. Row i of the patches of one image row begins i steps further on; the part of it that
 * belongs to one line of taps is one run of memory. So each element is copied about once, not once
 * per tap.
 */
final class ConvRowsF64 {
    private static final int N = GemmKernelsF64.COLUMNS;
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);

    /** Patches of one task, about. */
    private static final int POSITIONS = 112;

    /** With fewer columns than this in a line of taps the inner loops would be all overhead. */
    private static final int SHORTEST_LINE = 3;

    private ConvRowsF64() {}

    /** Whether these patches can be read from rows; the channels are in one group. */
    static boolean fits(ConvPatches p) {
        return p.denseLines()
                && p.taps()[0].length == 1
                && p.image()[0] == 1
                && p.grid()[0] == 1
                && p.spread()[0] == 1
                && p.offsets()[0][0] == 0
                && p.grid()[2] >= 4
                && p.tapsPerLine() * p.channels() >= SHORTEST_LINE;
    }

    /** Rows of one image, with zeros outside: how many elements apart things are. */
    record Rows(
            ConvPatches p,
            int height,
            int width,
            int lines,
            int line,
            int apart,
            int row,
            int each) {

        static Rows of(ConvPatches p) {
            return of(p, POSITIONS);
        }

        /** With about {@code positions} of patches at a time. */
        static Rows of(ConvPatches p, int positions) {
            int height = p.grid()[1];
            int width = p.grid()[2];
            int lines = p.lines();
            int[] along = p.offsets()[1];
            int reach = (width - 1) * p.step()[2] + p.tapsPerLine();
            return new Rows(
                    p,
                    height,
                    width,
                    lines,
                    p.tapsPerLine() * p.channels(),
                    lines > 1 ? along[1] - along[0] : 1,
                    reach * p.channels(),
                    Math.clamp(positions / width, 1, height));
        }

        int images() {
            return p.batch();
        }

        /** Parts of one image. */
        int parts() {
            return (height - 1) / each + 1;
        }

        int stepA() {
            return p.step()[2] * p.channels();
        }

        /** From one grid row to the next. */
        int nextRow() {
            return p.step()[1] * row;
        }

        /**
         * Where each tap of the first position lies in the rows; the first again for what {@code
         * multiple} lacks.
         */
        int[] taps(int multiple) {
            int count = lines * line;
            int[] taps = new int[(count + multiple - 1) / multiple * multiple];
            for (int t = 0; t < count; t++) {
                taps[t] = t / line * apart * row + t % line;
            }
            return taps;
        }

        int room() {
            return ((each - 1) * p.step()[1] + (lines - 1) * apart + 1) * row;
        }

        /** What is done with grid rows that lie in the tile. */
        @FunctionalInterface
        interface Lines {
            /** {@code count} grid rows from {@code at} on, counted over all images. */
            void visit(int at, int count);
        }

        /** Copies the grid rows from {@code start} to {@code end}, a few of one image at a time. */
        void walk(double[] image, int io, int start, int end, double[] tile, Lines lines) {
            for (int at = start; at < end; ) {
                int first = at % height;
                int count = Math.min(Math.min(each, height - first), end - at);
                copy(image, io, at / height, first, count, tile);
                lines.visit(at, count);
                at += count;
            }
        }

        /** Copies what {@code count} grid rows from {@code first} on of image {@code n} see. */
        void copy(double[] image, int offset, int n, int first, int count, double[] to) {
            copy(image, offset, n, first, count, 1, to, to);
        }

        /**
         * The same of {@code lanes} images from {@code n} on, side by side.
         *
         * @param room as {@link ConvLanesF64#turn} wants it, if there are several
         */
        void copy(
                double[] image,
                int offset,
                int n,
                int first,
                int count,
                int lanes,
                double[] to,
                double[] room) {
            int channels = p.channels();
            int high = p.image()[1];
            int wide = p.image()[2];
            int start = p.offsets()[2][0];
            int reach = row / channels;
            int from = Math.clamp(-start, 0, reach);
            int until = Math.clamp(wide - start, from, reach);
            int top = first * p.step()[1] + p.offsets()[1][0];
            int rows = (count - 1) * p.step()[1] + (lines - 1) * apart + 1;
            int left = from * channels;
            int inside = (until - from) * channels;
            int right = row - left - inside;
            for (int r = 0; r < rows; r++) {
                int h = top + r;
                int at = r * row * lanes;
                if (h < 0 || h >= high || inside == 0) {
                    Arrays.fill(to, at, at + row * lanes, 0);
                } else {
                    int source = offset + ((n * high + h) * wide + start + from) * channels;
                    Arrays.fill(to, at, at + left * lanes, 0);
                    at += left * lanes;
                    if (lanes == 1) {
                        System.arraycopy(image, source, to, at, inside);
                    } else {
                        ConvLanesF64.turn(
                                inside, image, source, high * wide * channels, to, at, room);
                    }
                    at += inside * lanes;
                    Arrays.fill(to, at, at + right * lanes, 0);
                }
            }
        }
    }

    /**
     * The product of the patches and packed weights.
     *
     * @param packed stripes of all lines
     * @param result receives (batch, extents, columns) from {@code ro} where the grid lies in it
     */
    static void product(
            ConvPatches p,
            double[] image,
            int io,
            double[] packed,
            double[] result,
            int ro,
            int[] extents,
            int columns,
            Workers workers,
            Scratch scratch) {
        Rows rows = Rows.of(p);
        int parts = rows.parts();
        int padded = (columns - 1) / L * L + L;
        int step = p.spread()[2] * columns;
        boolean direct = padded == columns && step == columns;
        scratch.reserve(workers.threads());
        workers.run(
                p.batch() * parts,
                (task, slot) -> {
                    int n = task / parts;
                    int first = task % parts * rows.each;
                    int count = Math.min(rows.each, rows.height - first);
                    Scratch own = scratch.slot(slot);
                    double[] tile = own.doubles(ConvF64.PATCHES, rows.room());
                    double[] line =
                            direct ? result : own.doubles(ConvF64.RESULT, rows.width * padded);
                    rows.copy(image, io, n, first, count, tile);
                    for (int r = 0; r < count; r++) {
                        int high = n * extents[1] + p.first()[1] + (first + r) * p.spread()[1];
                        int at = ro + (high * extents[2] + p.first()[2]) * columns;
                        GemmBlockF64.multiply(
                                rows.lines,
                                rows.apart * rows.row,
                                rows.line * N,
                                rows.width,
                                padded,
                                rows.line,
                                tile,
                                r * rows.nextRow(),
                                rows.stepA(),
                                1,
                                false,
                                packed,
                                0,
                                0,
                                true,
                                line,
                                direct ? at : 0,
                                padded,
                                false);
                        if (!direct) {
                            unpad(line, padded, result, at, step, rows.width, columns);
                        }
                    }
                });
    }

    /** Whole vectors are quicker than masks: a line is computed with more columns than it has. */
    private static void unpad(
            double[] line, int padded, double[] result, int at, int step, int width, int columns) {
        for (int j = 0; j < columns; j += L) {
            VectorMask<Double> in = S.indexInRange(j, columns);
            for (int i = 0; i < width; i++) {
                V.cast(DoubleVector.fromArray(S, line, i * padded + j))
                        .intoArray(result, at + i * step + j, in);
            }
        }
    }

    /**
     * Sums over positions of patches times {@code dy}, in parts of the batch's grid rows.
     *
     * @param sums receives (parts, lines, taps, channels, columns) from {@code so}
     */
    static void kernels(
            ConvPatches p,
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
        Rows rows = Rows.of(p);
        if (ConvTapsF64.suits(rows.line)) {
            ConvTapsF64.kernels(
                    rows, image, io, dy, yo, sums, so, columns, parts, workers, scratch);
            return;
        }
        int size = rows.lines * rows.line * columns;
        int all = p.batch() * rows.height;
        scratch.reserve(workers.threads());
        workers.run(
                parts,
                (part, slot) -> {
                    int start = (int) ((long) all * part / parts);
                    int end = (int) ((long) all * (part + 1) / parts);
                    double[] tile = scratch.slot(slot).doubles(ConvF64.PATCHES, rows.room());
                    int to = so + part * size;
                    if (start == end) {
                        Arrays.fill(sums, to, to + size, 0);
                    }
                    rows.walk(
                            image,
                            io,
                            start,
                            end,
                            tile,
                            (at, count) -> {
                                for (int l = 0; l < rows.lines; l++) {
                                    GemmBlockF64.multiply(
                                            count,
                                            rows.nextRow(),
                                            rows.width * columns,
                                            rows.line,
                                            columns,
                                            rows.width,
                                            tile,
                                            l * rows.apart * rows.row,
                                            1,
                                            rows.stepA(),
                                            false,
                                            dy,
                                            yo + at * rows.width * columns,
                                            columns,
                                            false,
                                            sums,
                                            to + l * rows.line * columns,
                                            columns,
                                            at > start);
                                }
                            });
                });
    }
}
