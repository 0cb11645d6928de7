package dev.fathom.cpu.plan;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.tensor.Shape;
import dev.fathom.cpu.simd.Gather;
import dev.fathom.cpu.simd.Strided;

import java.util.List;

/** Selections by data. Positions are checked before anything is read or written. */
final class LowerIndexing {
    private LowerIndexing() {}

    static void lower(Lowering to, Equation e, Indexing op) {
        switch (op) {
            case Indexing.Gather g -> gather(to, e, g);
            case Indexing.ScatterAdd s -> scatterAdd(to, e, s);
            case Indexing.DynamicSlice s -> slice(to, e, s);
            case Indexing.DynamicUpdate u -> update(to, e, u);
        }
    }

    /** Sizes as the kernels want them: (batch, outer, size, inner) and (batch, count). */
    private record Sizes(int batch, int outer, int size, int count, int inner) {
        static Sizes of(int axis, int shared, Shape x, Shape indices) {
            return new Sizes(
                    x.range(0, shared).length(),
                    x.range(shared, axis).length(),
                    x.dim(axis),
                    indices.range(shared, indices.rank()).length(),
                    x.range(axis + 1, x.rank()).length());
        }
    }

    /** Says which operation was given a bad position. Any other bad index is a fault of ours. */
    static void checked(String name, Runnable body) {
        try {
            body.run();
        } catch (Gather.PositionException e) {
            throw new IndexException(name + ": " + e.getMessage());
        }
    }

    private static void gather(Lowering to, Equation e, Indexing.Gather op) {
        var x = to.contiguous(e, 0);
        var index = to.contiguous(e, 1);
        var y = to.result(e, 0);
        var s = Sizes.of(op.axis(), op.shared(), x.shape(), index.shape());
        to.kernel(
                "gather",
                List.of(x, index),
                List.of(y),
                f ->
                        checked(
                                "gather",
                                () -> {
                                    var at = (int[]) Lowering.array(f, index);
                                    int i = Lowering.at(f, index);
                                    int a = Lowering.at(f, x);
                                    int b = Lowering.at(f, y);
                                    var out = Lowering.array(f, y);
                                    switch (Lowering.array(f, x)) {
                                        case float[] v ->
                                                Gather.take(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (float[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case double[] v ->
                                                Gather.take(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (double[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case int[] v ->
                                                Gather.take(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (int[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case long[] v ->
                                                Gather.take(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (long[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case byte[] v ->
                                                Gather.take(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (byte[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case short[] v ->
                                                Gather.take(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (short[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case Object o ->
                                                throw new IllegalStateException(
                                                        "not a buffer: " + o);
                                    }
                                }));
    }

    private static void scatterAdd(Lowering to, Equation e, Indexing.ScatterAdd op) {
        var x = to.operand(e, 0);
        var index = to.contiguous(e, 1);
        var updates = to.contiguous(e, 2);
        var y = to.result(e, 0);
        var s = Sizes.of(op.axis(), op.shared(), x.shape(), index.shape());
        to.copy("scatterAdd base", x, y);
        to.kernel(
                "scatterAdd",
                List.of(index, updates, y),
                List.of(y),
                f ->
                        checked(
                                "scatterAdd",
                                () -> {
                                    var at = (int[]) Lowering.array(f, index);
                                    int i = Lowering.at(f, index);
                                    int a = Lowering.at(f, updates);
                                    int b = Lowering.at(f, y);
                                    var out = Lowering.array(f, y);
                                    switch (Lowering.array(f, updates)) {
                                        case float[] v ->
                                                Gather.scatterAdd(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (float[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case double[] v ->
                                                Gather.scatterAdd(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (double[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case int[] v ->
                                                Gather.scatterAdd(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (int[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case long[] v ->
                                                Gather.scatterAdd(
                                                        v,
                                                        a,
                                                        at,
                                                        i,
                                                        (long[]) out,
                                                        b,
                                                        s.batch,
                                                        s.outer,
                                                        s.size,
                                                        s.count,
                                                        s.inner);
                                        case Object o ->
                                                throw new IllegalStateException(
                                                        "not a number buffer: " + o);
                                    }
                                }));
    }

    /** Row-major position of a window's corner, which must leave the window inside. */
    private static int corner(String name, Frame f, View start, Shape shape, Shape window) {
        var v = (int[]) Lowering.array(f, start);
        int at = Lowering.at(f, start);
        var strides = shape.strides();
        int position = 0;
        for (int i = 0; i < strides.length; i++) {
            int s = v[at + i];
            if (s < 0 || s > shape.dim(i) - window.dim(i)) {
                throw new IndexException(
                        name
                                + ": a window of size "
                                + window.dim(i)
                                + " at "
                                + s
                                + " leaves axis "
                                + i
                                + " of size "
                                + shape.dim(i));
            }
            position += s * strides[i];
        }
        return position;
    }

    private static void slice(Lowering to, Equation e, Indexing.DynamicSlice op) {
        var x = to.contiguous(e, 0);
        var start = to.contiguous(e, 1);
        var y = to.result(e, 0);
        var copy = Strided.of(op.sizes().dims(), x.shape().strides(), op.sizes().strides());
        to.kernel(
                "dynamicSlice",
                List.of(x, start),
                List.of(y),
                f -> {
                    int at = corner("dynamicSlice", f, start, x.shape(), op.sizes());
                    Memory.copy(
                            copy,
                            Lowering.array(f, x),
                            Lowering.at(f, x) + at,
                            Lowering.array(f, y),
                            Lowering.at(f, y));
                });
    }

    private static void update(Lowering to, Equation e, Indexing.DynamicUpdate op) {
        var x = to.operand(e, 0);
        var window = to.contiguous(e, 1);
        var start = to.contiguous(e, 2);
        var y = to.result(e, 0);
        var copy = Strided.of(window.shape().dims(), window.shape().strides(), y.shape().strides());
        to.copy("dynamicUpdate base", x, y);
        to.kernel(
                op.name(),
                List.of(window, start, y),
                List.of(y),
                f -> {
                    int at = corner(op.name(), f, start, y.shape(), window.shape());
                    Memory.copy(
                            copy,
                            Lowering.array(f, window),
                            Lowering.at(f, window),
                            Lowering.array(f, y),
                            Lowering.at(f, y) + at);
                });
    }
}
