package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

import java.util.Arrays;

/**
 * Stochastic depth: in training the body of a residual block is left out for each example with
 * probability p, and what is kept is divided by 1 − p,
 *
 * <pre>y = x + b(x) · keep / (1 − p),   keep ∼ Bernoulli(1 − p) for each example</pre>
 *
 * so that evaluation, y = x + b(x), is its mean. G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger,
 * "Deep networks with stochastic depth", ECCV 2016, equation 5. We differ: the paper drops for the
 * whole batch at once and multiplies by 1 − p in evaluation (its equation 6).
 *
 * @param body b, which keeps the shape of its input
 * @param probability p, in [0, 1)
 */
public record DropPath(Layer body, double probability) implements Layer {

    /** Checks the probability. */
    public DropPath {
        Checks.probability("DropPath", probability);
    }

    /** Around {@code body}. */
    public static DropPath of(Layer body, double probability) {
        return new DropPath(body, probability);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Tensor y = pass.child("body", body, x);
                    if (pass.training() && probability > 0) {
                        var shape = new int[y.rank()];
                        Arrays.fill(shape, 1);
                        shape[0] = y.dim(0);
                        Tensor keep = pass.key().bernoulli(1 - probability, shape);
                        y = y.times(keep.cast(y.dtype()).times(1 / (1 - probability)));
                    }
                    return x.plus(y);
                });
    }
}
