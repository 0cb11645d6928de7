package dev.fathom.optim.second;

import static dev.fathom.core.transform.Transforms.valueAndGrad;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

import java.util.ArrayList;

/**
 * Limited-memory BFGS: the inverse Hessian from the last m steps s and changes y of the gradient,
 * and a line search,
 *
 * <pre>
 * d = −H g,  H by the two-loop recursion from H₀ = (sᵀy/yᵀy) I
 * θ ← θ + α d,  α by the strong Wolfe conditions, tried first at 1
 * </pre>
 *
 * J. Nocedal and S. Wright, "Numerical Optimization", 2nd edition, 2006, algorithms 7.4 and 7.5,
 * equation 7.20; the search is {@link WolfeSearch}. The first step goes along −g and is tried first
 * at α = min(1, 1/‖g‖). We differ where a line search fails: a pair with sᵀy ≤ 0 is not remembered,
 * and where d is no descent direction (rounding alone can do that) the memory is passed over for
 * that step.
 *
 * <p>Both gradients of a pair belong to the same objective, so mini-batches are allowed, though the
 * method is made for full batches. A step costs as many gradients as its line search takes. The
 * state holds 2m vectors as long as all parameters together.
 *
 * @param memory m ≥ 1
 * @param search how α is found
 */
public record Lbfgs(int memory, WolfeSearch search) implements Descent<Lbfgs.State> {

    /**
     * What it remembers.
     *
     * @param steps s, (m, N), newest last; zeros where there is none yet
     * @param changes y, (m, N)
     * @param inverse 1/sᵀy, (m,); 0 where there is none yet
     * @param last α of the last step, ()
     * @param satisfied whether the last step met the strong Wolfe conditions, bool ()
     * @param evaluations gradients taken so far beside those given, int32 ()
     */
    public record State(
            Tensor steps,
            Tensor changes,
            Tensor inverse,
            Tensor last,
            Tensor satisfied,
            Tensor evaluations) {}

    /** Checks m. */
    public Lbfgs {
        OptimizerException.check("L-BFGS", "memory", memory, "at least 1", memory >= 1);
    }

    /** With m = 10 and the standard search. */
    public static Lbfgs of() {
        return new Lbfgs(10, WolfeSearch.standard());
    }

    /** The same with another m. */
    public Lbfgs withMemory(int memory) {
        return new Lbfgs(memory, search);
    }

    /** The same with another search. */
    public Lbfgs withSearch(WolfeSearch search) {
        return new Lbfgs(memory, search);
    }

    @Override
    public State init(Object params) {
        var vector = Vectors.of("L-BFGS", params).type();
        var dtype = vector.dtype();
        var rows = new TensorType(vector.shape().prepend(memory), dtype);
        return new State(
                Ops.zeros(rows),
                Ops.zeros(rows),
                Ops.zeros(new TensorType(Shape.of(memory), dtype)),
                Ops.scalar(dtype, 0),
                Tensor.scalar(false),
                Tensor.full(DType.INT32, 0));
    }

    @Override
    public <P> Step<P, State> update(
            ValueGrad<P> here, Objective<P> objective, State state, P params) {
        Tensor theta = Vectors.of("L-BFGS", params);
        if (state.steps().dim(0) != memory || state.steps().dim(1) != theta.dim(0)) {
            throw new OptimizerException(
                    "L-BFGS: the state is for "
                            + state.steps().shape()
                            + ", memory and parameters are ("
                            + memory
                            + ", "
                            + theta.dim(0)
                            + "); it belongs to another model. Start from init(params)");
        }
        Tensor g = Vectors.of("L-BFGS", here.gradient());
        Tensor newton = direction(g, state).negate();
        Tensor descends = Vectors.dot(newton, g).lessThan(Ops.scalar(g.dtype(), 0));
        Tensor d = Functions.where(descends, newton, g.negate());

        Tensor one = Ops.scalar(g.dtype(), 1);
        Tensor length = Vectors.dot(g, g).sqrt();
        Tensor remembers = state.inverse().get(-1).greaterThan(Ops.scalar(g.dtype(), 0));
        Tensor first =
                Functions.where(
                        Functions.and(descends, remembers),
                        one,
                        one.dividedBy(length.maximum(one)));
        var start =
                new WolfeSearch.Trial(
                        Ops.scalar(g.dtype(), 0),
                        here.value().cast(g.dtype()),
                        Vectors.dot(g, d),
                        g);
        var found =
                search.search(
                        start,
                        first,
                        alpha -> {
                            P at = Tree.withTrained(params, theta.plus(d.times(alpha)));
                            var r = valueAndGrad((P p) -> objective.at(p)).apply(at);
                            Tensor slope = Vectors.of("L-BFGS", r.gradient());
                            return new WolfeSearch.Trial(
                                    alpha, r.value().cast(g.dtype()), Vectors.dot(slope, d), slope);
                        });
        Tensor s = d.times(found.taken().alpha());
        Tensor y = found.taken().gradient().minus(g);
        var next = remember(state, s, y, found);
        return new Step<>(Tree.withTrained(params, theta.plus(s)), next);
    }

    private State remember(State state, Tensor s, Tensor y, WolfeSearch.Found found) {
        Tensor sy = Vectors.dot(s, y);
        Tensor curved = sy.greaterThan(Ops.scalar(s.dtype(), 0));
        Tensor safe = Functions.where(curved, sy, Ops.scalar(s.dtype(), 1));
        Tensor rho = Ops.scalar(s.dtype(), 1).dividedBy(safe);
        return new State(
                Functions.where(curved, push(state.steps(), s), state.steps()),
                Functions.where(curved, push(state.changes(), y), state.changes()),
                Functions.where(curved, push(state.inverse(), rho), state.inverse()),
                found.taken().alpha(),
                found.satisfied(),
                state.evaluations().plus(found.evaluations()));
    }

    private Tensor push(Tensor rows, Tensor row) {
        return Shaping.concatenate(0, rows.slice(0, 1, memory), row.expandDims(0));
    }

    /** H g: algorithm 7.4. A row of zeros changes nothing. */
    private Tensor direction(Tensor g, State state) {
        Tensor q = g;
        var alphas = new ArrayList<Tensor>();
        for (int i = memory - 1; i >= 0; i--) {
            Tensor a = state.inverse().get(i).times(Vectors.dot(state.steps().get(i), q));
            q = q.minus(state.changes().get(i).times(a));
            alphas.addFirst(a);
        }
        Tensor y = state.changes().get(-1);
        Tensor yy = Vectors.dot(y, y);
        Tensor zero = Ops.scalar(g.dtype(), 0);
        Tensor one = Ops.scalar(g.dtype(), 1);
        Tensor some = yy.greaterThan(zero);
        Tensor sy = Vectors.dot(state.steps().get(-1), y);
        Tensor gamma = Functions.where(some, sy.dividedBy(Functions.where(some, yy, one)), one);
        Tensor r = q.times(gamma);
        for (int i = 0; i < memory; i++) {
            Tensor b = state.inverse().get(i).times(Vectors.dot(state.changes().get(i), r));
            r = r.plus(state.steps().get(i).times(alphas.get(i).minus(b)));
        }
        return r;
    }
}
