package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

/**
 * In training every element is multiplied by its own number of N(1, p/(1 − p)), which has the mean
 * and variance of {@link Dropout}'s mask; otherwise the identity. N. Srivastava et al., JMLR 15,
 * 2014, section 10.
 *
 * @param probability p of the dropout that it resembles, in [0, 1)
 */
public record GaussianDropout(double probability) implements Layer {

    /** Checks the probability. */
    public GaussianDropout {
        Checks.probability("GaussianDropout", probability);
    }

    /** Noise as strong as that of dropout with the given probability. */
    public static GaussianDropout of(double probability) {
        return new GaussianDropout(probability);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (!pass.training() || probability == 0) {
                        return x;
                    }
                    double sigma = Math.sqrt(probability / (1 - probability));
                    Tensor noise = pass.key().normal(x.dtype(), x.shape().dims());
                    return x.times(noise.times(sigma).plus(1));
                });
    }
}
