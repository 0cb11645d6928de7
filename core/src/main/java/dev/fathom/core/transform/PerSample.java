package dev.fathom.core.transform;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.basis;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.shared;
import static dev.fathom.core.transform.Transforms.vjp;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.Function3;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.core.tree.Tree;

import java.util.function.BiFunction;

/**
 * What the samples of a batch say one by one: their gradients, the norms and the clipped sum of
 * these, and the scalar products of them, which are the tangent kernel.
 *
 * <pre>{@code
 * BiFunction<Net, Batch, Tensor> loss = (m, b) -> crossEntropy(m.apply(b.x(), Pass.eval()), b.y());
 * var norms = PerSample.norms(loss);          // compiled once, like jit
 * Tensor n = norms.apply(model, batch);       // (samples)
 * }</pre>
 *
 * <p>The loss is the one that a network is trained with; it is given each sample as a batch of one.
 * A batch is any tree of tensors with the samples along their first axis. A random key that the
 * loss holds is the same for every sample.
 *
 * <p>All of these are written as {@code vmap(grad)}, for any function. The gradients of a sample
 * are mostly products of two small factors, x δᵀ for the weight of a layer with inputs x and
 * cotangents δ, and where only their norms, sums or scalar products are wanted the compiler works
 * on the factors (docs/design/0006): ‖x δᵀ‖² = ‖x‖² ‖δ‖² (I. Goodfellow, "Efficient per-example
 * gradient computations", 2015), for sequences ⟨X Xᵀ, Δ Δᵀ⟩ (X. Li, F. Tramèr, P. Liang, T.
 * Hashimoto, "Large language models can be strong differentially private learners", ICLR 2022).
 * Where forming the gradient costs less, as in convolutions of large images, it is formed.
 */
public final class PerSample {
    private static final ScopedValue<Boolean> ALONE = ScopedValue.newInstance();

    private PerSample() {}

    /**
     * The gradient of every sample: a function of model and batch that gives a tree like the model,
     * each tensor with a first axis for the samples.
     */
    public static <P, B> BiFunction<P, B, P> gradients(BiFunction<P, B, Tensor> loss) {
        return jit(each(loss));
    }

    /** ‖gᵢ‖ over all trained tensors together, (samples). */
    public static <P, B> BiFunction<P, B, Tensor> norms(BiFunction<P, B, Tensor> loss) {
        var each = each(loss);
        return jit((P model, B batch) -> lengths(each.apply(model, batch)));
    }

    /**
     * A clipped sum and what it was clipped by.
     *
     * @param sum like the model
     * @param norms before they were clipped, (samples)
     */
    public record Clipped<P>(P sum, Tensor norms) {}

    /**
     * Σᵢ gᵢ min(1, bound / ‖gᵢ‖): what differentially private training adds noise to. M. Abadi et
     * al., "Deep learning with differential privacy", CCS 2016, algorithm 1. A sum, not a mean.
     *
     * @throws IllegalArgumentException if the bound is not positive
     */
    public static <P, B> BiFunction<P, B, Clipped<P>> clippedSum(
            BiFunction<P, B, Tensor> loss, double bound) {
        if (!(bound > 0)) {
            throw new IllegalArgumentException(
                    "clippedSum: the bound is " + bound + "; a norm is clipped to a positive one");
        }
        var each = each(loss);
        return jit((P model, B batch) -> {
            var gradients = each.apply(model, batch);
            Tensor norms = lengths(gradients);
            Tensor most = Ops.full(norms.type(), bound);
            Tensor weights = most.dividedBy(norms.maximum(most)); // (samples)
            P sum =
                    Tree.zipLeaves(
                            (leaf, g) ->
                                    leaf.trained()
                                            ? weighted(g, weights.cast(g.dtype()))
                                            : Ops.zeros(leaf.tensor().type()),
                            model,
                            gradients);
            return new Clipped<>(sum, norms);
        });
    }

    private static Tensor weighted(Tensor gradients, Tensor weights) {
        return gradients.times(Ops.broadcast(weights, gradients.shape(), Axes.of(0))).sum(0);
    }

    /**
     * The tangent kernel Θ = J Jᵀ of a model's outputs, J their derivative in all trained tensors.
     * A. Jacot, F. Gabriel, C. Hongler, "Neural tangent kernel", NeurIPS 2018. For dense layers
     * with inputs a, cotangents δ and biases it is
     *
     * <pre>Θ = Σ over layers of (δ δᵀ) ∘ (a aᵀ + 1)</pre>
     *
     * <p>and J is not formed: R. Novak, J. Sohl-Dickstein, S. Schoenholz, "Fast finite width neural
     * tangent kernel", ICML 2022.
     *
     * @param outputs of a batch, (samples, outputs..); Θ is (samples, outputs.., samples,
     *     outputs..)
     */
    public static <P, B> BiFunction<P, B, Tensor> tangentKernel(BiFunction<P, B, Tensor> outputs) {
        var rows = rows(outputs);
        return jit((P model, B x) -> {
            var j = rows.apply(model, x);
            return product(j, j);
        });
    }

    /** The same between the samples of two batches: J(x) J(y)ᵀ. */
    public static <P, B> Function3<P, B, B, Tensor> tangentKernelBetween(
            BiFunction<P, B, Tensor> outputs) {
        var rows = rows(outputs);
        BiFunction<P, Pair<B, B>, Tensor> kernel =
                jit((P model, Pair<B, B> xy) ->
                        product(rows.apply(model, xy.first()), rows.apply(model, xy.second())));
        return (model, x, y) -> kernel.apply(model, new Pair<>(x, y));
    }

    /** The outputs of every sample, and a tree like the model with a row of J for each. */
    private record Rows<P>(Tensor outputs, P rows) {}

    private static <P, B> BiFunction<P, B, Rows<P>> rows(BiFunction<P, B, Tensor> outputs) {
        var alone = alone(outputs);
        return vmap(
                (P model, B sample) -> {
                    var run =
                            vjp(
                                    (P p) -> {
                                        Tensor y = alone.apply(p, sample); // (1, outputs..)
                                        return Ops.reshape(y, y.shape().range(1, y.rank()));
                                    },
                                    model);
                    return new Rows<>(
                            run.value(),
                            vmap(run.pullback()).apply(basis(run.value().type().ofDerivative())));
                },
                shared(),
                axis(0));
    }

    private static <P> Tensor product(Rows<P> x, Rows<P> y) {
        var a = Tree.flatten(x.rows()).leaves();
        var b = Tree.flatten(y.rows()).leaves();
        Tensor sum = null;
        for (int i = 0; i < a.size(); i++) {
            if (a.get(i).trained()) {
                Tensor left = a.get(i).tensor(); // (samples, outputs, parameters..)
                var over = Axes.range(2, left.rank());
                var dot = new Contraction.Dot(over, over, Axes.of(), Axes.of());
                Tensor part = Ops.bind(dot, left, b.get(i).tensor());
                sum = sum == null ? part : sum.plus(part.cast(sum.dtype()));
            }
        }
        if (sum == null) {
            throw new NotDifferentiableException(
                    "tangentKernel: the model has no floating tensors, so no derivative");
        }
        return Ops.reshape(sum, x.outputs().shape().concat(y.outputs().shape()));
    }

    // ---- one by one ----------------------------------------------------------------------------

    private static <P, B> BiFunction<P, B, P> each(BiFunction<P, B, Tensor> loss) {
        return vmap(grad(alone(loss)), shared(), axis(0));
    }

    /** A function of batches as one of a sample without its axis. */
    private static <P, B> BiFunction<P, B, Tensor> alone(BiFunction<P, B, Tensor> f) {
        return (model, sample) -> {
            B batch = Tree.map((Tensor t) -> t.expandDims(0), sample);
            return ScopedValue.where(ALONE, true).call(() -> f.apply(model, batch));
        };
    }

    private static Tensor lengths(Object gradients) {
        return vmap((Object g) -> Tree.norm(g)).apply(gradients);
    }

    /**
     * What a layer asks that lets the samples of a batch act on each other.
     *
     * @param layer for the message
     * @param instead what to do, for the message
     * @throws NotDifferentiableException where samples are looked at one by one
     */
    public static void refuseMixing(String layer, String instead) {
        if (ALONE.isBound()) {
            throw new NotDifferentiableException(
                    layer
                            + " makes the output of a sample depend on the rest of its batch, so no"
                            + " sample has a gradient of its own. "
                            + instead);
        }
    }
}
