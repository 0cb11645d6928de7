package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * Dense systems of equations over matrices in the last two axes; leading axes run in parallel.
 * Derivatives follow M. Giles, "Collected matrix derivative results for forward and reverse mode
 * algorithmic differentiation" (2008).
 */
public sealed interface Solving extends Single {

    private static void checkSystem(Primitive op, TensorType a, TensorType b) {
        Matrices.square(op, a);
        int r = a.shape().rank();
        boolean fits =
                a.dtype() == b.dtype()
                        && b.shape().rank() == r
                        && a.shape().range(0, r - 1).equals(b.shape().range(0, r - 1));
        if (!fits) {
            throw new ShapeException(
                    op.name()
                            + ": the matrix "
                            + a
                            + " and the right side "
                            + b
                            + " do not fit; the right side is (.., n, columns)");
        }
    }

    private static Tensor batchedSystem(Single op, Args x, boolean[] batched, int size) {
        return Ops.bind(op, Ops.withBatch(x, batched, size, 0), Ops.withBatch(x, batched, size, 1));
    }

    /** Pieces of matrices, for the rules. */
    final class Matrices {
        private Matrices() {}

        static void square(Primitive op, TensorType t) {
            matrix(op, t);
            int r = t.shape().rank();
            if (t.shape().dim(r - 1) != t.shape().dim(r - 2)) {
                throw new ShapeException(op.name() + ": " + t + " is not square");
            }
        }

        static void matrix(Primitive op, TensorType t) {
            if (t.shape().rank() < 2) {
                throw new ShapeException(
                        op.name() + ": " + t + " is not a matrix (.., rows, columns)");
            }
            Ops.refuseStorage(op, t);
            if (!t.dtype().isFloating()) {
                throw new DTypeException(
                        op.name() + ": not defined on " + t + "; cast to float64 first");
            }
        }

        /** Aᵀ over the last two axes. */
        static Tensor t(Tensor a) {
            return Ops.transpose(a, swap(a.rank()));
        }

        private static Axes swap(int rank) {
            return Axes.range(0, rank - 2).concat(Axes.of(rank - 1, rank - 2));
        }

        /** 1 where column − row ≤ {@code diagonal}, else 0: the lower triangle's mask. */
        static Tensor lowerMask(TensorType type, int diagonal) {
            var shape = type.shape();
            Tensor row = Ops.bind(new Source.Iota(shape, shape.rank() - 2, DType.INT32));
            Tensor column = Ops.bind(new Source.Iota(shape, shape.rank() - 1, DType.INT32));
            return Ops.bind(
                            new Elementwise.Compare(Elementwise.Order.LESS_EQUAL),
                            column.minus(row),
                            Ops.full(type.withDType(DType.INT32), diagonal))
                    .cast(type.dtype());
        }

        /** The lower triangle including the given diagonal. */
        static Tensor lower(Tensor a, int diagonal) {
            return a.times(lowerMask(a.type(), diagonal));
        }

        /** The identity in every matrix of {@code type}. */
        static Tensor identity(TensorType type) {
            return lowerMask(type, 0).minus(lowerMask(type, -1));
        }

        /** The symmetric matrix whose lower triangle is a's. */
        static Tensor mirrored(Tensor a) {
            return lower(a, 0).plus(t(lower(a, -1)));
        }

        /** The diagonals, without the matrices around them. */
        static Tensor diagonal(Tensor a) {
            return a.times(identity(a.type())).sum(a.rank() - 1);
        }

        /** v (.., n) as a row (.., 1, n). */
        static Tensor row(Tensor v) {
            return v.expandDims(v.rank() - 1);
        }

        /** v (.., n) as a column (.., n, 1). */
        static Tensor column(Tensor v) {
            return v.expandDims(v.rank());
        }
    }

    /**
     * The lower triangular L with A = L Lᵀ; only the lower triangle of A is read. dL = L Φ(L⁻¹ dA
     * L⁻ᵀ), Φ the lower triangle with its diagonal halved.
     */
    record Cholesky() implements Solving {
        @Override
        public TensorType type(List<TensorType> in) {
            Matrices.square(this, in.getFirst());
            return in.getFirst();
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            var solve = new TriangularSolve(true, false, false);
            Tensor left = Ops.bind(solve, y, Matrices.mirrored(dx)); // L⁻¹ dA
            Tensor both = Matrices.t(Ops.bind(solve, y, Matrices.t(left))); // L⁻¹ dA L⁻ᵀ
            Tensor half =
                    Matrices.lower(both, -1)
                            .plus(both.times(Matrices.identity(both.type())).times(0.5));
            return y.matmul(half);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return Ops.bind(this, x.a());
        }
    }

    /**
     * X with op(A) X = B, where op(A) is A or, if {@code transposed}, Aᵀ, and only the lower (or
     * upper) triangle of A is read; with {@code unit} its diagonal counts as ones. Linear in B; dA:
     * −op(A)⁻¹ op(dA) X.
     */
    record TriangularSolve(boolean lower, boolean transposed, boolean unit)
            implements Solving, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            checkSystem(this, in.get(0), in.get(1));
            return in.get(1);
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            if (i == 1) {
                return Ops.bind(this, x.a(), dx);
            }
            int diagonal = unit ? -1 : 0;
            Tensor d =
                    lower
                            ? Matrices.lower(dx, diagonal)
                            : Matrices.t(Matrices.lower(Matrices.t(dx), diagonal));
            return Ops.bind(this, x.a(), (transposed ? Matrices.t(d) : d).matmul(y)).negate();
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new TriangularSolve(lower, !transposed, unit), x.a(), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return batchedSystem(this, x, batched, size);
        }
    }

    /** X with A X = B (or Aᵀ X = B) by LU with partial pivoting. Linear in B; dA: −A⁻¹ dA X. */
    record Solve(boolean transposed) implements Solving, Linear {
        @Override
        public TensorType type(List<TensorType> in) {
            checkSystem(this, in.get(0), in.get(1));
            return in.get(1);
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return i == 1
                    ? Ops.bind(this, x.a(), dx)
                    : Ops.bind(this, x.a(), (transposed ? Matrices.t(dx) : dx).matmul(y)).negate();
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return Ops.bind(new Solve(!transposed), x.a(), ct);
        }

        @Override
        public Tensor batched(Args x, boolean[] batched, int size) {
            return batchedSystem(this, x, batched, size);
        }
    }
}
