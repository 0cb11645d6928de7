package dev.fathom.core.tensor;

import dev.fathom.core.error.ShapeException;

import java.util.Arrays;
import java.util.StringJoiner;

/** The sizes of a tensor's axes; immutable. The scalar's shape is {@code ()}. */
public final class Shape {
    private static final Shape SCALAR = new Shape(new int[0]);
    private final int[] dims;

    private Shape(int[] dims) {
        this.dims = dims;
    }

    /**
     * A shape of the given sizes.
     *
     * @throws ShapeException for a negative size
     */
    public static Shape of(int... dims) {
        for (int d : dims) {
            if (d < 0) {
                throw new ShapeException("shape " + Arrays.toString(dims) + " has a negative size");
            }
        }
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /** Number of axes. */
    public int rank() {
        return dims.length;
    }

    /** Size of axis {@code i}; a negative {@code i} counts from the end. */
    public int dim(int i) {
        return dims[axis(i)];
    }

    /** Number of elements: the product of the sizes, at most {@link Long#MAX_VALUE}. */
    public long size() {
        long n = 1;
        boolean tooMany = false;
        for (int d : dims) {
            if (d == 0) {
                return 0;
            }
            tooMany |= Math.multiplyHigh(n, (long) d) != 0 || n * d < 0;
            n = tooMany ? Long.MAX_VALUE : n * d;
        }
        return n;
    }

    /** Number of elements as an int, since a Java array holds no more. */
    public int length() {
        long n = size();
        if (n > Integer.MAX_VALUE - 8) {
            throw new ShapeException(
                    "shape " + this + " has " + n + " elements; a tensor holds at most 2147483639");
        }
        return (int) n;
    }

    /** The sizes, as a copy. */
    public int[] dims() {
        return dims.clone();
    }

    /**
     * {@code axis} as a number of {@code 0 .. rank-1}; negative axes count from the end.
     *
     * @throws ShapeException if there is no such axis
     */
    public int axis(int axis) {
        int a = axis < 0 ? axis + dims.length : axis;
        if (a < 0 || a >= dims.length) {
            throw new ShapeException(
                    "axis "
                            + axis
                            + " does not exist in shape "
                            + this
                            + " of rank "
                            + dims.length);
        }
        return a;
    }

    /** All axes normalised by {@link #axis}; no axes given means all of them. */
    public Axes axes(int... axes) {
        if (axes.length == 0) {
            return Axes.range(0, rank());
        }
        var result = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            result[i] = axis(axes[i]);
        }
        Arrays.sort(result);
        var sorted = Axes.of(result);
        if (!sorted.areAxesOf(rank())) {
            throw new ShapeException("axes " + Arrays.toString(axes) + " name an axis twice");
        }
        return sorted;
    }

    /** This shape with a new first axis. */
    public Shape prepend(int dim) {
        return insert(0, dim);
    }

    /** This shape with a new axis before {@code position}. */
    public Shape insert(int position, int dim) {
        var r = new int[dims.length + 1];
        System.arraycopy(dims, 0, r, 0, position);
        r[position] = dim;
        System.arraycopy(dims, position, r, position + 1, dims.length - position);
        return of(r);
    }

    /** This shape without the given axes. */
    public Shape without(Axes axes) {
        return select(axes.complement(rank()));
    }

    /** The sizes of the given axes, in their order. */
    public Shape select(Axes axes) {
        var r = new int[axes.size()];
        for (int i = 0; i < r.length; i++) {
            r[i] = dims[axes.get(i)];
        }
        return of(r);
    }

    /** The axes from {@code start} (inclusive) to {@code end} (exclusive). */
    public Shape range(int start, int end) {
        return of(Arrays.copyOfRange(dims, start, end));
    }

    /** This shape with axis {@code i} set to {@code dim}. */
    public Shape with(int i, int dim) {
        var r = dims.clone();
        r[i] = dim;
        return of(r);
    }

    /** These axes followed by the other's. */
    public Shape concat(Shape other) {
        var r = Arrays.copyOf(dims, dims.length + other.dims.length);
        System.arraycopy(other.dims, 0, r, dims.length, other.dims.length);
        return of(r);
    }

    /** Row-major strides, in elements. */
    public int[] strides() {
        var s = new int[dims.length];
        int step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            s[i] = step;
            step *= dims[i];
        }
        return s;
    }

    /**
     * The common shape two shapes broadcast to under NumPy's rule: aligned at the last axis, sizes
     * are equal or one of them is 1.
     *
     * @throws ShapeException naming {@code operation} where they do not fit
     */
    public static Shape broadcast(String operation, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        var r = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int p = i <= a.rank() ? a.dims[a.rank() - i] : 1;
            int q = i <= b.rank() ? b.dims[b.rank() - i] : 1;
            if (p != q && p != 1 && q != 1) {
                throw new ShapeException(
                        operation
                                + ": shapes "
                                + a
                                + " and "
                                + b
                                + " do not broadcast: axis -"
                                + i
                                + " has "
                                + p
                                + " and "
                                + q
                                + ". Sizes must be equal or 1, counted from the last axis;"
                                + " insert axes of size 1 with expandDims");
            }
            r[rank - i] = p == 1 ? q : p;
        }
        return of(r);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape other && Arrays.equals(dims, other.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        if (dims.length == 1) {
            return "(" + dims[0] + ",)";
        }
        var s = new StringJoiner(", ", "(", ")");
        for (int d : dims) {
            s.add(Integer.toString(d));
        }
        return s.toString();
    }
}
