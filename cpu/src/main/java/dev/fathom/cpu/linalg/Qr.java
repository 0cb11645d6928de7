package dev.fathom.cpu.linalg;

import java.util.Arrays;

/**
 * Reduced QR factorisation by Householder reflections (Golub and Van Loan, "Matrix Computations",
 * algorithm 5.2.1): {@code A (m, n) = Q (m, k) R (k, n)} with {@code k = min(m, n)}, {@code Q^T Q =
 * I}, {@code R} upper triangular (or trapezoidal) with a diagonal {@code >= 0}.
 */
public final class Qr {

    private Qr() {}

    /**
     * Writes {@code Q (m, k)} and {@code R (k, n)}.
     *
     * @param a an {@code (m, n)} matrix
     * @throws LinearAlgebraException if an element is infinite or NaN
     */
    public static void factor(
            double[] a, int ao, int m, int n, double[] q, int qo, double[] r, int ro) {
        int k = Math.min(m, n);
        double scale = Matrices.scale(a, ao, m * n, "QR factorisation");
        // transposed, so that columns are contiguous: row j of t is column j of A
        double[] t = Matrices.transpose(a, ao, m, n);
        for (int i = 0; i < t.length; i++) {
            t[i] /= scale;
        }
        double[] diagonal = new double[k];
        double[] factor = new double[k];
        for (int j = 0; j < k; j++) {
            int column = j * m + j;
            int length = m - j;
            double norm = Math.sqrt(Matrices.dot(t, column, t, column, length));
            if (norm == 0) {
                continue;
            }
            // v = x + sign(x0) |x| e0 has no cancellation; R's sign is repaired below
            double head = t[column];
            double alpha = head > 0 ? -norm : norm;
            t[column] = head - alpha;
            factor[j] = 1 / (norm * (norm + Math.abs(head)));
            diagonal[j] = alpha;
            for (int c = j + 1; c < n; c++) {
                int other = c * m + j;
                double s = factor[j] * Matrices.dot(t, column, t, other, length);
                Matrices.addScaled(-s, t, column, t, other, length);
            }
        }
        double[] qt = new double[k * m];
        for (int j = k - 1; j >= 0; j--) {
            qt[j * m + j] = 1;
            for (int c = j; c < k; c++) {
                double s = factor[j] * Matrices.dot(t, j * m + j, qt, c * m + j, m - j);
                Matrices.addScaled(-s, t, j * m + j, qt, c * m + j, m - j);
            }
        }
        Arrays.fill(r, ro, ro + k * n, 0);
        for (int i = 0; i < k; i++) {
            double sign = diagonal[i] < 0 ? -1 : 1;
            r[ro + i * n + i] = Math.abs(diagonal[i]) * scale;
            for (int c = i + 1; c < n; c++) {
                r[ro + i * n + c] = sign * t[c * m + i] * scale;
            }
            for (int row = 0; row < m; row++) {
                q[qo + row * k + i] = sign * qt[i * m + row];
            }
        }
    }

    /** As the form for {@code double}, in which it is computed. */
    public static void factor(
            float[] a, int ao, int m, int n, float[] q, int qo, float[] r, int ro) {
        int k = Math.min(m, n);
        double[] wq = new double[m * k];
        double[] wr = new double[k * n];
        factor(Matrices.widen(a, ao, m * n), 0, m, n, wq, 0, wr, 0);
        Matrices.narrow(wq, q, qo);
        Matrices.narrow(wr, r, ro);
    }
}
