package dev.fathom.train.loop;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.optim.Objective;

/**
 * The loss of one batch, for a descent that asks for it again in the same step: the same random
 * masks, running statistics as they were before the step, and nothing noted about them.
 *
 * @param before the model before the step
 */
record BatchObjective<M extends Layer>(Loss loss, Tensor features, Tensor labels, Key key, M before)
        implements Objective<M> {
    @Override
    public Tensor output(M model) {
        return atFirst(model).apply(features, Pass.training(key));
    }

    @Override
    public Tensor loss(Tensor output) {
        return loss.apply(output, labels);
    }

    /** These parameters beside the statistics from before the step. */
    private M atFirst(M model) {
        return Tree.zipLeaves((leaf, t) -> leaf.trained() ? leaf.tensor() : t, model, before);
    }
}
