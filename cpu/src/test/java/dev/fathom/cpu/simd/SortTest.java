package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

class SortTest {

    /** Positions by a stable library sort of boxed numbers; NaN last, the zeros equal. */
    private static int[] oracle(int n, IntFunction<Double> value, boolean down) {
        Comparator<Integer> order =
                (a, b) -> {
                    double u = value.apply(a);
                    double v = value.apply(b);
                    if (u != u || v != v) {
                        return Boolean.compare(u != u, v != v);
                    }
                    return u == v ? 0 : (u < v) != down ? -1 : 1;
                };
        List<Integer> positions = IntStream.range(0, n).boxed().sorted(order).toList();
        return positions.stream().mapToInt(i -> i).toArray();
    }

    @Test
    void floatsAndDoubles() {
        for (int n : Kernels.SIZES) {
            for (boolean down : new boolean[] {false, true}) {
                float[] x = Kernels.floats(n + 2, n);
                int[] expected = oracle(n, i -> (double) x[i + 1], down);
                int[] at = new int[n];
                Sort.argSort(x, 1, at, 0, n, down);
                assertThat(at).containsExactly(expected);
                float[] y = x.clone();
                Sort.sort(y, 1, y, 1, n, down);
                double[] d = Kernels.doubles(n + 2, n);
                int[] places = new int[n];
                Sort.argSort(d, 1, places, 0, n, down);
                assertThat(places).containsExactly(oracle(n, i -> d[i + 1], down));
                double[] z = d.clone();
                Sort.sort(z, 1, z, 1, n, down);
                for (int i = 0; i < n; i++) {
                    assertThat(y[i + 1]).isEqualTo(Float.valueOf(x[at[i] + 1]));
                    assertThat(z[i + 1]).isEqualTo(Double.valueOf(d[places[i] + 1]));
                }
            }
        }
    }

    @Test
    void intsAndLongs() {
        for (int n : Kernels.SIZES) {
            for (boolean down : new boolean[] {false, true}) {
                int[] x = Kernels.ints(n + 2, n);
                int[] at = new int[n];
                Sort.argSort(x, 1, at, 0, n, down);
                assertThat(at).containsExactly(oracle(n, i -> (double) x[i + 1], down));
                int[] y = x.clone();
                Sort.sort(y, 1, y, 1, n, down);
                // shortened, so that a double holds every value
                long[] l = Kernels.longs(n + 2, n);
                for (int i = 0; i < l.length; i++) {
                    l[i] >>= 12;
                }
                int[] places = new int[n];
                Sort.argSort(l, 1, places, 0, n, down);
                assertThat(places).containsExactly(oracle(n, i -> (double) l[i + 1], down));
                long[] z = l.clone();
                Sort.sort(z, 1, z, 1, n, down);
                for (int i = 0; i < n; i++) {
                    assertThat(y[i + 1]).isEqualTo(x[at[i] + 1]);
                    assertThat(z[i + 1]).isEqualTo(l[places[i] + 1]);
                }
            }
        }
    }

    @Test
    void nanIsLastBothWaysAndTheZerosKeepTheirOrder() {
        float[] x = {Float.NaN, 0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        int[] at = new int[5];
        Sort.argSort(x, 0, at, 0, 5, false);
        assertThat(at).containsExactly(4, 1, 2, 3, 0);
        Sort.argSort(x, 0, at, 0, 5, true);
        assertThat(at).containsExactly(3, 1, 2, 4, 0);
        long[] ends = {Long.MAX_VALUE, 0, Long.MIN_VALUE};
        int[] order = new int[3];
        Sort.argSort(ends, 0, order, 0, 3, true);
        assertThat(order).containsExactly(0, 1, 2);
    }
}
