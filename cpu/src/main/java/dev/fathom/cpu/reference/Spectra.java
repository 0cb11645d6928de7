package dev.fathom.cpu.reference;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Orthogonal factorisations: QR by Householder reflections, eigenvalues and singular values by
 * Jacobi's rotations (Golub & Van Loan, "Matrix Computations", 4th ed., 5.2, 8.5, 8.6.3), which are
 * slow, short and accurate.
 *
 * <p>Eigenvectors and singular vectors have no sign of their own. Here the component of largest
 * magnitude is positive; of several that are largest to within 1e-9 the first one counts, so that
 * rounding does not choose.
 */
final class Spectra {
    private static final int MOST_SWEEPS = 100;
    private static final double TIE = 1 - 1e-9;

    private Spectra() {}

    /** Q (m, k) and R (k, n), k = min(m, n), with the diagonal of R ≥ 0. */
    static List<Matrix> qr(Matrix a) {
        int m = a.rows();
        int n = a.columns();
        int k = Math.min(m, n);
        finite("qr", a);
        var r = a.copy();
        var q = Matrix.identity(m);
        for (int j = 0; j < k; j++) {
            reflect(r, q, j);
        }
        for (int j = 0; j < k; j++) {
            if (r.at()[j][j] < 0) {
                q.scaleColumn(j, -1);
                for (int c = j; c < n; c++) {
                    r.at()[j][c] = -r.at()[j][c];
                }
            }
        }
        return List.of(q.corner(m, k), r.corner(k, n));
    }

    /**
     * Reflects so that column {@code j} of r vanishes below the diagonal: r becomes H r, q becomes
     * q H.
     */
    private static void reflect(Matrix r, Matrix q, int j) {
        int m = r.rows();
        double largest = 0;
        for (int i = j; i < m; i++) {
            largest = Math.max(largest, Math.abs(r.at()[i][j]));
        }
        if (largest == 0 || j == m - 1) {
            return;
        }
        var v = new double[m]; // H = I − 2 v vᵀ / (vᵀ v); v is scaled, so that its square does not
        // overflow
        double square = 0;
        for (int i = j; i < m; i++) {
            v[i] = r.at()[i][j] / largest;
            square += v[i] * v[i];
        }
        v[j] += Math.copySign(Math.sqrt(square), v[j]);
        double norm = 0;
        for (int i = j; i < m; i++) {
            norm += v[i] * v[i];
        }
        for (int c = 0; c < r.columns(); c++) {
            double dot = 0;
            for (int i = j; i < m; i++) {
                dot += v[i] * r.at()[i][c];
            }
            for (int i = j; i < m; i++) {
                r.at()[i][c] -= 2 * dot / norm * v[i];
            }
        }
        for (int i = j + 1; i < m; i++) {
            r.at()[i][j] = 0;
        }
        for (int row = 0; row < m; row++) {
            double dot = 0;
            for (int i = j; i < m; i++) {
                dot += q.at()[row][i] * v[i];
            }
            for (int i = j; i < m; i++) {
                q.at()[row][i] -= 2 * dot / norm * v[i];
            }
        }
    }

    /**
     * The eigenvalues ascending, as a row, and the eigenvectors as columns; reads the lower
     * triangle.
     */
    static List<Matrix> eigh(Matrix a) {
        int n = a.rows();
        var d = a.copy();
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                d.at()[i][j] = a.at()[j][i];
            }
        }
        double size = finite("eigh", d);
        var v = Matrix.identity(n);
        for (int sweep = 0; offDiagonal(d) > 1e-18 * size; sweep++) {
            limit("eigh", sweep);
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    if (d.at()[p][q] != 0) {
                        double t = tangent(d.at()[p][p], d.at()[q][q], d.at()[p][q]);
                        double c = 1 / Math.sqrt(1 + t * t);
                        d.rotateRows(p, q, c, t * c);
                        d.rotateColumns(p, q, c, t * c);
                        d.at()[p][q] = 0;
                        d.at()[q][p] = 0;
                        v.rotateColumns(p, q, c, t * c);
                    }
                }
            }
        }
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted((i, j) -> Double.compare(d.at()[i][i], d.at()[j][j]))
                        .mapToInt(i -> i)
                        .toArray();
        var values = Matrix.zeros(1, n);
        var vectors = Matrix.zeros(n, n);
        for (int j = 0; j < n; j++) {
            values.at()[0][j] = d.at()[order[j]][order[j]];
            double sign = sign(v, order[j]);
            for (int i = 0; i < n; i++) {
                vectors.at()[i][j] = sign * v.at()[i][order[j]];
            }
        }
        return List.of(values, vectors);
    }

    /**
     * The tangent of the smaller angle that makes the symmetric 2×2 matrix (x, z; z, y) diagonal.
     */
    private static double tangent(double x, double y, double z) {
        double cotangent = (y - x) / (2 * z); // of twice the angle
        double t = 1 / (Math.abs(cotangent) + Math.hypot(cotangent, 1));
        return Math.copySign(t, cotangent);
    }

    private static double offDiagonal(Matrix d) {
        double size = 0;
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.columns(); j++) {
                size = i == j ? size : Math.max(size, Math.abs(d.at()[i][j]));
            }
        }
        return size;
    }

    /** U (m, k), the singular values descending as a row, and Vᵀ (k, n). */
    static List<Matrix> svd(Matrix a) {
        double size = finite("svd", a);
        boolean wide = a.rows() < a.columns(); // work on the tall one of A and Aᵀ
        var w = wide ? a.transposed() : a.copy();
        int n = w.columns();
        int exponent =
                size == 0 ? 0 : Math.getExponent(size); // keeps squares away from 0 and infinity
        for (var row : w.at()) {
            for (int j = 0; j < n; j++) {
                row[j] = Math.scalb(row[j], -exponent);
            }
        }
        var v = Matrix.identity(n);
        orthogonalise(
                w, v); // W = A V has orthogonal columns, whose lengths are the singular values
        var lengths = new double[n];
        for (int j = 0; j < n; j++) {
            lengths[j] = Math.sqrt(w.columns(j, j));
        }
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted((i, j) -> Double.compare(lengths[j], lengths[i]))
                        .mapToInt(i -> i)
                        .toArray();
        var left = Matrix.zeros(w.rows(), n);
        var right = Matrix.zeros(n, n);
        var values = Matrix.zeros(1, n);
        for (int j = 0; j < n; j++) {
            double length = lengths[order[j]];
            values.at()[0][j] = Math.scalb(length, exponent);
            for (int i = 0; i < n; i++) {
                right.at()[i][j] = v.at()[i][order[j]];
            }
            if (length > 0) {
                for (int i = 0; i < w.rows(); i++) {
                    left.at()[i][j] = w.at()[i][order[j]] / length;
                }
            } else {
                complete(left, j);
            }
        }
        var u = wide ? right : left;
        var vt = (wide ? left : right).transposed();
        for (int j = 0; j < n; j++) {
            double sign = sign(u, j);
            u.scaleColumn(j, sign);
            for (int i = 0; i < vt.columns(); i++) {
                vt.at()[j][i] *= sign;
            }
        }
        return List.of(u, values, vt);
    }

    /** Rotates the columns of w, and of v with them, until all are orthogonal to each other. */
    private static void orthogonalise(Matrix w, Matrix v) {
        double tolerance = w.rows() * Math.ulp(1.0);
        boolean rotated = true;
        for (int sweep = 0; rotated; sweep++) {
            limit("svd", sweep);
            rotated = false;
            for (int p = 0; p < w.columns(); p++) {
                for (int q = p + 1; q < w.columns(); q++) {
                    double x = w.columns(p, p);
                    double y = w.columns(q, q);
                    double z = w.columns(p, q);
                    if (Math.abs(z) > tolerance * Math.sqrt(x) * Math.sqrt(y)) {
                        double t = tangent(x, y, z);
                        double c = 1 / Math.sqrt(1 + t * t);
                        w.rotateColumns(p, q, c, t * c);
                        v.rotateColumns(p, q, c, t * c);
                        rotated = true;
                    }
                }
            }
        }
    }

    /** Fills column {@code j} with a unit vector orthogonal to the columns before it. */
    private static void complete(Matrix u, int j) {
        for (int axis = 0; axis < u.rows(); axis++) {
            for (int i = 0; i < u.rows(); i++) {
                u.at()[i][j] = i == axis ? 1 : 0;
            }
            for (int pass = 0; pass < 2; pass++) { // twice is enough (Kahan, Parlett)
                for (int p = 0; p < j; p++) {
                    double dot = u.columns(p, j);
                    for (int i = 0; i < u.rows(); i++) {
                        u.at()[i][j] -= dot * u.at()[i][p];
                    }
                }
            }
            double length = Math.sqrt(u.columns(j, j));
            // of m axes at least one keeps √((m − j)/m) of its length, which is at least 1/√m
            if (length * length * u.rows() > 0.5) {
                u.scaleColumn(j, 1 / length);
                return;
            }
        }
    }

    private static double sign(Matrix m, int column) {
        double largest = 0;
        for (int i = 0; i < m.rows(); i++) {
            largest = Math.max(largest, Math.abs(m.at()[i][column]));
        }
        for (int i = 0; i < m.rows(); i++) {
            if (Math.abs(m.at()[i][column]) >= TIE * largest) {
                return m.at()[i][column] < 0 ? -1 : 1;
            }
        }
        return 1;
    }

    private static double finite(String op, Matrix a) {
        double size = a.size();
        if (!Double.isFinite(size)) {
            throw Systems.failure(
                    op + ": the matrix has an element " + size + "; it must be finite");
        }
        return size;
    }

    private static void limit(String op, int sweep) {
        if (sweep == MOST_SWEEPS) {
            throw Systems.failure(op + ": no convergence after " + sweep + " sweeps of rotations");
        }
    }
}
