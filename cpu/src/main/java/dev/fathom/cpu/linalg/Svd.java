package dev.fathom.cpu.linalg;

/**
 * Reduced singular value decomposition by one-sided Jacobi rotations (Hestenes 1958; Demmel and
 * Veselic, "Jacobi's method is more accurate than QR", 1992): {@code A (m, n) = U (m, k) diag(s)
 * V^T (k, n)} with {@code k = min(m, n)}.
 */
public final class Svd {

    /** Sweeps over all pairs; Jacobi converges quadratically, in six to ten. */
    private static final int SWEEPS = 60;

    private Svd() {}

    /**
     * Writes {@code U (m, k)} and {@code V^T (k, n)} with orthonormal columns and rows, and the
     * singular values {@code s (k)}, falling. The largest component of each column of {@code U} is
     * positive.
     *
     * @param a an {@code (m, n)} matrix
     * @throws LinearAlgebraException if an element is infinite or NaN
     */
    public static void factor(
            double[] a,
            int ao,
            int m,
            int n,
            double[] u,
            int uo,
            double[] s,
            int so,
            double[] vt,
            int vo) {
        int k = Math.min(m, n);
        int longer = Math.max(m, n);
        double scale = Matrices.scale(a, ao, m * n, "singular value decomposition");
        // k rows to be made orthogonal: the columns of A, or its rows if those are fewer
        double[] w = m >= n ? Matrices.transpose(a, ao, m, n) : Matrices.copy(a, ao, m * n);
        for (int i = 0; i < w.length; i++) {
            w[i] /= scale;
        }
        double[] z = new double[k * k];
        for (int i = 0; i < k; i++) {
            z[i * k + i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS && sweep(w, k, longer, z); sweep++) {}
        double[] norms = new double[k];
        for (int i = 0; i < k; i++) {
            norms[i] = Math.sqrt(Matrices.dot(w, i * longer, w, i * longer, longer));
        }
        // falling order, equal values in place
        double[] negative = new double[k];
        for (int i = 0; i < k; i++) {
            negative[i] = -norms[i];
        }
        int[] order = Matrices.risingOrder(negative);
        double[] outer = orthonormal(w, norms, order, k, longer);
        for (int j = 0; j < k; j++) {
            s[so + j] = norms[order[j]] * scale;
            // W = Z A for tall A: column j of U is a row of W, row j of V^T one of Z
            double[] left = m >= n ? outer : z;
            double[] right = m >= n ? z : outer;
            int leftRow = m >= n ? j * longer : order[j] * k;
            int rightRow = m >= n ? order[j] * k : j * longer;
            double sign = Matrices.signOfLargest(left, leftRow, m);
            for (int i = 0; i < m; i++) {
                u[uo + i * k + j] = sign * left[leftRow + i];
            }
            for (int i = 0; i < n; i++) {
                vt[vo + j * n + i] = sign * right[rightRow + i];
            }
        }
    }

    /** As the form for {@code double}, in which it is computed. */
    public static void factor(
            float[] a,
            int ao,
            int m,
            int n,
            float[] u,
            int uo,
            float[] s,
            int so,
            float[] vt,
            int vo) {
        int k = Math.min(m, n);
        double[] wu = new double[m * k];
        double[] ws = new double[k];
        double[] wv = new double[k * n];
        factor(Matrices.widen(a, ao, m * n), 0, m, n, wu, 0, ws, 0, wv, 0);
        Matrices.narrow(wu, u, uo);
        Matrices.narrow(ws, s, so);
        Matrices.narrow(wv, vt, vo);
    }

    /** Rotates every pair of rows to be orthogonal; false if all were already. */
    private static boolean sweep(double[] w, int k, int length, double[] z) {
        boolean rotated = false;
        double tolerance = Math.ulp(1d) * Math.sqrt(length);
        for (int i = 0; i < k - 1; i++) {
            for (int j = i + 1; j < k; j++) {
                int x = i * length;
                int y = j * length;
                double xx = Matrices.dot(w, x, w, x, length);
                double yy = Matrices.dot(w, y, w, y, length);
                double xy = Matrices.dot(w, x, w, y, length);
                if (Math.abs(xy) <= tolerance * Math.sqrt(xx) * Math.sqrt(yy)
                        || Math.abs(xy) < Double.MIN_NORMAL) {
                    continue;
                }
                rotated = true;
                double zeta = (yy - xx) / (2 * xy);
                double t = Math.copySign(1 / (Math.abs(zeta) + Math.hypot(1, zeta)), zeta);
                double c = 1 / Math.sqrt(1 + t * t);
                Matrices.rotate(w, x, y, length, c, c * t);
                Matrices.rotate(z, i * k, j * k, k, c, c * t);
            }
        }
        return rotated;
    }

    /**
     * The rows of {@code w} in order, divided by their norms. A row without length has no
     * direction: it becomes the unit vector least like the rows before it, made orthogonal to them.
     */
    private static double[] orthonormal(
            double[] w, double[] norms, int[] order, int k, int length) {
        double[] q = new double[k * length];
        for (int j = 0; j < k; j++) {
            double norm = norms[order[j]];
            int row = j * length;
            if (norm > Math.ulp(norms[order[0]]) * 0x1p-40) {
                for (int i = 0; i < length; i++) {
                    q[row + i] = w[order[j] * length + i] / norm;
                }
                continue;
            }
            norms[order[j]] = 0;
            q[row + leastCovered(q, j, length)] = 1;
            for (int pass = 0; pass < 2; pass++) {
                for (int other = 0; other < j; other++) {
                    double c = Matrices.dot(q, other * length, q, row, length);
                    Matrices.addScaled(-c, q, other * length, q, row, length);
                }
                double rest = Math.sqrt(Matrices.dot(q, row, q, row, length));
                for (int i = 0; i < length; i++) {
                    q[row + i] /= rest;
                }
            }
        }
        return q;
    }

    /** The coordinate with the least weight in the first {@code rows} rows. */
    private static int leastCovered(double[] q, int rows, int length) {
        int best = 0;
        double least = Double.MAX_VALUE;
        for (int i = 0; i < length; i++) {
            double weight = 0;
            for (int r = 0; r < rows; r++) {
                weight += q[r * length + i] * q[r * length + i];
            }
            if (weight < least) {
                least = weight;
                best = i;
            }
        }
        return best;
    }
}
