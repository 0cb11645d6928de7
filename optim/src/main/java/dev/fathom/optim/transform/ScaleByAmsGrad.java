package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Adam whose divisor never shrinks:
 *
 * <pre>
 * m ← β₁ m + (1 − β₁) g
 * v ← β₂ v + (1 − β₂) g²
 * v̂ ← max(v̂, v)
 * u = m / (√v̂ + ε)
 * </pre>
 *
 * S. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2: no
 * correction for the zero start, as printed (PyTorch corrects m and v).
 *
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record ScaleByAmsGrad(double beta1, double beta2, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByAmsGrad {
        OptimizerException.check("amsGrad", "beta1", beta1, "in [0, 1)", beta1 >= 0 && beta1 < 1);
        OptimizerException.check("amsGrad", "beta2", beta2, "in [0, 1)", beta2 >= 0 && beta2 < 1);
        OptimizerException.check("amsGrad", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public String name() {
        return "amsGrad";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("mean", leaf, "meanSquare", leaf, "largest", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor m = memory.average("mean", beta1, g);
        Tensor v = memory.average("meanSquare", beta2, g.square());
        Tensor most = memory.put("largest", memory.get("largest").maximum(v));
        return m.dividedBy(most.sqrt().plus(epsilon));
    }
}
