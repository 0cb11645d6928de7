package dev.fathom.core.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/** An immutable list of ints with value equality: axes, permutations, strides, paddings. */
public final class Axes {
    private static final Axes NONE = new Axes(new int[0]);
    private final int[] values;

    private Axes(int[] values) {
        this.values = values;
    }

    /** The given numbers. */
    public static Axes of(int... values) {
        return values.length == 0 ? NONE : new Axes(values.clone());
    }

    /** {@code start, start + 1, ..., end - 1}. */
    public static Axes range(int start, int end) {
        return new Axes(IntStream.range(start, end).toArray());
    }

    /** {@code count} times the same {@code value}. */
    public static Axes repeat(int value, int count) {
        var v = new int[count];
        Arrays.fill(v, value);
        return new Axes(v);
    }

    /** Number of entries. */
    public int size() {
        return values.length;
    }

    /** Entry {@code i}. */
    public int get(int i) {
        return values[i];
    }

    /** A copy as an array. */
    public int[] toArray() {
        return values.clone();
    }

    /** Whether {@code value} is one of the entries. */
    public boolean contains(int value) {
        return indexOf(value) >= 0;
    }

    /** The first position of {@code value}, or -1. */
    public int indexOf(int value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                return i;
            }
        }
        return -1;
    }

    /** Every entry plus {@code offset}. */
    public Axes shift(int offset) {
        return new Axes(IntStream.of(values).map(v -> v + offset).toArray());
    }

    /** {@code value} followed by these entries. */
    public Axes prepend(int value) {
        return new Axes(IntStream.concat(IntStream.of(value), IntStream.of(values)).toArray());
    }

    /** These entries followed by the others. */
    public Axes concat(Axes others) {
        return new Axes(
                IntStream.concat(IntStream.of(values), IntStream.of(others.values)).toArray());
    }

    /** The numbers of {@code 0 .. rank-1} that are not entries, ascending. */
    public Axes complement(int rank) {
        return new Axes(IntStream.range(0, rank).filter(i -> !contains(i)).toArray());
    }

    /** For a permutation p, the q with {@code q[p[i]] = i}. */
    public Axes inverse() {
        var q = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            q[values[i]] = i;
        }
        return new Axes(q);
    }

    /** Whether the entries are {@code 0, 1, ..., size-1} in this order. */
    public boolean isIdentity() {
        for (int i = 0; i < values.length; i++) {
            if (values[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** Whether each of {@code 0 .. rank-1} occurs exactly once. */
    public boolean isPermutation(int rank) {
        if (values.length != rank) {
            return false;
        }
        var seen = new boolean[rank];
        for (int v : values) {
            if (v < 0 || v >= rank || seen[v]) {
                return false;
            }
            seen[v] = true;
        }
        return true;
    }

    /** Whether the entries are distinct and all in {@code 0 .. rank-1}. */
    public boolean areAxesOf(int rank) {
        return IntStream.of(values).allMatch(v -> v >= 0 && v < rank)
                && IntStream.of(values).distinct().count() == values.length;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Axes other && Arrays.equals(values, other.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
