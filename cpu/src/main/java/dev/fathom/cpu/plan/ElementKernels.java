package dev.fathom.cpu.plan;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.DType;

/** The kernel of each elementwise operation, by dtype: one exhaustive switch. */
final class ElementKernels {
    private ElementKernels() {}

    /** A kernel on tiles: operands and result as arrays with offsets. */
    @FunctionalInterface
    interface Kernel {
        void run(Object[] x, int[] at, Object y, int to, int n);
    }

    static Kernel of(Elementwise op, DType dtype) {
        return switch (op) {
            case Elementwise.Neg _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.NEG,
                            DoubleKernels.NEG,
                            WholeKernels.INT_NEG,
                            WholeKernels.LONG_NEG);
            case Elementwise.Abs _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.ABS,
                            DoubleKernels.ABS,
                            WholeKernels.INT_ABS,
                            WholeKernels.LONG_ABS);
            case Elementwise.Sign _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.SIGN,
                            DoubleKernels.SIGN,
                            WholeKernels.INT_SIGN,
                            WholeKernels.LONG_SIGN);
            case Elementwise.Exp _ -> real(op, dtype, FloatKernels.EXP, DoubleKernels.EXP);
            case Elementwise.Expm1 _ -> real(op, dtype, FloatKernels.EXPM1, DoubleKernels.EXPM1);
            case Elementwise.Log _ -> real(op, dtype, FloatKernels.LOG, DoubleKernels.LOG);
            case Elementwise.Log1p _ -> real(op, dtype, FloatKernels.LOG1P, DoubleKernels.LOG1P);
            case Elementwise.Sqrt _ -> real(op, dtype, FloatKernels.SQRT, DoubleKernels.SQRT);
            case Elementwise.Rsqrt _ -> real(op, dtype, FloatKernels.RSQRT, DoubleKernels.RSQRT);
            case Elementwise.Sin _ -> real(op, dtype, FloatKernels.SIN, DoubleKernels.SIN);
            case Elementwise.Cos _ -> real(op, dtype, FloatKernels.COS, DoubleKernels.COS);
            case Elementwise.Tanh _ -> real(op, dtype, FloatKernels.TANH, DoubleKernels.TANH);
            case Elementwise.Logistic _ ->
                    real(op, dtype, FloatKernels.LOGISTIC, DoubleKernels.LOGISTIC);
            case Elementwise.Erf _ -> real(op, dtype, FloatKernels.ERF, DoubleKernels.ERF);
            case Elementwise.Floor _ -> real(op, dtype, FloatKernels.FLOOR, DoubleKernels.FLOOR);
            case Elementwise.Ceil _ -> real(op, dtype, FloatKernels.CEIL, DoubleKernels.CEIL);
            case Elementwise.Round _ -> real(op, dtype, FloatKernels.ROUND, DoubleKernels.ROUND);
            case Elementwise.IsFinite _ ->
                    real(op, dtype, FloatKernels.IS_FINITE, DoubleKernels.IS_FINITE);
            case Elementwise.Not _ -> BoolKernels.NOT;
            case Elementwise.StopGradient _ ->
                    (x, at, y, to, n) -> System.arraycopy(x[0], at[0], y, to, n);
            case Elementwise.ShiftRight s -> WholeKernels.shift(dtype, s.bits());
            case Elementwise.Cast c -> CastKernels.of(dtype, c.to());
            case Elementwise.Add _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.ADD,
                            DoubleKernels.ADD,
                            WholeKernels.INT_ADD,
                            WholeKernels.LONG_ADD);
            case Elementwise.Sub _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.SUB,
                            DoubleKernels.SUB,
                            WholeKernels.INT_SUB,
                            WholeKernels.LONG_SUB);
            case Elementwise.Mul _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.MUL,
                            DoubleKernels.MUL,
                            WholeKernels.INT_MUL,
                            WholeKernels.LONG_MUL);
            case Elementwise.Div _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.DIV,
                            DoubleKernels.DIV,
                            WholeKernels.INT_DIV,
                            WholeKernels.LONG_DIV);
            case Elementwise.Pow _ -> real(op, dtype, FloatKernels.POW, DoubleKernels.POW);
            case Elementwise.Max _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.MAX,
                            DoubleKernels.MAX,
                            WholeKernels.INT_MAX,
                            WholeKernels.LONG_MAX);
            case Elementwise.Min _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.MIN,
                            DoubleKernels.MIN,
                            WholeKernels.INT_MIN,
                            WholeKernels.LONG_MIN);
            case Elementwise.Remainder _ ->
                    by(
                            op,
                            dtype,
                            FloatKernels.REM,
                            DoubleKernels.REM,
                            WholeKernels.INT_REM,
                            WholeKernels.LONG_REM);
            case Elementwise.Atan2 _ -> real(op, dtype, FloatKernels.ATAN2, DoubleKernels.ATAN2);
            case Elementwise.Compare c ->
                    switch (dtype) {
                        case FLOAT32 -> FloatKernels.compare(c.order());
                        case FLOAT64 -> DoubleKernels.compare(c.order());
                        case INT32 -> WholeKernels.compareInts(c.order());
                        case INT64 -> WholeKernels.compareLongs(c.order());
                        case BOOL -> BoolKernels.compare(c.order());
                        case BFLOAT16 -> throw undefined(op, dtype);
                    };
            case Elementwise.And _ -> BoolKernels.AND;
            case Elementwise.Or _ -> BoolKernels.OR;
            case Elementwise.Select _ ->
                    switch (dtype) {
                        case FLOAT32 -> FloatKernels.SELECT;
                        case FLOAT64 -> DoubleKernels.SELECT;
                        case INT32 -> WholeKernels.INT_SELECT;
                        case INT64 -> WholeKernels.LONG_SELECT;
                        case BOOL -> BoolKernels.SELECT;
                        case BFLOAT16 -> CastKernels.SELECT_BFLOAT16;
                    };
        };
    }

    private static Kernel real(Elementwise op, DType dtype, Kernel f, Kernel d) {
        return switch (dtype) {
            case FLOAT32 -> f;
            case FLOAT64 -> d;
            case INT32, INT64, BOOL, BFLOAT16 -> throw undefined(op, dtype);
        };
    }

    private static Kernel by(Elementwise op, DType dtype, Kernel f, Kernel d, Kernel i, Kernel l) {
        return switch (dtype) {
            case FLOAT32 -> f;
            case FLOAT64 -> d;
            case INT32 -> i;
            case INT64 -> l;
            case BOOL, BFLOAT16 -> throw undefined(op, dtype);
        };
    }

    private static DTypeException undefined(Elementwise op, DType dtype) {
        return new DTypeException(op.name() + ": not defined on " + dtype);
    }
}
