package dev.fathom.cpu.simd;

import java.util.Arrays;

/**
 * A planned copy between two strided views of the same shape: transposition, broadcasting, slicing,
 * padding, concatenation and reversal are all this one kernel with different strides.
 *
 * <p>A view is an offset into an array and a stride per axis, in elements; a stride may be 0 (the
 * element is repeated) or negative (the axis runs backwards). Making the plan drops axes of size 1,
 * orders the axes so that the destination is written forwards, joins axes that are contiguous in
 * both views, and picks a loop for the innermost two: run by run, fill, blocked transposition, or
 * element by element. Executing a plan allocates nothing, so make it once and keep it.
 *
 * <p>No destination element may be written twice, so destination strides are not 0.
 */
public final class Strided {

    /** The loops over the innermost plane of rows and columns. */
    enum Plane {
        /** Columns are adjacent in both arrays. */
        RUNS,
        /** Columns repeat one source element. */
        FILL,
        /** Columns are adjacent in the destination, rows in the source. */
        TRANSPOSE,
        /** Anything else. */
        GENERAL
    }

    final int[] shape;
    final int[] srcStrides;
    final int[] dstStrides;
    final int srcBase;
    final int dstBase;
    final Plane plane;
    private final boolean empty;

    private Strided(
            int[] shape,
            int[] srcStrides,
            int[] dstStrides,
            int srcBase,
            int dstBase,
            Plane plane) {
        this.shape = shape;
        this.srcStrides = srcStrides;
        this.dstStrides = dstStrides;
        this.srcBase = srcBase;
        this.dstBase = dstBase;
        this.plane = plane;
        this.empty = Arrays.stream(shape).anyMatch(n -> n == 0);
    }

    /** A copy of {@code shape} elements from one strided view to another. */
    public static Strided of(int[] shape, int[] srcStrides, int[] dstStrides) {
        return of(shape, srcStrides, 0, dstStrides, 0);
    }

    /**
     * A copy of {@code shape} elements between views that start {@code srcBase} and {@code dstBase}
     * elements after the offsets given to {@code copy}.
     *
     * @throws IllegalArgumentException if the ranks differ, a size is negative, or a destination
     *     stride is 0 along an axis of more than one element
     */
    public static Strided of(
            int[] shape, int[] srcStrides, int srcBase, int[] dstStrides, int dstBase) {
        int rank = shape.length;
        if (srcStrides.length != rank || dstStrides.length != rank) {
            throw new IllegalArgumentException(
                    ("shape, source strides and destination strides must have the same length: "
                                    + "%s, %s, %s")
                            .formatted(
                                    Arrays.toString(shape),
                                    Arrays.toString(srcStrides),
                                    Arrays.toString(dstStrides)));
        }
        boolean empty = Arrays.stream(shape).anyMatch(size -> size == 0);
        int[] n = new int[rank];
        int[] s = new int[rank];
        int[] d = new int[rank];
        int count = 0;
        for (int axis = 0; axis < rank; axis++) {
            if (shape[axis] < 0 || (shape[axis] > 1 && dstStrides[axis] == 0 && !empty)) {
                throw new IllegalArgumentException(
                        "axis %d has size %d and destination stride %d; sizes must not be negative,"
                                        .formatted(axis, shape[axis], dstStrides[axis])
                                + " and an axis of several elements needs a destination stride");
            }
            if (shape[axis] == 1) {
                continue;
            }
            // insertion by falling destination stride; equal ones keep their order
            int at = count++;
            while (at > 0 && Math.abs(d[at - 1]) < Math.abs(dstStrides[axis])) {
                n[at] = n[at - 1];
                s[at] = s[at - 1];
                d[at] = d[at - 1];
                at--;
            }
            n[at] = shape[axis];
            s[at] = srcStrides[axis];
            d[at] = dstStrides[axis];
        }
        int merged = 0;
        for (int axis = 0; axis < count; axis++) {
            boolean joins =
                    merged > 0
                            && s[merged - 1] == s[axis] * n[axis]
                            && d[merged - 1] == d[axis] * n[axis];
            int to = joins ? merged - 1 : merged++;
            n[to] = joins ? n[to] * n[axis] : n[axis];
            s[to] = s[axis];
            d[to] = d[axis];
        }
        return plan(n, s, d, merged, srcBase, dstBase);
    }

    private static Strided plan(int[] n, int[] s, int[] d, int rank, int srcBase, int dstBase) {
        // at least a plane: leading axes of size 1 are added to vectors and scalars
        int lead = Math.max(0, 2 - rank);
        int full = rank + lead;
        int[] shape = new int[full];
        int[] src = new int[full];
        int[] dst = new int[full];
        Arrays.fill(shape, 0, lead, 1);
        System.arraycopy(n, 0, shape, lead, rank);
        System.arraycopy(s, 0, src, lead, rank);
        System.arraycopy(d, 0, dst, lead, rank);
        if (rank == 0) {
            src[1] = 1;
            dst[1] = 1;
        }
        int last = full - 1;
        Plane plane = Plane.GENERAL;
        if (dst[last] == 1) {
            plane = src[last] == 1 ? Plane.RUNS : src[last] == 0 ? Plane.FILL : Plane.GENERAL;
            if (plane == Plane.GENERAL) {
                for (int axis = last - 1; axis >= 0; axis--) {
                    if (src[axis] == 1 && shape[axis] > 1) {
                        moveToRows(axis, shape);
                        moveToRows(axis, src);
                        moveToRows(axis, dst);
                        plane = Plane.TRANSPOSE;
                        break;
                    }
                }
            }
        }
        return new Strided(shape, src, dst, srcBase, dstBase, plane);
    }

    /** Moves one axis to be the last but one. */
    private static void moveToRows(int axis, int[] values) {
        int rows = values.length - 2;
        int moved = values[axis];
        System.arraycopy(values, axis + 1, values, axis, rows - axis);
        values[rows] = moved;
    }

    /** Row-major strides of a shape. */
    public static int[] rowMajor(int... shape) {
        int[] strides = new int[shape.length];
        int stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }

    /** Transposition of a row-major array: axis {@code i} of the result is {@code order[i]}. */
    public static Strided transpose(int[] shape, int... order) {
        int[] strides = rowMajor(shape);
        int rank = shape.length;
        int[] n = new int[rank];
        int[] s = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            n[axis] = shape[order[axis]];
            s[axis] = strides[order[axis]];
        }
        return of(n, s, rowMajor(n));
    }

    /**
     * Broadcasting of a row-major array: axis {@code i} of the operand becomes axis {@code axes[i]}
     * of the result; sizes 1 are stretched, and axes not named repeat the operand.
     */
    public static Strided broadcast(int[] operand, int[] axes, int... result) {
        int[] strides = rowMajor(operand);
        int[] s = new int[result.length];
        for (int i = 0; i < operand.length; i++) {
            s[axes[i]] = operand[i] == 1 ? 0 : strides[i];
        }
        return of(result, s, rowMajor(result));
    }

    /**
     * The elements {@code start, start + step, ...} below {@code limit} of each axis of a row-major
     * array; steps are positive.
     */
    public static Strided slice(int[] shape, int[] start, int[] limit, int[] step) {
        int[] strides = rowMajor(shape);
        int rank = shape.length;
        int[] n = new int[rank];
        int base = 0;
        for (int axis = 0; axis < rank; axis++) {
            n[axis] = Math.max(0, Math.ceilDiv(limit[axis] - start[axis], step[axis]));
            base += start[axis] * strides[axis];
            strides[axis] *= step[axis];
        }
        return of(n, strides, base, rowMajor(n), 0);
    }

    /** Reversal of a row-major array along some axes. */
    public static Strided reverse(int[] shape, int... axes) {
        int[] strides = rowMajor(shape);
        int base = 0;
        for (int axis : axes) {
            base += (shape[axis] - 1) * strides[axis];
            strides[axis] = -strides[axis];
        }
        return of(shape, strides, base, rowMajor(shape), 0);
    }

    /**
     * The places of a row-major array in a padded one; fill that one with the padding value first.
     * Axis {@code i} of the result has {@code low[i]} elements before the operand, {@code high[i]}
     * after it and {@code interior[i] >= 0} between neighbours; negative {@code low} and {@code
     * high} cut elements off.
     */
    public static Strided pad(int[] shape, int[] low, int[] high, int[] interior) {
        int rank = shape.length;
        int[] result = padded(shape, low, high, interior);
        int[] src = rowMajor(shape);
        int[] dst = rowMajor(result);
        int[] n = new int[rank];
        int srcBase = 0;
        int dstBase = 0;
        for (int axis = 0; axis < rank; axis++) {
            int step = interior[axis] + 1;
            // operand element i lands on low + i step, which must lie in [0, result)
            int first = Math.max(0, Math.ceilDiv(-low[axis], step));
            int end = Math.min(shape[axis], Math.ceilDiv(result[axis] - low[axis], step));
            n[axis] = Math.max(0, end - first);
            srcBase += first * src[axis];
            dstBase += (low[axis] + first * step) * dst[axis];
            dst[axis] *= step;
        }
        return of(n, src, srcBase, dst, dstBase);
    }

    /** The shape after padding. */
    public static int[] padded(int[] shape, int[] low, int[] high, int[] interior) {
        int[] result = new int[shape.length];
        for (int axis = 0; axis < shape.length; axis++) {
            int inner = Math.max(0, shape[axis] - 1) * interior[axis];
            result[axis] = Math.max(0, low[axis] + shape[axis] + inner + high[axis]);
        }
        return result;
    }

    /**
     * The place of one piece of a concatenation: a row-major array of shape {@code piece} goes into
     * one of shape {@code result} from position {@code at} of {@code axis}.
     */
    public static Strided piece(int[] piece, int axis, int at, int... result) {
        int[] dst = rowMajor(result);
        return of(piece, rowMajor(piece), 0, dst, at * dst[axis]);
    }

    /**
     * Independent parts: {@code copy} may be called for disjoint ranges below this on any thread.
     */
    public int parts() {
        return empty ? 0 : shape[0];
    }

    /** Copies all elements. */
    public void copy(float[] src, int srcOffset, float[] dst, int dstOffset) {
        copy(src, srcOffset, dst, dstOffset, 0, parts());
    }

    /** Copies the parts {@code from .. to}. */
    public void copy(float[] src, int srcOffset, float[] dst, int dstOffset, int from, int to) {
        if (from < to) {
            int s = srcOffset + srcBase + from * srcStrides[0];
            int d = dstOffset + dstBase + from * dstStrides[0];
            StridedKernels.walk(this, 0, to - from, src, s, dst, d);
        }
    }

    /** Copies all elements. */
    public void copy(double[] src, int srcOffset, double[] dst, int dstOffset) {
        copy(src, srcOffset, dst, dstOffset, 0, parts());
    }

    /** Copies the parts {@code from .. to}. */
    public void copy(double[] src, int srcOffset, double[] dst, int dstOffset, int from, int to) {
        if (from < to) {
            int s = srcOffset + srcBase + from * srcStrides[0];
            int d = dstOffset + dstBase + from * dstStrides[0];
            StridedKernels.walk(this, 0, to - from, src, s, dst, d);
        }
    }

    /** Copies all elements. */
    public void copy(int[] src, int srcOffset, int[] dst, int dstOffset) {
        copy(src, srcOffset, dst, dstOffset, 0, parts());
    }

    /** Copies the parts {@code from .. to}. */
    public void copy(int[] src, int srcOffset, int[] dst, int dstOffset, int from, int to) {
        if (from < to) {
            int s = srcOffset + srcBase + from * srcStrides[0];
            int d = dstOffset + dstBase + from * dstStrides[0];
            StridedKernels.walk(this, 0, to - from, src, s, dst, d);
        }
    }

    /** Copies all elements. */
    public void copy(long[] src, int srcOffset, long[] dst, int dstOffset) {
        copy(src, srcOffset, dst, dstOffset, 0, parts());
    }

    /** Copies the parts {@code from .. to}. */
    public void copy(long[] src, int srcOffset, long[] dst, int dstOffset, int from, int to) {
        if (from < to) {
            int s = srcOffset + srcBase + from * srcStrides[0];
            int d = dstOffset + dstBase + from * dstStrides[0];
            StridedKernels.walk(this, 0, to - from, src, s, dst, d);
        }
    }

    /** Copies all elements. */
    public void copy(byte[] src, int srcOffset, byte[] dst, int dstOffset) {
        copy(src, srcOffset, dst, dstOffset, 0, parts());
    }

    /** Copies the parts {@code from .. to}. */
    public void copy(byte[] src, int srcOffset, byte[] dst, int dstOffset, int from, int to) {
        if (from < to) {
            int s = srcOffset + srcBase + from * srcStrides[0];
            int d = dstOffset + dstBase + from * dstStrides[0];
            StridedKernels.walk(this, 0, to - from, src, s, dst, d);
        }
    }

    /** Copies all elements. */
    public void copy(short[] src, int srcOffset, short[] dst, int dstOffset) {
        copy(src, srcOffset, dst, dstOffset, 0, parts());
    }

    /** Copies the parts {@code from .. to}. */
    public void copy(short[] src, int srcOffset, short[] dst, int dstOffset, int from, int to) {
        if (from < to) {
            int s = srcOffset + srcBase + from * srcStrides[0];
            int d = dstOffset + dstBase + from * dstStrides[0];
            StridedKernels.walk(this, 0, to - from, src, s, dst, d);
        }
    }
}
