package dev.fathom.optim.sharpness;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

/**
 * Adaptive sharpness-aware minimisation: SAM whose neighbourhood grows with each parameter, so that
 * rescaling a layer and its successor changes nothing,
 *
 * <pre>
 * T = |θ| + η,  ε = ρ T² g/‖T g‖,  g = ∇E(θ)
 * θ ← base step at θ with the gradient ∇E(θ + ε)
 * </pre>
 *
 * J. Kwon, J. Kim, H. Park, I. Choi, "ASAM: adaptive sharpness-aware minimization for
 * scale-invariant learning of deep neural networks", ICML 2021, algorithm 1 with p = 2 and
 * element-wise T. We differ: T is |θ| + η for biases as well, where the authors' program takes 1.
 *
 * @param base what is done with the gradient
 * @param rho ρ ≥ 0, the radius in units of the parameters
 * @param eta η ≥ 0, which keeps parameters at 0 from standing still
 */
public record Asam<S>(Optimizer<S> base, double rho, double eta) implements Descent<S> {
    /** Checks the numbers. */
    public Asam {
        OptimizerException.check("ASAM", "rho", rho, "at least 0", rho >= 0);
        OptimizerException.check("ASAM", "eta", eta, "at least 0", eta >= 0);
    }

    /** With ρ = 0.5 and η = 0.01, the paper's choice for CIFAR-10. */
    public static <S> Asam<S> of(Optimizer<S> base) {
        return new Asam<>(base, 0.5, 0.01);
    }

    /** The same with another ρ. */
    public Asam<S> withRho(double rho) {
        return new Asam<>(base, rho, eta);
    }

    /** The same with another η. */
    public Asam<S> withEta(double eta) {
        return new Asam<>(base, rho, eta);
    }

    @Override
    public S init(Object params) {
        return base.init(params);
    }

    @Override
    public <P> Step<P, S> update(ValueGrad<P> here, Objective<P> objective, S state, P params) {
        P scaled = Tree.zip(this::stretch, here.gradient(), params); // T g
        Tensor factor = Perturbation.over(rho, Tree.norm(scaled));
        P ascent = Tree.times(Tree.zip(this::stretch, scaled, params), factor); // T² g ρ/‖T g‖
        return base.update(Perturbation.gradientAt(objective, params, ascent), state, params);
    }

    private Tensor stretch(Tensor g, Tensor theta) {
        return g.dtype().isFloating() ? theta.abs().plus(eta).times(g) : g;
    }
}
