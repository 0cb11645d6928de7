package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.vjp;

import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.optim.Activations;
import dev.fathom.optim.Activations.Affine;
import dev.fathom.optim.Objective;
import dev.fathom.train.error.SettingException;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The loss of one batch, for a descent that asks for it again in the same step: the same random
 * masks, running statistics as they were before the step, and nothing noted about them. It shows
 * the affine layers of the model: those that hand their result to {@link Pass#affine}, as the dense
 * and convolution layers of the library do.
 *
 * @param loss of an output and the labels
 * @param features of the batch
 * @param labels of the batch
 * @param key of the random masks
 * @param before the model before the step
 */
public record BatchObjective<M extends Layer>(
        Loss loss, Tensor features, Tensor labels, Key key, M before) implements Objective<M> {
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

    /**
     * Runs the model twice: first to see where affine maps are and what goes into them, then with a
     * zero added to each result, to differentiate in those zeros.
     *
     * @throws SettingException if a weight is used twice, or is no parameter of the model
     */
    @Override
    public Activations activations(M model) {
        var at = atFirst(model);
        var paths = new IdentityHashMap<Tensor, String>();
        for (var leaf : Tree.flatten(at).leaves()) {
            paths.put(leaf.tensor(), leaf.path().toString());
        }
        var layers = new LinkedHashMap<String, Affine>();
        var zeros = new LinkedHashMap<String, Tensor>();
        Tensor output =
                at.apply(
                        features,
                        Pass.training(
                                key,
                                (weight, bias, inputs, y) -> {
                                    Tensor a = inputs.get();
                                    int out = y.dim(-1);
                                    if ((long) a.dim(-1) * out != weight.size()) {
                                        return y; // a grouped convolution is no single matrix
                                    }
                                    var path = path(paths, weight);
                                    var layer =
                                            new Affine(bias.map(b -> path(paths, b)), positions(a));
                                    if (layers.put(path, layer) != null) {
                                        throw new SettingException(
                                                "K-FAC: the weight at "
                                                        + path
                                                        + " is used twice in one pass; its"
                                                        + " statistics are those of one use only."
                                                        + " Give each layer a weight of its own");
                                    }
                                    zeros.put(path, Ops.zeros(y.type()));
                                    return y;
                                }));
        return new Activations(
                output,
                layers,
                cotangent -> {
                    var pull = vjp((Map<String, Tensor> z) -> shifted(at, paths, z), zeros);
                    var scores = new LinkedHashMap<String, Tensor>();
                    pull.pullback()
                            .apply(cotangent)
                            .forEach((path, s) -> scores.put(path, positions(s)));
                    return scores;
                });
    }

    /** The output with these added to the affine maps. */
    private Tensor shifted(M at, Map<Tensor, String> paths, Map<String, Tensor> by) {
        return at.apply(
                features,
                Pass.training(
                        key,
                        (weight, _, _, y) -> {
                            var shift = by.get(paths.get(weight));
                            return shift == null ? y : y.plus(shift);
                        }));
    }

    private static String path(Map<Tensor, String> paths, Tensor parameter) {
        var path = paths.get(parameter);
        if (path == null) {
            throw new SettingException(
                    "K-FAC: a layer computes with a weight of type "
                            + parameter.type()
                            + " that is no parameter of the model itself; a weight that is made of"
                            + " parameters has no statistics of its own");
        }
        return path;
    }

    /** (n, .., k) as (n, positions, k). */
    private static Tensor positions(Tensor x) {
        int n = x.dim(0);
        int k = x.dim(-1);
        return x.reshape(n, (int) (x.size() / ((long) n * k)), k);
    }
}
