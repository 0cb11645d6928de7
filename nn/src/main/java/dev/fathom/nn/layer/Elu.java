package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

/**
 * x for x > 0, else α (e^x − 1): {@link Activation#ELU} with an α of one's own. D.-A. Clevert, T.
 * Unterthiner, S. Hochreiter, ICLR 2016, equation 15. The derivative at 0 is α.
 *
 * @param alpha α, what it tends to at −∞, less the sign
 */
public record Elu(double alpha) implements Layer {

    /** With the given α. */
    public static Elu of(double alpha) {
        return new Elu(alpha);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(this, () -> Activation.elu(x, alpha));
    }
}
