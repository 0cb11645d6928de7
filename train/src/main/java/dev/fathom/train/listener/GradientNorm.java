package dev.fathom.train.listener;

import static dev.fathom.core.transform.Transforms.grad;

import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.util.Locale;

/**
 * Ends a run after an epoch at whose end ‖∇E‖ is at most {@code tolerance}: E is the mean loss over
 * all examples of {@code batches}, in evaluation, and the norm that of all trained leaves together.
 * Costs one more walk through the examples in each epoch.
 *
 * @param tolerance at least 0
 * @param loss E for a batch: the mean over it
 * @param batches what to measure on, usually the training data
 */
public record GradientNorm(double tolerance, Loss loss, Batches batches) implements Listener {
    /** Checks the tolerance. */
    public GradientNorm {
        if (!(tolerance >= 0)) {
            throw new SettingException(
                    "the tolerance of the gradient norm is "
                            + tolerance
                            + "; it must be at least 0");
        }
    }

    /** ‖∇E‖ at a model. */
    public <M extends Layer> double at(M model) {
        M sum = Tree.zerosLike(model);
        long examples = 0;
        for (var batch : batches.epoch(0)) {
            M gradient =
                    grad((M m) ->
                                    loss.apply(
                                            m.apply(batch.features(), Pass.eval()), batch.labels()))
                            .apply(model);
            sum = Tree.plus(sum, Tree.times(gradient, batch.size()));
            examples += batch.size();
        }
        return Tree.norm(sum).item() / examples;
    }

    @Override
    public void fitStarted(Training training) {
        check(training);
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        check(training);
    }

    private void check(Training training) {
        if (training.checkpoint().state().model() instanceof Layer model) {
            double norm = at(model);
            if (norm <= tolerance) {
                training.stop(
                        String.format(
                                Locale.ROOT,
                                "the gradient norm %.4g is at most %.4g",
                                norm,
                                tolerance));
            }
        }
    }
}
