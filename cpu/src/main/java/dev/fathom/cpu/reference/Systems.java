package dev.fathom.cpu.reference;

import dev.fathom.core.error.FathomException;

/**
 * Systems of linear equations, as in the first chapters of Golub & Van Loan, "Matrix Computations".
 */
final class Systems {
    private Systems() {}

    /** L with A = L Lᵀ, column by column; reads the lower triangle. */
    static Matrix cholesky(Matrix a) {
        int n = a.rows();
        var l = Matrix.zeros(n, n);
        for (int j = 0; j < n; j++) {
            for (int i = j; i < n; i++) {
                double sum = a.at()[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= l.at()[i][k] * l.at()[j][k];
                }
                if (i == j) {
                    if (!(sum > 0)) {
                        throw failure(
                                "cholesky: the matrix is not positive definite: pivot "
                                        + j
                                        + " of "
                                        + n
                                        + " is "
                                        + sum
                                        + ". Add a multiple of the identity, or use eigh");
                    }
                    l.at()[j][j] = Math.sqrt(sum);
                } else {
                    l.at()[i][j] = sum / l.at()[j][j];
                }
            }
        }
        return l;
    }

    /** X with op(A) X = B by substitution; reads only the stated triangle of A. */
    static Matrix triangular(Matrix a, Matrix b, boolean lower, boolean transposed, boolean unit) {
        int n = a.rows();
        var t = transposed ? a.transposed() : a;
        boolean forward = lower != transposed; // the transpose of a lower triangle is an upper one
        var x = b.copy();
        for (int step = 0; step < n; step++) {
            int i = forward ? step : n - 1 - step;
            double pivot = unit ? 1 : t.at()[i][i];
            if (pivot == 0) {
                throw failure(
                        "triangularSolve: the matrix is singular: element ("
                                + i
                                + ", "
                                + i
                                + ") is 0");
            }
            int first = forward ? 0 : i + 1;
            int end = forward ? i : n;
            for (int j = 0; j < b.columns(); j++) {
                double sum = x.at()[i][j];
                for (int k = first; k < end; k++) {
                    sum -= t.at()[i][k] * x.at()[k][j];
                }
                x.at()[i][j] = sum / pivot;
            }
        }
        return x;
    }

    /** X with A X = B by Gaussian elimination with partial pivoting. */
    static Matrix solve(Matrix a, Matrix b) {
        int n = a.rows();
        var u = a.copy();
        var x = b.copy();
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int i = k + 1; i < n; i++) {
                if (Math.abs(u.at()[i][k]) > Math.abs(u.at()[pivot][k])) {
                    pivot = i;
                }
            }
            swap(u.at(), k, pivot);
            swap(x.at(), k, pivot);
            if (!(Math.abs(u.at()[k][k]) > 0)) { // 0 or NaN
                throw failure(
                        "solve: the matrix is singular: pivot "
                                + k
                                + " of "
                                + n
                                + " is "
                                + u.at()[k][k]
                                + ". Add a multiple of the identity, or use svd");
            }
            for (int i = k + 1; i < n; i++) {
                double factor = u.at()[i][k] / u.at()[k][k];
                for (int j = k; j < n; j++) {
                    u.at()[i][j] -= factor * u.at()[k][j];
                }
                for (int j = 0; j < x.columns(); j++) {
                    x.at()[i][j] -= factor * x.at()[k][j];
                }
            }
        }
        return triangular(u, x, false, false, false);
    }

    private static void swap(double[][] rows, int i, int j) {
        double[] row = rows[i];
        rows[i] = rows[j];
        rows[j] = row;
    }

    static FathomException failure(String text) {
        return new FathomException(FathomException.located(text));
    }
}
