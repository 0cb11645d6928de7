package dev.fathom.optim.second;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.error.OptimizerException;

import java.util.ArrayList;
import java.util.List;

/**
 * What a model's output says about its target: the distribution p(· | z) whose negative logarithm
 * is the loss of an example. From it come the Fisher information of the output and targets drawn by
 * the model itself. Outputs z are (.., k), one example for each place of the leading axes.
 */
public sealed interface Likelihood {
    /** F v for every example: F = E[∇log p ∇log pᵀ], ∇ in z; v like z. */
    Tensor fisher(Tensor z, Tensor v);

    /** −∇log p(t | z) for every example, its target t drawn from p(· | z): mean 0, covariance F. */
    Tensor score(Key key, Tensor z);

    /**
     * As many vectors uᵢ for every example as the output is wide, with Σ uᵢ uᵢᵀ = F: what the
     * scores of all targets together amount to.
     */
    List<Tensor> roots(Tensor z);

    /** Classes: the loss is softmax cross-entropy, z are logits. */
    static Likelihood categorical() {
        return new Categorical();
    }

    /** Numbers with noise of variance σ²: the loss of an example is ‖z − t‖²/2σ². */
    static Likelihood gaussian(double variance) {
        return new Gaussian(variance);
    }

    private static Tensor unit(Tensor z, int c) {
        return Creation.oneHot(Tensor.scalar(c), z.dim(-1), z.dtype());
    }

    /** Classes, with F = diag(p) − p pᵀ and p = softmax(z). */
    record Categorical() implements Likelihood {
        @Override
        public Tensor fisher(Tensor z, Tensor v) {
            Tensor pv = Functions.softmax(z, -1).times(v); // (.., k)
            return pv.minus(Functions.softmax(z, -1).times(pv.sum(-1).expandDims(-1)));
        }

        @Override
        public Tensor score(Key key, Tensor z) {
            Tensor drawn = Creation.oneHot(key.categorical(z), z.dim(-1), z.dtype());
            return Functions.softmax(z, -1).minus(drawn);
        }

        /** √p_c (p − e_c): the score of class c by the root of its probability. */
        @Override
        public List<Tensor> roots(Tensor z) {
            Tensor p = Functions.softmax(z, -1);
            var roots = new ArrayList<Tensor>();
            for (int c = 0; c < z.dim(-1); c++) {
                Tensor weight = p.slice(-1, c, c + 1).sqrt(); // (.., 1)
                roots.add(p.minus(unit(z, c)).times(weight));
            }
            return roots;
        }
    }

    /**
     * Numbers with normal noise, with F = I/σ².
     *
     * @param variance σ² > 0
     */
    record Gaussian(double variance) implements Likelihood {
        /** Checks σ². */
        public Gaussian {
            OptimizerException.check("Likelihood", "variance", variance, "positive", variance > 0);
        }

        @Override
        public Tensor fisher(Tensor z, Tensor v) {
            return v.dividedBy(variance);
        }

        @Override
        public Tensor score(Key key, Tensor z) {
            return key.normal(z.dtype(), z.shape().dims()).dividedBy(Math.sqrt(variance));
        }

        /** e_c/σ. */
        @Override
        public List<Tensor> roots(Tensor z) {
            var roots = new ArrayList<Tensor>();
            for (int c = 0; c < z.dim(-1); c++) {
                Tensor e = Ops.broadcastTo(unit(z, c), z.shape());
                roots.add(e.dividedBy(Math.sqrt(variance)));
            }
            return roots;
        }
    }
}
