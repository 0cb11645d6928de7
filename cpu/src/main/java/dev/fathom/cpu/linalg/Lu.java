package dev.fathom.cpu.linalg;

/**
 * Solving {@code A X = B} for a square matrix by elimination with partial pivoting: {@code P A = L
 * U}.
 */
public final class Lu {

    private Lu() {}

    /**
     * Writes the solution {@code X (n, m)} of {@code A X = B}, or of {@code A^T X = B}; {@code x}
     * may be {@code b} at the same offset.
     *
     * @param a an {@code (n, n)} matrix
     * @param b the right-hand sides {@code (n, m)}
     * @throws LinearAlgebraException if a pivot is 0, so that the matrix is singular, or is NaN
     */
    public static void solve(
            double[] a,
            int ao,
            int n,
            boolean transposed,
            double[] b,
            int bo,
            int m,
            double[] x,
            int xo) {
        double[] lu = Matrices.copy(a, ao, n * n);
        int[] rows = factor(lu, n);
        double[] w = new double[n * m];
        for (int i = 0; i < n; i++) {
            int from = transposed ? i : rows[i];
            System.arraycopy(b, bo + from * m, w, i * m, m);
        }
        // A = P^T L U, and A^T = U^T L^T P
        Triangular.solve(lu, 0, n, !transposed, transposed, !transposed, w, 0, m, w, 0);
        Triangular.solve(lu, 0, n, transposed, transposed, transposed, w, 0, m, w, 0);
        for (int i = 0; i < n; i++) {
            int to = transposed ? rows[i] : i;
            System.arraycopy(w, i * m, x, xo + to * m, m);
        }
    }

    /** As the form for {@code double}, in which it is computed. */
    public static void solve(
            float[] a,
            int ao,
            int n,
            boolean transposed,
            float[] b,
            int bo,
            int m,
            float[] x,
            int xo) {
        double[] w = Matrices.widen(b, bo, n * m);
        solve(Matrices.widen(a, ao, n * n), 0, n, transposed, w, 0, m, w, 0);
        Matrices.narrow(w, x, xo);
    }

    /** Factors in place; row {@code i} of the result comes from the returned row {@code i}. */
    private static int[] factor(double[] a, int n) {
        int[] rows = new int[n];
        for (int i = 0; i < n; i++) {
            rows[i] = i;
        }
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int i = k + 1; i < n; i++) {
                if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) {
                    pivot = i;
                }
            }
            double p = a[pivot * n + k];
            if (!(Math.abs(p) > 0)) {
                throw new LinearAlgebraException(
                        ("the matrix is singular: after elimination, pivot %d of %d is %s;"
                             + " regularise it or solve the least-squares problem by QR or SVD")
                                .formatted(k, n, p));
            }
            if (pivot != k) {
                for (int j = 0; j < n; j++) {
                    double v = a[k * n + j];
                    a[k * n + j] = a[pivot * n + j];
                    a[pivot * n + j] = v;
                }
                int row = rows[k];
                rows[k] = rows[pivot];
                rows[pivot] = row;
            }
            for (int i = k + 1; i < n; i++) {
                double c = a[i * n + k] / p;
                a[i * n + k] = c;
                Matrices.addScaled(-c, a, k * n + k + 1, a, i * n + k + 1, n - k - 1);
            }
        }
        return rows;
    }
}
