package dev.fathom.optim.recipe;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;

/**
 * An optimizer that also keeps an average of the weights it goes through: θ̄ ← θ̄ + w (θ − θ̄)
 * after every step t = 1, 2, .., with one of two weights w. The steps themselves are those of the
 * base.
 *
 * <ul>
 *   <li>Stochastic weight averaging: w = 1/(n + 1) when t = start + n · every, n = 0, 1, .., else
 *       0, the plain mean of the weights at those steps. P. Izmailov, D. Podoprikhin, T. Garipov,
 *       D. Vetrov, A. Wilson, "Averaging weights leads to wider optima and better generalization",
 *       UAI 2018, algorithm 1.
 *   <li>Exponential moving average: w = 1 − decay at every step, from θ̄ = θ_0. B. Polyak and A.
 *       Juditsky 1992 for the plain mean; no correction of the beginning.
 * </ul>
 *
 * Before SWA starts θ̄ is θ_0. The average has seen no batch: take the statistics of batch
 * normalisation anew.
 *
 * @param base makes the steps
 * @param decay of the moving average, in [0, 1); 1 for SWA
 * @param start the first step that SWA averages, at least 1
 * @param every steps from one to the next, at least 1
 */
public record WeightAverage<S>(Optimizer<S> base, double decay, int start, int every)
        implements Optimizer<WeightAverage.State<S>> {

    /**
     * What is remembered.
     *
     * @param base by the base
     * @param mean θ̄, a tree like the parameters
     * @param step t, steps made, int32 ()
     */
    public record State<S>(S base, Object mean, Tensor step) {}

    /** Checks the numbers. */
    public WeightAverage {
        OptimizerException.check(
                "WeightAverage", "decay", decay, "in [0, 1]", decay >= 0 && decay <= 1);
        OptimizerException.check("WeightAverage", "start", start, "at least 1", start >= 1);
        OptimizerException.check("WeightAverage", "every", every, "at least 1", every >= 1);
    }

    /** Stochastic weight averaging of the weights after steps start, start + every, .. */
    public static <S> WeightAverage<S> swa(Optimizer<S> base, int start, int every) {
        return new WeightAverage<>(base, 1, start, every);
    }

    /** An exponential moving average. */
    public static <S> WeightAverage<S> ema(Optimizer<S> base, double decay) {
        OptimizerException.check("WeightAverage", "decay", decay, "in [0, 1)", decay < 1);
        return new WeightAverage<>(base, decay, 1, 1);
    }

    /**
     * {@code model} with the averaged weights that {@code state} has; other leaves are the model's.
     *
     * @throws OptimizerException if the state is not that of such an optimizer
     */
    public static <M> M of(Object state, M model) {
        if (!(state instanceof State<?>(var _, var mean, var _))) {
            throw new OptimizerException(
                    "WeightAverage: the state holds no average; train with WeightAverage.swa(..) or"
                            + " WeightAverage.ema(..)");
        }
        return Tree.zipLeaves((l, t) -> l.trained() ? t : l.tensor(), model, mean);
    }

    @Override
    public State<S> init(Object params) {
        return new State<>(base.init(params), params, Tensor.scalar(0));
    }

    @Override
    public <P> Step<P, State<S>> update(P gradients, State<S> state, P params) {
        var stepped = base.update(gradients, state.base(), params);
        Tensor t = state.step().plus(1);
        Tensor w = weight(t);
        Object mean =
                Tree.zipLeaves(
                        (l, theta) ->
                                l.trained()
                                        ? l.tensor()
                                                .plus(
                                                        theta.minus(l.tensor())
                                                                .times(w.cast(theta.dtype())))
                                        : l.tensor(),
                        state.mean(),
                        stepped.params());
        return new Step<>(stepped.params(), new State<>(stepped.state(), mean, t));
    }

    /** w, float64 (). */
    private Tensor weight(Tensor t) {
        if (decay < 1) {
            return Tensor.scalar(1 - decay);
        }
        Tensor since = t.plus(-start); // n · every
        Tensor n = since.cast(DType.FLOAT64).dividedBy(every);
        Tensor hit = n.equalTo(Functions.floor(Functions.relu(n)));
        return Functions.where(
                hit, Ops.full(n.type(), 1).dividedBy(n.plus(1)), Ops.zeros(n.type()));
    }
}
