package dev.fathom.train.ensemble;

import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.Map;
import java.util.Objects;

/**
 * The running statistics of a model taken anew for its weights, as averaged weights need: they
 * never saw a batch.
 */
public final class BatchStatistics {
    /** So large that the weight of the past is seen to float32 precision beside any batch. */
    private static final double LARGE = 1 << 20;

    private BatchStatistics() {}

    /** What the compiled function takes. */
    record Input<M>(M model, Tensor features, Key key) {}

    /**
     * {@code model} with each running statistic replaced by the mean of its batch values over the
     * first epoch of {@code batches}, every batch with the same weight: E_B[μ_B] and m/(m−1)
     * E_B[σ²_B] of S. Ioffe and C. Szegedy 2015, algorithm 2, line 10, and what P. Izmailov et al.
     * 2018 do after averaging. Layers see the batch statistics of the layers below, as in training.
     *
     * <p>Works for every statistic that moves as running ← a · running + (1 − a) · batch with a
     * constant a &lt; 1: every batch is shown to the model as it is, and one once more with 2²⁰
     * added to all running values, which gives a. Statistics that a batch does not move stay as
     * they are; those that do not move in this way, such as the vector of a spectral norm, end
     * where one training step takes them; a model without any comes back unchanged.
     *
     * @param batches of the training data, of the size used in training; drop a last batch of one
     * @param key of the random masks
     */
    public static <M extends Layer> M of(M model, Batches batches, Key key) {
        boolean none = Tree.flatten(model).leaves().stream().allMatch(BatchStatistics::stays);
        if (none) {
            return model;
        }
        Jitted<Input<M>, M> moved =
                jit(in -> {
                    var pass = Pass.training(in.key());
                    in.model().apply(in.features(), pass);
                    return pass.updated(in.model());
                });
        M sum = Tree.zerosLike(model);
        M large = model;
        M first = model;
        int count = 0;
        for (var batch : batches.epoch(0)) {
            var masks = key.fold(count);
            M now = moved.apply(new Input<>(model, batch.features(), masks));
            if (count == 0) {
                first = now;
                large = moved.apply(new Input<>(raised(model), batch.features(), masks));
            }
            sum = Tree.zipLeaves((l, t) -> stays(l) ? l.tensor() : l.tensor().plus(t), sum, now);
            count++;
        }
        var sums = Tree.named(sum);
        var fromLarge = Tree.named(large);
        var fromHere = Tree.named(first);
        int batchCount = count;
        return Tree.mapLeaves(
                l -> {
                    if (stays(l)) {
                        return l.tensor();
                    }
                    var path = l.path().toString();
                    double past =
                            at(fromLarge, path).minus(at(fromHere, path)).mean().item() / LARGE;
                    return past > 1 - 1e-6
                            ? l.tensor() // no batch moves it
                            : at(sums, path)
                                    .dividedBy(batchCount)
                                    .minus(l.tensor().times(past))
                                    .dividedBy(1 - past);
                },
                model);
    }

    private static Tensor at(Map<String, Tensor> tensors, String path) {
        return Objects.requireNonNull(tensors.get(path));
    }

    private static boolean stays(Tree.Leaf leaf) {
        return leaf.trained() || !leaf.tensor().dtype().isFloating();
    }

    private static <M> M raised(M model) {
        return Tree.mapLeaves(l -> stays(l) ? l.tensor() : l.tensor().plus(LARGE), model);
    }
}
