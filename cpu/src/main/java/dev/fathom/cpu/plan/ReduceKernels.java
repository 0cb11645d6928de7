package dev.fathom.cpu.plan;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.simd.BoolReduce;
import dev.fathom.cpu.simd.DoubleReduce;
import dev.fathom.cpu.simd.FloatReduce;
import dev.fathom.cpu.simd.IntReduce;
import dev.fathom.cpu.simd.LongReduce;

import org.jspecify.annotations.Nullable;

/** The kernels of each reduction, by dtype. */
final class ReduceKernels {
    private ReduceKernels() {}

    /** One run to one element. */
    @FunctionalInterface
    interface Run {
        void run(Object x, int xo, int n, Object y, int yo);
    }

    /** Rows of a matrix combined to one row. */
    @FunctionalInterface
    interface Rows {
        void run(Object x, int xo, int rows, int columns, Object y, int yo);
    }

    /** Combines elements a and b of an array into a. */
    @FunctionalInterface
    interface Join {
        void run(Object x, int a, int b);
    }

    /** The forms of one reduction. */
    record Kernel(Run run, Rows rows, @Nullable Join join) {
        void run(Object x, int xo, int n, Object y, int yo) {
            run.run(x, xo, n, y, yo);
        }

        void rows(Object x, int xo, int n, int columns, Object y, int yo) {
            rows.run(x, xo, n, columns, y, yo);
        }

        /** Whether results of parts can be combined. */
        boolean joins() {
            return join != null;
        }

        void join(Object x, int a, int b) {
            if (join != null) {
                join.run(x, a, b);
            }
        }
    }

    static Kernel of(Reduction.Over op, DType dtype) {
        return switch (op) {
            case Reduction.Sum _ -> sum(dtype);
            case Reduction.Product _ -> product(dtype);
            case Reduction.ReduceMax _ -> max(dtype);
            case Reduction.ReduceMin _ -> min(dtype);
            case Reduction.Any _ ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((byte[]) y)[yo] =
                                            (byte) (BoolReduce.any((byte[]) x, xo, n) ? 1 : 0),
                            (x, xo, r, c, y, yo) ->
                                    BoolReduce.anyRows((byte[]) x, xo, r, c, c, (byte[]) y, yo),
                            (x, a, b) -> ((byte[]) x)[a] |= ((byte[]) x)[b]);
            case Reduction.All _ ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((byte[]) y)[yo] =
                                            (byte) (BoolReduce.all((byte[]) x, xo, n) ? 1 : 0),
                            (x, xo, r, c, y, yo) ->
                                    BoolReduce.allRows((byte[]) x, xo, r, c, c, (byte[]) y, yo),
                            (x, a, b) -> ((byte[]) x)[a] &= ((byte[]) x)[b]);
        };
    }

    private static DTypeException undefined(DType dtype) {
        return new DTypeException("no such reduction of " + dtype);
    }

    private static Kernel sum(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((float[]) y)[yo] = FloatReduce.sum((float[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    FloatReduce.sumRows((float[]) x, xo, r, c, c, (float[]) y, yo),
                            (x, a, b) -> ((float[]) x)[a] += ((float[]) x)[b]);
            case FLOAT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((double[]) y)[yo] = DoubleReduce.sum((double[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    DoubleReduce.sumRows(
                                            (double[]) x, xo, r, c, c, (double[]) y, yo),
                            (x, a, b) -> ((double[]) x)[a] += ((double[]) x)[b]);
            case INT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) -> ((int[]) y)[yo] = IntReduce.sum((int[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    IntReduce.sumRows((int[]) x, xo, r, c, c, (int[]) y, yo),
                            (x, a, b) -> ((int[]) x)[a] += ((int[]) x)[b]);
            case INT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((long[]) y)[yo] = LongReduce.sum((long[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    LongReduce.sumRows((long[]) x, xo, r, c, c, (long[]) y, yo),
                            (x, a, b) -> ((long[]) x)[a] += ((long[]) x)[b]);
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }

    private static Kernel product(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((float[]) y)[yo] = FloatReduce.prod((float[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    FloatReduce.prodRows((float[]) x, xo, r, c, c, (float[]) y, yo),
                            (x, a, b) -> ((float[]) x)[a] *= ((float[]) x)[b]);
            case FLOAT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((double[]) y)[yo] = DoubleReduce.prod((double[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    DoubleReduce.prodRows(
                                            (double[]) x, xo, r, c, c, (double[]) y, yo),
                            (x, a, b) -> ((double[]) x)[a] *= ((double[]) x)[b]);
            case INT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) -> ((int[]) y)[yo] = IntReduce.prod((int[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    IntReduce.prodRows((int[]) x, xo, r, c, c, (int[]) y, yo),
                            (x, a, b) -> ((int[]) x)[a] *= ((int[]) x)[b]);
            case INT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((long[]) y)[yo] = LongReduce.prod((long[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    LongReduce.prodRows((long[]) x, xo, r, c, c, (long[]) y, yo),
                            (x, a, b) -> ((long[]) x)[a] *= ((long[]) x)[b]);
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }

    private static Kernel max(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((float[]) y)[yo] = FloatReduce.max((float[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    FloatReduce.maxRows((float[]) x, xo, r, c, c, (float[]) y, yo),
                            (x, a, b) ->
                                    ((float[]) x)[a] =
                                            Math.max(((float[]) x)[a], ((float[]) x)[b]));
            case FLOAT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((double[]) y)[yo] = DoubleReduce.max((double[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    DoubleReduce.maxRows(
                                            (double[]) x, xo, r, c, c, (double[]) y, yo),
                            (x, a, b) ->
                                    ((double[]) x)[a] =
                                            Math.max(((double[]) x)[a], ((double[]) x)[b]));
            case INT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) -> ((int[]) y)[yo] = IntReduce.max((int[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    IntReduce.maxRows((int[]) x, xo, r, c, c, (int[]) y, yo),
                            (x, a, b) -> ((int[]) x)[a] = Math.max(((int[]) x)[a], ((int[]) x)[b]));
            case INT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((long[]) y)[yo] = LongReduce.max((long[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    LongReduce.maxRows((long[]) x, xo, r, c, c, (long[]) y, yo),
                            (x, a, b) ->
                                    ((long[]) x)[a] = Math.max(((long[]) x)[a], ((long[]) x)[b]));
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }

    private static Kernel min(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((float[]) y)[yo] = FloatReduce.min((float[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    FloatReduce.minRows((float[]) x, xo, r, c, c, (float[]) y, yo),
                            (x, a, b) ->
                                    ((float[]) x)[a] =
                                            Math.min(((float[]) x)[a], ((float[]) x)[b]));
            case FLOAT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((double[]) y)[yo] = DoubleReduce.min((double[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    DoubleReduce.minRows(
                                            (double[]) x, xo, r, c, c, (double[]) y, yo),
                            (x, a, b) ->
                                    ((double[]) x)[a] =
                                            Math.min(((double[]) x)[a], ((double[]) x)[b]));
            case INT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) -> ((int[]) y)[yo] = IntReduce.min((int[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    IntReduce.minRows((int[]) x, xo, r, c, c, (int[]) y, yo),
                            (x, a, b) -> ((int[]) x)[a] = Math.min(((int[]) x)[a], ((int[]) x)[b]));
            case INT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((long[]) y)[yo] = LongReduce.min((long[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    LongReduce.minRows((long[]) x, xo, r, c, c, (long[]) y, yo),
                            (x, a, b) ->
                                    ((long[]) x)[a] = Math.min(((long[]) x)[a], ((long[]) x)[b]));
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }

    static Kernel argMax(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = FloatReduce.argMax((float[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    FloatReduce.argMaxRows((float[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case FLOAT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = DoubleReduce.argMax((double[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    DoubleReduce.argMaxRows(
                                            (double[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case INT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = IntReduce.argMax((int[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    IntReduce.argMaxRows((int[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case INT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = LongReduce.argMax((long[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    LongReduce.argMaxRows((long[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }

    static Kernel argMin(DType dtype) {
        return switch (dtype) {
            case FLOAT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = FloatReduce.argMin((float[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    FloatReduce.argMinRows((float[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case FLOAT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = DoubleReduce.argMin((double[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    DoubleReduce.argMinRows(
                                            (double[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case INT32 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = IntReduce.argMin((int[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    IntReduce.argMinRows((int[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case INT64 ->
                    new Kernel(
                            (x, xo, n, y, yo) ->
                                    ((int[]) y)[yo] = LongReduce.argMin((long[]) x, xo, n),
                            (x, xo, r, c, y, yo) ->
                                    LongReduce.argMinRows((long[]) x, xo, r, c, c, (int[]) y, yo),
                            null);
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }

    /** Running sums of (n, inner). */
    @FunctionalInterface
    interface Cumulative {
        void run(Object x, int xo, Object y, int yo, int n, int inner);
    }

    static Cumulative cumulative(DType dtype, boolean reverse) {
        return switch (dtype) {
            case FLOAT32 ->
                    (x, xo, y, yo, n, inner) -> {
                        if (inner == 1) {
                            FloatReduce.cumSum((float[]) x, xo, (float[]) y, yo, n, reverse);
                        } else {
                            FloatReduce.cumSumRows(
                                    (float[]) x, xo, n, inner, (float[]) y, yo, reverse);
                        }
                    };
            case FLOAT64 ->
                    (x, xo, y, yo, n, inner) -> {
                        if (inner == 1) {
                            DoubleReduce.cumSum((double[]) x, xo, (double[]) y, yo, n, reverse);
                        } else {
                            DoubleReduce.cumSumRows(
                                    (double[]) x, xo, n, inner, (double[]) y, yo, reverse);
                        }
                    };
            case INT32 ->
                    (x, xo, y, yo, n, inner) -> {
                        if (inner == 1) {
                            IntReduce.cumSum((int[]) x, xo, (int[]) y, yo, n, reverse);
                        } else {
                            IntReduce.cumSumRows((int[]) x, xo, n, inner, (int[]) y, yo, reverse);
                        }
                    };
            case INT64 ->
                    (x, xo, y, yo, n, inner) -> {
                        if (inner == 1) {
                            LongReduce.cumSum((long[]) x, xo, (long[]) y, yo, n, reverse);
                        } else {
                            LongReduce.cumSumRows(
                                    (long[]) x, xo, n, inner, (long[]) y, yo, reverse);
                        }
                    };
            case BOOL, BFLOAT16 -> throw undefined(dtype);
        };
    }
}
