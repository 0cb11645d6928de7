package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.plan.ElementKernels.Kernel;
import dev.fathom.cpu.simd.BFloats;
import dev.fathom.cpu.simd.Casts;

/** Conversions between element types. */
final class CastKernels {
    private static final Kernel COPY = (x, at, y, to, n) -> System.arraycopy(x[0], at[0], y, to, n);

    /** The choice between elements that are only for keeping. */
    static final Kernel SELECT_BFLOAT16 =
            (x, at, y, to, n) ->
                    BFloats.select(
                            (byte[]) x[0],
                            at[0],
                            (short[]) x[1],
                            at[1],
                            (short[]) x[2],
                            at[2],
                            (short[]) y,
                            to,
                            n);

    private CastKernels() {}

    static Kernel of(DType from, DType to) {
        return switch (from) {
            case FLOAT32 ->
                    switch (to) {
                        case FLOAT32 -> COPY;
                        case FLOAT64 ->
                                (x, at, y, o, n) ->
                                        Casts.floatToDouble(
                                                (float[]) x[0], at[0], (double[]) y, o, n);
                        case INT32 ->
                                (x, at, y, o, n) ->
                                        Casts.floatToInt((float[]) x[0], at[0], (int[]) y, o, n);
                        case INT64 ->
                                (x, at, y, o, n) ->
                                        Casts.floatToLong((float[]) x[0], at[0], (long[]) y, o, n);
                        case BOOL ->
                                (x, at, y, o, n) ->
                                        Casts.floatToBool((float[]) x[0], at[0], (byte[]) y, o, n);
                        case BFLOAT16 ->
                                (x, at, y, o, n) ->
                                        BFloats.fromFloat((float[]) x[0], at[0], (short[]) y, o, n);
                    };
            case FLOAT64 ->
                    switch (to) {
                        case FLOAT32 ->
                                (x, at, y, o, n) ->
                                        Casts.doubleToFloat(
                                                (double[]) x[0], at[0], (float[]) y, o, n);
                        case FLOAT64 -> COPY;
                        case INT32 ->
                                (x, at, y, o, n) ->
                                        Casts.doubleToInt((double[]) x[0], at[0], (int[]) y, o, n);
                        case INT64 ->
                                (x, at, y, o, n) ->
                                        Casts.doubleToLong(
                                                (double[]) x[0], at[0], (long[]) y, o, n);
                        case BOOL ->
                                (x, at, y, o, n) ->
                                        Casts.doubleToBool(
                                                (double[]) x[0], at[0], (byte[]) y, o, n);
                        case BFLOAT16 ->
                                (x, at, y, o, n) ->
                                        BFloats.fromDouble(
                                                (double[]) x[0], at[0], (short[]) y, o, n);
                    };
            case INT32 ->
                    switch (to) {
                        case FLOAT32 ->
                                (x, at, y, o, n) ->
                                        Casts.intToFloat((int[]) x[0], at[0], (float[]) y, o, n);
                        case FLOAT64 ->
                                (x, at, y, o, n) ->
                                        Casts.intToDouble((int[]) x[0], at[0], (double[]) y, o, n);
                        case INT32 -> COPY;
                        case INT64 ->
                                (x, at, y, o, n) ->
                                        Casts.intToLong((int[]) x[0], at[0], (long[]) y, o, n);
                        case BOOL ->
                                (x, at, y, o, n) ->
                                        Casts.intToBool((int[]) x[0], at[0], (byte[]) y, o, n);
                        case BFLOAT16 ->
                                (x, at, y, o, n) ->
                                        BFloats.fromInt((int[]) x[0], at[0], (short[]) y, o, n);
                    };
            case INT64 ->
                    switch (to) {
                        case FLOAT32 ->
                                (x, at, y, o, n) ->
                                        Casts.longToFloat((long[]) x[0], at[0], (float[]) y, o, n);
                        case FLOAT64 ->
                                (x, at, y, o, n) ->
                                        Casts.longToDouble(
                                                (long[]) x[0], at[0], (double[]) y, o, n);
                        case INT32 ->
                                (x, at, y, o, n) ->
                                        Casts.longToInt((long[]) x[0], at[0], (int[]) y, o, n);
                        case INT64 -> COPY;
                        case BOOL ->
                                (x, at, y, o, n) ->
                                        Casts.longToBool((long[]) x[0], at[0], (byte[]) y, o, n);
                        case BFLOAT16 ->
                                (x, at, y, o, n) ->
                                        BFloats.fromLong((long[]) x[0], at[0], (short[]) y, o, n);
                    };
            case BOOL ->
                    switch (to) {
                        case FLOAT32 ->
                                (x, at, y, o, n) ->
                                        Casts.boolToFloat((byte[]) x[0], at[0], (float[]) y, o, n);
                        case FLOAT64 ->
                                (x, at, y, o, n) ->
                                        Casts.boolToDouble(
                                                (byte[]) x[0], at[0], (double[]) y, o, n);
                        case INT32 ->
                                (x, at, y, o, n) ->
                                        Casts.boolToInt((byte[]) x[0], at[0], (int[]) y, o, n);
                        case INT64 ->
                                (x, at, y, o, n) ->
                                        Casts.boolToLong((byte[]) x[0], at[0], (long[]) y, o, n);
                        case BOOL -> COPY;
                        case BFLOAT16 ->
                                (x, at, y, o, n) ->
                                        BFloats.fromBool((byte[]) x[0], at[0], (short[]) y, o, n);
                    };
            case BFLOAT16 ->
                    switch (to) {
                        case FLOAT32 ->
                                (x, at, y, o, n) ->
                                        BFloats.toFloat((short[]) x[0], at[0], (float[]) y, o, n);
                        case FLOAT64 ->
                                (x, at, y, o, n) ->
                                        BFloats.toDouble((short[]) x[0], at[0], (double[]) y, o, n);
                        case INT32 ->
                                (x, at, y, o, n) ->
                                        BFloats.toInt((short[]) x[0], at[0], (int[]) y, o, n);
                        case INT64 ->
                                (x, at, y, o, n) ->
                                        BFloats.toLong((short[]) x[0], at[0], (long[]) y, o, n);
                        case BOOL ->
                                (x, at, y, o, n) ->
                                        BFloats.toBool((short[]) x[0], at[0], (byte[]) y, o, n);
                        case BFLOAT16 -> COPY;
                    };
        };
    }
}
