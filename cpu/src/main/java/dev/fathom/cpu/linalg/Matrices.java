package dev.fathom.cpu.linalg;

import java.util.Arrays;

/** Helpers on row-major matrices that the factorisations share. */
final class Matrices {

    private Matrices() {}

    static double[] widen(float[] x, int xo, int n) {
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            y[i] = x[xo + i];
        }
        return y;
    }

    static void narrow(double[] x, float[] y, int yo) {
        for (int i = 0; i < x.length; i++) {
            y[yo + i] = (float) x[i];
        }
    }

    static double[] copy(double[] x, int xo, int n) {
        return Arrays.copyOfRange(x, xo, xo + n);
    }

    /** The transpose of a {@code (rows, cols)} matrix. */
    static double[] transpose(double[] a, int ao, int rows, int cols) {
        double[] t = new double[rows * cols];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                t[j * rows + i] = a[ao + i * cols + j];
            }
        }
        return t;
    }

    /**
     * A power of two near the largest magnitude, to divide by before squares are taken; 1 for a
     * zero matrix.
     *
     * @throws LinearAlgebraException if an element is infinite or NaN
     */
    static double scale(double[] a, int ao, int n, String what) {
        double largest = 0;
        for (int i = 0; i < n; i++) {
            double size = Math.abs(a[ao + i]);
            if (!(size <= Double.MAX_VALUE)) {
                throw new LinearAlgebraException(
                        ("%s needs finite elements, but element %d is %s; look for the operation"
                                        + " that made it")
                                .formatted(what, i, a[ao + i]));
            }
            largest = Math.max(largest, size);
        }
        return largest == 0 ? 1 : Math.scalb(1d, Math.min(1023, Math.getExponent(largest)));
    }

    /** {@code a[ao ..] . b[bo ..]} over {@code n} elements. */
    static double dot(double[] a, int ao, double[] b, int bo, int n) {
        double s = 0;
        for (int i = 0; i < n; i++) {
            s += a[ao + i] * b[bo + i];
        }
        return s;
    }

    /** {@code y += c x} over {@code n} elements. */
    static void addScaled(double c, double[] x, int xo, double[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] += c * x[xo + i];
        }
    }

    /** {@code (x, y) = (c x - s y, s x + c y)} over {@code n} elements. */
    static void rotate(double[] x, int xo, int yo, int n, double c, double s) {
        for (int i = 0; i < n; i++) {
            double u = x[xo + i];
            double v = x[yo + i];
            x[xo + i] = c * u - s * v;
            x[yo + i] = s * u + c * v;
        }
    }

    /**
     * -1 if the component of largest magnitude is negative, else 1. Of several that are largest to
     * within 1e-9 the first one counts, so that rounding does not choose.
     */
    static double signOfLargest(double[] x, int xo, int n) {
        double largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(x[xo + i]));
        }
        for (int i = 0; i < n; i++) {
            if (Math.abs(x[xo + i]) >= largest * (1 - 1e-9)) {
                return x[xo + i] < 0 ? -1 : 1;
            }
        }
        return 1;
    }

    /** The positions of {@code values} in rising order, equal ones in place. */
    static int[] risingOrder(double[] values) {
        int n = values.length;
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int at = i;
            while (at > 0 && values[order[at - 1]] > values[i]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = i;
        }
        return order;
    }
}
