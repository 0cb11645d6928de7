package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

/**
 * x for x > 0, else a x with a trained slope a for each feature. K. He, X. Zhang, S. Ren, J. Sun,
 * "Delving deep into rectifiers", ICCV 2015, equation 1; the derivative in a is Σ min(x, 0). The
 * paper does not decay a.
 *
 * <p>Shapes: x (n, .., features), a (features).
 *
 * @param slope a, (features)
 */
public record PRelu(Tensor slope) implements Layer {

    /** Slopes of 0.25, as in the paper, for features (channels) on the last axis; float32. */
    public static PRelu of(int features) {
        Checks.positive("PRelu", "features", features);
        return new PRelu(Tensor.full(DType.FLOAT32, 0.25, features));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.parameter("PRelu", "slope", slope, 1, "(features)");
                    Checks.features("PRelu", x, slope);
                    return Functions.where(Activation.positive(x), x, x.times(slope));
                });
    }
}
