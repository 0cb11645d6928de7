package dev.fathom.lab.instrument.complexity;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.spectrum.PowerIteration;

import java.util.List;
import java.util.function.Function;

/**
 * Norms of the layers of a network. A weight is W, (in, out), as layers hold it: the matrix of the
 * papers, that multiplies columns from the left, is Wᵀ. A convolution kernel (.., in, out) counts
 * as the matrix of its patches; {@link #ofMap} has the norm of the convolution itself.
 */
public final class Norms {
    private Norms() {}

    /** The trained leaves with two axes or more, in order of declaration. */
    public static List<Tensor> weights(Object model) {
        return Tree.flatten(model).leaves().stream()
                .filter(leaf -> leaf.trained() && leaf.tensor().rank() >= 2)
                .map(Tree.Leaf::tensor)
                .toList();
    }

    /** ‖W‖_σ, the largest singular value. */
    public static double spectral(Tensor w) {
        return Linalg.svd(matrix(w)).s().get(0).item();
    }

    /** The condition number s₁/s_min; infinite for a matrix without full rank. */
    public static double condition(Tensor w) {
        var s = Linalg.svd(matrix(w)).s().toDoubles();
        return s[0] / s[s.length - 1];
    }

    /** ‖W‖_F. */
    public static double frobenius(Tensor w) {
        return Math.sqrt(matrix(w).square().sum().item());
    }

    /** ‖W‖_{2,1}: the lengths of the columns summed, a column being the weights into one unit. */
    public static double twoOne(Tensor w) {
        return matrix(w).square().sum(0).sqrt().sum().item();
    }

    /**
     * The largest singular value of an affine layer as a map of whole inputs, such as a
     * convolution, by power iteration to a relative residual of 1e-8 or 1000 steps.
     *
     * @param layer of a batch
     * @param input the shape of one example
     */
    public static double ofMap(Function<Tensor, Tensor> layer, Shape input, DType dtype) {
        Tensor zero = Ops.zeros(new TensorType(input.prepend(1), dtype));
        return PowerIteration.norm(Curvature.jacobianOf(layer, zero), 1000, 1e-8, Key.of(0));
    }

    /** ∏ ‖Wᵢ‖_σ: no network of 1-Lipschitz nonlinearities stretches more. */
    public static double spectralProduct(List<Tensor> weights) {
        return weights.stream().mapToDouble(Norms::spectral).reduce(1, (a, b) -> a * b);
    }

    /** ∏ ‖Wᵢ‖_F. */
    public static double frobeniusProduct(List<Tensor> weights) {
        return weights.stream().mapToDouble(Norms::frobenius).reduce(1, (a, b) -> a * b);
    }

    /** √Σ ‖Wᵢ‖_F², the length of all weights together. */
    public static double frobeniusSum(List<Tensor> weights) {
        return Math.sqrt(weights.stream().mapToDouble(w -> Math.pow(frobenius(w), 2)).sum());
    }

    /**
     * √Σ over paths from input to output of ∏ w²: a rectified network's norm that rescaling units
     * leaves alone. B. Neyshabur, R. Tomioka, N. Srebro, "Norm-based capacity control in neural
     * networks", COLT 2015, p = 2.
     *
     * @param weights of consecutive dense layers
     */
    public static double path(List<Tensor> weights) {
        Tensor v = null;
        for (var w : weights) {
            InstrumentException.require(
                    w.rank() == 2, "a path norm is of dense layers, this weight is " + w.shape());
            Tensor square = matrix(w).square();
            v = v == null ? square.sum(0) : v.matmul(square);
        }
        InstrumentException.require(v != null, "a path norm needs at least one weight");
        return Math.sqrt(v == null ? 0 : v.sum().item());
    }

    /** As (in, out) in float64. */
    static Tensor matrix(Tensor w) {
        InstrumentException.require(
                w.rank() >= 2, "a norm of a layer is of a weight with two axes, not " + w.shape());
        return w.reshape((int) (w.size() / w.dim(-1)), w.dim(-1)).cast(DType.FLOAT64);
    }
}
