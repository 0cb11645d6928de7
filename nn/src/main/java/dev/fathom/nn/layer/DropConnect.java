package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;

/**
 * A dense layer that loses connections instead of units: in training y = x (M ∘ W)/(1 − p) + b,
 * where every element of the mask M, drawn anew for every example, is 0 with probability p;
 * otherwise y = x W + b. L. Wan, M. Zeiler, S. Zhang, Y. LeCun, R. Fergus, "Regularization of
 * neural networks using DropConnect", ICML 2013, equation 2. We differ: the paper draws from a
 * Gaussian with the masked sum's mean and variance at test time (section 3.2), where we take the
 * mean; and we scale in training, not in the test.
 *
 * <p>Shapes: x (n, in), y (n, out). In training it holds n·in·out numbers, a masked weight for each
 * example.
 *
 * @param dense W and b
 * @param probability p, that a connection is dropped, in [0, 1)
 */
public record DropConnect(Dense dense, double probability) implements Layer {

    /** Checks the probability. */
    public DropConnect {
        Checks.probability("DropConnect", probability);
    }

    /** Drops connections of {@code dense} with the given probability. */
    public static DropConnect of(Dense dense, double probability) {
        return new DropConnect(dense, probability);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (!pass.training() || probability == 0) {
                        return dense.apply(x, pass);
                    }
                    Tensor w = dense.weight();
                    Checks.dense(x, w);
                    if (x.rank() != 2) {
                        throw new LayerException(
                                "DropConnect: input " + x.shape() + " is not (n, in)");
                    }
                    double kept = 1 - probability;
                    Tensor mask = pass.key().bernoulli(kept, x.dim(0), x.dim(1), w.dim(1));
                    Tensor scaled = w.times(1 / kept).expandDims(0);
                    Tensor left =
                            Functions.where(mask, scaled, Ops.zeros(w.type())); // (n, in, out)
                    Tensor y = x.expandDims(1).matmul(left).squeeze(1); // (n, out)
                    return dense.bias().map(y::plus).orElse(y);
                });
    }
}
