package dev.fathom.optim.transform;

import dev.fathom.core.tree.Tree;
import dev.fathom.optim.schedule.Schedule;

import java.util.List;
import java.util.function.Predicate;

/**
 * A pure function from gradients to updates, with a state. Updates are what is added to the
 * parameters, so somewhere in a chain stands a negative factor: {@link #scaleByLearningRate}.
 *
 * @param <S> what it remembers between steps: a tree of tensors
 */
public interface GradientTransform<S> {
    /** The state before the first step, for parameters of this structure. */
    S init(Object params);

    /**
     * Updates in place of gradients, and the new state. All three trees have the structure of the
     * parameters.
     */
    <P> Updates<P, S> update(P gradients, S state, P params);

    /** What an update gives. */
    record Updates<P, S>(P updates, S state) {}

    /** The state of a transform that remembers nothing. */
    record NoState() {}

    /** One after another; none makes the identity. */
    static Chain chain(GradientTransform<?>... parts) {
        return new Chain(List.of(parts));
    }

    /** {@link Scale}. */
    static Scale scale(double factor) {
        return new Scale(factor);
    }

    /** {@link ScaleBySchedule}: times {@code factor} at the step. */
    static ScaleBySchedule scaleBySchedule(Schedule factor) {
        return new ScaleBySchedule(factor);
    }

    /** Times minus the learning rate: the step downhill that ends a chain. */
    static ScaleBySchedule scaleByLearningRate(Schedule learningRate) {
        return new ScaleBySchedule(learningRate.times(-1));
    }

    /** {@link ScaleByAdam}. */
    static ScaleByAdam scaleByAdam(double beta1, double beta2, double epsilon) {
        return new ScaleByAdam(beta1, beta2, epsilon);
    }

    /** {@link Trace}: momentum. */
    static Trace trace(double momentum, boolean nesterov) {
        return new Trace(momentum, nesterov);
    }

    /** {@link AddDecayedWeights} on every trained leaf. */
    static AddDecayedWeights addDecayedWeights(double decay) {
        return new AddDecayedWeights(decay, _ -> true);
    }

    /**
     * {@link AddDecayedWeights} on some leaves, such as {@code leaf -> leaf.tensor().rank() > 1}.
     */
    static AddDecayedWeights addDecayedWeights(double decay, Predicate<Tree.Leaf> where) {
        return new AddDecayedWeights(decay, where);
    }

    /** {@link ClipByGlobalNorm}. */
    static ClipByGlobalNorm clipByGlobalNorm(double max) {
        return new ClipByGlobalNorm(max);
    }

    /** {@link ClipByValue}. */
    static ClipByValue clipByValue(double max) {
        return new ClipByValue(max);
    }
}
