package dev.fathom.cpu.simd;

import java.util.Arrays;

/** The loops of {@link Strided}, once per element type. */
final class StridedKernels {

    /** Side of a transposition block: 16 rows of one cache line each in both arrays. */
    private static final int TILE = 16;

    private StridedKernels() {}

    static void walk(Strided p, int axis, int count, float[] src, int so, float[] dst, int to) {
        int ss = p.srcStrides[axis];
        int ds = p.dstStrides[axis];
        if (axis < p.shape.length - 2) {
            for (int i = 0; i < count; i++) {
                walk(p, axis + 1, p.shape[axis + 1], src, so + i * ss, dst, to + i * ds);
            }
            return;
        }
        int n = p.shape[axis + 1];
        int step = p.srcStrides[axis + 1];
        switch (p.plane) {
            case RUNS -> {
                for (int i = 0; i < count; i++) {
                    System.arraycopy(src, so + i * ss, dst, to + i * ds, n);
                }
            }
            case FILL -> {
                for (int i = 0; i < count; i++) {
                    int at = to + i * ds;
                    Arrays.fill(dst, at, at + n, src[so + i * ss]);
                }
            }
            case TRANSPOSE -> transpose(src, so, step, dst, to, ds, count, n);
            case GENERAL -> {
                int ds1 = p.dstStrides[axis + 1];
                for (int i = 0; i < count; i++) {
                    int s = so + i * ss;
                    int d = to + i * ds;
                    for (int j = 0; j < n; j++) {
                        dst[d + j * ds1] = src[s + j * step];
                    }
                }
            }
        }
    }

    private static void transpose(
            float[] src, int so, int ss, float[] dst, int to, int ds, int rows, int cols) {
        for (int r = 0; r < rows; r += TILE) {
            int rowEnd = Math.min(rows, r + TILE);
            for (int c = 0; c < cols; c += TILE) {
                int colEnd = Math.min(cols, c + TILE);
                for (int i = r; i < rowEnd; i++) {
                    int d = to + i * ds;
                    int s = so + i;
                    for (int j = c; j < colEnd; j++) {
                        dst[d + j] = src[s + j * ss];
                    }
                }
            }
        }
    }

    static void walk(Strided p, int axis, int count, double[] src, int so, double[] dst, int to) {
        int ss = p.srcStrides[axis];
        int ds = p.dstStrides[axis];
        if (axis < p.shape.length - 2) {
            for (int i = 0; i < count; i++) {
                walk(p, axis + 1, p.shape[axis + 1], src, so + i * ss, dst, to + i * ds);
            }
            return;
        }
        int n = p.shape[axis + 1];
        int step = p.srcStrides[axis + 1];
        switch (p.plane) {
            case RUNS -> {
                for (int i = 0; i < count; i++) {
                    System.arraycopy(src, so + i * ss, dst, to + i * ds, n);
                }
            }
            case FILL -> {
                for (int i = 0; i < count; i++) {
                    int at = to + i * ds;
                    Arrays.fill(dst, at, at + n, src[so + i * ss]);
                }
            }
            case TRANSPOSE -> transpose(src, so, step, dst, to, ds, count, n);
            case GENERAL -> {
                int ds1 = p.dstStrides[axis + 1];
                for (int i = 0; i < count; i++) {
                    int s = so + i * ss;
                    int d = to + i * ds;
                    for (int j = 0; j < n; j++) {
                        dst[d + j * ds1] = src[s + j * step];
                    }
                }
            }
        }
    }

    private static void transpose(
            double[] src, int so, int ss, double[] dst, int to, int ds, int rows, int cols) {
        for (int r = 0; r < rows; r += TILE) {
            int rowEnd = Math.min(rows, r + TILE);
            for (int c = 0; c < cols; c += TILE) {
                int colEnd = Math.min(cols, c + TILE);
                for (int i = r; i < rowEnd; i++) {
                    int d = to + i * ds;
                    int s = so + i;
                    for (int j = c; j < colEnd; j++) {
                        dst[d + j] = src[s + j * ss];
                    }
                }
            }
        }
    }

    static void walk(Strided p, int axis, int count, int[] src, int so, int[] dst, int to) {
        int ss = p.srcStrides[axis];
        int ds = p.dstStrides[axis];
        if (axis < p.shape.length - 2) {
            for (int i = 0; i < count; i++) {
                walk(p, axis + 1, p.shape[axis + 1], src, so + i * ss, dst, to + i * ds);
            }
            return;
        }
        int n = p.shape[axis + 1];
        int step = p.srcStrides[axis + 1];
        switch (p.plane) {
            case RUNS -> {
                for (int i = 0; i < count; i++) {
                    System.arraycopy(src, so + i * ss, dst, to + i * ds, n);
                }
            }
            case FILL -> {
                for (int i = 0; i < count; i++) {
                    int at = to + i * ds;
                    Arrays.fill(dst, at, at + n, src[so + i * ss]);
                }
            }
            case TRANSPOSE -> transpose(src, so, step, dst, to, ds, count, n);
            case GENERAL -> {
                int ds1 = p.dstStrides[axis + 1];
                for (int i = 0; i < count; i++) {
                    int s = so + i * ss;
                    int d = to + i * ds;
                    for (int j = 0; j < n; j++) {
                        dst[d + j * ds1] = src[s + j * step];
                    }
                }
            }
        }
    }

    private static void transpose(
            int[] src, int so, int ss, int[] dst, int to, int ds, int rows, int cols) {
        for (int r = 0; r < rows; r += TILE) {
            int rowEnd = Math.min(rows, r + TILE);
            for (int c = 0; c < cols; c += TILE) {
                int colEnd = Math.min(cols, c + TILE);
                for (int i = r; i < rowEnd; i++) {
                    int d = to + i * ds;
                    int s = so + i;
                    for (int j = c; j < colEnd; j++) {
                        dst[d + j] = src[s + j * ss];
                    }
                }
            }
        }
    }

    static void walk(Strided p, int axis, int count, long[] src, int so, long[] dst, int to) {
        int ss = p.srcStrides[axis];
        int ds = p.dstStrides[axis];
        if (axis < p.shape.length - 2) {
            for (int i = 0; i < count; i++) {
                walk(p, axis + 1, p.shape[axis + 1], src, so + i * ss, dst, to + i * ds);
            }
            return;
        }
        int n = p.shape[axis + 1];
        int step = p.srcStrides[axis + 1];
        switch (p.plane) {
            case RUNS -> {
                for (int i = 0; i < count; i++) {
                    System.arraycopy(src, so + i * ss, dst, to + i * ds, n);
                }
            }
            case FILL -> {
                for (int i = 0; i < count; i++) {
                    int at = to + i * ds;
                    Arrays.fill(dst, at, at + n, src[so + i * ss]);
                }
            }
            case TRANSPOSE -> transpose(src, so, step, dst, to, ds, count, n);
            case GENERAL -> {
                int ds1 = p.dstStrides[axis + 1];
                for (int i = 0; i < count; i++) {
                    int s = so + i * ss;
                    int d = to + i * ds;
                    for (int j = 0; j < n; j++) {
                        dst[d + j * ds1] = src[s + j * step];
                    }
                }
            }
        }
    }

    private static void transpose(
            long[] src, int so, int ss, long[] dst, int to, int ds, int rows, int cols) {
        for (int r = 0; r < rows; r += TILE) {
            int rowEnd = Math.min(rows, r + TILE);
            for (int c = 0; c < cols; c += TILE) {
                int colEnd = Math.min(cols, c + TILE);
                for (int i = r; i < rowEnd; i++) {
                    int d = to + i * ds;
                    int s = so + i;
                    for (int j = c; j < colEnd; j++) {
                        dst[d + j] = src[s + j * ss];
                    }
                }
            }
        }
    }

    static void walk(Strided p, int axis, int count, byte[] src, int so, byte[] dst, int to) {
        int ss = p.srcStrides[axis];
        int ds = p.dstStrides[axis];
        if (axis < p.shape.length - 2) {
            for (int i = 0; i < count; i++) {
                walk(p, axis + 1, p.shape[axis + 1], src, so + i * ss, dst, to + i * ds);
            }
            return;
        }
        int n = p.shape[axis + 1];
        int step = p.srcStrides[axis + 1];
        switch (p.plane) {
            case RUNS -> {
                for (int i = 0; i < count; i++) {
                    System.arraycopy(src, so + i * ss, dst, to + i * ds, n);
                }
            }
            case FILL -> {
                for (int i = 0; i < count; i++) {
                    int at = to + i * ds;
                    Arrays.fill(dst, at, at + n, src[so + i * ss]);
                }
            }
            case TRANSPOSE -> transpose(src, so, step, dst, to, ds, count, n);
            case GENERAL -> {
                int ds1 = p.dstStrides[axis + 1];
                for (int i = 0; i < count; i++) {
                    int s = so + i * ss;
                    int d = to + i * ds;
                    for (int j = 0; j < n; j++) {
                        dst[d + j * ds1] = src[s + j * step];
                    }
                }
            }
        }
    }

    private static void transpose(
            byte[] src, int so, int ss, byte[] dst, int to, int ds, int rows, int cols) {
        for (int r = 0; r < rows; r += TILE) {
            int rowEnd = Math.min(rows, r + TILE);
            for (int c = 0; c < cols; c += TILE) {
                int colEnd = Math.min(cols, c + TILE);
                for (int i = r; i < rowEnd; i++) {
                    int d = to + i * ds;
                    int s = so + i;
                    for (int j = c; j < colEnd; j++) {
                        dst[d + j] = src[s + j * ss];
                    }
                }
            }
        }
    }

    static void walk(Strided p, int axis, int count, short[] src, int so, short[] dst, int to) {
        int ss = p.srcStrides[axis];
        int ds = p.dstStrides[axis];
        if (axis < p.shape.length - 2) {
            for (int i = 0; i < count; i++) {
                walk(p, axis + 1, p.shape[axis + 1], src, so + i * ss, dst, to + i * ds);
            }
            return;
        }
        int n = p.shape[axis + 1];
        int step = p.srcStrides[axis + 1];
        switch (p.plane) {
            case RUNS -> {
                for (int i = 0; i < count; i++) {
                    System.arraycopy(src, so + i * ss, dst, to + i * ds, n);
                }
            }
            case FILL -> {
                for (int i = 0; i < count; i++) {
                    int at = to + i * ds;
                    Arrays.fill(dst, at, at + n, src[so + i * ss]);
                }
            }
            case TRANSPOSE -> transpose(src, so, step, dst, to, ds, count, n);
            case GENERAL -> {
                int ds1 = p.dstStrides[axis + 1];
                for (int i = 0; i < count; i++) {
                    int s = so + i * ss;
                    int d = to + i * ds;
                    for (int j = 0; j < n; j++) {
                        dst[d + j * ds1] = src[s + j * step];
                    }
                }
            }
        }
    }

    private static void transpose(
            short[] src, int so, int ss, short[] dst, int to, int ds, int rows, int cols) {
        for (int r = 0; r < rows; r += TILE) {
            int rowEnd = Math.min(rows, r + TILE);
            for (int c = 0; c < cols; c += TILE) {
                int colEnd = Math.min(cols, c + TILE);
                for (int i = r; i < rowEnd; i++) {
                    int d = to + i * ds;
                    int s = so + i;
                    for (int j = c; j < colEnd; j++) {
                        dst[d + j] = src[s + j * ss];
                    }
                }
            }
        }
    }
}
