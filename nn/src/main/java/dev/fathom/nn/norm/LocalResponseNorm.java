package dev.fathom.nn.norm;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Each channel divided by how loud its neighbours are, as AlexNet has it: y_i = x_i / (k + α Σ_j
 * x_j²)^β, the sum over the {@code size} channels around i that there are. A. Krizhevsky, I.
 * Sutskever, G. Hinton, NIPS 2012, section 3.3. Some libraries divide α by the size; the paper does
 * not, and neither do we.
 *
 * <p>Shapes: x and y (n, .., channels).
 *
 * @param size number of channels in the sum, odd
 * @param k what the sum starts from, above 0
 * @param alpha α, the weight of the sum
 * @param beta β, the power
 */
public record LocalResponseNorm(int size, double k, double alpha, double beta) implements Layer {

    /** Checks the size. */
    public LocalResponseNorm {
        Checks.positive("LocalResponseNorm", "size", size);
    }

    /** With the constants of the paper: 5 channels, k = 2, α = 10⁻⁴, β = 0.75. */
    public static LocalResponseNorm of() {
        return new LocalResponseNorm(5, 2, 1e-4, 0.75);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (x.rank() < 2) {
                        throw new ShapeException(
                                "LocalResponseNorm: input "
                                        + x.shape()
                                        + " has no channels; it takes (n, .., channels)");
                    }
                    int last = x.rank() - 1;
                    int channels = x.dim(last);
                    var before = new int[x.rank()];
                    var after = new int[x.rank()];
                    before[last] = size / 2;
                    after[last] = size - 1 - size / 2;
                    Tensor padded = Shaping.pad(x.square(), before, after);
                    Tensor sum = padded.slice(last, 0, channels);
                    for (int i = 1; i < size; i++) {
                        sum = sum.plus(padded.slice(last, i, i + channels));
                    }
                    return x.times(sum.times(alpha).plus(k).pow(-beta));
                });
    }
}
