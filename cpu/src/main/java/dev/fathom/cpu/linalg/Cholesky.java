package dev.fathom.cpu.linalg;

/** Cholesky factorisation of a symmetric positive definite matrix: {@code A = L L^T}. */
public final class Cholesky {

    private Cholesky() {}

    /**
     * Writes the lower triangular factor {@code L}, with zeros above its diagonal. Only the lower
     * triangle of {@code a} is read; {@code out} may be {@code a}.
     *
     * @param a an {@code (n, n)} matrix
     * @throws LinearAlgebraException if the matrix is not positive definite
     */
    public static void factor(double[] a, int ao, int n, double[] out, int oo) {
        for (int i = 0; i < n; i++) {
            int row = oo + i * n;
            for (int j = 0; j <= i; j++) {
                int other = oo + j * n;
                double s = a[ao + i * n + j] - Matrices.dot(out, row, out, other, j);
                if (j < i) {
                    out[row + j] = s / out[other + j];
                } else if (s > 0) {
                    out[row + i] = Math.sqrt(s);
                } else {
                    throw new LinearAlgebraException(
                            ("Cholesky factorisation needs a positive definite matrix, but pivot %d"
                                 + " of %d is %s; add a positive multiple of the identity, or use"
                                 + " LU or an eigendecomposition")
                                    .formatted(i, n, s));
                }
            }
            for (int j = i + 1; j < n; j++) {
                out[row + j] = 0;
            }
        }
    }

    /** As {@link #factor(double[], int, int, double[], int)}, computed in {@code double}. */
    public static void factor(float[] a, int ao, int n, float[] out, int oo) {
        double[] w = Matrices.widen(a, ao, n * n);
        factor(w, 0, n, w, 0);
        Matrices.narrow(w, out, oo);
    }
}
