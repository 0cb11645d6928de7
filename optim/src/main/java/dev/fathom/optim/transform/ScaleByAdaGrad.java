package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Gradients divided by the size of all before them:
 *
 * <pre>
 * s ← s + g²
 * u = g / (√s + ε)
 * </pre>
 *
 * J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
 * optimization", JMLR 12, 2011, figure 1 with diagonal matrices, H_t = δI + diag(s)^½: δ is ε here.
 *
 * @param initial the first value of s, ≥ 0
 * @param epsilon ε, ≥ 0
 */
public record ScaleByAdaGrad(double initial, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByAdaGrad {
        OptimizerException.check("adaGrad", "initial", initial, "at least 0", initial >= 0);
        OptimizerException.check("adaGrad", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public String name() {
        return "adaGrad";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("sum", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor s = memory.put("sum", memory.get("sum").plus(g.square()));
        return g.dividedBy(s.sqrt().plus(epsilon));
    }
}
