package dev.fathom.optim.transform;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.optim.error.OptimizerException;

import java.util.Map;

/**
 * Momentum, and then the nearest matrix whose singular values are all about 1:
 *
 * <pre>
 * m ← μ m + g;   x = (g + μ m) / ‖g + μ m‖
 * x ← a x + (b x xᵀ + c (x xᵀ)²) x        n times, with a = 3.4445, b = −4.7750, c = 2.0315
 * u = √max(1, rows/columns) x
 * </pre>
 *
 * K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024. The iteration
 * brings singular values into about [0.7, 1.2], not to 1. A tensor of higher rank is seen as a
 * matrix whose last axis is the columns. Vectors are refused: give them to another optimizer with
 * {@link Grouped}.
 *
 * @param momentum μ, in [0, 1)
 * @param iterations n, ≥ 1; 5 in the original
 */
public record Orthogonalise(double momentum, int iterations) implements PerLeaf {
    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final double EPSILON = 1e-7;

    /** Checks the numbers. */
    public Orthogonalise {
        OptimizerException.check(
                "muon", "momentum", momentum, "in [0, 1)", momentum >= 0 && momentum < 1);
        OptimizerException.check("muon", "iterations", iterations, "at least 1", iterations >= 1);
    }

    @Override
    public String name() {
        return "muon";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of("velocity", leaf);
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        if (g.rank() < 2) {
            throw new OptimizerException(
                    "muon: a parameter of shape "
                            + g.shape()
                            + " is no matrix; use Muon.of(..), which gives such leaves to AdamW, or"
                            + " Grouped");
        }
        Tensor m = memory.put("velocity", memory.get("velocity").times(momentum).plus(g));
        Tensor direction = g.plus(m.times(momentum));
        int columns = direction.dim(-1);
        int rows = (int) (direction.size() / columns);
        Tensor x = direction.reshape(rows, columns);
        boolean tall = rows > columns;
        x = newtonSchulz(tall ? x.transpose(1, 0) : x);
        x = tall ? x.transpose(1, 0) : x;
        return x.times(Math.sqrt(Math.max(1, (double) rows / columns)))
                .reshape(direction.shape().dims());
    }

    /** For a matrix with no more rows than columns. */
    private Tensor newtonSchulz(Tensor matrix) {
        Tensor x = matrix.dividedBy(matrix.square().sum().sqrt().plus(EPSILON));
        for (int i = 0; i < iterations; i++) {
            Tensor gram = x.matmul(Shaping.moveAxis(x, 0, 1)); // (rows, rows)
            Tensor polynomial = gram.times(B).plus(gram.matmul(gram).times(C));
            x = x.times(A).plus(polynomial.matmul(x));
        }
        return x;
    }
}
