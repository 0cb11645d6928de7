package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolutions in {@code float} with few channels, and their transposes: a vector holds the same
 * element of as many images as it has lanes, so that no lane is empty however few the channels.
 * Images are transposed on their way in and results on their way out, which costs about as much as
 * copying them.
 *
 * <p>Each element of a result is one chain of fused multiply-adds over its taps in ascending order.
 * In the gradient of the kernel each lane sums over the images that it holds; lanes are added up at
 * the end, so its bits depend on how many there are.
 */
final class ConvLanesF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);

    /** The most positions of one kernel call, or taps for the gradient. */
    private static final int FIVE = ConvFivesF32.FIVE;

    /** Vectors of a tile of results: it stays in the second-level cache. */
    private static final int TILE = 3 * 1024;

    /** Positions that the gradient visits at a time: they stay in the first-level cache. */
    private static final int NEAR = 20;

    /** Tasks for each thread: so many that none waits long for the last. */
    private static final int TASKS = 8;

    /** Elements of an image that are transposed at a time. */
    private static final int TURNED = 256;

    /** Use of {@link Scratch}: where vectors are turned. */
    private static final int ROOM = 7;

    private ConvLanesF32() {}

    /** Whether there are images enough to fill the lanes, and too few channels for that. */
    static boolean suits(ConvPatches p, int columns) {
        return p.batch() >= L
                && columns <= L
                && p.channels() <= L
                && p.grid()[2] >= FIVE
                && Arrays.equals(p.spread(), new int[] {1, 1, 1})
                && ConvRowsF32.fits(p);
    }

    /** How many channels a kernel call takes: none in vain, if that is possible. */
    private static int channels(int columns) {
        return columns % 4 == 0 ? 4 : 3;
    }

    private static int padded(int n, int to) {
        return (n + to - 1) / to * to;
    }

    /** Groups of images that lanes hold; the last may begin among those of the one before. */
    static int groups(ConvPatches p) {
        return (p.batch() - 1) / L + 1;
    }

    /** Parts of the gradient of the kernel: groups of images, and rows of them if they are few. */
    static int parts(ConvPatches p) {
        int groups = groups(p);
        return groups * Math.clamp(2 * TASKS / groups, 1, p.grid()[1]);
    }

    /** Into how many parts images of so many rows are cut, so that all threads have work. */
    private static int cuts(int images, int rows, Workers workers) {
        int groups = (images - 1) / L + 1;
        return workers.threads() == 1
                ? 1
                : Math.clamp((TASKS * workers.threads() - 1) / groups + 1, 1, rows);
    }

    /** As {@link ConvRowsF32#product}, into a result that is the whole grid. */
    static void product(
            ConvPatches p,
            float[] image,
            int io,
            float[] packed,
            float[] result,
            int ro,
            int columns,
            Workers workers,
            Scratch scratch) {
        int high = p.grid()[1];
        int across = p.grid()[2];
        int cuts =
                Math.max(
                        cuts(p.batch(), high, workers),
                        Math.min(high, (high * across * columns - 1) / TILE + 1));
        ConvRowsF32.Rows rows = ConvRowsF32.Rows.of(p, ((high - 1) / cuts + 1) * across);
        int parts = rows.parts();
        int wide = rows.width() * columns;
        int channels = channels(columns);
        int each = ConvFivesF32.positions(channels);
        int[] steps = rows.taps(1);
        for (int t = 0; t < steps.length; t++) {
            steps[t] *= L;
        }
        scratch.reserve(workers.threads());
        workers.run(
                groups(p) * parts,
                (task, slot) -> {
                    int n = Math.min(task / parts * L, p.batch() - L);
                    int first = task % parts * rows.each();
                    int count = Math.min(rows.each(), rows.height() - first);
                    Scratch own = scratch.slot(slot);
                    float[] tile = own.floats(ConvF32.PATCHES, rows.room() * L);
                    float[] c = own.floats(ConvF32.RESULT, (rows.each() * wide + channels) * L);
                    float[] room = own.floats(ROOM, 2 * 8 * TURNED);
                    rows.copy(image, io, n, first, count, L, tile, room);
                    // The last channels come first: what is computed beyond them lies where the
                    // next position's first channels will be.
                    for (int j = padded(columns, channels) - channels; j >= 0; j -= channels) {
                        for (int r = 0; r < count; r++) {
                            for (int next = 0; next < rows.width(); next += each) {
                                int x = Math.min(next, rows.width() - each);
                                int from = (r * rows.nextRow() + x * rows.stepA()) * L;
                                int to = (r * wide + x * columns + j) * L;
                                ConvFivesF32.positions(
                                        channels,
                                        steps,
                                        tile,
                                        from,
                                        rows.stepA() * L,
                                        packed,
                                        j,
                                        GemmKernelsF32.COLUMNS,
                                        c,
                                        to,
                                        columns * L);
                            }
                        }
                    }
                    int at = ro + (n * rows.height() + first) * wide;
                    back(count * wide, c, 0, result, at, rows.height() * wide, room);
                });
    }

    /** Whether the same holds for the gradient of the input, and its images are small. */
    static boolean suitsInput(ConvGeometry g) {
        int line = g.kernel()[2] * g.ci();
        return g.batch() >= L
                && g.co() <= L
                && g.out()[2] >= FIVE
                && (line % 3 == 0 || line % 4 == 0)
                && ConvColumnsF32.suits(g)
                && (long) ConvColumnsF32.reach(g) * ConvColumnsF32.width(g) <= TILE;
    }

    /**
     * As {@link ConvColumnsF32#inputGradient}: what the positions of a row give to a tap is added
     * where that tap saw the image.
     */
    static void inputGradient(
            ConvGeometry g,
            float[] dy,
            int yo,
            float[] w,
            int wo,
            float[] dx,
            int xo,
            Workers workers,
            Scratch scratch) {
        int co = g.co();
        int high = g.out()[1];
        int wide = g.out()[2] * co;
        int columns = g.kernel()[1] * g.kernel()[2] * g.ci();
        float[] turned = scratch.floats(ConvF32.WEIGHTS, columns * co);
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < co; j++) {
                turned[j * columns + i] = w[wo + i * co + j];
            }
        }
        int[] steps = new int[co];
        Arrays.setAll(steps, j -> j * L);
        int reach = ConvColumnsF32.reach(g);
        int row = ConvColumnsF32.width(g);
        int positions = (g.out()[2] + FIVE) * co * L;
        int depth = (reach - 1) / cuts(g.batch(), reach, workers) + 1;
        int cuts = (reach - 1) / depth + 1;
        scratch.reserve(workers.threads());
        workers.run(
                ((g.batch() - 1) / L + 1) * cuts,
                (task, slot) -> {
                    int n = Math.min(task / cuts * L, g.batch() - L);
                    int first = task % cuts * depth;
                    int last = Math.min(first + depth, reach);
                    Scratch own = scratch.slot(slot);
                    float[] d = own.floats(ConvF32.PATCHES, positions);
                    float[] image = own.floats(ConvF32.RESULT, depth * row * L);
                    float[] room = own.floats(ROOM, 2 * 8 * TURNED);
                    Arrays.fill(image, 0, depth * row * L, 0);
                    int seen = (g.kernel()[1] - 1) * g.dilation()[1];
                    for (int h = 0; h < high; h++) {
                        int top = h * g.stride()[1];
                        if (top < last && top + seen >= first) {
                            turn(wide, dy, yo + (n * high + h) * wide, high * wide, d, 0, room);
                            spread(g, d, steps, turned, room, image, top - first, last - first);
                        }
                    }
                    int end = task % cuts == cuts - 1 ? Integer.MAX_VALUE : last;
                    inside(g, n, image, first, last, end, dx, xo, room);
                });
    }

    /**
     * Adds what a row of positions gives to the rows that it saw.
     *
     * @param own room for what a few positions give to a few channels
     * @param top the first row of them, which may be above those of {@code image}
     * @param depth rows of {@code image}
     */
    private static void spread(
            ConvGeometry g,
            float[] d,
            int[] steps,
            float[] w,
            float[] own,
            float[] image,
            int top,
            int depth) {
        int row = ConvColumnsF32.width(g);
        int lines = g.kernel()[1];
        int line = g.kernel()[2] * g.ci();
        int channels = line % 4 == 0 ? 4 : 3;
        int each = ConvFivesF32.positions(channels);
        int wide = g.out()[2];
        int stepD = g.co() * L;
        int stepC = g.stride()[2] * g.ci() * L;
        int rsW = lines * line;
        for (int l = 0; l < lines; l++) {
            int at = top + l * g.dilation()[1];
            if (at < 0 || at >= depth) {
                continue;
            }
            int there = at * row;
            for (int j = 0; j < line; j += channels) {
                int wo = l * line + j;
                for (int x = 0; x < wide; x += each) {
                    int c = (there + j) * L + x * stepC;
                    int from = x * stepD;
                    ConvFivesF32.positions(
                            channels, steps, d, from, stepD, w, wo, rsW, own, 0, channels * L);
                    // what lies behind the last position was computed too
                    ConvFivesF32.add(Math.min(each, wide - x), channels, own, image, c, stepC);
                }
            }
        }
    }

    /**
     * Copies what lies inside the input of the rows from {@code first} to {@code end}; what no
     * window reaches is zero.
     *
     * @param image the rows from {@code first} to {@code last} of what windows reach
     */
    private static void inside(
            ConvGeometry g,
            int n,
            float[] image,
            int first,
            int last,
            int end,
            float[] dx,
            int xo,
            float[] room) {
        int high = g.in()[1];
        int wide = g.in()[2] * g.ci();
        int[] pad = g.padLow();
        int left = pad[2] * g.ci();
        int row = ConvColumnsF32.width(g);
        int seen = Math.clamp(row - left, 0, wide);
        for (int h = Math.max(0, first - pad[1]); h < high && h + pad[1] < end; h++) {
            int from = h + pad[1] - first;
            int length = h + pad[1] < last ? seen : 0;
            int to = xo + (n * high + h) * wide;
            back(length, image, (from * row + left) * L, dx, to, high * wide, room);
            for (int r = 0; r < L; r++) {
                int at = to + r * high * wide;
                Arrays.fill(dx, at + length, at + wide, 0);
            }
        }
    }

    /**
     * As {@link ConvRowsF32#kernels}, in parts of the groups of images or of their rows, or, if
     * {@code each}, a part for every image.
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
            boolean each,
            Workers workers,
            Scratch scratch) {
        ConvRowsF32.Rows rows = ConvRowsF32.Rows.of(p, Math.max(1, TILE / columns));
        int groups = groups(p);
        int runs = each ? groups : parts;
        int cuts = Math.max(1, runs / groups);
        int shares = runs / cuts;
        int channels = channels(columns);
        int line = padded(rows.line(), ConvFivesF32.positions(channels));
        int vectors = rows.lines() * line * padded(columns, channels);
        int wide = rows.width() * columns;
        int size = rows.lines() * rows.line() * columns;
        scratch.reserve(workers.threads());
        workers.run(
                runs,
                (run, slot) -> {
                    Scratch own = scratch.slot(slot);
                    // what lies behind lines and channels is multiplied, and nobody asks for it
                    float[] tile = own.floats(ConvF32.PATCHES, (rows.room() + FIVE) * L);
                    float[] d = own.floats(ConvF32.WEIGHTS, (rows.each() * wide + channels) * L);
                    float[] total = own.floats(ConvF32.RESULT, vectors * L);
                    float[] room = own.floats(ROOM, 2 * 8 * TURNED);
                    Arrays.fill(total, 0, vectors * L, 0);
                    int share = run / cuts;
                    int end = (int) ((long) groups * (share + 1) / shares);
                    int top = rows.height() * (run % cuts) / cuts;
                    int bottom = rows.height() * (run % cuts + 1) / cuts;
                    for (int g = (int) ((long) groups * share / shares); g < end; g++) {
                        int n = Math.min(g * L, p.batch() - L);
                        int again = each ? 0 : g * L - n;
                        for (int first = top; first < bottom; first += rows.each()) {
                            int count = Math.min(rows.each(), bottom - first);
                            int from = yo + (n * rows.height() + first) * wide;
                            rows.copy(image, io, n, first, count, L, tile, room);
                            turn(count * wide, dy, from, rows.height() * wide, d, 0, room);
                            clear(again, rows.room(), tile);
                            clear(again, count * wide, d);
                            add(rows, count, tile, d, columns, total);
                        }
                    }
                    if (each) {
                        int n = Math.min(run * L, p.batch() - L);
                        float[] ordered = own.floats(ConvF32.PATCHES, size * L);
                        for (int i = 0; i < size; i++) {
                            System.arraycopy(total, place(rows, columns, i), ordered, i * L, L);
                        }
                        back(size, ordered, 0, sums, so + n * size, size, room);
                    } else {
                        for (int i = 0; i < size; i++) {
                            sums[so + run * size + i] =
                                    GemmKernelsF32.sum(
                                            V.cast(
                                                    FloatVector.fromArray(
                                                            S, total, place(rows, columns, i))));
                        }
                    }
                });
    }

    /** Where the lanes of element {@code i} of the kernel are summed. */
    private static int place(ConvRowsF32.Rows rows, int columns, int i) {
        int channels = channels(columns);
        int j = i % columns;
        int t = i / columns % rows.line();
        int l = i / columns / rows.line();
        int each = ConvFivesF32.positions(channels);
        int calls = padded(rows.line(), each) / each;
        int call = (l * (padded(columns, channels) / channels) + j / channels) * calls + t / each;
        return (call * each * channels + j % channels * each + t % each) * L;
    }

    /** Images that were counted already count as nothing. */
    private static void clear(int lanes, int vectors, float[] a) {
        if (lanes > 0) {
            for (int v = 0; v < vectors; v++) {
                Arrays.fill(a, v * L, v * L + lanes, 0);
            }
        }
    }

    private static void add(
            ConvRowsF32.Rows rows, int count, float[] tile, float[] d, int columns, float[] total) {
        int channels = channels(columns);
        int each = ConvFivesF32.positions(channels);
        int near = Math.max(1, NEAR / rows.width());
        int stepA = rows.stepA() * L;
        int nextA = rows.nextRow() * L;
        int stepD = columns * L;
        for (int r = 0; r < count; r += near) {
            int high = Math.min(near, count - r);
            int to = 0;
            for (int l = 0; l < rows.lines(); l++) {
                for (int j = 0; j < columns; j += channels) {
                    for (int t = 0; t < rows.line(); t += each) {
                        int from = (r * rows.nextRow() + l * rows.apart() * rows.row() + t) * L;
                        int at = (r * rows.width() * columns + j) * L;
                        ConvFivesF32.taps(
                                channels,
                                high,
                                rows.width(),
                                tile,
                                from,
                                nextA,
                                stepA,
                                d,
                                at,
                                stepD,
                                total,
                                to);
                        to += each * channels * L;
                    }
                }
            }
        }
    }

    /**
     * Puts the first {@code n} elements of as many rows as there are lanes side by side.
     *
     * @param rs elements from one row to the next
     * @param room {@code 2 * 8 * TURNED} elements of the caller's
     */
    static void turn(int n, float[] a, int ao, int rs, float[] to, int at, float[] room) {
        for (int i = 0; i < n; i += TURNED) {
            int k = Math.min(TURNED, n - i);
            if (TurnF32.FITS) {
                TurnF32.all(k, a, ao + i, rs, to, at + i * L, L, room);
            } else {
                for (int r = 0; r < L; r++) {
                    for (int p = 0; p < k; p++) {
                        to[at + (i + p) * L + r] = a[ao + r * rs + i + p];
                    }
                }
            }
        }
    }

    /** The way back: lane r of vector i goes to element i of row r. */
    private static void back(int n, float[] a, int ao, float[] to, int at, int rs, float[] room) {
        if (TurnF32.FITS && n >= L) {
            for (int next = 0; next < n; next += L) {
                int i = Math.min(next, n - L);
                TurnF32.all(L, a, ao + i * L, L, to, at + i, rs, room);
            }
        } else {
            for (int r = 0; r < L; r++) {
                for (int i = 0; i < n; i++) {
                    to[at + r * rs + i] = a[ao + i * L + r];
                }
            }
        }
    }
}
