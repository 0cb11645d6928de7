package dev.fathom.nn.norm;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.IdentityHashMap;
import java.util.Map;

/**
 * First values by layer-sequential unit variance: every weight of an affine layer becomes an {@link
 * Initializer#orthogonal} matrix, and then, layer after layer in the order in which they run, is
 * divided by the standard deviation of what it gives on a batch, all places and units together. D.
 * Mishkin and J. Matas, "All you need is a good init", ICLR 2016, algorithm 1. We differ: the paper
 * divides again and again until the variance is within 0.1 of 1; a layer is linear in its weight,
 * so that once is exact. The bias, which is zero at first, does not count.
 */
public final class Lsuv {
    private Lsuv() {}

    /**
     * {@code model} with these weights; all else stays. A weight that is used twice follows its
     * first use.
     *
     * @param x a batch; more examples make a better estimate
     * @param key for the orthogonal matrices, and for dropout and the like while x runs through
     * @throws LayerException if a layer computes with a weight that is no tensor of the model
     *     itself, or gives the same everywhere
     */
    public static <M extends Layer> M initialised(M model, Tensor x, Key key) {
        Map<Tensor, Integer> order = new IdentityHashMap<>();
        model.apply(
                x,
                Pass.training(
                        key,
                        (weight, _, _, y) -> {
                            order.putIfAbsent(weight, order.size());
                            return y;
                        }));
        var found = new IdentityHashMap<Tensor, String>();
        M orthogonal =
                Tree.mapLeaves(
                        leaf -> {
                            Tensor w = leaf.tensor();
                            var at = order.get(w);
                            if (at == null) {
                                return w;
                            }
                            found.put(w, leaf.path().toString());
                            return Initializer.orthogonal(1)
                                    .of(key.fold(at), w.dtype(), 1, 1, w.shape().dims());
                        },
                        model);
        if (found.size() < order.size()) {
            throw new LayerException(
                    "Lsuv: a layer computes with a weight that is no tensor of the model itself,"
                            + " such as a normalised one; for those use WeightNorm.initialised");
        }
        var deviations = new IdentityHashMap<Tensor, Tensor>();
        orthogonal.apply(
                x,
                Pass.training(
                        key,
                        (weight, bias, _, y) -> {
                            Tensor z = bias.map(y::minus).orElse(y);
                            Tensor scaled =
                                    z.dividedBy(
                                            deviations.computeIfAbsent(weight, _ -> deviation(z)));
                            return bias.map(scaled::plus).orElse(scaled);
                        }));
        return Tree.map(
                t -> {
                    var deviation = deviations.get(t);
                    return deviation == null ? t : t.dividedBy(deviation);
                },
                orthogonal);
    }

    private static Tensor deviation(Tensor z) {
        Tensor deviation = Functions.variance(z).sqrt(); // ()
        if (!Double.isFinite(deviation.item())) {
            throw new LayerException(
                    "Lsuv: an affine layer gives "
                            + z.shape()
                            + " numbers of standard deviation "
                            + deviation.item()
                            + "; look for what is not finite, or too large, in its input");
        }
        if (!(deviation.item() > 0)) {
            throw new LayerException(
                    "Lsuv: an affine layer gives the same number everywhere in "
                            + z.shape()
                            + "; it cannot be brought to variance 1. Its input may be zero");
        }
        return deviation;
    }
}
