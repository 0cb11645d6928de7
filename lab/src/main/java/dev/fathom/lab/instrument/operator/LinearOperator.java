package dev.fathom.lab.instrument.operator;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.ArrayList;
import java.util.function.UnaryOperator;

/**
 * A linear map A that is known by its products. Vectors are float64, whatever the model behind it
 * computes in.
 *
 * @param rows m
 * @param columns n
 * @param forward v ↦ A v, (n) to (m)
 * @param backward u ↦ Aᵀ u, (m) to (n)
 */
public record LinearOperator(
        int rows, int columns, UnaryOperator<Tensor> forward, UnaryOperator<Tensor> backward) {

    /** Rows that {@link #dense} writes down at most. */
    private static final long LARGEST = 64L << 20;

    /** Checks the sizes. */
    public LinearOperator {
        InstrumentException.check("LinearOperator", "rows", rows, "at least 1", rows >= 1);
        InstrumentException.check("LinearOperator", "columns", columns, "at least 1", columns >= 1);
    }

    /** A symmetric map of n numbers to n; it is taken on trust. */
    public static LinearOperator symmetric(int n, UnaryOperator<Tensor> product) {
        return new LinearOperator(n, n, product, product);
    }

    /** A matrix (m, n). */
    public static LinearOperator of(Tensor matrix) {
        InstrumentException.require(
                matrix.rank() == 2, "a matrix has two axes, this tensor is " + matrix.shape());
        Tensor a = matrix.cast(DType.FLOAT64);
        Tensor t = Linalg.transpose(a);
        return new LinearOperator(a.dim(0), a.dim(1), a::matmul, t::matmul);
    }

    /** A v, float64 (rows), for v (columns). */
    public Tensor apply(Tensor v) {
        return checked("A v", v, columns, forward);
    }

    /** Aᵀ u, float64 (columns), for u (rows). */
    public Tensor applyTransposed(Tensor u) {
        return checked("Aᵀ u", u, rows, backward);
    }

    private Tensor checked(String what, Tensor v, int n, UnaryOperator<Tensor> product) {
        InstrumentException.require(
                v.rank() == 1 && v.dim(0) == n,
                what
                        + ": the operator is "
                        + rows
                        + " × "
                        + columns
                        + ", so a vector of "
                        + n
                        + " is wanted, not "
                        + v.shape());
        return product.apply(v.cast(DType.FLOAT64));
    }

    /** Aᵀ. */
    public LinearOperator transpose() {
        return new LinearOperator(columns, rows, backward, forward);
    }

    /** A B. */
    public LinearOperator after(LinearOperator b) {
        InstrumentException.require(
                columns == b.rows,
                rows + " × " + columns + " after " + b.rows + " × " + b.columns + ": " + columns
                        + " ≠ " + b.rows);
        return new LinearOperator(
                rows,
                b.columns,
                v -> apply(b.apply(v)),
                u -> b.applyTransposed(applyTransposed(u)));
    }

    /** AᵀA, whose eigenvalues are the squares of A's singular values. */
    public LinearOperator gram() {
        return symmetric(columns, v -> applyTransposed(apply(v)));
    }

    /** s A. */
    public LinearOperator times(double s) {
        return new LinearOperator(
                rows, columns, v -> apply(v).times(s), u -> applyTransposed(u).times(s));
    }

    /** A + B. */
    public LinearOperator plus(LinearOperator b) {
        InstrumentException.require(
                rows == b.rows && columns == b.columns,
                rows + " × " + columns + " and " + b.rows + " × " + b.columns + " have no sum");
        return new LinearOperator(
                rows,
                columns,
                v -> apply(v).plus(b.apply(v)),
                u -> applyTransposed(u).plus(b.applyTransposed(u)));
    }

    /** A + s I, for a square one. */
    public LinearOperator shifted(double s) {
        checkSquare("a shift");
        return new LinearOperator(
                rows,
                columns,
                v -> apply(v).plus(v.times(s)),
                u -> applyTransposed(u).plus(u.times(s)));
    }

    /** The rows and columns of these ranges only. */
    public LinearOperator block(Range r, Range c) {
        InstrumentException.require(
                r.to() <= rows && c.to() <= columns,
                "block " + r + " × " + c + " is not inside " + rows + " × " + columns);
        return new LinearOperator(
                r.size(),
                c.size(),
                v -> apply(widened(v, c, columns)).slice(0, r.from(), r.to()),
                u -> applyTransposed(widened(u, r, rows)).slice(0, c.from(), c.to()));
    }

    /** The diagonal block of a square one. */
    public LinearOperator block(Range range) {
        checkSquare("a diagonal block");
        return block(range, range);
    }

    private static Tensor widened(Tensor v, Range range, int n) {
        return Shaping.pad(v, new int[] {range.from()}, new int[] {n - range.to()});
    }

    /** The matrix, (rows, columns), float64: one product for every column, or row if fewer. */
    public Tensor dense() {
        InstrumentException.require(
                (long) rows * columns <= LARGEST,
                "a dense matrix "
                        + rows
                        + " × "
                        + columns
                        + " is too large; use products, a block, Lanczos or a trace estimate");
        boolean byRows = rows < columns;
        int count = byRows ? rows : columns;
        var lines = new ArrayList<Tensor>();
        for (int i = 0; i < count; i++) {
            Tensor e = unit(count, i);
            lines.add(byRows ? applyTransposed(e) : apply(e));
        }
        Tensor m = Shaping.stack(0, lines.toArray(Tensor[]::new));
        return byRows ? m : Linalg.transpose(m);
    }

    /** The diagonal of a square one, (n): a product for every entry. */
    public Tensor diagonal() {
        checkSquare("the diagonal");
        var d = new double[rows];
        for (int i = 0; i < rows; i++) {
            d[i] = apply(unit(rows, i)).get(i).item();
        }
        return Tensor.of(d);
    }

    /** Throws unless it is square. */
    public void checkSquare(String what) {
        InstrumentException.require(
                rows == columns,
                what + " needs a square operator, this one is " + rows + " × " + columns);
    }

    private static Tensor unit(int n, int i) {
        var e = new double[n];
        e[i] = 1;
        return Tensor.of(e);
    }

    /** The map to zeros. */
    static Tensor zeros(int n) {
        return Ops.zeros(new TensorType(Shape.of(n), DType.FLOAT64));
    }
}
