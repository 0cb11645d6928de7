package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

/**
 * Dynamic loss scaling: gradients are taken of s times the loss, so that small ones do not vanish
 * in a short number format, and divided by s before they are used. A step whose gradients are not
 * all finite is left out and halves s; {@code every} good steps in a row double it.
 *
 * <pre>
 * g ← ∇(s L) / s
 * where g is finite: u ← inner(g); s ← 2 s after every n good steps in a row
 * otherwise:         u ← 0;        s ← s/2
 * </pre>
 *
 * P. Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.2, in the form that
 * NVIDIA's and PyTorch's GradScaler use, with their defaults. s stays within [2⁻¹⁴, 2¹⁰⁰].
 *
 * <p>{@link #update} expects the gradients of {@link #scaled}; {@link
 * dev.fathom.optim.Descent#scaled} does both.
 *
 * @param <S> what the inner transform remembers
 * @param inner sees finite gradients only, of the loss itself
 * @param initial the first s, above 0
 * @param every n, ≥ 1
 */
public record LossScaling<S>(GradientTransform<S> inner, double initial, int every)
        implements GradientTransform<LossScaling.State<S>> {
    private static final double LEAST = 0x1p-14;
    private static final double MOST = 0x1p100;

    /**
     * What is remembered.
     *
     * @param scale s, float64 ()
     * @param good good steps since s last changed, int32 ()
     * @param skipped steps left out so far, int32 ()
     * @param inner the inner state
     */
    public record State<S>(Tensor scale, Tensor good, Tensor skipped, S inner) {}

    /** Checks the numbers. */
    public LossScaling {
        boolean fits = initial >= LEAST && initial <= MOST;
        OptimizerException.check("lossScaling", "initial", initial, "in [2^-14, 2^100]", fits);
        OptimizerException.check("lossScaling", "every", every, "at least 1", every >= 1);
    }

    /** From 2¹⁶, doubled every 2000 good steps. */
    public static <S> LossScaling<S> of(GradientTransform<S> inner) {
        return new LossScaling<>(inner, 0x1p16, 2000);
    }

    /** s times the loss: what to take the gradient of. */
    public Tensor scaled(Tensor loss, State<S> state) {
        return loss.times(state.scale().cast(loss.dtype()));
    }

    @Override
    public State<S> init(Object params) {
        return new State<>(
                Tensor.scalar(initial), Tensor.scalar(0), Tensor.scalar(0), inner.init(params));
    }

    @Override
    public <P> Updates<P, State<S>> update(P gradients, State<S> state, P params) {
        Tensor finite = SkipNonFinite.finite(gradients);
        P safe =
                Tree.mapTrained(
                        g ->
                                Functions.where(finite, g, Ops.zeros(g.type()))
                                        .dividedBy(state.scale().cast(g.dtype())),
                        gradients);
        var result = inner.update(safe, state.inner(), params);
        P updates =
                Tree.mapTrained(
                        u -> Functions.where(finite, u, Ops.zeros(u.type())), result.updates());
        S next = Tree.zip((a, b) -> Functions.where(finite, a, b), result.state(), state.inner());
        Tensor counted = state.good().plus(1);
        Tensor full = counted.greaterThan(Tensor.scalar(every - 1));
        Tensor raised = Functions.where(full, state.scale().times(2), state.scale());
        Tensor scale = Functions.where(finite, raised, state.scale().times(0.5));
        Tensor good =
                Functions.where(
                        Functions.and(finite, Functions.not(full)), counted, Tensor.scalar(0));
        Tensor skipped = Functions.where(finite, state.skipped(), state.skipped().plus(1));
        return new Updates<>(
                updates, new State<>(Functions.clip(scale, LEAST, MOST), good, skipped, next));
    }
}
