package dev.fathom.lab.instrument.spectrum;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;

/** Inner products and orthogonalisation in plain loops: always in the same order. */
final class Vectors {
    private Vectors() {}

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double norm(double[] a) {
        double squares = dot(a, a);
        if (squares > 1e-280 && squares < Double.POSITIVE_INFINITY) {
            return Math.sqrt(squares);
        }
        double largest = 0; // the squares leave the range of numbers where their root may not
        for (double v : a) {
            largest = Math.max(largest, Math.abs(v));
        }
        if (!(largest > 0 && largest < Double.POSITIVE_INFINITY)) {
            return largest;
        }
        double sum = 0;
        for (double v : a) {
            sum += v / largest * (v / largest);
        }
        return largest * Math.sqrt(sum);
    }

    /** a ← a + s b. */
    static void add(double[] a, double s, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += s * b[i];
        }
    }

    static double[] scaled(double[] a, double s) {
        var r = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            r[i] = s * a[i];
        }
        return r;
    }

    /** Takes out of a what lies along the first {@code count} of an orthonormal basis, twice. */
    static void orthogonalise(double[] a, double[][] basis, int count) {
        for (int round = 0; round < 2; round++) {
            for (int j = 0; j < count; j++) {
                add(a, -dot(a, basis[j]), basis[j]);
            }
        }
    }

    /** A direction drawn from the unit sphere. */
    static double[] unit(Key key, int n) {
        var v = key.normal(DType.FLOAT64, n).toDoubles();
        return scaled(v, 1 / norm(v));
    }

    /** Independent signs ±1. */
    static double[] signs(Key key, int n) {
        var draws = key.bernoulli(0.5, n).toBooleans();
        var v = new double[n];
        for (int i = 0; i < n; i++) {
            v[i] = draws[i] ? 1 : -1;
        }
        return v;
    }
}
