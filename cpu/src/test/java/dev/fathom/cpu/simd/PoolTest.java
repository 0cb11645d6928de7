package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

class PoolTest {
    private static final Workers[] POOLS =
            Arrays.stream(new int[] {1, 2, 3, 7}).mapToObj(Workers::of).toArray(Workers[]::new);

    /** The windows one element at a time. */
    private static final class Naive {
        final double[] max;
        final double[] maxTangent;
        final double[] maxCotangent;
        final double[] sum;
        final double[] sumTranspose;

        Naive(PoolGeometry g, double[] x, double[] k, double[] dx, double[] dy) {
            max = new double[g.outputSize()];
            maxTangent = new double[g.outputSize()];
            maxCotangent = new double[g.inputSize()];
            sum = new double[g.outputSize()];
            sumTranspose = new double[g.inputSize()];
            int[] in = g.in();
            int[] out = g.out();
            int[] window = g.window();
            for (int y = 0; y < max.length; y++) {
                int c = y % g.channels();
                int o = y / g.channels();
                int n = o / (out[0] * out[1] * out[2]);
                int[] at = {o / (out[1] * out[2]) % out[0], o / out[2] % out[1], o % out[2]};
                int winner = -1;
                max[y] = Double.NEGATIVE_INFINITY;
                double best = Double.NEGATIVE_INFINITY;
                for (int tap = 0; tap < window[0] * window[1] * window[2]; tap++) {
                    int[] offset = {
                        tap / (window[1] * window[2]), tap / window[2] % window[1], tap % window[2]
                    };
                    int position = n;
                    boolean inside = true;
                    for (int axis = 0; axis < 3; axis++) {
                        int i =
                                at[axis] * g.stride()[axis]
                                        - g.padLow()[axis]
                                        + offset[axis] * g.dilation()[axis];
                        inside &= i >= 0 && i < in[axis];
                        position = position * in[axis] + i;
                    }
                    if (inside) {
                        int i = position * g.channels() + c;
                        sum[y] += x[i];
                        sumTranspose[i] += dy[y];
                        max[y] = Math.max(max[y], x[i]);
                        double v = k[c] * x[i];
                        if (winner < 0 || v > best || Double.isNaN(v) && !Double.isNaN(best)) {
                            winner = i;
                            best = v;
                        }
                    }
                }
                if (winner >= 0) {
                    maxTangent[y] = dx[winner];
                    maxCotangent[winner] += dy[y];
                }
            }
        }
    }

    private static float[] f32(double[] values) {
        float[] result = new float[values.length + 2];
        for (int i = 0; i < values.length; i++) {
            result[i + 2] = (float) values[i];
        }
        return result;
    }

    private static double[] f64(double[] values) {
        double[] result = new double[values.length + 2];
        System.arraycopy(values, 0, result, 2, values.length);
        return result;
    }

    /** Numbers with many ties, whose sums are exact in both types. */
    private static double[] random(SplittableRandom random, int size, boolean special) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextInt(-8, 9);
            if (special && random.nextInt(10) == 0) {
                values[i] = random.nextBoolean() ? Double.NEGATIVE_INFINITY : Double.NaN;
            }
        }
        return values;
    }

    private static void check(PoolGeometry g, boolean special) {
        SplittableRandom random = new SplittableRandom(g.hashCode());
        double[] x = random(random, g.inputSize(), special);
        double[] dx = random(random, g.inputSize(), false);
        double[] dy = random(random, g.outputSize(), false);
        double[] k = random(random, g.channels(), false);
        Naive naive = new Naive(g, x, k, dx, dy);
        for (Workers w : POOLS) {
            String name = g + " on " + w.threads();
            float[] y = f32(dy);
            PoolF32.maxForward(g, f32(x), 2, y, 2, w);
            assertThat(y).as(name).isEqualTo(f32(naive.max));
            PoolF32.maxTangent(g, f32(x), 2, f32(k), 2, f32(dx), 2, y, 2, w);
            assertThat(y).as(name).isEqualTo(f32(naive.maxTangent));
            PoolF32.sumForward(g, f32(x), 2, y, 2, w);
            assertThat(y).as(name).isEqualTo(f32(naive.sum));
            float[] back = f32(x);
            PoolF32.maxCotangent(g, f32(x), 2, f32(k), 2, f32(dy), 2, back, 2, w);
            assertThat(back).as(name).isEqualTo(f32(naive.maxCotangent));
            if (PoolF32.suitsRows(g)) {
                float[] rows = f32(x);
                PoolF32.maxCotangentRows(
                        g,
                        f32(x),
                        2,
                        f32(k),
                        2,
                        f32(dy),
                        2,
                        (part, _, from, to, _) ->
                                System.arraycopy(part, 0, rows, from + 2, to - from),
                        w,
                        Scratch.of());
                assertThat(rows).as(name).isEqualTo(f32(naive.maxCotangent));
            }
            PoolF32.sumTranspose(g, f32(dy), 2, back, 2, w);
            assertThat(back).as(name).isEqualTo(f32(naive.sumTranspose));

            double[] y64 = f64(dy);
            PoolF64.maxForward(g, f64(x), 2, y64, 2, w);
            assertThat(y64).as(name).isEqualTo(f64(naive.max));
            PoolF64.maxTangent(g, f64(x), 2, f64(k), 2, f64(dx), 2, y64, 2, w);
            assertThat(y64).as(name).isEqualTo(f64(naive.maxTangent));
            PoolF64.sumForward(g, f64(x), 2, y64, 2, w);
            assertThat(y64).as(name).isEqualTo(f64(naive.sum));
            double[] back64 = f64(x);
            PoolF64.maxCotangent(g, f64(x), 2, f64(k), 2, f64(dy), 2, back64, 2, w);
            assertThat(back64).as(name).isEqualTo(f64(naive.maxCotangent));
            if (PoolF64.suitsRows(g)) {
                double[] rows = f64(x);
                PoolF64.maxCotangentRows(
                        g,
                        f64(x),
                        2,
                        f64(k),
                        2,
                        f64(dy),
                        2,
                        (part, _, from, to, _) ->
                                System.arraycopy(part, 0, rows, from + 2, to - from),
                        w,
                        Scratch.of());
                assertThat(rows).as(name).isEqualTo(f64(naive.maxCotangent));
            }
            PoolF64.sumTranspose(g, f64(dy), 2, back64, 2, w);
            assertThat(back64).as(name).isEqualTo(f64(naive.sumTranspose));
        }
    }

    private static int[] axes(int d, int h, int w) {
        return new int[] {d, h, w};
    }

    private static PoolGeometry flat(
            int batch, int h, int w, int window, int stride, int pad, int dilation, int channels) {
        int oh = Math.max(0, (h + 2 * pad - (window - 1) * dilation - 1) / stride + 1);
        int ow = Math.max(0, (w + 2 * pad - (window - 1) * dilation - 1) / stride + 1);
        return new PoolGeometry(
                batch,
                axes(1, h, w),
                axes(1, oh, ow),
                axes(1, window, window),
                axes(1, stride, stride),
                axes(0, pad, pad),
                axes(1, dilation, dilation),
                channels);
    }

    @Test
    void byHand() {
        // Windows of three with stride two and one position of padding: (-, 5, 5), (5, 2, 7).
        PoolGeometry g =
                new PoolGeometry(
                        1,
                        axes(1, 1, 4),
                        axes(1, 1, 2),
                        axes(1, 1, 3),
                        axes(1, 1, 2),
                        axes(0, 0, 1),
                        axes(1, 1, 1),
                        1);
        float[] x = {5, 5, 2, 7};
        float[] y = new float[2];
        PoolF32.maxForward(g, x, 0, y, 0, POOLS[0]);
        assertThat(y).containsExactly(5, 7);
        float[] one = {1};
        PoolF32.maxTangent(g, x, 0, one, 0, new float[] {1, 2, 3, 4}, 0, y, 0, POOLS[0]);
        assertThat(y).containsExactly(1, 4);
        float[] dx = new float[4];
        PoolF32.maxCotangent(g, x, 0, one, 0, new float[] {10, 20}, 0, dx, 0, POOLS[0]);
        assertThat(dx).containsExactly(10, 0, 0, 20);
        float[] minus = {-1}; // the minimum
        PoolF32.maxTangent(g, x, 0, minus, 0, new float[] {1, 2, 3, 4}, 0, y, 0, POOLS[0]);
        assertThat(y).containsExactly(1, 3);
        PoolF32.sumForward(g, x, 0, y, 0, POOLS[0]);
        assertThat(y).containsExactly(10, 14);
        PoolF32.sumTranspose(g, new float[] {10, 20}, 0, dx, 0, POOLS[0]);
        assertThat(dx).containsExactly(10, 30, 20, 20);
    }

    @Test
    void manyShapes() {
        for (int channels : new int[] {1, 3, 8, 16, 37, 70}) {
            for (boolean special : new boolean[] {false, true}) {
                check(flat(2, 8, 6, 2, 2, 0, 1, channels), special);
                check(flat(2, 7, 9, 2, 2, 0, 1, channels), special);
                check(flat(3, 27, 31, 2, 2, 0, 1, channels), special);
                check(flat(1, 7, 9, 3, 2, 1, 1, channels), special);
                check(flat(3, 5, 5, 3, 1, 1, 1, channels), special);
                check(flat(1, 9, 8, 2, 3, 1, 2, channels), special);
            }
        }
    }

    @Test
    void threeAxesAndWindowsOutside() {
        for (boolean special : new boolean[] {false, true}) {
            check(
                    new PoolGeometry(
                            2,
                            axes(4, 5, 3),
                            axes(3, 4, 4),
                            axes(2, 3, 2),
                            axes(2, 1, 1),
                            axes(1, 2, 2),
                            axes(1, 2, 1),
                            5),
                    special);
            check(
                    new PoolGeometry(
                            1,
                            axes(1, 3, 3),
                            axes(1, 8, 8),
                            axes(1, 2, 2),
                            axes(1, 1, 1),
                            axes(0, 4, -1),
                            axes(1, 1, 2),
                            19),
                    special);
        }
    }

    @Test
    void nothingToDo() {
        check(flat(0, 4, 4, 2, 2, 0, 1, 3), false);
        check(flat(2, 4, 4, 2, 2, 0, 1, 0), false);
        check(flat(2, 0, 4, 2, 2, 1, 1, 3), false);
        check(flat(1, 1, 1, 1, 1, 0, 1, 1), false);
    }

    @Test
    void refusesWhatDoesNotFit() {
        PoolGeometry g = flat(1, 4, 4, 2, 2, 0, 1, 3);
        assertThatThrownBy(
                        () -> PoolF32.maxForward(g, new float[48], 1, new float[12], 0, POOLS[0]))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("x needs 48 elements from 1");
        assertThatThrownBy(
                        () -> PoolF64.sumForward(g, new double[48], 0, new double[11], 0, POOLS[0]))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("y needs 12");
        float[] image = new float[48];
        float[] windows = new float[12];
        assertThatThrownBy(() ->
                        PoolF32.maxTangent(
                                g, image, 0, new float[2], 0, image, 0, windows, 0, POOLS[0]))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("k needs 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PoolF32.maxCotangentRows(
                                flat(1, 4, 4, 3, 1, 1, 1, 3),
                                image,
                                0,
                                windows,
                                0,
                                image,
                                0,
                                (_, _, _, _, _) -> {},
                                POOLS[0],
                                Scratch.of()))
                .withMessageContaining("are not made by rows");
        assertThatIllegalArgumentException().isThrownBy(() -> flat(1, 4, 4, 2, 2, 0, 1, -1));
        assertThat(g).isEqualTo(flat(1, 4, 4, 2, 2, 0, 1, 3));
        assertThat(g).hasSameHashCodeAs(flat(1, 4, 4, 2, 2, 0, 1, 3));
        assertThat(g.toString()).contains("window=[1, 2, 2]");
    }
}
