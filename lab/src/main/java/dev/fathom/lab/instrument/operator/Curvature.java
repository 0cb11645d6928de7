package dev.fathom.lab.instrument.operator;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.linearize;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.Objective;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.second.Kfac;
import dev.fathom.optim.second.Likelihood;

import java.util.Map;
import java.util.function.Function;

/**
 * The matrices that say how a model and its loss bend, as operators on its trained numbers: p of
 * them, outputs z of n examples with k numbers each. The model runs once when the operator is made;
 * every product then costs about one gradient (Pearlmutter 1994, Schraudolph 2002).
 *
 * <pre>
 * J   = ∂z/∂θ                                  nk × p
 * H   = ∂²L/∂θ²                                p × p
 * GGN = Jᵀ (∂²L/∂z²) J                         H without the curvature of the model
 * F   = 1/n Σᵢ Jᵢᵀ E[s sᵀ] Jᵢ                  s = ∇ log p(t|zᵢ), t drawn by the model
 * F̂   = 1/n Σᵢ gᵢ gᵢᵀ                          gᵢ = ∇ℓᵢ at the real targets
 * Θ   = J Jᵀ                                   nk × nk, the tangent kernel
 * </pre>
 *
 * <p>J. Martens, "New insights and perspectives on the natural gradient method", JMLR 21, 2020,
 * sections 8 to 11, has how they differ.
 */
public final class Curvature {
    private Curvature() {}

    /** J of any function of a model, its output read row by row. */
    public static <P> LinearOperator jacobian(Function<P, Tensor> output, P at) {
        var space = ParameterSpace.of(at);
        var run = linearize(output, at);
        Tensor z = run.value();
        return new LinearOperator(
                Math.toIntExact(z.size()),
                space.size(),
                v -> flat(run.derivative().apply(space.tree(v))),
                u -> space.vector(run.transposed().apply(shaped(u, z))));
    }

    /** J of a function of one tensor, such as a layer in its input. */
    public static LinearOperator jacobianOf(Function<Tensor, Tensor> f, Tensor x) {
        return jacobian(f, x);
    }

    /** H of a loss. */
    public static <P> LinearOperator hessian(Function<P, Tensor> loss, P at) {
        var space = ParameterSpace.of(at);
        var run = linearize(grad(loss), at);
        return LinearOperator.symmetric(
                space.size(), v -> space.vector(run.derivative().apply(space.tree(v))));
    }

    /** The Gauss-Newton matrix of loss(output(θ)). */
    public static <P> LinearOperator gaussNewton(
            Function<P, Tensor> output, Function<Tensor, Tensor> loss, P at) {
        return sandwich(output, at, (z, u) -> hvp(loss, z, u));
    }

    /**
     * F: the expected Fisher information, for a loss that is the mean of −log p over all axes of
     * the output but the last.
     */
    public static <P> LinearOperator fisher(
            Function<P, Tensor> output, Likelihood likelihood, P at) {
        return sandwich(
                output,
                at,
                (z, u) -> likelihood.fisher(z, u).dividedBy((double) z.size() / z.dim(-1)));
    }

    /** What stands between Jᵀ and J: z and a vector like z to a vector like z. */
    @FunctionalInterface
    private interface Middle {
        Tensor apply(Tensor z, Tensor u);
    }

    private static <P> LinearOperator sandwich(Function<P, Tensor> output, P at, Middle middle) {
        var space = ParameterSpace.of(at);
        var run = linearize(output, at);
        Tensor z = run.value();
        return LinearOperator.symmetric(
                space.size(),
                v -> {
                    Tensor u = middle.apply(z, run.derivative().apply(space.tree(v)));
                    return space.vector(run.transposed().apply(u));
                });
    }

    /**
     * F̂: the empirical Fisher, the second moment of the gradients.
     *
     * @param losses of the examples one by one, (n)
     */
    public static <P> LinearOperator empiricalFisher(Function<P, Tensor> losses, P at) {
        var j = jacobian(losses, at);
        return j.gram().times(1.0 / j.rows());
    }

    /**
     * Θ: the tangent kernel of the outputs, A. Jacot, F. Gabriel, C. Hongler, "Neural tangent
     * kernel", NeurIPS 2018, equation 4. Memory is that of a gradient, whatever the width.
     */
    public static <P> LinearOperator tangentKernel(Function<P, Tensor> output, P at) {
        return jacobian(output, at).transpose().gram();
    }

    /**
     * K-FAC's factors of every affine layer by the path of its weight: A = E[ā āᵀ] with the bias as
     * a last 1, and G = E[g gᵀ] over the model's own targets, exactly. J. Martens and R. Grosse,
     * ICML 2015, equation 1.
     *
     * @param objective one that shows its layers, such as {@code BatchObjective}
     */
    public static <P> Map<String, Kfac.Pair> kfacFactors(
            Objective<P> objective, Likelihood likelihood, P at) {
        var kfac = Kfac.of(Sgd.of(0.0), likelihood).withDecay(0).exactly();
        var here = valueAndGrad((P p) -> objective.at(p)).apply(at);
        return kfac.update(here, objective, kfac.init(at), at).state().factors();
    }

    /**
     * K-FAC's block-diagonal Fisher A ⊗ G: for the weight and bias of every affine layer v ↦ A V G
     * with V = (in + 1, out); zero for all other parameters.
     */
    public static <P> LinearOperator kfac(Objective<P> objective, Likelihood likelihood, P at) {
        var space = ParameterSpace.of(at);
        var factors = kfacFactors(objective, likelihood, at);
        return LinearOperator.symmetric(
                space.size(),
                v -> {
                    Tensor result = LinearOperator.zeros(space.size());
                    for (var entry : factors.entrySet()) {
                        result = result.plus(layer(space, entry.getKey(), entry.getValue(), v));
                    }
                    return result;
                });
    }

    /** A V G of one layer, in a vector of zeros. */
    private static <P> Tensor layer(ParameterSpace<P> space, String weight, Kfac.Pair f, Tensor v) {
        var w = space.range(weight);
        int out = f.g().dim(0);
        int in = w.size() / out;
        boolean biased = f.a().dim(0) == in + 1;
        Tensor all = v.slice(0, w.from(), w.to()).reshape(in, out);
        var b = w;
        if (biased) {
            b = space.range(weight.substring(0, weight.length() - "weight".length()) + "bias");
            all = Shaping.concatenate(0, all, v.slice(0, b.from(), b.to()).reshape(1, out));
        }
        Tensor a = f.a().cast(DType.FLOAT64);
        Tensor g = f.g().cast(DType.FLOAT64);
        Tensor product = a.matmul(all).matmul(g);
        Tensor result = placed(product.slice(0, 0, in), w, space.size());
        return biased ? result.plus(placed(product.slice(0, in, in + 1), b, space.size())) : result;
    }

    private static Tensor placed(Tensor part, Range range, int n) {
        return Shaping.pad(flat(part), new int[] {range.from()}, new int[] {n - range.to()});
    }

    private static Tensor flat(Tensor t) {
        return t.reshape((int) t.size()).cast(DType.FLOAT64);
    }

    private static Tensor shaped(Tensor u, Tensor like) {
        return u.reshape(like.shape().dims()).cast(like.dtype());
    }
}
