package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

class GemmTest {
    private static final int[] THREADS = {1, 2, 3, 7};
    static final Workers[] POOLS =
            Arrays.stream(THREADS).mapToObj(Workers::of).toArray(Workers[]::new);

    /** How an operand lies in memory. */
    private enum Layout {
        ROWS,
        COLUMNS,
        PADDED_ROWS,
        PADDED_COLUMNS,
        SCATTERED;

        int row(int rows, int columns) {
            return switch (this) {
                case ROWS -> Math.max(1, columns);
                case COLUMNS, PADDED_COLUMNS -> 1;
                case PADDED_ROWS -> columns + 3;
                case SCATTERED -> 3 * columns + 2;
            };
        }

        int column(int rows, int columns) {
            return switch (this) {
                case ROWS, PADDED_ROWS -> 1;
                case COLUMNS -> Math.max(1, rows);
                case PADDED_COLUMNS -> rows + 5;
                case SCATTERED -> 3;
            };
        }
    }

    static double[] random(SplittableRandom random, int size) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return values;
    }

    static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }

    private static int extent(int rows, int rs, int columns, int cs) {
        return rows == 0 || columns == 0 ? 0 : (rows - 1) * rs + (columns - 1) * cs + 1;
    }

    /** One product against the triple loop, in both types, on all pools. */
    private static void check(int m, int n, int k, Layout la, Layout lb, boolean accumulate) {
        SplittableRandom random = new SplittableRandom(m * 31L + n * 7L + k);
        int rsA = la.row(m, k);
        int csA = la.column(m, k);
        int rsB = lb.row(k, n);
        int csB = lb.column(k, n);
        int rsC = n + 2;
        double[] a = random(random, 5 + extent(m, rsA, k, csA));
        double[] b = random(random, 3 + extent(k, rsB, n, csB));
        double[] c = random(random, 7 + m * rsC);
        double[] expected = c.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int p = 0; p < k; p++) {
                    sum += a[5 + i * rsA + p * csA] * b[3 + p * rsB + j * csB];
                }
                int at = 7 + i * rsC + j;
                expected[at] = accumulate ? c[at] + sum : sum;
            }
        }
        String name = "%dx%dx%d %s %s %s".formatted(m, n, k, la, lb, accumulate);
        float[] a32 = floats(a);
        float[] b32 = floats(b);
        float[] first32 = {};
        double[] first64 = {};
        for (Workers workers : POOLS) {
            Scratch scratch = Scratch.of();
            float[] c32 = floats(c);
            GemmF32.gemm(
                    m,
                    n,
                    k,
                    a32,
                    5,
                    rsA,
                    csA,
                    b32,
                    3,
                    rsB,
                    csB,
                    c32,
                    7,
                    rsC,
                    accumulate,
                    workers,
                    scratch);
            double[] c64 = c.clone();
            GemmF64.gemm(
                    m,
                    n,
                    k,
                    a,
                    5,
                    rsA,
                    csA,
                    b,
                    3,
                    rsB,
                    csB,
                    c64,
                    7,
                    rsC,
                    accumulate,
                    workers,
                    scratch);
            if (first32.length == 0) {
                first32 = c32;
                first64 = c64;
                // |error| <= k * eps * sum |a||b|, far above what is seen.
                near(name, c64, expected, 1e-15 * (k + 2));
                double[] widened = new double[c32.length];
                for (int i = 0; i < c32.length; i++) {
                    widened[i] = c32[i];
                }
                near(name, widened, expected, 6e-8 * (k + 2));
            } else {
                assertThat(c32).as(name + " on " + workers.threads()).isEqualTo(first32);
                assertThat(c64).as(name + " on " + workers.threads()).isEqualTo(first64);
            }
        }
    }

    private static void near(String name, double[] actual, double[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
                assertThat(actual[i]).as("%s [%d]", name, i).isEqualTo(expected[i]);
            }
        }
    }

    @Test
    void smallSizesInEveryLayout() {
        int[] sizes = {0, 1, 2, 3, 5, 8, 13, 33};
        for (int m : sizes) {
            for (int n : sizes) {
                for (int k : sizes) {
                    int pick = m + 3 * n + 7 * k;
                    Layout la = Layout.values()[pick % 5];
                    Layout lb = Layout.values()[pick / 5 % 5];
                    check(m, n, k, la, lb, (pick & 1) == 0);
                }
            }
        }
        for (Layout la : Layout.values()) {
            for (Layout lb : Layout.values()) {
                check(19, 37, 21, la, lb, false);
                check(1, 70, 40, la, lb, true);
                check(70, 1, 40, la, lb, true);
            }
        }
    }

    @Test
    void sizesAroundTheBlocks() {
        check(63, 129, 257, Layout.ROWS, Layout.ROWS, false);
        check(65, 31, 255, Layout.COLUMNS, Layout.ROWS, true);
        check(131, 67, 260, Layout.ROWS, Layout.COLUMNS, false);
        check(70, 200, 300, Layout.COLUMNS, Layout.COLUMNS, true);
        check(50, 150, 70, Layout.SCATTERED, Layout.SCATTERED, false);
        check(3, 300, 520, Layout.ROWS, Layout.ROWS, false);
        check(49, 2100, 530, Layout.ROWS, Layout.COLUMNS, false); // B is packed in two parts of k
        check(49, 4130, 257, Layout.COLUMNS, Layout.ROWS, true); // and in two of its columns
        check(1, 700, 300, Layout.ROWS, Layout.ROWS, false);
        check(1, 700, 300, Layout.ROWS, Layout.COLUMNS, true);
        check(700, 1, 300, Layout.ROWS, Layout.ROWS, false);
        check(700, 1, 300, Layout.COLUMNS, Layout.ROWS, true);
        check(128, 10, 784, Layout.ROWS, Layout.ROWS, false);
        check(2, 4100, 9, Layout.ROWS, Layout.ROWS, false);
    }

    @Test
    void aRowDoesNotDependOnTheOthers() {
        // The bits of a row are the same alone, in a small product and in a large packed one.
        int n = 150;
        int k = 300;
        SplittableRandom random = new SplittableRandom(5);
        float[] a = floats(random(random, 200 * k));
        float[] b = floats(random(random, k * n));
        float[] all = new float[200 * n];
        Workers workers = POOLS[1];
        Scratch scratch = Scratch.of();
        GemmF32.gemm(200, n, k, a, 0, k, 1, b, 0, n, 1, all, 0, n, false, workers, scratch);
        for (int rows : new int[] {1, 3, 4, 9, 60}) {
            float[] some = new float[rows * n];
            GemmF32.gemm(
                    rows, n, k, a, 20 * k, k, 1, b, 0, n, 1, some, 0, n, false, workers, scratch);
            assertThat(some).isEqualTo(Arrays.copyOfRange(all, 20 * n, (20 + rows) * n));
        }
    }

    @Test
    void repeatsAndReusesItsScratch() {
        Scratch scratch = Scratch.of();
        float[] a = floats(random(new SplittableRandom(1), 90 * 300));
        float[] b = floats(random(new SplittableRandom(2), 300 * 170));
        float[] first = new float[90 * 170];
        float[] c = new float[90 * 170];
        for (int round = 0; round < 5; round++) {
            GemmF32.gemm(
                    90,
                    170,
                    300,
                    a,
                    0,
                    300,
                    1,
                    b,
                    0,
                    170,
                    1,
                    round == 0 ? first : c,
                    0,
                    170,
                    false,
                    POOLS[round % 4],
                    scratch);
            if (round > 0) {
                assertThat(c).isEqualTo(first);
            }
        }
    }

    @Test
    void batches() {
        int m = 6;
        int n = 21;
        int k = 17;
        for (int batch : new int[] {0, 1, 2, 5, 40}) {
            for (boolean sharedA : new boolean[] {false, true}) {
                for (boolean sharedB : new boolean[] {false, true}) {
                    SplittableRandom random = new SplittableRandom(batch);
                    int bsA = sharedA ? 0 : m * k;
                    int bsB = sharedB ? 0 : n * k;
                    float[] a = floats(random(random, 2 + m * k * Math.max(1, batch)));
                    float[] b = floats(random(random, 1 + n * k * Math.max(1, batch)));
                    float[] expected = new float[m * n * batch + 4];
                    double[] a64 = new double[a.length];
                    double[] b64 = new double[b.length];
                    Arrays.setAll(a64, i -> a[i]);
                    Arrays.setAll(b64, i -> b[i]);
                    double[] expected64 = new double[expected.length];
                    Scratch scratch = Scratch.of();
                    for (int i = 0; i < batch; i++) {
                        GemmF32.gemm(
                                m,
                                n,
                                k,
                                a,
                                2 + i * bsA,
                                k,
                                1,
                                b,
                                1 + i * bsB,
                                1,
                                k,
                                expected,
                                4 + i * m * n,
                                n,
                                false,
                                POOLS[0],
                                scratch);
                        GemmF64.gemm(
                                m,
                                n,
                                k,
                                a64,
                                2 + i * bsA,
                                k,
                                1,
                                b64,
                                1 + i * bsB,
                                1,
                                k,
                                expected64,
                                4 + i * m * n,
                                n,
                                false,
                                POOLS[0],
                                scratch);
                    }
                    for (Workers workers : POOLS) {
                        float[] c = new float[expected.length];
                        GemmF32.batched(
                                batch, m, n, k, a, 2, bsA, k, 1, b, 1, bsB, 1, k, c, 4, m * n, n,
                                false, workers, scratch);
                        assertThat(c).isEqualTo(expected);
                        double[] c64 = new double[expected.length];
                        GemmF64.batched(
                                batch, m, n, k, a64, 2, bsA, k, 1, b64, 1, bsB, 1, k, c64, 4, m * n,
                                n, false, workers, scratch);
                        assertThat(c64).isEqualTo(expected64);
                    }
                }
            }
        }
    }

    @Test
    void batchesOfNothing() {
        float[] c = {1, 2, 3};
        for (Workers workers : POOLS) {
            for (int n : new int[] {0, 1}) { // no columns, or no rows
                GemmF32.batched(
                        3,
                        1 - n,
                        n,
                        2,
                        new float[6],
                        0,
                        2,
                        2,
                        1,
                        new float[6],
                        0,
                        2,
                        1,
                        1,
                        c,
                        0,
                        0,
                        1,
                        false,
                        workers,
                        Scratch.of());
            }
        }
        assertThat(c).containsExactly(1, 2, 3);
    }

    @Test
    void largeBatches() {
        int m = 40;
        int n = 50;
        int k = 60;
        SplittableRandom random = new SplittableRandom(9);
        float[] a = floats(random(random, 30 * m * k));
        float[] b = floats(random(random, 30 * n * k));
        Scratch scratch = Scratch.of();
        float[] expected = new float[30 * m * n];
        GemmF32.batched(
                30, m, n, k, a, 0, m * k, 1, m, b, 0, n * k, n, 1, expected, 0, m * n, n, false,
                POOLS[0], scratch);
        double sum = 0;
        for (int p = 0; p < k; p++) {
            sum += (double) a[29 * m * k + p * m + 7] * b[29 * n * k + p * n + 11];
        }
        assertThat((double) expected[29 * m * n + 7 * n + 11]).isCloseTo(sum, offset(1e-5));
        for (Workers workers : POOLS) {
            float[] c = new float[expected.length];
            GemmF32.batched(
                    30, m, n, k, a, 0, m * k, 1, m, b, 0, n * k, n, 1, c, 0, m * n, n, false,
                    workers, scratch);
            assertThat(c).isEqualTo(expected);
        }
    }

    @Test
    void whatIsAskedForBeforehandChangesNothing() {
        // large enough for it; rows by themselves are not
        int m = 4103;
        int n = 131;
        int k = 130;
        int wide = 135; // from one row of C to the next
        SplittableRandom random = new SplittableRandom(13);
        float[] a = floats(random(random, m * k));
        float[] b = floats(random(random, k * n));
        for (boolean turned : new boolean[] {false, true}) {
            int rsA = turned ? 1 : k;
            int csA = turned ? m : 1;
            Scratch scratch = Scratch.of();
            float[] expected = new float[m * wide];
            for (int i = 0; i < m; i += 61) {
                GemmF32.gemm(
                        Math.min(61, m - i),
                        n,
                        k,
                        a,
                        i * rsA,
                        rsA,
                        csA,
                        b,
                        0,
                        n,
                        1,
                        expected,
                        i * wide,
                        wide,
                        false,
                        POOLS[0],
                        scratch);
            }
            for (Workers workers : POOLS) {
                float[] c = new float[expected.length];
                GemmF32.gemm(
                        m, n, k, a, 0, rsA, csA, b, 0, n, 1, c, 0, wide, false, workers, scratch);
                assertThat(c).isEqualTo(expected);
            }
        }
    }

    @Test
    void specialValuesPropagateOnlyWhereTheyBelong() {
        float[] a = new float[6 * 5];
        float[] b = new float[5 * 40];
        Arrays.fill(a, 1);
        Arrays.fill(b, 2);
        a[2 * 5 + 3] = Float.NaN;
        b[4 * 40 + 39] = Float.POSITIVE_INFINITY;
        float[] c = new float[6 * 40];
        GemmF32.gemm(6, 40, 5, a, 0, 5, 1, b, 0, 40, 1, c, 0, 40, false, POOLS[0], Scratch.of());
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 40; j++) {
                float expected = i == 2 ? Float.NaN : j == 39 ? Float.POSITIVE_INFINITY : 10;
                assertThat(c[i * 40 + j]).isEqualTo(Float.valueOf(expected));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        float[] a = new float[12];
        float[] b = new float[12];
        float[] c = new float[9];
        Scratch s = Scratch.of();
        Workers w = POOLS[0];
        assertThatThrownBy(
                        () -> GemmF32.gemm(3, 3, 4, a, 1, 4, 1, b, 0, 3, 1, c, 0, 3, false, w, s))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("A reaches from element 1 to 12 of an array of 12");
        assertThatThrownBy(
                        () -> GemmF32.gemm(3, 3, 4, a, 0, 4, 1, b, 0, 4, 1, c, 0, 3, false, w, s))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("B reaches");
        assertThatThrownBy(() ->
                        GemmF32.gemm(3, 3, 4, a, 0, 4, 1, b, 0, 3, 1, c, 0, 1 << 30, false, w, s))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("C reaches");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> GemmF32.gemm(3, 3, 4, a, 0, 4, 1, b, 0, 3, 1, c, 0, 2, false, w, s))
                .withMessageContaining("rows of C overlap");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> GemmF32.gemm(-1, 3, 4, a, 0, 4, 1, b, 0, 3, 1, c, 0, 3, false, w, s))
                .withMessageContaining("must not be negative");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> GemmF32.gemm(3, 3, 4, a, 0, -4, 1, b, 0, 3, 1, c, 0, 3, false, w, s))
                .withMessageContaining("strides of A");
    }
}
