package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Gradients divided by their running size, which for matrices is kept as one number for each row
 * and one for each column: n + m numbers in place of n m. With β = 1 − t^(−decay),
 *
 * <pre>
 * R ← β R + (1 − β) row means of (g² + ε₁)
 * C ← β C + (1 − β) column means of (g² + ε₁)
 * V = R C / mean(R)                       (V ← β V + (1 − β)(g² + ε₁) for vectors)
 * u = g / √V,   u ← u / max(1, RMS(u)/d)
 * u ← max(ε₂, RMS(w)) u
 * </pre>
 *
 * N. Shazeer and M. Stern, "Adafactor: adaptive learning rates with sublinear memory cost", ICML
 * 2018, algorithms 4 and 5 (which print sums in place of means; the quotient is the same). Of a
 * tensor of higher rank the last two axes are factored, the others kept.
 *
 * @param decay the exponent; 0.8 in the paper
 * @param threshold d, > 0; 1 in the paper
 * @param epsilon1 ε₁, ≥ 0; 1e-30 in the paper
 * @param epsilon2 ε₂, ≥ 0; 1e-3 in the paper
 */
public record ScaleByFactors(double decay, double threshold, double epsilon1, double epsilon2)
        implements PerLeaf {

    /** Checks the numbers. */
    public ScaleByFactors {
        OptimizerException.check("adafactor", "decay", decay, "positive", decay > 0);
        OptimizerException.check("adafactor", "threshold", threshold, "positive", threshold > 0);
        OptimizerException.check("adafactor", "epsilon1", epsilon1, "at least 0", epsilon1 >= 0);
        OptimizerException.check("adafactor", "epsilon2", epsilon2, "at least 0", epsilon2 >= 0);
    }

    @Override
    public String name() {
        return "adafactor";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        int r = leaf.shape().rank();
        if (r < 2) {
            return Map.of("meanSquare", leaf);
        }
        var outer = leaf.shape().range(0, r - 2);
        return Map.of(
                "rows", leaf.withShape(outer.concat(leaf.shape().range(r - 2, r - 1))),
                "columns", leaf.withShape(outer.concat(leaf.shape().range(r - 1, r))));
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor beta =
                Functions.pow(memory.step(), Tensor.scalar(-decay))
                        .negate()
                        .plus(1)
                        .cast(g.dtype());
        Tensor square = g.square().plus(epsilon1);
        Tensor v;
        if (g.rank() < 2) {
            v = average(memory, "meanSquare", beta, square);
        } else {
            Tensor rows = average(memory, "rows", beta, square.mean(-1)); // (.., n)
            Tensor columns = average(memory, "columns", beta, square.mean(-2)); // (.., m)
            Tensor scale = rows.mean(-1).expandDims(-1).expandDims(-1); // (.., 1, 1)
            v = rows.expandDims(-1).times(columns.expandDims(-2)).dividedBy(scale); // (.., n, m)
        }
        Tensor u = g.dividedBy(v.sqrt());
        Tensor length = rms(u).dividedBy(threshold);
        u = u.dividedBy(length.maximum(Ops.full(length.type(), 1)));
        Tensor size = rms(w);
        return u.times(size.maximum(Ops.full(size.type(), epsilon2)));
    }

    private static Tensor average(Memory memory, String slot, Tensor beta, Tensor x) {
        Tensor old = memory.get(slot).times(beta);
        return memory.put(slot, old.plus(x.times(beta.negate().plus(1))));
    }

    private static Tensor rms(Tensor x) {
        return x.square().mean().sqrt();
    }
}
