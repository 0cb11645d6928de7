package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Steps as large as the steps before, in the units of the parameter:
 *
 * <pre>
 * s ← ρ s + (1 − ρ) g²
 * u = g √(d + ε) / √(s + ε)
 * d ← ρ d + (1 − ρ) u²
 * </pre>
 *
 * M. Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1. There is no learning
 * rate in the paper; here it is 1.
 *
 * @param decay ρ, in [0, 1)
 * @param epsilon ε, > 0
 */
public record ScaleByAdaDelta(double decay, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByAdaDelta {
        OptimizerException.check("adaDelta", "decay", decay, "in [0, 1)", decay >= 0 && decay < 1);
        OptimizerException.check("adaDelta", "epsilon", epsilon, "positive", epsilon > 0);
    }

    @Override
    public String name() {
        return "adaDelta";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("meanSquare", leaf, "meanSquareUpdate", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor s = memory.average("meanSquare", decay, g.square());
        Tensor d = memory.get("meanSquareUpdate");
        Tensor u = g.times(d.plus(epsilon).sqrt()).dividedBy(s.plus(epsilon).sqrt());
        memory.average("meanSquareUpdate", decay, u.square());
        return u;
    }
}
