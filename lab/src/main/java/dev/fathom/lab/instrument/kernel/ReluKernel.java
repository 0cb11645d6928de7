package dev.fathom.lab.instrument.kernel;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

/**
 * The two kernels of a fully connected ReLU network of infinite width, a⁰ = x, aˡ = relu(zˡ),
 *
 * <pre>
 * zˡ⁺¹ = (σ_w/√n_l) W aˡ + σ_b b,  W, b ~ N(0, 1)
 * K¹ = σ_b² + σ_w² xᵀx'/d
 * Kˡ⁺¹ = σ_b² + σ_w² √(k k') (sin θ + (π − θ) cos θ)/2π,  cos θ = Kˡ(x, x')/√(k k'),  k = Kˡ(x, x)
 * Θ¹ = K¹,  Θˡ⁺¹ = Kˡ⁺¹ + Θˡ σ_w² (π − θ)/2π
 * </pre>
 *
 * K is the covariance of the outputs at random weights (the Gaussian process kernel), Θ that of
 * their gradients in W and b (the tangent kernel). The expectations are the arc-cosine kernels of
 * degree 1 and 0: Y. Cho and L. Saul, "Kernel methods for deep learning", NIPS 2009, equation 6;
 * the recursions: J. Lee et al., ICLR 2018, equation 5, and A. Jacot, F. Gabriel, C. Hongler,
 * "Neural tangent kernel", NeurIPS 2018, theorem 1. σ_w² = 2 keeps the diagonal of K.
 *
 * @param hidden number of ReLU layers, ≥ 0
 * @param weightVariance σ_w² > 0
 * @param biasVariance σ_b² ≥ 0
 */
public record ReluKernel(int hidden, double weightVariance, double biasVariance) {
    /** Checks the numbers. */
    public ReluKernel {
        InstrumentException.check("ReluKernel", "hidden", hidden, "at least 0", hidden >= 0);
        InstrumentException.check(
                "ReluKernel", "weightVariance", weightVariance, "positive", weightVariance > 0);
        InstrumentException.check(
                "ReluKernel", "biasVariance", biasVariance, "at least 0", biasVariance >= 0);
    }

    /** With σ_w² = 2 and no biases. */
    public static ReluKernel of(int hidden) {
        return new ReluKernel(hidden, 2, 0);
    }

    /** K between the rows of two matrices: (n, d) and (m, d) to (n, m), float64. */
    public Tensor process(Tensor x, Tensor y) {
        return both(x, y)[0];
    }

    /** Θ between the rows of two matrices: (n, d) and (m, d) to (n, m), float64. */
    public Tensor tangent(Tensor x, Tensor y) {
        return both(x, y)[1];
    }

    private Tensor[] both(Tensor x, Tensor y) {
        InstrumentException.require(
                x.rank() == 2 && y.rank() == 2 && x.dim(1) == y.dim(1),
                "a kernel of rows needs matrices with rows of one length, not "
                        + x.shape()
                        + " and "
                        + y.shape());
        Tensor a = x.cast(DType.FLOAT64);
        Tensor b = y.cast(DType.FLOAT64);
        int n = x.dim(0);
        int m = y.dim(0);
        double s = weightVariance / x.dim(1);
        var k = a.matmul(Linalg.transpose(b)).times(s).plus(biasVariance).toDoubles();
        var rows = a.square().sum(1).times(s).plus(biasVariance).toDoubles();
        var columns = b.square().sum(1).times(s).plus(biasVariance).toDoubles();
        var t = k.clone();
        for (int layer = 0; layer < hidden; layer++) {
            for (int i = 0; i < n * m; i++) {
                double scale = Math.sqrt(rows[i / m] * columns[i % m]);
                double cos = scale == 0 ? 1 : Math.clamp(k[i] / scale, -1, 1);
                double angle = Math.acos(cos);
                double rest = (Math.PI - angle) / (2 * Math.PI);
                k[i] =
                        biasVariance
                                + weightVariance
                                        * scale
                                        * (Math.sqrt(1 - cos * cos) / (2 * Math.PI) + rest * cos);
                t[i] = k[i] + t[i] * weightVariance * rest;
            }
            deepen(rows);
            deepen(columns);
        }
        return new Tensor[] {Tensor.of(k, n, m), Tensor.of(t, n, m)};
    }

    /** The diagonal of K one layer up: θ = 0. */
    private void deepen(double[] diagonal) {
        for (int i = 0; i < diagonal.length; i++) {
            diagonal[i] = biasVariance + weightVariance * diagonal[i] / 2;
        }
    }
}
