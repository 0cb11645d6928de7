package dev.fathom.cpu.linalg;

/**
 * Eigenvalues and eigenvectors of a real symmetric matrix: {@code A = V diag(w) V^T}.
 *
 * <p>Householder reflections make the matrix tridiagonal, and implicit QL steps with Wilkinson's
 * shift make it diagonal (Golub and Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3;
 * Bowdler, Martin, Reinsch and Wilkinson, 1968).
 */
public final class SymmetricEigen {

    /**
     * QL needs about two steps per eigenvalue; this many would mean that the shift does not work.
     */
    private static final int STEPS = 200;

    private SymmetricEigen() {}

    /**
     * Writes the eigenvalues {@code w (n)}, rising, and the orthonormal eigenvectors as the columns
     * of {@code V (n, n)}, the largest component of each positive. Only the lower triangle of
     * {@code a} is read.
     *
     * @param a an {@code (n, n)} matrix
     * @throws LinearAlgebraException if an element is infinite or NaN
     */
    public static void factor(double[] a, int ao, int n, double[] w, int wo, double[] v, int vo) {
        double scale = Matrices.scale(a, ao, n * n, "eigendecomposition");
        double[] t = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                t[i * n + j] = a[ao + i * n + j] / scale;
                t[j * n + i] = t[i * n + j];
            }
        }
        double[] d = new double[n];
        double[] e = new double[n];
        double[] z = tridiagonal(t, n, d, e);
        diagonal(n, d, e, z);
        int[] order = Matrices.risingOrder(d);
        for (int j = 0; j < n; j++) {
            int row = order[j] * n;
            w[wo + j] = d[order[j]] * scale;
            double sign = Matrices.signOfLargest(z, row, n);
            for (int i = 0; i < n; i++) {
                v[vo + i * n + j] = sign * z[row + i];
            }
        }
    }

    /** As the form for {@code double}, in which it is computed. */
    public static void factor(float[] a, int ao, int n, float[] w, int wo, float[] v, int vo) {
        double[] values = new double[n];
        double[] vectors = new double[n * n];
        factor(Matrices.widen(a, ao, n * n), 0, n, values, 0, vectors, 0);
        Matrices.narrow(values, w, wo);
        Matrices.narrow(vectors, v, vo);
    }

    /**
     * {@code A = Q T Q^T} with diagonal {@code d} and off-diagonal {@code e[0 .. n-1)} of {@code
     * T}.
     *
     * @return {@code Q^T}, whose rows later become the eigenvectors
     */
    private static double[] tridiagonal(double[] a, int n, double[] d, double[] e) {
        double[] factor = new double[n];
        double[] p = new double[n];
        for (int k = 0; k < n - 2; k++) {
            // the reflector of step k is kept in row k, right of the diagonal
            int row = k * n;
            int first = k + 1;
            int length = n - first;
            double norm = Math.sqrt(Matrices.dot(a, row + first, a, row + first, length));
            if (norm == 0) {
                continue;
            }
            double head = a[row + first];
            double alpha = head > 0 ? -norm : norm;
            e[k] = alpha;
            a[row + first] = head - alpha;
            factor[k] = 1 / (norm * (norm + Math.abs(head)));
            for (int i = first; i < n; i++) {
                p[i] = factor[k] * Matrices.dot(a, i * n + first, a, row + first, length);
            }
            double half = 0.5 * factor[k] * Matrices.dot(p, first, a, row + first, length);
            Matrices.addScaled(-half, a, row + first, p, first, length);
            for (int i = first; i < n; i++) {
                double vi = a[row + i];
                double pi = p[i];
                for (int j = first; j < n; j++) {
                    a[i * n + j] -= vi * p[j] + pi * a[row + j];
                }
            }
        }
        if (n > 1) {
            e[n - 2] = a[(n - 2) * n + n - 1];
        }
        double[] q = new double[n * n];
        for (int i = 0; i < n; i++) {
            d[i] = a[i * n + i];
            q[i * n + i] = 1;
        }
        for (int k = n - 3; k >= 0; k--) {
            int first = k + 1;
            for (int i = first; i < n; i++) {
                double s = factor[k] * Matrices.dot(q, i * n + first, a, k * n + first, n - first);
                Matrices.addScaled(-s, a, k * n + first, q, i * n + first, n - first);
            }
        }
        return q;
    }

    /** Turns {@code d} into the eigenvalues and the rows of {@code z} into the eigenvectors. */
    private static void diagonal(int n, double[] d, double[] e, double[] z) {
        for (int l = 0; l < n; l++) {
            int steps = 0;
            for (int m = block(l, n, d, e); m > l; m = block(l, n, d, e)) {
                if (++steps > STEPS) {
                    throw new LinearAlgebraException(
                            ("the eigenvalue iteration did not converge in %d steps for eigenvalue"
                                 + " %d of %d; check that the matrix is symmetric and finite")
                                    .formatted(STEPS, l, n));
                }
                step(l, m, n, d, e, z);
            }
        }
    }

    /** The end of the unreduced block that starts at {@code l}. */
    private static int block(int l, int n, double[] d, double[] e) {
        int m = l;
        while (m < n - 1
                && Math.abs(e[m]) > Math.ulp(1d) * (Math.abs(d[m]) + Math.abs(d[m + 1]))
                && Math.abs(e[m]) > Double.MIN_NORMAL) {
            m++;
        }
        return m;
    }

    /** One implicit QL step on the block {@code l .. m}. */
    private static void step(int l, int m, int n, double[] d, double[] e, double[] z) {
        double delta = (d[l + 1] - d[l]) / (2 * e[l]);
        double root = Math.hypot(delta, 1);
        double g = d[m] - d[l] + e[l] / (delta + Math.copySign(root, delta));
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = m - 1; i >= l; i--) {
            double f = s * e[i];
            double b = c * e[i];
            double r = Math.hypot(f, g);
            e[i + 1] = r;
            if (r == 0) {
                // the bulge vanished: the block has split here
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            Matrices.rotate(z, i * n, (i + 1) * n, n, c, s);
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }
}
