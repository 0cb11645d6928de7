package dev.fathom.nn.norm;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Root mean square normalisation over the last axis, which neither centres nor shifts:
 *
 * <pre>y = γ x / √(mean(x²) + ε)</pre>
 *
 * <p>Shapes: x and y (n, .., features), γ (features). B. Zhang and R. Sennrich, "Root mean square
 * layer normalization", NeurIPS 2019, equation 4. We differ: the paper's equation has no ε.
 *
 * @param gamma γ, (features)
 * @param epsilon ε
 */
public record RmsNorm(Tensor gamma, double epsilon) implements Layer {

    /** Checks the numbers. */
    public RmsNorm {
        if (!(epsilon > 0)) {
            throw new LayerException("RmsNorm: epsilon is " + epsilon + "; it must be positive");
        }
    }

    /** γ = 1, ε = 1e-6, float32. */
    public static RmsNorm of(int features) {
        Checks.positive("RmsNorm", "features", features);
        return new RmsNorm(Tensor.ones(features), 1e-6);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.parameter("RmsNorm", "gamma", gamma, 1, "(features)");
                    Checks.features("RmsNorm", x, gamma);
                    Tensor size = x.square().mean(-1).expandDims(-1); // (n, .., 1)
                    return x.times(Functions.rsqrt(size.plus(epsilon))).times(gamma);
                });
    }
}
