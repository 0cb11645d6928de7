package dev.fathom.cpu.simd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** "Any" and "all" over truth values, one byte each, 0 or 1. */
public final class BoolReduce {

    /** Eight truth values at a time. */
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final long ALL_TRUE = 0x0101010101010101L;

    private BoolReduce() {}

    /** Whether at least one of {@code n} elements is true; false if there are none. */
    public static boolean any(byte[] x, int xo, int n) {
        int i = 0;
        for (; i <= n - 8; i += 8) {
            if ((long) EIGHT.get(x, xo + i) != 0) {
                return true;
            }
        }
        for (; i < n; i++) {
            if (x[xo + i] != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether each of {@code n} elements is true; true if there are none. */
    public static boolean all(byte[] x, int xo, int n) {
        int i = 0;
        for (; i <= n - 8; i += 8) {
            if ((long) EIGHT.get(x, xo + i) != ALL_TRUE) {
                return false;
            }
        }
        for (; i < n; i++) {
            if (x[xo + i] == 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether each column of a matrix has a true element. */
    public static void anyRows(
            byte[] x, int xo, int rows, int cols, int rowStride, byte[] y, int yo) {
        BoolElementwise.fill(false, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            BoolElementwise.or(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }

    /** Whether each column of a matrix has only true elements. */
    public static void allRows(
            byte[] x, int xo, int rows, int cols, int rowStride, byte[] y, int yo) {
        BoolElementwise.fill(true, y, yo, cols);
        for (int r = 0; r < rows; r++) {
            BoolElementwise.and(y, yo, x, xo + r * rowStride, y, yo, cols);
        }
    }
}
