package dev.fathom.optim.second;

import java.util.function.DoubleUnaryOperator;

/** Functions of symmetric matrices by Jacobi's rotations, and products, in plain loops. */
final class Jacobi {
    private Jacobi() {}

    /** V f(Λ) Vᵀ. */
    static double[][] apply(double[][] symmetric, DoubleUnaryOperator f) {
        int n = symmetric.length;
        var a = new double[n][];
        var v = new double[n][n];
        for (int i = 0; i < n; i++) {
            a[i] = symmetric[i].clone();
            v[i][i] = 1;
        }
        for (int sweep = 0; sweep < 60; sweep++) {
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    double angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
                    double c = Math.cos(angle);
                    double s = Math.sin(angle);
                    for (int k = 0; k < n; k++) {
                        double x = a[k][p];
                        a[k][p] = c * x - s * a[k][q];
                        a[k][q] = s * x + c * a[k][q];
                    }
                    for (int k = 0; k < n; k++) {
                        double x = a[p][k];
                        a[p][k] = c * x - s * a[q][k];
                        a[q][k] = s * x + c * a[q][k];
                        double y = v[k][p];
                        v[k][p] = c * y - s * v[k][q];
                        v[k][q] = s * y + c * v[k][q];
                    }
                }
            }
        }
        var r = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    r[i][j] += v[i][k] * f.applyAsDouble(a[k][k]) * v[j][k];
                }
            }
        }
        return r;
    }

    static double[][] times(double[][] a, double[][] b) {
        var r = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b[0].length; j++) {
                for (int k = 0; k < b.length; k++) {
                    r[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return r;
    }

    static double[][] transpose(double[][] a) {
        var r = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                r[j][i] = a[i][j];
            }
        }
        return r;
    }

    static double[] flat(double[][] a) {
        var r = new double[a.length * a[0].length];
        for (int i = 0; i < a.length; i++) {
            System.arraycopy(a[i], 0, r, i * a[0].length, a[0].length);
        }
        return r;
    }
}
