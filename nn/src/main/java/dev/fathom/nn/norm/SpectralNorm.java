package dev.fathom.nn.norm;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * A layer whose weight, as a matrix (fan-in, out), is divided by its largest singular value, so
 * that the map x ↦ x W is 1-Lipschitz:
 *
 * <pre>v = W u / ‖W u‖,   u′ = Wᵀ v / ‖Wᵀ v‖,   σ = vᵀ W u′,   y = x W / σ + b</pre>
 *
 * <p>One such step of the power method is made in every training pass, starting from the u of the
 * pass before: u is a statistic, which {@link Pass#updated} carries on. In evaluation u stays, and
 * σ = ‖W u‖. The derivative takes u and v as constants, which is exact where they are singular
 * vectors. T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida, "Spectral normalization for generative
 * adversarial networks", ICLR 2018, algorithm 1. For a convolution it is, as in the paper, the
 * matrix of the kernel and not that of the whole map, whose norm may be larger, up to the square
 * root of the number of kernel elements.
 *
 * <p>Shapes: those of the layer; u (out).
 *
 * @param layer a dense layer or a convolution
 * @param vector u, of length 1
 */
public record SpectralNorm(Affine layer, Statistic vector) implements Layer {
    private static final int FIRST_STEPS = 15;

    /**
     * Around {@code layer}; u is drawn at random and improved by 15 steps.
     *
     * @throws LayerException if all weights are 0
     */
    public static SpectralNorm of(Affine layer, Key key) {
        Tensor w = matrix(layer.weight());
        if (w instanceof Array && w.abs().max().item() == 0) {
            throw new LayerException(
                    "SpectralNorm: all weights of "
                            + layer.weight().shape()
                            + " are 0; dividing by their largest singular value would give NaN."
                            + " Draw them at random");
        }
        Tensor u = unit(key.normal(w.dtype(), w.dim(1), 1));
        for (int i = 0; i < FIRST_STEPS; i++) {
            u = unit(Linalg.transpose(w).matmul(unit(w.matmul(u))));
        }
        return new SpectralNorm(layer, new Statistic(u.reshape(w.dim(1))));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Tensor w = matrix(layer.weight()); // (fan-in, out)
                    Tensor fixed = Ops.stopGradient(w);
                    Tensor u = pass.current(vector.value()).reshape(w.dim(1), 1);
                    Tensor v = unit(fixed.matmul(u)); // (fan-in, 1)
                    if (pass.training()) {
                        u = unit(Linalg.transpose(fixed).matmul(v)); // (out, 1)
                        pass.update(vector.value(), u.reshape(w.dim(1)));
                    }
                    Tensor sigma = v.times(w.matmul(u)).sum(); // ()
                    Tensor normed = layer.weight().dividedBy(sigma);
                    return pass.child("layer", layer.with(normed, layer.bias()), x);
                });
    }

    private static Tensor matrix(Tensor weight) {
        return weight.reshape(Units.fanIn(weight), weight.dim(-1));
    }

    /** x / ‖x‖, or 0 for 0. */
    private static Tensor unit(Tensor x) {
        Tensor norm = x.square().sum().sqrt();
        return x.dividedBy(norm.maximum(Ops.scalar(x.dtype(), 1e-12)));
    }
}
