package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Adam with Nesterov's look ahead:
 *
 * <pre>
 * m ← β₁ m + (1 − β₁) g
 * v ← β₂ v + (1 − β₂) g²
 * m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
 * u = m̂ / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 *
 * T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016, algorithm 2, with a
 * constant β₁ (the paper's μ_t rises from step to step, PyTorch's too; Optax's does not).
 *
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record ScaleByNadam(double beta1, double beta2, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByNadam {
        OptimizerException.check("nadam", "beta1", beta1, "in [0, 1)", beta1 >= 0 && beta1 < 1);
        OptimizerException.check("nadam", "beta2", beta2, "in [0, 1)", beta2 >= 0 && beta2 < 1);
        OptimizerException.check("nadam", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public String name() {
        return "nadam";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("mean", leaf, "meanSquare", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor m = memory.average("mean", beta1, g);
        Tensor v = memory.average("meanSquare", beta2, g.square());
        Tensor ahead =
                m.times(beta1)
                        .dividedBy(memory.correction(beta1, m, 1))
                        .plus(g.times(1 - beta1).dividedBy(memory.correction(beta1, g)));
        return ahead.dividedBy(v.dividedBy(memory.correction(beta2, v)).sqrt().plus(epsilon));
    }
}
