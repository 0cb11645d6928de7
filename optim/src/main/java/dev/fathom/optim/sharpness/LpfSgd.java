package dev.fathom.optim.sharpness;

import static dev.fathom.core.transform.Transforms.grad;

import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

import java.util.stream.IntStream;

/**
 * Low-pass filtered descent: the loss is smoothed by a Gaussian, whose minima are the flat ones,
 *
 * <pre>
 * τᵢ = γ ‖θ⁽ᶠ⁾‖ z,  z ~ N(0, 1),  i = 1 .. M
 * θ ← base step at θ with the gradient (1/M) Σ ∇E(θ + τᵢ)
 * </pre>
 *
 * D. Bisla, J. Wang, A. Choromanska, "Low-pass filtering SGD for recovering flat optima in the deep
 * learning optimization landscape", AISTATS 2022, algorithm 1. θ⁽ᶠ⁾ is the filter a parameter
 * belongs to: the weights into one unit, which is a place on the last axis here, or the whole leaf
 * where it is a vector or a scalar. γ scales the standard deviation, as in the authors' program. We
 * differ: each τᵢ meets the whole batch, where the paper cuts the batch into M parts; γ is
 * constant.
 *
 * <p>A step costs M gradients beside the one that was given, which is not used. The noise of step t
 * is a function of the key and t alone.
 *
 * @param base what is done with the gradient
 * @param gamma γ ≥ 0, width of the filter relative to the weights
 * @param samples M ≥ 1
 * @param key where the noise comes from
 */
public record LpfSgd<B>(Optimizer<B> base, double gamma, int samples, Key key)
        implements Descent<LpfSgd.State<B>> {

    /**
     * What it remembers.
     *
     * @param base the base's state
     * @param key of the noise
     * @param step t, int32 ()
     */
    public record State<B>(B base, Key key, Tensor step) {}

    /** Checks the numbers. */
    public LpfSgd {
        OptimizerException.check("LPF-SGD", "gamma", gamma, "at least 0", gamma >= 0);
        OptimizerException.check("LPF-SGD", "samples", samples, "at least 1", samples >= 1);
    }

    /** With γ = 0.005 and M = 8. */
    public static <B> LpfSgd<B> of(Optimizer<B> base, Key key) {
        return new LpfSgd<>(base, 0.005, 8, key);
    }

    /** The same with another γ. */
    public LpfSgd<B> withGamma(double gamma) {
        return new LpfSgd<>(base, gamma, samples, key);
    }

    /** The same with another M. */
    public LpfSgd<B> withSamples(int samples) {
        return new LpfSgd<>(base, gamma, samples, key);
    }

    @Override
    public State<B> init(Object params) {
        return new State<>(base.init(params), key, Tensor.scalar(0));
    }

    @Override
    public <P> Step<P, State<B>> update(
            ValueGrad<P> here, Objective<P> objective, State<B> state, P params) {
        var stepKey = state.key().fold(state.step());
        P smoothed =
                grad(
                                (P p) -> {
                                    Tensor sum =
                                            objective.at(Tree.plus(p, noise(params, stepKey, 0)));
                                    for (int i = 1; i < samples; i++) {
                                        sum =
                                                sum.plus(
                                                        objective.at(
                                                                Tree.plus(
                                                                        p,
                                                                        noise(
                                                                                params, stepKey,
                                                                                i))));
                                    }
                                    return sum.dividedBy(samples);
                                })
                        .apply(params);
        var step = base.update(smoothed, state.base(), params);
        return new Step<>(
                step.params(), new State<>(step.state(), state.key(), state.step().plus(1)));
    }

    /** τᵢ of the step with this key. */
    <P> P noise(P params, Key stepKey, int i) {
        var draw = stepKey.fold(i);
        var index = new int[1];
        return Tree.mapLeaves(
                leaf -> {
                    Tensor theta = leaf.tensor();
                    if (!leaf.trained()) {
                        return theta;
                    }
                    Tensor z = draw.fold(index[0]++).normal(theta.dtype(), theta.shape().dims());
                    return z.times(filterNorm(theta)).times(gamma);
                },
                params);
    }

    /** ‖θ⁽ᶠ⁾‖, of a shape that broadcasts to that of the leaf. */
    private static Tensor filterNorm(Tensor theta) {
        Tensor square = theta.square();
        if (theta.rank() < 2) {
            return square.sum().sqrt();
        }
        var others = IntStream.range(0, theta.rank() - 1).toArray();
        return Ops.broadcastTo(square.sum(others), theta.shape()).sqrt();
    }
}
