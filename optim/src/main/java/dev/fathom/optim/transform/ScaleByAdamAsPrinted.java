package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Adam as a lecture prints it, with the corrected moments fed back into the recursion:
 *
 * <pre>
 * v ← (μ v + (1 − μ) g) / (1 − μᵗ)
 * s ← (β s + (1 − β) g²) / (1 − βᵗ)
 * u = v / (√s + ε)
 * </pre>
 *
 * For teaching, not for training: with β = 0.999 each of the first steps multiplies s by about 1/(1
 * − βᵗ), so it grows like 1000ᵗ/t! and in float32 passes the largest number near step 20, after
 * which the parameter stands still. {@link ScaleByAdam} keeps the uncorrected moments, as the paper
 * does (Kingma and Ba, algorithm 1).
 *
 * @param mu μ, in [0, 1)
 * @param beta β, in [0, 1)
 * @param epsilon ε, ≥ 0
 */
public record ScaleByAdamAsPrinted(double mu, double beta, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByAdamAsPrinted {
        OptimizerException.check("adamAsPrinted", "mu", mu, "in [0, 1)", mu >= 0 && mu < 1);
        OptimizerException.check("adamAsPrinted", "beta", beta, "in [0, 1)", beta >= 0 && beta < 1);
        OptimizerException.check("adamAsPrinted", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public String name() {
        return "adamAsPrinted";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("v", leaf, "s", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor v = memory.get("v").times(mu).plus(g.times(1 - mu));
        v = memory.put("v", v.dividedBy(memory.correction(mu, v)));
        Tensor s = memory.get("s").times(beta).plus(g.square().times(1 - beta));
        s = memory.put("s", s.dividedBy(memory.correction(beta, s)));
        return v.dividedBy(s.sqrt().plus(epsilon));
    }
}
