package dev.fathom.train.validation;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

/** Leaving out each example in turn, without training that often. */
public final class LeaveOneOut {
    private LeaveOneOut() {}

    /**
     * The errors y_i − ŷ_i of ridge regression, each prediction made by the weights fitted to all
     * the other examples, from one fit:
     *
     * <pre>
     * w = argmin ‖y − X w‖² + λ ‖w‖²,  H = X (Xᵀ X + λ I)⁻¹ Xᵀ
     * error_i = (y_i − (H y)_i) / (1 − H_ii)
     * </pre>
     *
     * Exact, by the formula for a rank-one update. G. Golub, M. Heath, G. Wahba, "Generalized
     * cross-validation as a method for choosing a good ridge parameter", 1979, equation 1.4 (PRESS,
     * D. Allen 1974). A constant is penalised like every other column.
     *
     * @param x X, (n, d)
     * @param y (n)
     * @param lambda λ > 0; the sum of squares is not divided by n
     * @return the errors, (n)
     */
    public static Tensor ridgeErrors(Tensor x, Tensor y, double lambda) {
        if (x.rank() != 2 || y.rank() != 1 || x.dim(0) != y.dim(0)) {
            throw new ShapeException(
                    "ridgeErrors: X "
                            + x.shape()
                            + " and y "
                            + y.shape()
                            + " do not fit: X is (n, d) and y (n)");
        }
        if (!(lambda > 0)) {
            throw new SettingException(
                    "ridgeErrors: lambda is " + lambda + "; it must be positive");
        }
        int n = x.dim(0);
        Tensor xt = Linalg.transpose(x); // (d, n)
        Tensor gram = xt.matmul(x).plus(Creation.eye(x.dtype(), x.dim(1)).times(lambda)); // (d, d)
        Tensor solved = Linalg.solve(gram, xt); // (d, n)
        Tensor fitted = x.matmul(solved.matmul(y.reshape(n, 1))).reshape(n); // (n)
        Tensor leverage = x.times(Linalg.transpose(solved)).sum(-1); // (n), the diagonal of H
        return y.minus(fitted).dividedBy(leverage.negate().plus(1));
    }
}
