package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

/**
 * Dropout as first published: in training h_i = m_i x_i with masks m_i that are 1 with probability
 * p and 0 otherwise; at test time the weights that follow are scaled by p, so that what they sum
 * has the same expectation. N. Srivastava et al., JMLR 15, 2014, section 4. Scaling the weights is
 * scaling what they multiply, x (p W) = (p x) W, which is how we do it: the weights stay as they
 * are.
 *
 * <p>{@link Dropout} divides by p in training instead, and is what most networks use. With p = 1 −
 * its probability and the same key, this is p times that, in training and in evaluation. Mind that
 * p here is the probability to <em>keep</em>.
 *
 * @param keep p, that an element is kept, in (0, 1]
 */
public record PlainDropout(double keep) implements Layer {

    /** Checks the probability. */
    public PlainDropout {
        Checks.probability("PlainDropout", 1 - keep);
    }

    /** Keeps elements with the given probability. */
    public static PlainDropout of(double keep) {
        return new PlainDropout(keep);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (!pass.training() || keep == 1) {
                        return x.times(keep);
                    }
                    Tensor mask = pass.key().bernoulli(keep, x.shape().dims());
                    return Functions.where(mask, x, Ops.zeros(x.type()));
                });
    }
}
