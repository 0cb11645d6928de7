package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.schedule.Schedule;

/**
 * u = c(t) g, where t counts the updates from 0.
 *
 * @param factor c
 */
public record ScaleBySchedule(Schedule factor) implements GradientTransform<ScaleBySchedule.State> {

    /**
     * The counter.
     *
     * @param step t, int32 ()
     */
    public record State(Tensor step) {}

    @Override
    public State init(Object params) {
        return new State(Tensor.scalar(0));
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        Tensor c = factor.at(state.step());
        return new Updates<>(Tree.times(gradients, c), new State(state.step().plus(1)));
    }
}
