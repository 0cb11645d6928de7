package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Gradients divided by their running size:
 *
 * <pre>
 * s ← ρ s + (1 − ρ) g²
 * m ← ρ m + (1 − ρ) g                    (centred only)
 * u = g / (√s + ε),   or   g / (√(s − m²) + ε)
 * </pre>
 *
 * T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", Coursera, 2012; centred: A. Graves,
 * "Generating sequences with recurrent neural networks", 2013, equations 38 to 45. ε stands outside
 * the root, as in PyTorch; Graves and Keras have it inside.
 *
 * @param decay ρ, in [0, 1)
 * @param epsilon ε, ≥ 0
 * @param centred whether the mean is taken off, so that the divisor is a standard deviation
 */
public record ScaleByRmsProp(double decay, double epsilon, boolean centred) implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByRmsProp {
        OptimizerException.check("rmsProp", "decay", decay, "in [0, 1)", decay >= 0 && decay < 1);
        OptimizerException.check("rmsProp", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public String name() {
        return "rmsProp";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return centred ? Map.of("meanSquare", leaf, "mean", leaf) : Map.of("meanSquare", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor s = memory.average("meanSquare", decay, g.square());
        if (centred) {
            // rounding may take s − m² a little below zero
            s = Functions.relu(s.minus(memory.average("mean", decay, g).square()));
        }
        return g.dividedBy(s.sqrt().plus(epsilon));
    }
}
