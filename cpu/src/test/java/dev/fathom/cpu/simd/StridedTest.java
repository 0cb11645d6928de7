package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.stream.IntStream;

class StridedTest {

    private static final int[] SIZES = {0, 1, 1, 2, 3, 5, 17, 33};

    private static int[] iota(int n) {
        return IntStream.range(0, n).toArray();
    }

    private static int count(int... shape) {
        return IntStream.of(shape).reduce(1, (a, b) -> a * b);
    }

    /** The offset of the element whose row-major number in {@code shape} is {@code number}. */
    private static int offset(int number, int[] shape, int[] strides) {
        int at = 0;
        int rest = number;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            at += rest % shape[axis] * strides[axis];
            rest /= shape[axis];
        }
        return at;
    }

    private static int[] randomShape(Random random, int rank) {
        int[] shape = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            shape[axis] = SIZES[random.nextInt(rank > 3 ? 6 : SIZES.length)];
        }
        return shape;
    }

    @Test
    void transpositionsOfRandomShapesInEveryType() {
        Random random = new Random(5);
        for (int trial = 0; trial < 400; trial++) {
            int[] shape = randomShape(random, random.nextInt(6));
            int rank = shape.length;
            int[] order = iota(rank);
            for (int i = rank - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int swap = order[i];
                order[i] = order[j];
                order[j] = swap;
            }
            int[] result = new int[rank];
            int[] strides = new int[rank];
            for (int axis = 0; axis < rank; axis++) {
                result[axis] = shape[order[axis]];
                strides[axis] = Strided.rowMajor(shape)[order[axis]];
            }
            Strided plan = Strided.transpose(shape, order);
            int n = count(shape);
            float[] floats = new float[n + 3];
            float[] floatOut = new float[n + 3];
            double[] doubles = new double[n + 3];
            double[] doubleOut = new double[n + 3];
            int[] ints = new int[n + 3];
            int[] intOut = new int[n + 3];
            long[] longs = new long[n + 3];
            long[] longOut = new long[n + 3];
            byte[] bytes = new byte[n + 3];
            byte[] byteOut = new byte[n + 3];
            short[] shorts = new short[n + 3];
            short[] shortOut = new short[n + 3];
            for (int i = 0; i < n; i++) {
                floats[i + 1] = i + 1;
                doubles[i + 1] = i + 1;
                ints[i + 1] = i + 1;
                longs[i + 1] = i + 1;
                bytes[i + 1] = (byte) (i + 1);
                shorts[i + 1] = (short) (i + 1);
            }
            plan.copy(floats, 1, floatOut, 2);
            plan.copy(doubles, 1, doubleOut, 2);
            plan.copy(ints, 1, intOut, 2);
            plan.copy(longs, 1, longOut, 2);
            plan.copy(bytes, 1, byteOut, 2);
            plan.copy(shorts, 1, shortOut, 2);
            for (int i = 0; i < n; i++) {
                int expected = 1 + offset(i, result, strides);
                assertThat(floatOut[i + 2]).isEqualTo(expected);
                assertThat(doubleOut[i + 2]).isEqualTo(expected);
                assertThat(intOut[i + 2]).isEqualTo(expected);
                assertThat(longOut[i + 2]).isEqualTo(expected);
                assertThat(byteOut[i + 2]).isEqualTo((byte) expected);
                assertThat(shortOut[i + 2]).isEqualTo((short) expected);
            }
            assertThat(intOut[n + 2]).isZero();
        }
    }

    @Test
    void partsMakeTheWhole() {
        Strided plan = Strided.transpose(new int[] {7, 5, 9}, 2, 0, 1);
        int[] src = iota(315);
        int[] whole = new int[315];
        plan.copy(src, 0, whole, 0);
        int[] parts = new int[315];
        for (int i = 0; i < plan.parts(); i++) {
            plan.copy(src, 0, parts, 0, i, i + 1);
        }
        assertThat(plan.parts()).isGreaterThan(1);
        assertThat(parts).containsExactly(whole);
    }

    @Test
    void broadcastStretchesAndRepeats() {
        int[] y = new int[6];
        Strided.broadcast(new int[] {3}, new int[] {1}, 2, 3).copy(new int[] {1, 2, 3}, 0, y, 0);
        assertThat(y).containsExactly(1, 2, 3, 1, 2, 3);
        Strided.broadcast(new int[] {2}, new int[] {0}, 2, 3).copy(new int[] {1, 2}, 0, y, 0);
        assertThat(y).containsExactly(1, 1, 1, 2, 2, 2);
        Strided.broadcast(new int[] {2, 1}, new int[] {0, 1}, 2, 3).copy(new int[] {4, 5}, 0, y, 0);
        assertThat(y).containsExactly(4, 4, 4, 5, 5, 5);
        Strided.broadcast(new int[0], new int[0], 2, 3).copy(new int[] {7}, 0, y, 0);
        assertThat(y).containsOnly(7);
    }

    @Test
    void sliceStartsStepsAndStops() {
        int[] y = new int[4];
        int[] x = iota(20);
        // rows 1 and 3 of a (4, 5) array, columns 0, 3 and then 1, 4
        Strided.slice(new int[] {4, 5}, new int[] {1, 0}, new int[] {4, 5}, new int[] {2, 3})
                .copy(x, 0, y, 0);
        assertThat(y).containsExactly(5, 8, 15, 18);
        Strided.slice(new int[] {4, 5}, new int[] {1, 1}, new int[] {4, 5}, new int[] {2, 3})
                .copy(x, 0, y, 0);
        assertThat(y).containsExactly(6, 9, 16, 19);
        Strided none =
                Strided.slice(
                        new int[] {4, 5}, new int[] {2, 0}, new int[] {2, 5}, new int[] {1, 1});
        assertThat(none.parts()).isZero();
    }

    @Test
    void reverseRunsBackwards() {
        int[] y = new int[6];
        Strided.reverse(new int[] {2, 3}, 1).copy(iota(6), 0, y, 0);
        assertThat(y).containsExactly(2, 1, 0, 5, 4, 3);
        Strided.reverse(new int[] {2, 3}, 0).copy(iota(6), 0, y, 0);
        assertThat(y).containsExactly(3, 4, 5, 0, 1, 2);
        Strided.reverse(new int[] {2, 3}, 0, 1).copy(iota(6), 0, y, 0);
        assertThat(y).containsExactly(5, 4, 3, 2, 1, 0);
    }

    /** Padding of a vector by its definition: place every element that falls inside. */
    @Test
    void padWithInteriorAndNegativeEdges() {
        for (int n = 0; n < 6; n++) {
            for (int low = -4; low < 4; low++) {
                for (int high = -4; high < 4; high++) {
                    for (int interior = 0; interior < 3; interior++) {
                        int[] ns = {n};
                        int[] lows = {low};
                        int[] highs = {high};
                        int[] interiors = {interior};
                        int size = Strided.padded(ns, lows, highs, interiors)[0];
                        int length = low + n + Math.max(0, n - 1) * interior + high;
                        assertThat(size).isEqualTo(Math.max(0, length));
                        int[] expected = new int[size];
                        int[] x = new int[n];
                        for (int i = 0; i < n; i++) {
                            x[i] = i + 1;
                            int at = low + i * (interior + 1);
                            if (at >= 0 && at < size) {
                                expected[at] = i + 1;
                            }
                        }
                        int[] y = new int[size];
                        Strided.pad(ns, lows, highs, interiors).copy(x, 0, y, 0);
                        assertThat(y).containsExactly(expected);
                    }
                }
            }
        }
    }

    @Test
    void padOfAMatrix() {
        float[] y = new float[12];
        Strided.pad(new int[] {2, 2}, new int[] {1, 0}, new int[] {0, 1}, new int[] {0, 1})
                .copy(new float[] {1, 2, 3, 4}, 0, y, 0);
        assertThat(y).containsExactly(0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0);
    }

    @Test
    void piecesConcatenate() {
        int[] y = new int[10];
        Strided.piece(new int[] {2, 2}, 1, 0, 2, 5).copy(new int[] {1, 2, 3, 4}, 0, y, 0);
        Strided.piece(new int[] {2, 3}, 1, 2, 2, 5).copy(new int[] {5, 6, 7, 8, 9, 10}, 0, y, 0);
        assertThat(y).containsExactly(1, 2, 5, 6, 7, 3, 4, 8, 9, 10);
    }

    @Test
    void contiguousAxesAreJoined() {
        Strided plan = Strided.transpose(new int[] {2, 3, 4, 5}, 0, 2, 3, 1);
        // (2, 3, 20) with its last two axes exchanged
        assertThat(plan.shape).containsExactly(2, 20, 3);
        assertThat(plan.plane).isEqualTo(Strided.Plane.TRANSPOSE);
        assertThat(Strided.transpose(new int[] {6, 4}, 1, 0).plane)
                .isEqualTo(Strided.Plane.TRANSPOSE);
        assertThat(Strided.transpose(new int[] {6, 4}, 0, 1).shape).containsExactly(1, 24);
    }

    @Test
    void impossiblePlansAreRefused() {
        assertThatThrownBy(() -> Strided.of(new int[] {2}, new int[] {1}, new int[] {0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("destination stride 0");
        assertThatThrownBy(() -> Strided.of(new int[] {2}, new int[] {1, 1}, new int[] {1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("same length");
    }
}
