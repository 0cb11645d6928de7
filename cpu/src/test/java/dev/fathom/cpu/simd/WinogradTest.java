package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The convolutions of which {@link ConvWinogradF32} takes care, against loops in double. */
class WinogradTest {
    private static ConvGeometry geometry(
            int batch, int depth, int h, int w, int pad, int ci, int co) {
        return new ConvGeometry(
                batch,
                new int[] {depth, h, w},
                new int[] {depth, h + 2 * pad - 2, w + 2 * pad - 2},
                new int[] {1, 3, 3},
                new int[] {1, 1, 1},
                new int[] {0, pad, pad},
                new int[] {1, 1, 1},
                ci,
                co,
                1);
    }

    private static double[] random(SplittableRandom random, int size) {
        double[] values = new double[size];
        Arrays.setAll(values, _ -> (float) (random.nextDouble() * 2 - 1));
        return values;
    }

    private static float[] floats(double[] values, int offset) {
        float[] result = new float[values.length + offset];
        for (int i = 0; i < values.length; i++) {
            result[offset + i] = (float) values[i];
        }
        return result;
    }

    /** y, dx and dw by their definition. */
    private static double[][] definition(ConvGeometry g, double[] x, double[] w, double[] dy) {
        double[] y = new double[g.outputSize()];
        double[] dx = new double[g.inputSize()];
        double[] dw = new double[g.kernelSize()];
        int planes = g.batch() * g.in()[0];
        int h = g.in()[1];
        int wide = g.in()[2];
        int pad = g.padLow()[1];
        int out = 0;
        for (int p = 0; p < planes; p++) {
            for (int r = 0; r < g.out()[1]; r++) {
                for (int s = 0; s < g.out()[2]; s++, out++) {
                    for (int tap = 0; tap < 9; tap++) {
                        int row = r + tap / 3 - pad;
                        int column = s + tap % 3 - pad;
                        if (row < 0 || row >= h || column < 0 || column >= wide) {
                            continue;
                        }
                        int at = ((p * h + row) * wide + column) * g.ci();
                        for (int c = 0; c < g.ci(); c++) {
                            for (int j = 0; j < g.co(); j++) {
                                int wi = (tap * g.ci() + c) * g.co() + j;
                                y[out * g.co() + j] += x[at + c] * w[wi];
                                dx[at + c] += dy[out * g.co() + j] * w[wi];
                                dw[wi] += x[at + c] * dy[out * g.co() + j];
                            }
                        }
                    }
                }
            }
        }
        return new double[][] {y, dx, dw};
    }

    /** The root of the mean square of what is wrong, as a part of that of the values. */
    private static double error(double[] actual, int offset, double[] expected) {
        double wrong = 0;
        double all = 0;
        for (int i = 0; i < expected.length; i++) {
            wrong += Math.pow(actual[offset + i] - expected[i], 2);
            all += expected[i] * expected[i];
        }
        return Math.sqrt(wrong / all);
    }

    private static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        Arrays.setAll(result, i -> values[i]);
        return result;
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 16, 16, 1, 16, 16", // whole tiles
        "3, 1, 14, 13, 1, 32, 16", // tiles that reach outside
        "8, 1, 7, 9, 1, 16, 48",
        "2, 1, 18, 18, 0, 16, 32", // no zeros around
        "4, 1, 10, 11, 2, 48, 16", // more zeros than needed
        "3, 3, 8, 8, 1, 16, 16", // images in planes
        "33, 1, 4, 4, 1, 64, 64", // one tile an image
        "5, 1, 29, 31, 1, 16, 16", // several parts of the gradient
        "8, 1, 6, 6, 5, 16, 16", // tiles that read nothing but zeros
        "1, 1, 6, 90, 1, 16, 16", // rows of more tiles than are transformed at a time
        "2, 1, 12, 37, 1, 64, 48",
        "9, 1, 8, 7, 1, 16, 640" // channels that leave room for six tiles
    })
    void agreesWithTheDefinition(int batch, int depth, int h, int w, int pad, int ci, int co) {
        ConvGeometry g = geometry(batch, depth, h, w, pad, ci, co);
        assertThat(ConvWinogradF32.suits(ConvPatches.forward(g), co)).isTrue();
        assertThat(ConvWinogradF32.suits(ConvPatches.backward(g, new int[3]), ci)).isTrue();
        SplittableRandom random = new SplittableRandom(g.hashCode());
        double[] x = random(random, g.inputSize());
        double[] k = random(random, g.kernelSize());
        double[] dy = random(random, g.outputSize());
        double[][] expected = definition(g, x, k, dy);
        float[][] first32 = null;
        double[][] first64 = null;
        for (int threads : new int[] {1, 2, 3, 7}) {
            Workers workers = Workers.of(threads);
            Scratch s = Scratch.of();
            float[] y32 = new float[g.outputSize() + 3];
            float[] dx32 = new float[g.inputSize() + 1];
            float[] dw32 = new float[g.kernelSize() + 2];
            ConvF32.forward(g, floats(x, 5), 5, floats(k, 4), 4, y32, 3, workers, s);
            ConvF32.inputGradient(g, floats(dy, 7), 7, floats(k, 4), 4, dx32, 1, workers, s);
            ConvF32.kernelGradient(g, floats(x, 5), 5, floats(dy, 7), 7, dw32, 2, workers, s);
            double[] y64 = new double[g.outputSize()];
            double[] dx64 = new double[g.inputSize()];
            double[] dw64 = new double[g.kernelSize()];
            ConvF64.forward(g, x, 0, k, 0, y64, 0, workers, s);
            ConvF64.inputGradient(g, dy, 0, k, 0, dx64, 0, workers, s);
            ConvF64.kernelGradient(g, x, 0, dy, 0, dw64, 0, workers, s);
            if (first32 == null) {
                first32 = new float[][] {y32, dx32, dw32};
                first64 = new double[][] {y64, dx64, dw64};
                // up to 64 channels 3 to 7e-7 and 6 to 13e-16 were seen, and rounding grows
                // with the root of the terms; one wrong term in a thousand would be 3e-2
                double more = Math.sqrt(Math.max(1, Math.max(ci, co) / 64.0));
                assertThat(error(doubles(y32), 3, expected[0])).as("y").isLessThan(2e-6 * more);
                assertThat(error(doubles(dx32), 1, expected[1])).as("dx").isLessThan(2e-6 * more);
                assertThat(error(doubles(dw32), 2, expected[2])).as("dw").isLessThan(2e-6 * more);
                assertThat(error(y64, 0, expected[0])).as("y").isLessThan(4e-15 * more);
                assertThat(error(dx64, 0, expected[1])).as("dx").isLessThan(4e-15 * more);
                assertThat(error(dw64, 0, expected[2])).as("dw").isLessThan(4e-15 * more);
            } else {
                assertThat(new float[][] {y32, dx32, dw32}).isDeepEqualTo(first32);
                assertThat(new double[][] {y64, dx64, dw64}).isDeepEqualTo(first64);
            }
        }
    }

    @Test
    void impulseByHand() {
        // One channel is 1 at row 5, column 6 of an image, everything else 0: y there is the taps
        // turned by half a turn.
        ConvGeometry g = geometry(2, 1, 16, 16, 1, 16, 16);
        float[] x = new float[g.inputSize()];
        float[] w = new float[g.kernelSize()];
        float[] y = new float[g.outputSize()];
        x[(5 * 16 + 6) * 16 + 3] = 1;
        for (int tap = 0; tap < 9; tap++) {
            w[(tap * 16 + 3) * 16 + 7] = tap + 1;
        }
        Scratch s = Scratch.of();
        ConvF32.forward(g, x, 0, w, 0, y, 0, Workers.of(1), s);
        for (int r = 0; r < 16; r++) {
            for (int c = 0; c < 16; c++) {
                boolean near = Math.abs(r - 5) <= 1 && Math.abs(c - 6) <= 1;
                double expected = near ? 9 - ((r - 4) * 3 + c - 5) : 0;
                assertThat((double) y[(r * 16 + c) * 16 + 7])
                        .as("row %d, column %d", r, c)
                        .isCloseTo(expected, within(1e-5));
            }
        }
    }

    @Test
    void leavesTheRestToOthers() {
        ConvGeometry g = geometry(2, 1, 16, 16, 1, 16, 16);
        assertThat(suits(g)).isTrue();
        assertThat(suits(geometry(1, 1, 16, 16, 1, 16, 16))).as("too few tiles").isFalse();
        assertThat(suits(geometry(99, 1, 2, 2, 1, 16, 16))).as("mostly outside").isFalse();
        assertThat(suits(geometry(2, 1, 16, 16, 1, 3, 16))).as("few channels").isFalse();
        assertThat(suits(geometry(2, 1, 16, 16, 1, 16, 18))).as("half vectors").isFalse();
        assertThat(suits(geometry(2, 1, 16, 16, 1, 16, 1024))).as("many channels").isTrue();
        assertThat(suits(geometry(2, 1, 16, 16, 1, 16, 1040))).as("too many").isFalse();
        assertThat(suits(geometry(2, 1, 16, 16, 1, 1040, 16))).as("too many").isFalse();
        ConvGeometry strided =
                new ConvGeometry(
                        9,
                        g.in(),
                        new int[] {1, 8, 8},
                        g.kernel(),
                        new int[] {1, 2, 2},
                        g.padLow(),
                        g.dilation(),
                        16,
                        16,
                        1);
        assertThat(suits(strided)).as("strides").isFalse();
        ConvGeometry wide =
                new ConvGeometry(
                        9,
                        g.in(),
                        g.out(),
                        g.kernel(),
                        g.stride(),
                        new int[] {0, 2, 2},
                        new int[] {1, 2, 2},
                        16,
                        16,
                        1);
        assertThat(suits(wide)).as("dilation").isFalse();
    }

    private static boolean suits(ConvGeometry g) {
        return ConvWinogradF32.suits(ConvPatches.forward(g), g.co());
    }
}
