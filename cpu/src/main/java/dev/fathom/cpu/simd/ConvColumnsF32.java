package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * The gradient of a convolution's input in {@code float} where the input has few channels: the
 * product of the output's gradient and the weights gives what each position adds to its window, and
 * a line of taps with its channels is one run of memory to add it to. The other way, with input
 * channels as columns, most lanes would be empty.
 *
 * <p>An image belongs to one task, and its positions add in ascending order, so the result does not
 * depend on the number of threads.
 */
final class ConvColumnsF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final int N = GemmKernelsF32.COLUMNS;

    /** Elements of the windows computed at a time: they stay in the second-level cache. */
    private static final int TILE = 16 * 1024;

    private ConvColumnsF32() {}

    static boolean suits(ConvGeometry g) {
        return g.groups() == 1
                && g.ci() < L
                && g.in()[0] == 1
                && g.out()[0] == 1
                && g.kernel()[0] == 1
                && g.padLow()[0] == 0
                && g.dilation()[2] == 1
                && g.padLow()[1] >= 0
                && g.padLow()[2] >= 0;
    }

    /** The rows that the windows of an image see. */
    static int reach(ConvGeometry g) {
        return (g.out()[1] - 1) * g.stride()[1] + (g.kernel()[1] - 1) * g.dilation()[1] + 1;
    }

    /** The elements of a row that they see. */
    static int width(ConvGeometry g) {
        return ((g.out()[2] - 1) * g.stride()[2] + g.kernel()[2]) * g.ci();
    }

    /** As {@link ConvF32#inputGradient}. */
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
        int taps = g.kernel()[1] * g.kernel()[2] * g.ci();
        int padded = (taps - 1) / L * L + L;
        int stripes = (taps - 1) / N + 1;
        float[] packed = scratch.floats(ConvF32.WEIGHTS, stripes * N * g.co());
        for (int j = 0; j < taps; j += N) {
            GemmPackingF32.packStripe(
                    g.co(),
                    Math.min(N, taps - j),
                    w,
                    wo + j * g.co(),
                    1,
                    g.co(),
                    packed,
                    j * g.co());
        }
        int positions = g.out()[1] * g.out()[2];
        int height = Math.clamp(TILE / padded / 8 * 8, 8, Math.max(8, positions));
        int reach = reach(g);
        int width = width(g);
        scratch.reserve(workers.threads());
        workers.run(
                g.batch(),
                (n, slot) -> {
                    Scratch own = scratch.slot(slot);
                    float[] windows = own.floats(ConvF32.PATCHES, height * padded);
                    float[] image = own.floats(ConvF32.RESULT, reach * width);
                    Arrays.fill(image, 0, reach * width, 0);
                    for (int p = 0; p < positions; p += height) {
                        int count = Math.min(height, positions - p);
                        GemmBlockF32.multiply(
                                count,
                                padded,
                                g.co(),
                                dy,
                                yo + (n * positions + p) * g.co(),
                                g.co(),
                                1,
                                false,
                                packed,
                                0,
                                0,
                                true,
                                windows,
                                0,
                                padded,
                                false);
                        add(g, p, count, windows, padded, image, width);
                    }
                    inside(g, n, image, reach, width, dx, xo);
                });
    }

    private static void add(
            ConvGeometry g,
            int first,
            int count,
            float[] windows,
            int ld,
            float[] image,
            int width) {
        int[] out = g.out();
        int[] stride = g.stride();
        int lines = g.kernel()[1];
        int line = g.kernel()[2] * g.ci();
        int apart = g.dilation()[1] * width;
        int h = first / out[2];
        int w = first % out[2];
        for (int p = 0; p < count; p++) {
            int to = h * stride[1] * width + w * stride[2] * g.ci();
            add(lines, line, windows, p * ld, image, to, apart);
            if (++w == out[2]) {
                w = 0;
                h++;
            }
        }
    }

    private static void add(
            int lines, int line, float[] from, int at, float[] image, int to, int apart) {
        for (int j = 0; j < line; j += L) {
            VectorMask<Float> in = S.indexInRange(j, line);
            for (int l = 0; l < lines; l++) {
                int i = to + l * apart + j;
                V.cast(FloatVector.fromArray(S, image, i, in))
                        .add(V.cast(FloatVector.fromArray(S, from, at + l * line + j, in)))
                        .intoArray(image, i, in);
            }
        }
    }

    /** Copies what lies inside the input; what no window reaches is zero. */
    private static void inside(
            ConvGeometry g, int n, float[] image, int reach, int width, float[] dx, int xo) {
        int high = g.in()[1];
        int row = g.in()[2] * g.ci();
        int[] pad = g.padLow();
        int left = pad[2] * g.ci();
        int length = Math.clamp(width - left, 0, row);
        for (int h = 0; h < high; h++) {
            int from = h + pad[1];
            int to = xo + (n * high + h) * row;
            if (from >= reach) {
                Arrays.fill(dx, to, to + row, 0);
            } else {
                System.arraycopy(image, from * width + left, dx, to, length);
                Arrays.fill(dx, to + length, to + row, 0);
            }
        }
    }
}
