package dev.fathom.cpu.plan;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.simd.Strided;

import java.util.Arrays;

/** Java arrays of any of the six element types. */
final class Memory {
    private Memory() {}

    static Object allocate(DType dtype, int length) {
        return HostBuffer.allocate(dtype, length).array();
    }

    static int length(Object array) {
        return switch (array) {
            case float[] a -> a.length;
            case double[] a -> a.length;
            case int[] a -> a.length;
            case long[] a -> a.length;
            case byte[] a -> a.length;
            case short[] a -> a.length;
            case Object o -> throw new IllegalArgumentException("not a buffer: " + o.getClass());
        };
    }

    static void zero(Object array, int offset, int n) {
        switch (array) {
            case float[] a -> Arrays.fill(a, offset, offset + n, 0f);
            case double[] a -> Arrays.fill(a, offset, offset + n, 0d);
            case int[] a -> Arrays.fill(a, offset, offset + n, 0);
            case long[] a -> Arrays.fill(a, offset, offset + n, 0L);
            case byte[] a -> Arrays.fill(a, offset, offset + n, (byte) 0);
            case short[] a -> Arrays.fill(a, offset, offset + n, (short) 0);
            case Object o -> throw new IllegalArgumentException("not a buffer: " + o.getClass());
        }
    }

    /** {@code n} times the element at {@code from}. */
    static void splat(Object src, int from, Object dst, int offset, int n) {
        switch (dst) {
            case float[] a -> Arrays.fill(a, offset, offset + n, ((float[]) src)[from]);
            case double[] a -> Arrays.fill(a, offset, offset + n, ((double[]) src)[from]);
            case int[] a -> Arrays.fill(a, offset, offset + n, ((int[]) src)[from]);
            case long[] a -> Arrays.fill(a, offset, offset + n, ((long[]) src)[from]);
            case byte[] a -> Arrays.fill(a, offset, offset + n, ((byte[]) src)[from]);
            case short[] a -> Arrays.fill(a, offset, offset + n, ((short[]) src)[from]);
            case Object o -> throw new IllegalArgumentException("not a buffer: " + o.getClass());
        }
    }

    /** Elements {@code from, from + step, ..} to adjacent places. */
    static void collect(Object src, int from, int step, Object dst, int offset, int n) {
        switch (dst) {
            case float[] a -> {
                var s = (float[]) src;
                for (int i = 0; i < n; i++) {
                    a[offset + i] = s[from + i * step];
                }
            }
            case double[] a -> {
                var s = (double[]) src;
                for (int i = 0; i < n; i++) {
                    a[offset + i] = s[from + i * step];
                }
            }
            case int[] a -> {
                var s = (int[]) src;
                for (int i = 0; i < n; i++) {
                    a[offset + i] = s[from + i * step];
                }
            }
            case long[] a -> {
                var s = (long[]) src;
                for (int i = 0; i < n; i++) {
                    a[offset + i] = s[from + i * step];
                }
            }
            case byte[] a -> {
                var s = (byte[]) src;
                for (int i = 0; i < n; i++) {
                    a[offset + i] = s[from + i * step];
                }
            }
            case short[] a -> {
                var s = (short[]) src;
                for (int i = 0; i < n; i++) {
                    a[offset + i] = s[from + i * step];
                }
            }
            case Object o -> throw new IllegalArgumentException("not a buffer: " + o.getClass());
        }
    }

    /** Parts {@code p .. q-1} of a planned copy. */
    static void copy(Strided plan, Object src, int from, Object dst, int to, int p, int q) {
        switch (src) {
            case float[] a -> plan.copy(a, from, (float[]) dst, to, p, q);
            case double[] a -> plan.copy(a, from, (double[]) dst, to, p, q);
            case int[] a -> plan.copy(a, from, (int[]) dst, to, p, q);
            case long[] a -> plan.copy(a, from, (long[]) dst, to, p, q);
            case byte[] a -> plan.copy(a, from, (byte[]) dst, to, p, q);
            case short[] a -> plan.copy(a, from, (short[]) dst, to, p, q);
            case Object o -> throw new IllegalArgumentException("not a buffer: " + o.getClass());
        }
    }

    /** A planned copy. */
    static void copy(Strided plan, Object src, int from, Object dst, int to) {
        copy(plan, src, from, dst, to, 0, plan.parts());
    }
}
