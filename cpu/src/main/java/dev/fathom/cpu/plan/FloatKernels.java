package dev.fathom.cpu.plan;

import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.cpu.plan.ElementKernels.Kernel;
import dev.fathom.cpu.simd.FloatElementwise;
import dev.fathom.cpu.simd.FloatMath;
import dev.fathom.cpu.simd.FloatPow;
import dev.fathom.cpu.simd.FloatTrig;

/** Elementwise kernels on floats. */
final class FloatKernels {
    static final Kernel NEG =
            (x, at, y, to, n) -> FloatElementwise.neg((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel ABS =
            (x, at, y, to, n) -> FloatElementwise.abs((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel SIGN =
            (x, at, y, to, n) -> FloatElementwise.sign((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel EXP =
            (x, at, y, to, n) -> FloatMath.exp((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel EXPM1 =
            (x, at, y, to, n) -> FloatMath.expm1((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel LOG =
            (x, at, y, to, n) -> FloatMath.log((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel LOG1P =
            (x, at, y, to, n) -> FloatMath.log1p((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel SQRT =
            (x, at, y, to, n) -> FloatElementwise.sqrt((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel RSQRT =
            (x, at, y, to, n) -> FloatElementwise.rsqrt((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel SIN =
            (x, at, y, to, n) -> FloatTrig.sin((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel COS =
            (x, at, y, to, n) -> FloatTrig.cos((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel TANH =
            (x, at, y, to, n) -> FloatMath.tanh((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel LOGISTIC =
            (x, at, y, to, n) -> FloatMath.logistic((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel ERF =
            (x, at, y, to, n) -> FloatMath.erf((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel FLOOR =
            (x, at, y, to, n) -> FloatElementwise.floor((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel CEIL =
            (x, at, y, to, n) -> FloatElementwise.ceil((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel ROUND =
            (x, at, y, to, n) -> FloatElementwise.round((float[]) x[0], at[0], (float[]) y, to, n);
    static final Kernel IS_FINITE =
            (x, at, y, to, n) ->
                    FloatElementwise.isFinite((float[]) x[0], at[0], (byte[]) y, to, n);
    static final Kernel ADD =
            (x, at, y, to, n) ->
                    FloatElementwise.add(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel SUB =
            (x, at, y, to, n) ->
                    FloatElementwise.sub(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel MUL =
            (x, at, y, to, n) ->
                    FloatElementwise.mul(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel DIV =
            (x, at, y, to, n) ->
                    FloatElementwise.div(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel MAX =
            (x, at, y, to, n) ->
                    FloatElementwise.max(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel MIN =
            (x, at, y, to, n) ->
                    FloatElementwise.min(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel REM =
            (x, at, y, to, n) ->
                    FloatElementwise.remainder(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel POW =
            (x, at, y, to, n) ->
                    FloatPow.pow((float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel ATAN2 =
            (x, at, y, to, n) ->
                    FloatTrig.atan2(
                            (float[]) x[0], at[0], (float[]) x[1], at[1], (float[]) y, to, n);
    static final Kernel SELECT =
            (x, at, y, to, n) ->
                    FloatElementwise.select(
                            (byte[]) x[0],
                            at[0],
                            (float[]) x[1],
                            at[1],
                            (float[]) x[2],
                            at[2],
                            (float[]) y,
                            to,
                            n);

    private FloatKernels() {}

    static Kernel compare(Order order) {
        return switch (order) {
            case EQUAL ->
                    (x, at, y, to, n) ->
                            FloatElementwise.eq(
                                    (float[]) x[0],
                                    at[0],
                                    (float[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case NOT_EQUAL ->
                    (x, at, y, to, n) ->
                            FloatElementwise.ne(
                                    (float[]) x[0],
                                    at[0],
                                    (float[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case LESS ->
                    (x, at, y, to, n) ->
                            FloatElementwise.lt(
                                    (float[]) x[0],
                                    at[0],
                                    (float[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case LESS_EQUAL ->
                    (x, at, y, to, n) ->
                            FloatElementwise.le(
                                    (float[]) x[0],
                                    at[0],
                                    (float[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case GREATER ->
                    (x, at, y, to, n) ->
                            FloatElementwise.gt(
                                    (float[]) x[0],
                                    at[0],
                                    (float[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
            case GREATER_EQUAL ->
                    (x, at, y, to, n) ->
                            FloatElementwise.ge(
                                    (float[]) x[0],
                                    at[0],
                                    (float[]) x[1],
                                    at[1],
                                    (byte[]) y,
                                    to,
                                    n);
        };
    }
}
