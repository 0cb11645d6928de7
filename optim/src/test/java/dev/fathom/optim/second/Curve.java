package dev.fathom.optim.second;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.Objective;

import java.util.Arrays;

/** Six points and the curve a·tanh(b x) + c, with its derivatives by hand. */
final class Curve {
    static final double[] X = {-2, -1, -0.3, 0.4, 1.1, 2.5};
    static final double[] T = {-1.2, -0.9, 0.1, 0.8, 1.4, 1.3};
    static final double[] START = {0.5, 0.6, 0.3};

    /** E = ½ mean (z − t)², z (6, 1). */
    static final Objective<Tensor> OBJECTIVE =
            Objective.of(
                    p -> {
                        Tensor x = Tensor.of(X, 6, 1);
                        Tensor bend = x.times(p.slice(0, 1, 2)).tanh();
                        return bend.times(p.slice(0, 0, 1)).plus(p.slice(0, 2, 3)); // (6, 1)
                    },
                    z -> z.minus(Tensor.of(T, 6, 1)).square().mean().times(0.5));

    private Curve() {}

    static double value(double[] p) {
        double sum = 0;
        for (int i = 0; i < X.length; i++) {
            double r = p[0] * Math.tanh(p[1] * X[i]) + p[2] - T[i];
            sum += r * r / 2;
        }
        return sum / X.length;
    }

    private static double[] row(double[] p, double x) {
        double h = Math.tanh(p[1] * x);
        return new double[] {h, p[0] * x * (1 - h * h), 1};
    }

    static double[] slope(double[] p) {
        var g = new double[3];
        for (int i = 0; i < X.length; i++) {
            double r = p[0] * Math.tanh(p[1] * X[i]) + p[2] - T[i];
            var j = row(p, X[i]);
            for (int k = 0; k < 3; k++) {
                g[k] += r * j[k] / X.length;
            }
        }
        return g;
    }

    /** G = JᵀJ/n. */
    static double[][] gaussNewton(double[] p) {
        var m = new double[3][3];
        for (double x : X) {
            var j = row(p, x);
            for (int a = 0; a < 3; a++) {
                for (int b = 0; b < 3; b++) {
                    m[a][b] += j[a] * j[b] / X.length;
                }
            }
        }
        return m;
    }

    /** (M + λI)⁻¹ b by elimination. */
    static double[] solve(double[][] m, double lambda, double[] b) {
        int n = b.length;
        var a = new double[n][];
        for (int i = 0; i < n; i++) {
            a[i] = Arrays.copyOf(m[i], n + 1);
            a[i][i] += lambda;
            a[i][n] = b[i];
        }
        for (int i = 0; i < n; i++) {
            for (int r = 0; r < n; r++) {
                if (r != i) {
                    double f = a[r][i] / a[i][i];
                    for (int c = i; c <= n; c++) {
                        a[r][c] -= f * a[i][c];
                    }
                }
            }
        }
        var x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = a[i][n] / a[i][i];
        }
        return x;
    }
}
