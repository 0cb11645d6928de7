package dev.fathom.optim.second;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

import java.util.function.UnaryOperator;

/**
 * Hessian-free optimisation: Gauss–Newton steps by conjugate gradients, with the damping of
 * Levenberg and Marquardt,
 *
 * <pre>
 * (G + λI) d = −g,  G = Jᵀ H J by products only
 * ρ = (E(θ + d) − E(θ)) / (gᵀd + ½ dᵀG d)
 * λ ← 2/3 λ where ρ > 3/4,  λ ← 3/2 λ where ρ < 1/4
 * θ ← θ + α d,  α the first of 1, 0.8, 0.8², .. with E(θ + α d) ≤ E(θ) + 0.01 α gᵀd
 * </pre>
 *
 * J. Martens, "Deep learning via Hessian-free optimization", ICML 2010, algorithm 2 and sections
 * 4.1 to 4.6: the solver begins at {@code decay} times the last d. We differ: it ends by the
 * residual instead of the progress of the quadratic, has no preconditioner, and does not go back
 * along its iterates; if none of 60 lengths α is good enough the parameters stay and λ grows.
 *
 * <p>The objective must know its parts ({@link Objective#of(java.util.function.Function,
 * java.util.function.Function)}): for a bare scalar function G is 0, and the step is along −g.
 *
 * @param damping the first λ > 0
 * @param decay of the solver's first guess, in [0, 1]
 * @param solver of the linear system
 */
public record HessianFree(double damping, double decay, ConjugateGradient solver)
        implements Descent<HessianFree.State> {
    private static final int LENGTHS = 60;

    /**
     * What it remembers.
     *
     * @param direction the last d, (N,)
     * @param damping λ, ()
     * @param length the last α; 0 where none was good enough
     */
    public record State(Tensor direction, Tensor damping, Tensor length) {}

    /** What goes round in the search for α: α, E there, and how many were tried. */
    record Length(Tensor alpha, Tensor value, Tensor count) {}

    /** Checks the numbers. */
    public HessianFree {
        OptimizerException.check("Hessian-free", "damping", damping, "positive", damping > 0);
        OptimizerException.check(
                "Hessian-free", "decay", decay, "in [0, 1]", decay >= 0 && decay <= 1);
    }

    /** With λ = 1 at first, decay 0.95, and up to 50 products to a residual of 1e-4. */
    public static HessianFree of() {
        return new HessianFree(1, 0.95, new ConjugateGradient(50, 1e-4));
    }

    /** The same with another first λ. */
    public HessianFree withDamping(double damping) {
        return new HessianFree(damping, decay, solver);
    }

    /** The same with another solver. */
    public HessianFree withSolver(ConjugateGradient solver) {
        return new HessianFree(damping, decay, solver);
    }

    @Override
    public State init(Object params) {
        var type = Vectors.of("Hessian-free", params).type();
        return new State(
                Ops.zeros(type), Ops.scalar(type.dtype(), damping), Ops.scalar(type.dtype(), 0));
    }

    @Override
    public <P> Step<P, State> update(
            ValueGrad<P> here, Objective<P> objective, State state, P params) {
        Tensor theta = Vectors.of("Hessian-free", params);
        Tensor g = Vectors.of("Hessian-free", here.gradient());
        DType dtype = g.dtype();
        var matrix = Transforms.gaussNewton((P p) -> objective.output(p), objective::loss, params);
        UnaryOperator<Tensor> product =
                v -> Vectors.of("Hessian-free", matrix.apply(Tree.withTrained(params, v)));
        Tensor lambda = state.damping();
        Tensor d =
                solver.solve(
                        v -> product.apply(v).plus(v.times(lambda)),
                        g.negate(),
                        state.direction().times(decay));

        Tensor slope = Vectors.dot(g, d);
        Tensor model = slope.plus(Vectors.dot(d, product.apply(d)).times(0.5));
        UnaryOperator<Tensor> value =
                alpha ->
                        objective
                                .at(Tree.withTrained(params, theta.plus(d.times(alpha))))
                                .cast(dtype);
        Tensor e = here.value().cast(dtype);
        Tensor one = Ops.scalar(dtype, 1);
        Tensor whole = value.apply(one);
        Tensor ratio = whole.minus(e).dividedBy(model);
        Tensor good = ratio.greaterThan(Ops.scalar(dtype, 0.75));
        // not (ρ ≥ ¼): a value that is no number makes λ grow
        Tensor poor = Functions.not(ratio.minus(0.25).abs().equalTo(ratio.minus(0.25)));
        Tensor nextLambda =
                Functions.where(
                        good,
                        lambda.times(2.0 / 3),
                        Functions.where(poor, lambda.times(1.5), lambda));

        var found =
                Loops.whileLoop(
                        s ->
                                Functions.and(
                                        tooHigh(s, e, slope),
                                        s.count().lessThan(Tensor.scalar(LENGTHS))),
                        s -> {
                            Tensor shorter = s.alpha().times(0.8);
                            return new Length(shorter, value.apply(shorter), s.count().plus(1));
                        },
                        new Length(one, whole, Tensor.scalar(1)));
        Tensor alpha =
                Functions.where(tooHigh(found, e, slope), Ops.scalar(dtype, 0), found.alpha());
        // times 0 is not enough: d may hold numbers that are not finite
        Tensor moves = alpha.greaterThan(Ops.scalar(dtype, 0));
        Tensor next = Functions.where(moves, theta.plus(d.times(alpha)), theta);
        Tensor kept = Functions.where(moves, d, Ops.zeros(d.type()));
        return new Step<>(Tree.withTrained(params, next), new State(kept, nextLambda, alpha));
    }

    private static Tensor tooHigh(Length s, Tensor e, Tensor slope) {
        Tensor line = e.plus(s.alpha().times(slope).times(0.01));
        return Functions.not(Functions.or(s.value().lessThan(line), s.value().equalTo(line)));
    }
}
