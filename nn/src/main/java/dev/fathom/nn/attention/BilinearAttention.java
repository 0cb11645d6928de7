package dev.fathom.nn.attention;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * The attention layer of M. Hardt and B. Recht, "Patterns, predictions, and actions", 2021, chapter
 * on deep learning, for a list of m vectors of dimension d: z = σ(U x Vᵀ), that is z_ab = σ(Σ_ij
 * U_ai x_ij V_bj). U mixes the features and V the positions, with fewer parameters than the dense
 * layer it is a case of: vec(U x Vᵀ) = (V ⊗ U) vec(x), columns stacked. The weights do not depend
 * on x, so this is not the softmax attention of {@link Attention}.
 *
 * <p>Shapes: x (n, d, m), U (d′, d), V (m′, m), z (n, d′, m′). Features come first here, as printed
 * in the text; transpose a batch (n, m, d) of sequences.
 *
 * @param u U, (d′, d)
 * @param v V, (m′, m)
 * @param activation σ, elementwise
 */
public record BilinearAttention(Tensor u, Tensor v, Layer activation) implements Layer {

    /**
     * From d × m to {@code dOut} × {@code mOut}: both matrices by {@link Initializer#leCunNormal},
     * σ the rectifier, float32.
     */
    public static BilinearAttention of(int d, int m, int dOut, int mOut, Key key) {
        Checks.positive("BilinearAttention", "d", d);
        Checks.positive("BilinearAttention", "m", m);
        Checks.positive("BilinearAttention", "dOut", dOut);
        Checks.positive("BilinearAttention", "mOut", mOut);
        var keys = key.split(2);
        var law = Initializer.leCunNormal();
        return new BilinearAttention(
                law.of(keys[0], DType.FLOAT32, d, dOut, dOut, d),
                law.of(keys[1], DType.FLOAT32, m, mOut, mOut, m),
                Activation.RELU);
    }

    /** The same with another σ. */
    public BilinearAttention withActivation(Layer sigma) {
        return new BilinearAttention(u, v, sigma);
    }

    /**
     * @throws ShapeException if x is not (n, d, m)
     */
    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.dtype("BilinearAttention", x, u);
                    if (x.rank() != 3 || x.dim(1) != u.dim(1) || x.dim(2) != v.dim(1)) {
                        throw new ShapeException(
                                "BilinearAttention: input "
                                        + x.shape()
                                        + " is not (n, "
                                        + u.dim(1)
                                        + ", "
                                        + v.dim(1)
                                        + "): U is "
                                        + u.shape()
                                        + ", V is "
                                        + v.shape()
                                        + (x.rank() == 3
                                                        && x.dim(1) == v.dim(1)
                                                        && x.dim(2) == u.dim(1)
                                                ? ". Features come before positions here:"
                                                        + " x.transpose(0, 2, 1)"
                                                : ""));
                    }
                    Tensor z = u.matmul(x).matmul(Linalg.transpose(v)); // (n, d', m')
                    return activation.apply(z, pass);
                });
    }
}
