package dev.fathom.cpu.plan;

import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.cpu.plan.ElementKernels.Kernel;
import dev.fathom.cpu.simd.DoubleElementwise;
import dev.fathom.cpu.simd.DoubleMath;
import dev.fathom.cpu.simd.DoubleTrig;

/** Elementwise kernels on doubles. */
final class DoubleKernels {
    static final Kernel NEG =
            (x, at, y, to, n) -> DoubleElementwise.neg((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel ABS =
            (x, at, y, to, n) -> DoubleElementwise.abs((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel SIGN =
            (x, at, y, to, n) ->
                    DoubleElementwise.sign((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel EXP =
            (x, at, y, to, n) -> DoubleMath.exp((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel EXPM1 =
            (x, at, y, to, n) -> DoubleMath.expm1((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel LOG =
            (x, at, y, to, n) -> DoubleMath.log((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel LOG1P =
            (x, at, y, to, n) -> DoubleMath.log1p((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel SQRT =
            (x, at, y, to, n) ->
                    DoubleElementwise.sqrt((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel RSQRT =
            (x, at, y, to, n) ->
                    DoubleElementwise.rsqrt((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel SIN =
            (x, at, y, to, n) -> DoubleTrig.sin((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel COS =
            (x, at, y, to, n) -> DoubleTrig.cos((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel TANH =
            (x, at, y, to, n) -> DoubleMath.tanh((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel LOGISTIC =
            (x, at, y, to, n) -> DoubleMath.logistic((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel ERF =
            (x, at, y, to, n) -> DoubleMath.erf((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel FLOOR =
            (x, at, y, to, n) ->
                    DoubleElementwise.floor((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel CEIL =
            (x, at, y, to, n) ->
                    DoubleElementwise.ceil((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel ROUND =
            (x, at, y, to, n) ->
                    DoubleElementwise.round((double[]) x[0], at[0], (double[]) y, to, n);
    static final Kernel IS_FINITE =
            (x, at, y, to, n) ->
                    DoubleElementwise.isFinite((double[]) x[0], at[0], (byte[]) y, to, n);
    static final Kernel ADD =
            (x, at, y, to, n) ->
                    DoubleElementwise.add(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel SUB =
            (x, at, y, to, n) ->
                    DoubleElementwise.sub(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel MUL =
            (x, at, y, to, n) ->
                    DoubleElementwise.mul(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel DIV =
            (x, at, y, to, n) ->
                    DoubleElementwise.div(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel MAX =
            (x, at, y, to, n) ->
                    DoubleElementwise.max(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel MIN =
            (x, at, y, to, n) ->
                    DoubleElementwise.min(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel REM =
            (x, at, y, to, n) ->
                    DoubleElementwise.remainder(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel POW =
            (x, at, y, to, n) ->
                    DoubleMath.pow(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel ATAN2 =
            (x, at, y, to, n) ->
                    DoubleTrig.atan2(
                            (double[]) x[0], at[0], (double[]) x[1], at[1], (double[]) y, to, n);
    static final Kernel SELECT =
            (x, at, y, to, n) ->
                    DoubleElementwise.select(
                            (byte[]) x[0],
                            at[0],
                            (double[]) x[1],
                            at[1],
                            (double[]) x[2],
                            at[2],
                            (double[]) y,
                            to,
                            n);

    private DoubleKernels() {}

    static Kernel compare(Order order) {
        return switch (order) {
            case EQUAL ->
                    (x, at, y, to, n) ->
                            DoubleElementwise.eq(
                                    (double[]) x[0],
                                    at[0],
                                    (double[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case NOT_EQUAL ->
                    (x, at, y, to, n) ->
                            DoubleElementwise.ne(
                                    (double[]) x[0],
                                    at[0],
                                    (double[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case LESS ->
                    (x, at, y, to, n) ->
                            DoubleElementwise.lt(
                                    (double[]) x[0],
                                    at[0],
                                    (double[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case LESS_EQUAL ->
                    (x, at, y, to, n) ->
                            DoubleElementwise.le(
                                    (double[]) x[0],
                                    at[0],
                                    (double[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case GREATER ->
                    (x, at, y, to, n) ->
                            DoubleElementwise.gt(
                                    (double[]) x[0],
                                    at[0],
                                    (double[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case GREATER_EQUAL ->
                    (x, at, y, to, n) ->
                            DoubleElementwise.ge(
                                    (double[]) x[0],
                                    at[0],
                                    (double[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
        };
    }
}
