package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * The sign of a look-ahead mean:
 *
 * <pre>
 * u = sign(β₁ m + (1 − β₁) g)
 * m ← β₂ m + (1 − β₂) g
 * </pre>
 *
 * X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2
 * (Lion).
 *
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 */
public record SignOfMomentum(double beta1, double beta2) implements PerLeaf {

    /** Checks the numbers. */
    public SignOfMomentum {
        OptimizerException.check("lion", "beta1", beta1, "in [0, 1)", beta1 >= 0 && beta1 < 1);
        OptimizerException.check("lion", "beta2", beta2, "in [0, 1)", beta2 >= 0 && beta2 < 1);
    }

    @Override
    public String name() {
        return "lion";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("mean", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor m = memory.get("mean");
        Tensor u = Functions.sign(m.times(beta1).plus(g.times(1 - beta1)));
        memory.average("mean", beta2, g);
        return u;
    }
}
