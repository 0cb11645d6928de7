package dev.fathom.lab.instrument.kernel;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

/** Linear models in closed form, in float64. X is (n, p), the targets (n) or (n, k). */
public final class LeastSquares {
    private LeastSquares() {}

    /**
     * A solution and what it rests on.
     *
     * @param weights (p) or (p, k)
     * @param rank of X: singular values above the cut
     * @param largest singular value
     * @param smallest singular value above the cut; largest/smallest is the condition number
     */
    public record Solution(Tensor weights, int rank, double largest, double smallest) {}

    /**
     * X⁺ y: of all least-squares solutions the one of smallest norm, where gradient descent from
     * zero goes. Singular values below ε max(n, p) s₁ count as zero, ε = 2⁻⁵².
     */
    public static Solution minNorm(Tensor x, Tensor y) {
        check(x, y);
        var svd = Linalg.svd(x.cast(DType.FLOAT64));
        var s = svd.s().toDoubles();
        double cut = Math.ulp(1.0) * Math.max(x.dim(0), x.dim(1)) * s[0];
        int rank = 0;
        var inverse = new double[s.length];
        for (int i = 0; i < s.length && s[i] > cut; i++) {
            inverse[i] = 1 / s[i];
            rank++;
        }
        Tensor ty = Linalg.transpose(svd.u()).matmul(columns(y)); // (r, k)
        Tensor w = Linalg.transpose(svd.vt()).matmul(ty.times(Tensor.of(inverse).expandDims(1)));
        return new Solution(like(w, y), rank, s[0], rank == 0 ? 0 : s[rank - 1]);
    }

    /**
     * argmin ‖X w − y‖² + λ‖w‖² = (XᵀX + λI)⁻¹Xᵀy = Xᵀ(XXᵀ + λI)⁻¹y, whichever is smaller.
     *
     * @param penalty λ > 0
     */
    public static Tensor ridge(Tensor x, Tensor y, double penalty) {
        check(x, y);
        InstrumentException.check("ridge", "penalty", penalty, "positive", penalty > 0);
        Tensor a = x.cast(DType.FLOAT64);
        Tensor t = Linalg.transpose(a);
        Tensor w =
                a.dim(0) < a.dim(1)
                        ? t.matmul(dual(a.matmul(t), columns(y), penalty))
                        : dual(t.matmul(a), t.matmul(columns(y)), penalty);
        return like(w, y);
    }

    /**
     * Kernel ridge regression: the coefficients (K + λI)⁻¹ y of the training examples; predictions
     * are K(x, training) times them.
     *
     * @param kernel of the training examples, (n, n)
     * @param penalty λ ≥ 0; 0 interpolates
     * @throws dev.fathom.core.error.FathomException if K + λI is not positive definite
     */
    public static Tensor kernelRidge(Tensor kernel, Tensor y, double penalty) {
        check(kernel, y);
        InstrumentException.check("kernel ridge", "penalty", penalty, "at least 0", penalty >= 0);
        return like(dual(kernel.cast(DType.FLOAT64), columns(y), penalty), y);
    }

    /** exp(−‖x − x'‖²/2σ²) between rows: (n, d) and (m, d) to (n, m), float64. */
    public static Tensor gaussianKernel(Tensor x, Tensor y, double bandwidth) {
        InstrumentException.check(
                "Gaussian kernel", "bandwidth", bandwidth, "positive", bandwidth > 0);
        Tensor a = x.cast(DType.FLOAT64);
        Tensor b = y.cast(DType.FLOAT64);
        Tensor square =
                a.square()
                        .sum(1)
                        .expandDims(1)
                        .plus(b.square().sum(1))
                        .minus(a.matmul(Linalg.transpose(b)).times(2));
        return Functions.relu(square).times(-0.5 / (bandwidth * bandwidth)).exp();
    }

    private static Tensor dual(Tensor square, Tensor y, double penalty) {
        int n = square.dim(0);
        Tensor l = Linalg.cholesky(square.plus(Creation.eye(DType.FLOAT64, n).times(penalty)));
        return Linalg.solveUpper(Linalg.transpose(l), Linalg.solveLower(l, y));
    }

    private static void check(Tensor x, Tensor y) {
        InstrumentException.require(
                x.rank() == 2 && (y.rank() == 1 || y.rank() == 2) && x.dim(0) == y.dim(0),
                "least squares wants (n, p) and targets (n) or (n, k), not "
                        + x.shape()
                        + " and "
                        + y.shape());
    }

    private static Tensor columns(Tensor y) {
        Tensor t = y.cast(DType.FLOAT64);
        return t.rank() == 1 ? t.expandDims(1) : t;
    }

    private static Tensor like(Tensor w, Tensor y) {
        return y.rank() == 1 ? w.squeeze(1) : w;
    }
}
