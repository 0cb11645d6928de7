package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gradients divided by their running size: with t counted from 1,
 *
 * <pre>
 * m ← β₁ m + (1 − β₁) g
 * v ← β₂ v + (1 − β₂) g²
 * u = (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 *
 * D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1 (not
 * the reordered form at the end of its section 2, which other libraries use and whose ε is another
 * one).
 *
 * @param beta1 β₁, decay of the mean, in [0, 1)
 * @param beta2 β₂, decay of the mean square, in [0, 1)
 * @param epsilon ε, ≥ 0, added outside the root
 */
public record ScaleByAdam(double beta1, double beta2, double epsilon)
        implements GradientTransform<ScaleByAdam.State> {

    /**
     * What Adam remembers.
     *
     * @param step number of updates made, int32 ()
     * @param mean m, by path of the parameter, each of its type
     * @param meanSquare v, by path of the parameter, each of its type
     */
    public record State(Tensor step, Map<String, Tensor> mean, Map<String, Tensor> meanSquare) {}

    /** Checks the numbers. */
    public ScaleByAdam {
        OptimizerException.check("Adam", "beta1", beta1, "in [0, 1)", beta1 >= 0 && beta1 < 1);
        OptimizerException.check("Adam", "beta2", beta2, "in [0, 1)", beta2 >= 0 && beta2 < 1);
        OptimizerException.check("Adam", "epsilon", epsilon, "at least 0", epsilon >= 0);
    }

    @Override
    public State init(Object params) {
        return new State(Tensor.scalar(0), Slots.zeros(params), Slots.zeros(params));
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        Tensor step = state.step().plus(1);
        Tensor meanScale = correction(beta1, step);
        Tensor squareScale = correction(beta2, step);
        var mean = new LinkedHashMap<String, Tensor>();
        var meanSquare = new LinkedHashMap<String, Tensor>();
        P updates =
                Tree.mapLeaves(
                        leaf -> {
                            Tensor g = leaf.tensor();
                            if (!leaf.trained()) {
                                return g;
                            }
                            var path = leaf.path().toString();
                            Tensor m = average(beta1, Slots.get("Adam", state.mean(), leaf), g);
                            Tensor v =
                                    average(
                                            beta2,
                                            Slots.get("Adam", state.meanSquare(), leaf),
                                            g.square());
                            mean.put(path, m);
                            meanSquare.put(path, v);
                            Tensor size = v.times(squareScale.cast(v.dtype())).sqrt().plus(epsilon);
                            return m.times(meanScale.cast(m.dtype())).dividedBy(size);
                        },
                        gradients);
        return new Updates<>(updates, new State(step, mean, meanSquare));
    }

    private static Tensor average(double beta, Tensor old, Tensor now) {
        return old.times(beta).plus(now.times(1 - beta));
    }

    /** 1 / (1 − βᵗ) in double precision: in single precision 1 − 0.999 has four digits. */
    private static Tensor correction(double beta, Tensor step) {
        Tensor power = Functions.pow(Tensor.scalar(beta), step.cast(DType.FLOAT64));
        return Tensor.scalar(1.0).dividedBy(Tensor.scalar(1.0).minus(power));
    }
}
