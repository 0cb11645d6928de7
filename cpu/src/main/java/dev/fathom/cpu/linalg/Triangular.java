package dev.fathom.cpu.linalg;

/** Substitution: solving {@code A X = B} or {@code A^T X = B} for triangular {@code A}. */
public final class Triangular {

    private Triangular() {}

    /**
     * Writes the solution {@code X (n, m)}; {@code x} may be {@code b} at the same offset.
     *
     * @param a an {@code (n, n)} matrix of which one triangle is read
     * @param lower whether {@code a} is lower triangular (before any transposition)
     * @param transposed whether to solve with {@code A^T}
     * @param unitDiagonal whether the diagonal counts as ones and is not read
     * @param b the right-hand sides {@code (n, m)}
     * @throws LinearAlgebraException if a diagonal element is 0
     */
    public static void solve(
            double[] a,
            int ao,
            int n,
            boolean lower,
            boolean transposed,
            boolean unitDiagonal,
            double[] b,
            int bo,
            int m,
            double[] x,
            int xo) {
        if (x != b || xo != bo) {
            System.arraycopy(b, bo, x, xo, n * m);
        }
        boolean forward = lower != transposed;
        int down = transposed ? n : 1;
        int across = transposed ? 1 : n;
        for (int step = 0; step < n; step++) {
            int i = forward ? step : n - 1 - step;
            int row = xo + i * m;
            int first = forward ? 0 : i + 1;
            int end = forward ? i : n;
            for (int k = first; k < end; k++) {
                double c = a[ao + i * across + k * down];
                Matrices.addScaled(-c, x, xo + k * m, x, row, m);
            }
            if (!unitDiagonal) {
                double d = a[ao + i * n + i];
                if (d == 0) {
                    throw new LinearAlgebraException(
                            ("the triangular matrix is singular: diagonal element %d of %d is 0;"
                                            + " regularise it or drop the dependent row")
                                    .formatted(i, n));
                }
                for (int j = 0; j < m; j++) {
                    x[row + j] /= d;
                }
            }
        }
    }

    /** As the form for {@code double}, in which it is computed. */
    public static void solve(
            float[] a,
            int ao,
            int n,
            boolean lower,
            boolean transposed,
            boolean unitDiagonal,
            float[] b,
            int bo,
            int m,
            float[] x,
            int xo) {
        double[] w = Matrices.widen(b, bo, n * m);
        double[] t = Matrices.widen(a, ao, n * n);
        solve(t, 0, n, lower, transposed, unitDiagonal, w, 0, m, w, 0);
        Matrices.narrow(w, x, xo);
    }
}
