package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

class ConvTest {
    static final Workers[] POOLS =
            Arrays.stream(new int[] {1, 2, 3, 7}).mapToObj(Workers::of).toArray(Workers[]::new);

    /** The formula of {@link ConvGeometry} as seven loops, which the three operations share. */
    private static final class Naive {
        final double[] y;
        final double[] dx;
        final double[] dw;

        Naive(ConvGeometry g, double[] x, double[] w, double[] dy) {
            y = new double[g.outputSize()];
            dx = new double[g.inputSize()];
            dw = new double[g.kernelSize()];
            int[] in = g.in();
            int[] out = g.out();
            int[] kernel = g.kernel();
            int ci = g.ci() / g.groups();
            int co = g.co() / g.groups();
            int windows = g.batch() * out[0] * out[1] * out[2];
            int taps = kernel[0] * kernel[1] * kernel[2];
            for (int o = 0; o < windows; o++) {
                int n = o / (out[0] * out[1] * out[2]);
                int[] at = {o / (out[1] * out[2]) % out[0], o / out[2] % out[1], o % out[2]};
                for (int tap = 0; tap < taps; tap++) {
                    int[] k = {
                        tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]
                    };
                    int position = n;
                    boolean inside = true;
                    for (int axis = 0; axis < 3; axis++) {
                        int i =
                                at[axis] * g.stride()[axis]
                                        - g.padLow()[axis]
                                        + k[axis] * g.dilation()[axis];
                        inside &= i >= 0 && i < in[axis];
                        position = position * in[axis] + i;
                    }
                    if (!inside) {
                        continue;
                    }
                    for (int c = 0; c < ci; c++) {
                        for (int j = 0; j < g.co(); j++) {
                            int xi = position * g.ci() + j / co * ci + c;
                            int wi = (tap * ci + c) * g.co() + j;
                            int yi = o * g.co() + j;
                            y[yi] += x[xi] * w[wi];
                            dx[xi] += dy[yi] * w[wi];
                            dw[wi] += x[xi] * dy[yi];
                        }
                    }
                }
            }
        }
    }

    static double[] random(SplittableRandom random, int size) {
        double[] values = new double[size];
        Arrays.setAll(values, _ -> (float) (random.nextDouble() * 2 - 1));
        return values;
    }

    static float[] padded32(double[] values, int offset) {
        float[] result = new float[values.length + offset];
        Arrays.fill(result, 0, offset, 99);
        for (int i = 0; i < values.length; i++) {
            result[offset + i] = (float) values[i];
        }
        return result;
    }

    private static double[] padded64(double[] values, int offset) {
        double[] result = new double[values.length + offset];
        Arrays.fill(result, 0, offset, 99);
        System.arraycopy(values, 0, result, offset, values.length);
        return result;
    }

    private static void near(
            String name, double[] actual, int offset, double[] expected, double tolerance) {
        assertThat(Arrays.stream(actual, 0, offset)).allMatch(v -> v == 99);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[offset + i] - expected[i]) <= tolerance)) {
                assertThat(actual[offset + i]).as("%s [%d]", name, i).isEqualTo(expected[i]);
            }
        }
    }

    private static double[] widened(float[] values) {
        double[] result = new double[values.length];
        Arrays.setAll(result, i -> values[i]);
        return result;
    }

    private static void check(ConvGeometry g) {
        SplittableRandom random = new SplittableRandom(g.hashCode());
        double[] x = random(random, g.inputSize());
        double[] w = random(random, g.kernelSize());
        double[] dy = random(random, g.outputSize());
        Naive naive = new Naive(g, x, w, dy);
        // A sum of t products is wrong by at most t eps times the sum of their sizes; with random
        // signs, a few t eps is far above what is seen and far below a wrong term.
        int[] k = g.kernel();
        double terms = 4 + (double) k[0] * k[1] * k[2] * Math.max(g.ci(), g.co()) / g.groups();
        double positions = 4 + (double) g.outputSize() / Math.max(1, g.co());
        float[][] first32 = {};
        double[][] first64 = {};
        for (Workers workers : POOLS) {
            Scratch scratch = Scratch.of();
            float[] y32 = padded32(random(random, g.outputSize()), 3);
            float[] dx32 = padded32(random(random, g.inputSize()), 1);
            float[] dw32 = padded32(random(random, g.kernelSize()), 2);
            ConvF32.forward(g, padded32(x, 5), 5, padded32(w, 4), 4, y32, 3, workers, scratch);
            ConvF32.inputGradient(
                    g, padded32(dy, 7), 7, padded32(w, 4), 4, dx32, 1, workers, scratch);
            ConvF32.kernelGradient(
                    g, padded32(x, 5), 5, padded32(dy, 7), 7, dw32, 2, workers, scratch);
            double[] y64 = padded64(random(random, g.outputSize()), 3);
            double[] dx64 = padded64(random(random, g.inputSize()), 1);
            double[] dw64 = padded64(random(random, g.kernelSize()), 2);
            ConvF64.forward(g, padded64(x, 5), 5, padded64(w, 4), 4, y64, 3, workers, scratch);
            ConvF64.inputGradient(
                    g, padded64(dy, 7), 7, padded64(w, 4), 4, dx64, 1, workers, scratch);
            ConvF64.kernelGradient(
                    g, padded64(x, 5), 5, padded64(dy, 7), 7, dw64, 2, workers, scratch);
            if (first32.length == 0) {
                first32 = new float[][] {y32, dx32, dw32};
                first64 = new double[][] {y64, dx64, dw64};
                near("y32 " + g, widened(y32), 3, naive.y, 3e-7 * terms);
                near("dx32 " + g, widened(dx32), 1, naive.dx, 3e-7 * terms);
                near("dw32 " + g, widened(dw32), 2, naive.dw, 3e-7 * positions);
                near("y64 " + g, y64, 3, naive.y, 6e-16 * terms);
                near("dx64 " + g, dx64, 1, naive.dx, 6e-16 * terms);
                near("dw64 " + g, dw64, 2, naive.dw, 6e-16 * positions);
            } else {
                assertThat(new float[][] {y32, dx32, dw32}).isDeepEqualTo(first32);
                assertThat(new double[][] {y64, dx64, dw64}).isDeepEqualTo(first64);
            }
        }
    }

    private static int[] axes(int d, int h, int w) {
        return new int[] {d, h, w};
    }

    /**
     * Two axes, padded so that the output has about the size of the input divided by the stride.
     */
    static ConvGeometry flat(
            int batch, int h, int w, int k, int stride, int dilation, int ci, int co, int groups) {
        int pad = (k - 1) * dilation / 2;
        int oh = Math.max(0, (h + 2 * pad - (k - 1) * dilation - 1) / stride + 1);
        int ow = Math.max(0, (w + 2 * pad - (k - 1) * dilation - 1) / stride + 1);
        return new ConvGeometry(
                batch,
                axes(1, h, w),
                axes(1, oh, ow),
                axes(1, k, k),
                axes(1, stride, stride),
                axes(0, pad, pad),
                axes(1, dilation, dilation),
                ci,
                co,
                groups);
    }

    @Test
    void byHand() {
        // x = 1 2 3 4, w = (10, 1), one zero before: 0*10+1, 1*10+2, 2*10+3, 3*10+4
        ConvGeometry g =
                new ConvGeometry(
                        1,
                        axes(1, 1, 4),
                        axes(1, 1, 4),
                        axes(1, 1, 2),
                        axes(1, 1, 1),
                        axes(0, 0, 1),
                        axes(1, 1, 1),
                        1,
                        1,
                        1);
        float[] y = new float[4];
        Scratch s = Scratch.of();
        ConvF32.forward(g, new float[] {1, 2, 3, 4}, 0, new float[] {10, 1}, 0, y, 0, POOLS[0], s);
        assertThat(y).containsExactly(1, 12, 23, 34);
        float[] dx = new float[4];
        ConvF32.inputGradient(
                g, new float[] {1, 2, 3, 4}, 0, new float[] {10, 1}, 0, dx, 0, POOLS[0], s);
        // dx[i] = dy[i] * 1 + dy[i + 1] * 10
        assertThat(dx).containsExactly(21, 32, 43, 4);
        float[] dw = new float[2];
        ConvF32.kernelGradient(
                g, new float[] {1, 2, 3, 4}, 0, new float[] {1, 1, 1, 1}, 0, dw, 0, POOLS[0], s);
        assertThat(dw).containsExactly(1 + 2 + 3, 1 + 2 + 3 + 4);
    }

    @Test
    void channelCounts() {
        for (int ci : new int[] {1, 2, 3, 6, 17, 33}) {
            for (int co : new int[] {1, 5, 16, 35, 64}) {
                check(flat(2, 7, 6, 3, 1, 1, ci, co, 1));
            }
        }
    }

    @Test
    void oneChannelAndFewOutputs() {
        for (int width : new int[] {13, 16, 28, 30, 32}) {
            for (int co : new int[] {1, 3, 6, 7}) {
                check(flat(3, 9, width, 5, 1, 1, 1, co, 1));
            }
        }
        check(
                new ConvGeometry(
                        17,
                        axes(1, 21, 31),
                        axes(1, 10, 30),
                        axes(1, 3, 2),
                        axes(1, 2, 1),
                        axes(0, 1, 0),
                        axes(1, 2, 1),
                        1,
                        2,
                        1));
    }

    /** As many images as lanes, some more, and more than one part of the gradient takes. */
    @Test
    void imagesEnoughForALaneEach() {
        for (int batch : new int[] {16, 19, 33}) {
            for (int co : new int[] {1, 4, 5, 6, 16}) {
                check(flat(batch, 6, 7, 3, 1, 1, 1, co, 1));
            }
            check(flat(batch, 8, 5, 5, 1, 1, 6, 16, 1));
            check(flat(batch, 9, 11, 3, 2, 1, 3, 7, 1));
            check(flat(batch, 9, 12, 3, 1, 2, 2, 3, 1));
        }
        check(flat(16, 50, 61, 3, 1, 1, 1, 2, 1)); // several tiles
        check(flat(600, 3, 5, 3, 1, 1, 1, 2, 1));
    }

    /**
     * Rows of the result that are not next to each other, though as far apart as a vector is long.
     */
    @Test
    void everySecondPositionOfHalfAVector() {
        for (int ci : new int[] {1, 2, 4, 8}) {
            check(
                    new ConvGeometry(
                            1,
                            axes(1, 2, 16),
                            axes(1, 2, 7),
                            axes(1, 1, 4),
                            axes(1, 1, 2),
                            axes(0, 0, -1),
                            axes(1, 1, 1),
                            ci,
                            16,
                            1));
        }
    }

    @Test
    void everySecondPlane() {
        check(
                new ConvGeometry(
                        2,
                        axes(2, 4, 16),
                        axes(1, 4, 16),
                        axes(2, 3, 3),
                        axes(2, 1, 1),
                        axes(0, 1, 1),
                        axes(1, 1, 1),
                        16,
                        16,
                        1));
        check(
                new ConvGeometry(
                        1,
                        axes(2, 1, 16),
                        axes(1, 1, 16),
                        axes(1, 1, 3),
                        axes(2, 1, 1),
                        axes(-1, 0, 1),
                        axes(1, 1, 1),
                        16,
                        16,
                        1));
    }

    /** Six windows are no multiple of five; a weight that is infinite reaches what it saw only. */
    @Test
    void infiniteWeightsReachWhatTheySaw() {
        var g =
                new ConvGeometry(
                        16,
                        axes(1, 1, 10),
                        axes(1, 1, 6),
                        axes(1, 1, 4),
                        axes(1, 1, 1),
                        axes(0, 0, 0),
                        axes(1, 1, 1),
                        1,
                        4,
                        1);
        float[] dy = new float[g.outputSize()];
        float[] w = new float[g.kernelSize()];
        Arrays.fill(dy, 1);
        Arrays.fill(w, 1);
        w[0] = Float.POSITIVE_INFINITY;
        float[] dx = new float[g.inputSize()];
        ConvF32.inputGradient(g, dy, 0, w, 0, dx, 0, POOLS[1], Scratch.of());
        float inf = Float.POSITIVE_INFINITY;
        // four channels, and as many windows as see a position
        assertThat(Arrays.copyOf(dx, 10))
                .containsExactly(inf, inf, inf, inf, inf, inf, 12, 8, 4, 0);
    }

    @Test
    void windowsThatLeaveSomeOfTheInputOut() {
        for (int stride : new int[] {1, 2, 3}) {
            check(
                    new ConvGeometry(
                            3,
                            axes(1, 14, 13),
                            axes(1, 10 / stride, 9 / stride),
                            axes(1, 5, 4),
                            axes(1, stride, stride),
                            axes(0, 0, 0),
                            axes(1, 1, 1),
                            6,
                            16,
                            1));
        }
    }

    @Test
    void stridesDilationsAndKernels() {
        for (int k : new int[] {1, 2, 3, 5}) {
            for (int stride : new int[] {1, 2, 3}) {
                for (int dilation : new int[] {1, 2, 3}) {
                    check(flat(2, 9, 11, k, stride, dilation, 3, 7, 1));
                }
            }
        }
    }

    @Test
    void groups() {
        check(flat(2, 6, 7, 3, 1, 1, 6, 8, 2));
        check(flat(2, 6, 7, 3, 2, 1, 9, 6, 3));
        check(flat(1, 5, 5, 3, 1, 2, 4, 8, 4));
        check(flat(1, 5, 5, 3, 2, 1, 4, 2, 2));
        check(flat(1, 5, 5, 1, 1, 1, 6, 6, 3));
    }

    @Test
    void depthwise() {
        for (int channels : new int[] {2, 5, 16, 21, 40}) {
            check(flat(2, 7, 6, 3, 1, 1, channels, channels, channels));
            check(flat(3, 9, 8, 3, 2, 1, channels, channels, channels));
            check(flat(1, 9, 8, 2, 3, 2, channels, channels, channels));
        }
    }

    @Test
    void threeAxesWithUnequalSizes() {
        for (int groups : new int[] {1, 2, 4}) {
            check(
                    new ConvGeometry(
                            2,
                            axes(5, 4, 6),
                            axes(3, 5, 2),
                            axes(2, 3, 4),
                            axes(2, 1, 3),
                            axes(1, 2, 0),
                            axes(1, 2, 1),
                            4,
                            4,
                            groups));
        }
    }

    @Test
    void windowsOutsideAndCroppedImages() {
        for (int groups : new int[] {1, 3}) {
            check(
                    new ConvGeometry(
                            1,
                            axes(1, 3, 3),
                            axes(1, 9, 9),
                            axes(1, 2, 2),
                            axes(1, 2, 1),
                            axes(0, 5, 4),
                            axes(1, 1, 3),
                            3,
                            3,
                            groups));
            check(
                    new ConvGeometry(
                            1,
                            axes(1, 6, 6),
                            axes(1, 3, 4),
                            axes(1, 2, 2),
                            axes(1, 1, 1),
                            axes(0, -2, -1),
                            axes(1, 1, 1),
                            3,
                            3,
                            groups));
        }
    }

    @Test
    void severalTilesBlocksAndParts() {
        check(flat(3, 30, 31, 3, 1, 1, 5, 9, 1));
        check(flat(3, 30, 31, 3, 1, 1, 4, 4, 4));
        check(flat(2, 6, 6, 3, 1, 1, 130, 40, 1));
        check(flat(1, 6, 6, 5, 2, 1, 128, 33, 1));
        check(flat(3, 12, 12, 1, 1, 1, 40, 70, 1));
    }

    @Test
    void nothingToDo() {
        check(flat(0, 5, 5, 3, 1, 1, 3, 4, 1));
        check(flat(2, 0, 5, 3, 1, 1, 3, 4, 1));
        check(flat(2, 5, 5, 3, 1, 1, 0, 4, 1));
        check(flat(2, 5, 5, 3, 1, 1, 3, 0, 1));
        check(flat(1, 1, 1, 1, 1, 1, 1, 1, 1));
    }

    @Test
    void refusesWhatDoesNotFit() {
        ConvGeometry g = flat(1, 3, 3, 3, 1, 1, 2, 2, 1);
        assertThatThrownBy(() ->
                        ConvF32.forward(
                                g,
                                new float[18],
                                1,
                                new float[36],
                                0,
                                new float[18],
                                0,
                                POOLS[0],
                                Scratch.of()))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("x needs 18 elements from 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flat(1, 3, 3, 3, 1, 1, 4, 6, 4))
                .withMessageContaining("groups");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flat(1, 3, 3, 3, 1, 0, 4, 6, 2))
                .withMessageContaining("dilation");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flat(1 << 20, 1 << 10, 1 << 10, 3, 1, 1, 4, 4, 1))
                .withMessageContaining("too many elements");
    }

    @Test
    void geometryIsAValue() {
        ConvGeometry g = flat(1, 3, 3, 3, 1, 1, 2, 2, 1);
        assertThat(g).isEqualTo(flat(1, 3, 3, 3, 1, 1, 2, 2, 1));
        assertThat(g).hasSameHashCodeAs(flat(1, 3, 3, 3, 1, 1, 2, 2, 1));
        assertThat(g).isNotEqualTo(flat(1, 3, 3, 3, 1, 1, 2, 4, 1));
        g.in()[1] = 100;
        assertThat(g.in()).containsExactly(1, 3, 3);
        assertThat(g.toString()).contains("kernel=[1, 3, 3]");
    }
}
