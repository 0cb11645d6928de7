package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

/**
 * In training each element is set to zero with probability p and the others are divided by 1 − p,
 * so that the expectation stays ("inverted" dropout); otherwise the identity. N. Srivastava, G.
 * Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, JMLR 15, 2014. We differ: the paper scales
 * the weights at test time instead: {@link PlainDropout}.
 *
 * <p>The mask is a function of the pass's key and of the position alone: same key, same mask.
 *
 * @param probability p, that an element is dropped, in [0, 1)
 */
public record Dropout(double probability) implements Layer {

    /** Checks the probability. */
    public Dropout {
        Checks.probability("Dropout", probability);
    }

    /** Drops elements with the given probability. */
    public static Dropout of(double probability) {
        return new Dropout(probability);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (!pass.training() || probability == 0) {
                        return x;
                    }
                    double kept = 1 - probability;
                    Tensor keep = pass.key().bernoulli(kept, x.shape().dims());
                    return Functions.where(keep, x.times(1 / kept), Ops.zeros(x.type()));
                });
    }
}
