package dev.fathom.cpu.plan;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.plan.ElementKernels.Kernel;
import dev.fathom.cpu.simd.IntElementwise;
import dev.fathom.cpu.simd.LongElementwise;

/** Elementwise kernels on ints and longs. */
final class WholeKernels {
    static final Kernel INT_NEG =
            (x, at, y, to, n) -> IntElementwise.neg((int[]) x[0], at[0], (int[]) y, to, n);
    static final Kernel INT_ABS =
            (x, at, y, to, n) -> IntElementwise.abs((int[]) x[0], at[0], (int[]) y, to, n);
    static final Kernel INT_SIGN =
            (x, at, y, to, n) -> IntElementwise.sign((int[]) x[0], at[0], (int[]) y, to, n);
    static final Kernel INT_ADD =
            (x, at, y, to, n) ->
                    IntElementwise.add((int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_SUB =
            (x, at, y, to, n) ->
                    IntElementwise.sub((int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_MUL =
            (x, at, y, to, n) ->
                    IntElementwise.mul((int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_DIV =
            (x, at, y, to, n) ->
                    IntElementwise.div((int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_MAX =
            (x, at, y, to, n) ->
                    IntElementwise.max((int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_MIN =
            (x, at, y, to, n) ->
                    IntElementwise.min((int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_REM =
            (x, at, y, to, n) ->
                    IntElementwise.remainder(
                            (int[]) x[0], at[0], (int[]) x[1], at[1], (int[]) y, to, n);
    static final Kernel INT_SELECT =
            (x, at, y, to, n) ->
                    IntElementwise.select(
                            (byte[]) x[0],
                            at[0],
                            (int[]) x[1],
                            at[1],
                            (int[]) x[2],
                            at[2],
                            (int[]) y,
                            to,
                            n);
    static final Kernel LONG_NEG =
            (x, at, y, to, n) -> LongElementwise.neg((long[]) x[0], at[0], (long[]) y, to, n);
    static final Kernel LONG_ABS =
            (x, at, y, to, n) -> LongElementwise.abs((long[]) x[0], at[0], (long[]) y, to, n);
    static final Kernel LONG_SIGN =
            (x, at, y, to, n) -> LongElementwise.sign((long[]) x[0], at[0], (long[]) y, to, n);
    static final Kernel LONG_ADD =
            (x, at, y, to, n) ->
                    LongElementwise.add(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_SUB =
            (x, at, y, to, n) ->
                    LongElementwise.sub(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_MUL =
            (x, at, y, to, n) ->
                    LongElementwise.mul(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_DIV =
            (x, at, y, to, n) ->
                    LongElementwise.div(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_MAX =
            (x, at, y, to, n) ->
                    LongElementwise.max(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_MIN =
            (x, at, y, to, n) ->
                    LongElementwise.min(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_REM =
            (x, at, y, to, n) ->
                    LongElementwise.remainder(
                            (long[]) x[0], at[0], (long[]) x[1], at[1], (long[]) y, to, n);
    static final Kernel LONG_SELECT =
            (x, at, y, to, n) ->
                    LongElementwise.select(
                            (byte[]) x[0],
                            at[0],
                            (long[]) x[1],
                            at[1],
                            (long[]) x[2],
                            at[2],
                            (long[]) y,
                            to,
                            n);

    private WholeKernels() {}

    static Kernel compareInts(Order order) {
        return switch (order) {
            case EQUAL ->
                    (x, at, y, to, n) ->
                            IntElementwise.eq(
                                    (int[]) x[0], at[0], (int[]) x[1], at[1], (byte[]) y, to, n);
            case NOT_EQUAL ->
                    (x, at, y, to, n) ->
                            IntElementwise.ne(
                                    (int[]) x[0], at[0], (int[]) x[1], at[1], (byte[]) y, to, n);
            case LESS ->
                    (x, at, y, to, n) ->
                            IntElementwise.lt(
                                    (int[]) x[0], at[0], (int[]) x[1], at[1], (byte[]) y, to, n);
            case LESS_EQUAL ->
                    (x, at, y, to, n) ->
                            IntElementwise.le(
                                    (int[]) x[0], at[0], (int[]) x[1], at[1], (byte[]) y, to, n);
            case GREATER ->
                    (x, at, y, to, n) ->
                            IntElementwise.gt(
                                    (int[]) x[0], at[0], (int[]) x[1], at[1], (byte[]) y, to, n);
            case GREATER_EQUAL ->
                    (x, at, y, to, n) ->
                            IntElementwise.ge(
                                    (int[]) x[0], at[0], (int[]) x[1], at[1], (byte[]) y, to, n);
        };
    }

    static Kernel compareLongs(Order order) {
        return switch (order) {
            case EQUAL ->
                    (x, at, y, to, n) ->
                            LongElementwise.eq(
                                    (long[]) x[0], at[0], (long[]) x[1], at[1], (byte[]) y, to, n);
            case NOT_EQUAL ->
                    (x, at, y, to, n) ->
                            LongElementwise.ne(
                                    (long[]) x[0], at[0], (long[]) x[1], at[1], (byte[]) y, to, n);
            case LESS ->
                    (x, at, y, to, n) ->
                            LongElementwise.lt(
                                    (long[]) x[0], at[0], (long[]) x[1], at[1], (byte[]) y, to, n);
            case LESS_EQUAL ->
                    (x, at, y, to, n) ->
                            LongElementwise.le(
                                    (long[]) x[0], at[0], (long[]) x[1], at[1], (byte[]) y, to, n);
            case GREATER ->
                    (x, at, y, to, n) ->
                            LongElementwise.gt(
                                    (long[]) x[0], at[0], (long[]) x[1], at[1], (byte[]) y, to, n);
            case GREATER_EQUAL ->
                    (x, at, y, to, n) ->
                            LongElementwise.ge(
                                    (long[]) x[0], at[0], (long[]) x[1], at[1], (byte[]) y, to, n);
        };
    }

    static Kernel shift(DType dtype, int bits) {
        return switch (dtype) {
            case INT32 ->
                    (x, at, y, to, n) ->
                            IntElementwise.shiftRight((int[]) x[0], at[0], bits, (int[]) y, to, n);
            case INT64 ->
                    (x, at, y, to, n) ->
                            LongElementwise.shiftRight(
                                    (long[]) x[0], at[0], bits, (long[]) y, to, n);
            case FLOAT32, FLOAT64, BOOL, BFLOAT16 ->
                    throw new DTypeException("shiftRight: not defined on " + dtype);
        };
    }
}
