package dev.fathom.core.math;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Putting tensors together, taking them apart, selecting and ordering their elements. */
public final class Shaping {
    private Shaping() {}

    /**
     * The tensors one after another along {@code axis}.
     *
     * @throws ShapeException if there are none, or they differ in another axis
     */
    public static Tensor concatenate(int axis, Tensor... parts) {
        return Structural.concatenate(axis, parts);
    }

    /**
     * The tensors side by side along a new axis before {@code axis}.
     *
     * @throws ShapeException if there are none, or their shapes differ
     */
    public static Tensor stack(int axis, Tensor... parts) {
        return Structural.concatenate(
                axis, Arrays.stream(parts).map(t -> t.expandDims(axis)).toArray(Tensor[]::new));
    }

    /** Cut into {@code parts} equal pieces along {@code axis}. */
    public static List<Tensor> split(Tensor x, int axis, int parts) {
        int n = x.dim(axis);
        if (parts < 1 || n % parts != 0) {
            throw new ShapeException(
                    "split: axis " + axis + " of " + x.type() + " does not divide into " + parts);
        }
        var r = new ArrayList<Tensor>();
        for (int i = 0; i < parts; i++) {
            r.add(x.slice(axis, i * (n / parts), (i + 1) * (n / parts)));
        }
        return r;
    }

    /** Elements {@code start, start + stride, ... < stop} along {@code axis}. */
    public static Tensor slice(Tensor x, int axis, int start, int stop, int stride) {
        return Structural.slice(x, axis, start, stop, stride);
    }

    /** Zeros before and after the elements of every axis. */
    public static Tensor pad(Tensor x, int[] low, int[] high) {
        return Ops.bind(
                new Structural.Pad(Axes.of(low), Axes.of(high), Axes.repeat(0, x.rank())), x);
    }

    /** The order along the given axes turned round. */
    public static Tensor reverse(Tensor x, int... axes) {
        return Ops.bind(new Structural.Reverse(x.shape().axes(axes)), x);
    }

    /** Axis {@code from} moved to position {@code to}. */
    public static Tensor moveAxis(Tensor x, int from, int to) {
        return Ops.moveAxis(x, x.shape().axis(from), x.shape().axis(to));
    }

    /**
     * Elements at {@code indices} (int32) along {@code axis}: (.., n, ..) to (.., indices.., ..).
     */
    public static Tensor take(Tensor x, Tensor indices, int axis) {
        return Indexing.take(x, indices, axis);
    }

    /** {@code y[.., j, ..] = x[.., indices[.., j, ..], ..]} along {@code axis}. */
    public static Tensor takeAlong(Tensor x, Tensor indices, int axis) {
        return Indexing.takeAlong(x, indices, axis);
    }

    /** {@code x} with {@code updates} added at {@code indices} along the first axis. */
    public static Tensor scatterAdd(Tensor x, Tensor indices, Tensor updates) {
        return Ops.bind(new Indexing.ScatterAdd(0, 0), x, indices, updates);
    }

    /** A window of fixed sizes whose corner {@code start}, int32 (rank,), is data. */
    public static Tensor dynamicSlice(Tensor x, Tensor start, int... sizes) {
        return Ops.bind(new Indexing.DynamicSlice(Shape.of(sizes)), x, start);
    }

    /** {@code x} with the window at corner {@code start} replaced. */
    public static Tensor dynamicUpdate(Tensor x, Tensor update, Tensor start) {
        return Ops.bind(new Indexing.DynamicUpdate(), x, update, start);
    }

    /** The positions that sort {@code x} ascending along {@code axis}, int32. */
    public static Tensor argSort(Tensor x, int axis) {
        return Ops.bind(new Ordering.ArgSort(x.shape().axis(axis), false), x);
    }

    /** The k largest elements along an axis, largest first, and their positions. */
    public record TopK(Tensor values, Tensor indices) {}

    /** The {@code k} largest elements along {@code axis}. */
    public static TopK topK(Tensor x, int k, int axis) {
        int a = x.shape().axis(axis);
        if (k < 0 || k > x.dim(a)) {
            throw new ShapeException(
                    "topK: axis " + a + " of " + x.type() + " has no " + k + " elements");
        }
        Tensor order = Ops.bind(new Ordering.ArgSort(a, true), x).slice(a, 0, k);
        return new TopK(Indexing.takeAlong(x, order, a), order);
    }

    /**
     * The lower triangle of matrices in the last two axes, up to the given diagonal; zeros above.
     */
    public static Tensor lowerTriangle(Tensor x, int diagonal) {
        var type = x.type().withDType(DType.INT32);
        Tensor row = Creation.iota(type, -2).plus(diagonal);
        Tensor column = Creation.iota(type, -1);
        return Functions.where(
                Functions.compare(Order.LESS_EQUAL, column, row), x, Ops.zeros(x.type()));
    }
}
