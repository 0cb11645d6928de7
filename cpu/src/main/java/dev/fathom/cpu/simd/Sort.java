package dev.fathom.cpu.simd;

import java.util.Arrays;

/**
 * Stable sorting of contiguous runs, rising or falling; NaN comes last either way, and -0 equals
 * +0.
 *
 * <p>Each value becomes an integer key whose order is the wanted one. A 32-bit key and its position
 * share a {@code long}, so that sorting plain longs is stable without further work; 64-bit keys go
 * through a merge sort of positions. Working arrays of the length of the run are allocated.
 */
public final class Sort {

    private Sort() {}

    /** Writes to {@code y} the positions, from 0, of the elements of {@code x} in sorted order. */
    public static void argSort(float[] x, int xo, int[] y, int yo, int n, boolean descending) {
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = (long) key(x[xo + i], descending) << 32 | i;
        }
        Arrays.sort(keys);
        for (int i = 0; i < n; i++) {
            y[yo + i] = (int) keys[i];
        }
    }

    /** Writes to {@code y} the positions, from 0, of the elements of {@code x} in sorted order. */
    public static void argSort(int[] x, int xo, int[] y, int yo, int n, boolean descending) {
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = (long) key(x[xo + i], descending) << 32 | i;
        }
        Arrays.sort(keys);
        for (int i = 0; i < n; i++) {
            y[yo + i] = (int) keys[i];
        }
    }

    /** Writes to {@code y} the positions, from 0, of the elements of {@code x} in sorted order. */
    public static void argSort(double[] x, int xo, int[] y, int yo, int n, boolean descending) {
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = key(x[xo + i], descending);
        }
        merge(keys, y, yo, n);
    }

    /** Writes to {@code y} the positions, from 0, of the elements of {@code x} in sorted order. */
    public static void argSort(long[] x, int xo, int[] y, int yo, int n, boolean descending) {
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = key(x[xo + i], descending);
        }
        merge(keys, y, yo, n);
    }

    /** Writes the sorted elements of {@code x} to {@code y}, which may be {@code x}. */
    public static void sort(float[] x, int xo, float[] y, int yo, int n, boolean descending) {
        int[] order = new int[n];
        argSort(x, xo, order, 0, n, descending);
        float[] copy = Arrays.copyOfRange(x, xo, xo + n);
        for (int i = 0; i < n; i++) {
            y[yo + i] = copy[order[i]];
        }
    }

    /** Writes the sorted elements of {@code x} to {@code y}, which may be {@code x}. */
    public static void sort(double[] x, int xo, double[] y, int yo, int n, boolean descending) {
        int[] order = new int[n];
        argSort(x, xo, order, 0, n, descending);
        double[] copy = Arrays.copyOfRange(x, xo, xo + n);
        for (int i = 0; i < n; i++) {
            y[yo + i] = copy[order[i]];
        }
    }

    /** Writes the sorted elements of {@code x} to {@code y}, which may be {@code x}. */
    public static void sort(int[] x, int xo, int[] y, int yo, int n, boolean descending) {
        System.arraycopy(x, xo, y, yo, n);
        Arrays.sort(y, yo, yo + n);
        if (descending) {
            for (int i = yo, j = yo + n - 1; i < j; i++, j--) {
                int v = y[i];
                y[i] = y[j];
                y[j] = v;
            }
        }
    }

    /** Writes the sorted elements of {@code x} to {@code y}, which may be {@code x}. */
    public static void sort(long[] x, int xo, long[] y, int yo, int n, boolean descending) {
        System.arraycopy(x, xo, y, yo, n);
        Arrays.sort(y, yo, yo + n);
        if (descending) {
            for (int i = yo, j = yo + n - 1; i < j; i++, j--) {
                long v = y[i];
                y[i] = y[j];
                y[j] = v;
            }
        }
    }

    /** A key that orders like the value: the bits, with those of negative values turned round. */
    private static int key(float v, boolean descending) {
        if (v != v) {
            return Integer.MAX_VALUE;
        }
        int bits = Float.floatToRawIntBits(v + 0f);
        return key(bits ^ bits >> 31 & Integer.MAX_VALUE, descending);
    }

    private static int key(int v, boolean descending) {
        return descending ? ~v : v;
    }

    private static long key(double v, boolean descending) {
        if (v != v) {
            return Long.MAX_VALUE;
        }
        long bits = Double.doubleToRawLongBits(v + 0d);
        return key(bits ^ bits >> 63 & Long.MAX_VALUE, descending);
    }

    private static long key(long v, boolean descending) {
        return descending ? ~v : v;
    }

    /** Bottom-up merge sort of the positions {@code 0 .. n} by key, equal keys in order. */
    private static void merge(long[] keys, int[] y, int yo, int n) {
        int[] from = new int[n];
        int[] to = new int[n];
        for (int i = 0; i < n; i++) {
            from[i] = i;
        }
        for (int width = 1; width > 0 && width < n; width *= 2) {
            for (int start = 0; start < n; start += 2 * width) {
                int middle = Math.min(n, start + width);
                int end = Math.min(n, middle + width);
                int a = start;
                int b = middle;
                for (int k = start; k < end; k++) {
                    boolean left = a < middle && (b == end || keys[from[a]] <= keys[from[b]]);
                    to[k] = left ? from[a++] : from[b++];
                }
            }
            int[] done = to;
            to = from;
            from = done;
        }
        System.arraycopy(from, 0, y, yo, n);
    }
}
