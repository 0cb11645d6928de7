package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

/**
 * x for x > 0, else slope · x: {@link Activation#LEAKY_RELU} with a slope of one's own. A. Maas, A.
 * Hannun, A. Ng, "Rectifier nonlinearities", ICML 2013. The derivative at 0 is the slope.
 *
 * @param slope for negative x, a constant; one that is trained: {@link PRelu}
 */
public record LeakyRelu(double slope) implements Layer {

    /** With the given slope for negative inputs. */
    public static LeakyRelu of(double slope) {
        return new LeakyRelu(slope);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(this, () -> Activation.leaky(x, slope));
    }
}
