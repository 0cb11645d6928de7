package dev.fathom.optim.transform;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;
import java.util.stream.IntStream;

/**
 * Adaptive clipping: where the gradient of a unit is long beside its weights, it is shortened,
 *
 * <pre>u_i = g_i · min(1, λ max(‖w_i‖, ε) / ‖g_i‖)</pre>
 *
 * A unit is what stands behind one index of the last axis: an output of a dense layer, a map of a
 * convolution; for vectors each element. A. Brock, S. De, S. Smith, K. Simonyan, "High-performance
 * large-scale image recognition without normalization", ICML 2021, equation 3.
 *
 * @param max λ, > 0; 0.01 in the paper
 * @param epsilon ε, > 0, so that weights that begin at zero can move; 1e-3 in the paper
 */
public record ClipByUnitNorm(double max, double epsilon) implements PerLeaf {

    /** Checks the numbers. */
    public ClipByUnitNorm {
        OptimizerException.check("clipByUnitNorm", "max", max, "positive", max > 0);
        OptimizerException.check("clipByUnitNorm", "epsilon", epsilon, "positive", epsilon > 0);
    }

    @Override
    public String name() {
        return "clipByUnitNorm";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of();
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        var over = IntStream.range(0, Math.max(0, g.rank() - 1)).toArray();
        Tensor length = norm(g, over);
        Tensor size = norm(w, over);
        Tensor bound = size.maximum(Ops.full(size.type(), epsilon)).times(max);
        return g.times(bound.dividedBy(length.maximum(bound)));
    }

    private static Tensor norm(Tensor x, int[] over) {
        return over.length == 0 ? x.abs() : x.square().sum(over).sqrt();
    }
}
