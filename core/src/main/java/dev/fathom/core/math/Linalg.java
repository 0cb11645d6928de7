package dev.fathom.core.math;

import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Solving;
import dev.fathom.core.tensor.Tensor;

import java.util.List;

/**
 * Dense linear algebra on matrices in the last two axes; leading axes run in parallel. float32 or
 * float64; all of it has derivatives where the result is unique.
 */
public final class Linalg {
    private Linalg() {}

    /** The transpose over the last two axes. */
    public static Tensor transpose(Tensor a) {
        return Ops.moveAxis(a, a.rank() - 1, a.rank() - 2);
    }

    /**
     * The lower triangular L with L Lᵀ = A for symmetric positive definite A, of which (A + Aᵀ)/2
     * is used.
     */
    public static Tensor cholesky(Tensor a) {
        return Ops.bind(new Solving.Cholesky(), symmetric(a));
    }

    /** X with L X = B for lower triangular L. */
    public static Tensor solveLower(Tensor l, Tensor b) {
        return Ops.bind(new Solving.TriangularSolve(true, false, false), l, b);
    }

    /** X with U X = B for upper triangular U. */
    public static Tensor solveUpper(Tensor u, Tensor b) {
        return Ops.bind(new Solving.TriangularSolve(false, false, false), u, b);
    }

    /** X with A X = B; B is (.., n, columns), or (n,) beside A (n, n). */
    public static Tensor solve(Tensor a, Tensor b) {
        if (b.rank() == 1 && a.rank() == 2) {
            return solve(a, b.expandDims(1)).squeeze(1);
        }
        return Ops.bind(new Solving.Solve(false), a, b);
    }

    /** A⁻¹; prefer {@link #solve}. */
    public static Tensor inverse(Tensor a) {
        Tensor eye = Creation.eye(a.dtype(), a.dim(-1));
        return solve(a, Ops.broadcastTo(eye, a.shape()));
    }

    /** Q and R with A = Q R. */
    public record Qr(Tensor q, Tensor r) {}

    /** The reduced QR factorisation with a diagonal of R ≥ 0. */
    public static Qr qr(Tensor a) {
        var f = Ops.bindAll(new Decomposition.Qr(), List.of(a));
        return new Qr(f.get(0), f.get(1));
    }

    /** Eigenvalues (.., n) ascending and eigenvectors in the columns of (.., n, n). */
    public record Eigh(Tensor values, Tensor vectors) {}

    /** Eigenvalues and eigenvectors of a symmetric matrix, of which (A + Aᵀ)/2 is used. */
    public static Eigh eigh(Tensor a) {
        var f = Ops.bindAll(new Decomposition.Eigh(), List.of(symmetric(a)));
        return new Eigh(f.get(0), f.get(1));
    }

    /** U (.., m, k), s (.., k) descending and Vᵀ (.., k, n) with A = U diag(s) Vᵀ. */
    public record Svd(Tensor u, Tensor s, Tensor vt) {}

    /** The reduced singular value decomposition. */
    public static Svd svd(Tensor a) {
        var f = Ops.bindAll(new Decomposition.Svd(), List.of(a));
        return new Svd(f.get(0), f.get(1), f.get(2));
    }

    private static Tensor symmetric(Tensor a) {
        return a.plus(transpose(a)).times(0.5);
    }
}
