package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.simd.Sort;

import java.util.List;

/** Sorting along the last axis; other axes are brought there and back by copies. */
final class LowerOrdering {
    private LowerOrdering() {}

    /** Sorts one row. */
    @FunctionalInterface
    private interface Row {
        void run(Object x, int xo, Object y, int yo, int n);
    }

    static void lower(Lowering to, Equation e, Ordering op) {
        int axis = op.axis();
        var x = to.operand(e, 0);
        var y = to.result(e, 0);
        var dtype = x.type().dtype();
        var row =
                switch (op) {
                    case Ordering.Sort _ -> sort(dtype);
                    case Ordering.ArgSort a -> argSort(dtype, a.descending());
                };
        int rank = x.shape().rank();
        var order = Axes.of(axis).complement(rank).concat(Axes.of(axis));
        boolean last = order.isIdentity();
        var rows = to.contiguous(last ? x : x.transpose(order));
        var sorted =
                last
                        ? y
                        : View.whole(
                                Storage.of(y.type().dtype(), y.length(), Storage.Kind.TEMPORARY),
                                y.type().withShape(rows.shape()));
        int n = x.shape().dim(axis);
        int count = n == 0 ? 0 : x.length() / n;
        to.kernel(
                op.name(),
                List.of(rows),
                List.of(sorted),
                f ->
                        f.workers.run(
                                count,
                                r ->
                                        row.run(
                                                Lowering.array(f, rows),
                                                Lowering.at(f, rows) + r * n,
                                                Lowering.array(f, sorted),
                                                Lowering.at(f, sorted) + r * n,
                                                n)));
        if (!last) {
            to.copy(op.name(), sorted.transpose(order.inverse()), y);
        }
    }

    private static Row sort(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    (x, xo, y, yo, n) -> Sort.sort((float[]) x, xo, (float[]) y, yo, n, false);
            case FLOAT64 ->
                    (x, xo, y, yo, n) -> Sort.sort((double[]) x, xo, (double[]) y, yo, n, false);
            case INT32 -> (x, xo, y, yo, n) -> Sort.sort((int[]) x, xo, (int[]) y, yo, n, false);
            case INT64 -> (x, xo, y, yo, n) -> Sort.sort((long[]) x, xo, (long[]) y, yo, n, false);
            case BOOL, BFLOAT16 ->
                    throw new IllegalStateException("sort of " + dtype + " passed the type rule");
        };
    }

    private static Row argSort(DType dtype, boolean down) {
        return switch (dtype) {
            case FLOAT32 ->
                    (x, xo, y, yo, n) -> Sort.argSort((float[]) x, xo, (int[]) y, yo, n, down);
            case FLOAT64 ->
                    (x, xo, y, yo, n) -> Sort.argSort((double[]) x, xo, (int[]) y, yo, n, down);
            case INT32 -> (x, xo, y, yo, n) -> Sort.argSort((int[]) x, xo, (int[]) y, yo, n, down);
            case INT64 -> (x, xo, y, yo, n) -> Sort.argSort((long[]) x, xo, (int[]) y, yo, n, down);
            case BOOL, BFLOAT16 ->
                    throw new IllegalStateException(
                            "argSort of " + dtype + " passed the type rule");
        };
    }
}
