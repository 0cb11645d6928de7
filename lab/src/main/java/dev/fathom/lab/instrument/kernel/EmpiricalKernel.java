package dev.fathom.lab.instrument.kernel;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.shared;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.function.BiFunction;

/**
 * The tangent kernel of a real network between examples, from the gradients of all of them at once,
 *
 * <pre>Θ(x, x') = (1/k) Σ_c ⟨∇f_c(x), ∇f_c(x')⟩</pre>
 *
 * for k outputs. It holds the gradients of all examples, n · p numbers a side; for wide networks
 * and few examples {@code Curvature.tangentKernel} needs p only.
 */
public final class EmpiricalKernel {
    private EmpiricalKernel() {}

    /**
     * Between the examples of x and those of y: (n, ..) and (m, ..) to (n, m), float64.
     *
     * @param model of one example without its batch axis: a scalar, or the vector of outputs (k)
     */
    public static <P> Tensor of(BiFunction<P, Tensor, Tensor> model, P params, Tensor x, Tensor y) {
        Tensor one = model.apply(params, x.get(0));
        InstrumentException.require(
                one.rank() <= 1,
                "an empirical kernel wants a scalar or a vector for one example, this model gives "
                        + one.shape());
        int k = (int) one.size();
        Tensor sum = null;
        for (int c = 0; c < k; c++) {
            int place = c;
            BiFunction<P, Tensor, P> gradient =
                    (p, example) ->
                            grad((P q) -> model.apply(q, example).reshape(k).get(place)).apply(p);
            var all = vmap(gradient, shared(), axis(0));
            var a = Tree.flatten(all.apply(params, x)).leaves();
            var b = x == y ? a : Tree.flatten(all.apply(params, y)).leaves();
            for (int i = 0; i < a.size(); i++) {
                if (a.get(i).trained()) {
                    Tensor part =
                            rows(a.get(i).tensor())
                                    .matmul(Linalg.transpose(rows(b.get(i).tensor())));
                    sum = sum == null ? part : sum.plus(part);
                }
            }
        }
        if (sum == null) {
            throw new InstrumentException("this model has no floating tensors and so no gradient");
        }
        return sum.dividedBy(k);
    }

    private static Tensor rows(Tensor t) {
        return t.reshape(t.dim(0), (int) (t.size() / t.dim(0))).cast(DType.FLOAT64);
    }
}
