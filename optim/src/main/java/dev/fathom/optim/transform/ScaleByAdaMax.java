package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Adam with the largest gradient in place of the root of the mean square:
 *
 * <pre>
 * m ← β₁ m + (1 − β₁) g
 * v ← max(β₂ v, |g|)
 * u = (m / (1 − β₁ᵗ)) / (v + ε)
 * </pre>
 *
 * D. Kingma and J. Ba, "Adam", ICLR 2015, algorithm 2. We differ: ε, which the paper does not need
 * until a gradient is zero from the start.
 *
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record ScaleByAdaMax(double beta1, double beta2, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByAdaMax {
        OptimizerException.check("adaMax", "beta1", beta1, "in [0, 1)", beta1 >= 0 && beta1 < 1);
        OptimizerException.check("adaMax", "beta2", beta2, "in [0, 1)", beta2 >= 0 && beta2 < 1);
        OptimizerException.check("adaMax", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public String name() {
        return "adaMax";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("mean", leaf, "largest", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor m = memory.average("mean", beta1, g);
        Tensor v = memory.put("largest", memory.get("largest").times(beta2).maximum(g.abs()));
        return m.dividedBy(memory.correction(beta1, m)).dividedBy(v.plus(epsilon));
    }
}
