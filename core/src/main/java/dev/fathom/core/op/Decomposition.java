package dev.fathom.core.op;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.op.Solving.Matrices;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * Factorisations of matrices in the last two axes, with several results. Derivatives exist where
 * the factors are unique: full rank for QR, distinct eigenvalues or singular values for the other
 * two. (S. Walter, L. Lehmann, "Algorithmic differentiation of linear algebra functions", 2010; J.
 * Townsend, "Differentiating the singular value decomposition", 2016.)
 */
public sealed interface Decomposition extends Operation {

    @Override
    default List<Tensor> batch(Args x, boolean[] batched, int size) {
        return Ops.bindAll(this, x.known());
    }

    /**
     * A − diag: 1/(difference) off the diagonal, 0 on it, for values v (.., n): Fᵢⱼ = 1/(vⱼ − vᵢ).
     */
    private static Tensor gaps(Tensor v) {
        Tensor difference = Matrices.row(v).minus(Matrices.column(v)); // vⱼ − vᵢ
        Tensor eye = Matrices.identity(difference.type());
        return eye.negate().plus(1).dividedBy(difference.plus(eye));
    }

    /** A (m, n) = Q R with Q (m, k), R (k, n), k = min(m, n), diagonal of R ≥ 0. */
    record Qr() implements Decomposition {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            var a = in.getFirst();
            Matrices.matrix(this, a);
            int r = a.shape().rank();
            int m = a.shape().dim(r - 2);
            int n = a.shape().dim(r - 1);
            int k = Math.min(m, n);
            var lead = a.shape().range(0, r - 2);
            return List.of(
                    a.withShape(lead.concat(Shape.of(m, k))),
                    a.withShape(lead.concat(Shape.of(k, n))));
        }

        @Override
        public List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
            Tensor q = y.a();
            Tensor r = y.b();
            int m = dx.dim(-2);
            int n = dx.dim(-1);
            if (m < n) {
                throw new NotDifferentiableException(
                        "qr: no derivative for a matrix with more columns than rows, "
                                + dx.type()
                                + "; factor its transpose");
            }
            var solve = new Solving.TriangularSolve(false, true, false); // Rᵀ Z = dAᵀ
            Tensor c = Matrices.t(Ops.bind(solve, r, Matrices.t(dx))); // dA R⁻¹
            Tensor qc = Matrices.t(q).matmul(c);
            Tensor low = Matrices.lower(qc, -1);
            Tensor omega = low.minus(Matrices.t(low));
            return List.of(q.matmul(omega.minus(qc)).plus(c), qc.minus(omega).matmul(r));
        }
    }

    /**
     * A symmetric A = V diag(w) Vᵀ: w ascending, eigenvectors in V's columns. Reads the lower
     * triangle.
     */
    record Eigh() implements Decomposition {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            var a = in.getFirst();
            Matrices.square(this, a);
            return List.of(a.withShape(a.shape().range(0, a.shape().rank() - 1)), a);
        }

        @Override
        public List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
            Tensor v = y.b();
            Tensor d = Matrices.t(v).matmul(Matrices.mirrored(dx)).matmul(v);
            return List.of(Matrices.diagonal(d), v.matmul(gaps(y.a()).times(d)));
        }
    }

    /** A (m, n) = U diag(s) Vᵀ: U (m, k), s (k) descending, Vᵀ (k, n), k = min(m, n). */
    record Svd() implements Decomposition {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            var a = in.getFirst();
            Matrices.matrix(this, a);
            int r = a.shape().rank();
            int m = a.shape().dim(r - 2);
            int n = a.shape().dim(r - 1);
            int k = Math.min(m, n);
            var lead = a.shape().range(0, r - 2);
            return List.of(
                    a.withShape(lead.concat(Shape.of(m, k))),
                    a.withShape(lead.concat(Shape.of(k))),
                    a.withShape(lead.concat(Shape.of(k, n))));
        }

        @Override
        public List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
            Tensor u = y.a();
            Tensor s = y.b();
            Tensor v = Matrices.t(y.c());
            Tensor ut = Matrices.t(u);
            Tensor dp = ut.matmul(dx).matmul(v);
            Tensor ds = Matrices.diagonal(dp);
            Tensor f = gaps(s.square());
            Tensor row = Matrices.row(s);
            Tensor column = Matrices.column(s);
            Tensor dpT = Matrices.t(dp);
            Tensor du = u.matmul(f.times(dp.times(row).plus(column.times(dpT))));
            Tensor dv = v.matmul(f.times(column.times(dp).plus(dpT.times(row))));
            if (u.dim(-2) > u.dim(-1)) { // the part of dA V outside the span of U
                Tensor w = dx.matmul(v);
                du = du.plus(w.minus(u.matmul(ut.matmul(w))).dividedBy(row));
            }
            if (v.dim(-2) > v.dim(-1)) {
                Tensor w = Matrices.t(dx).matmul(u);
                dv = dv.plus(w.minus(v.matmul(Matrices.t(v).matmul(w))).dividedBy(row));
            }
            return List.of(du, ds, Matrices.t(dv));
        }
    }
}
