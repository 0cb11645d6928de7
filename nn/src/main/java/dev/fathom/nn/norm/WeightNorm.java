package dev.fathom.nn.norm;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A layer whose weights have a length and a direction of their own:
 *
 * <pre>w_i = g_i v_i / ‖v_i‖</pre>
 *
 * <p>for every unit i, the norm over all weights of the unit. The gradient in v_i stands at right
 * angles on v_i, so that ‖v_i‖ never shrinks under gradient descent. T. Salimans and D. Kingma,
 * "Weight normalization: a simple reparameterization to accelerate training of deep neural
 * networks", NIPS 2016, equations 2 and 3.
 *
 * <p>Shapes: those of the layer; g (out).
 *
 * @param layer a dense layer or a convolution with v in place of its weight
 * @param gain g, (out)
 */
public record WeightNorm(Affine layer, Tensor gain) implements Layer {

    /**
     * Around {@code layer}, g = ‖v‖: at first the layer computes what it did.
     *
     * @throws LayerException if all weights of a unit are 0
     */
    public static WeightNorm of(Affine layer) {
        Units.requireDirections(
                "WeightNorm",
                layer.weight(),
                "To begin with a layer that gives 0, set the gain to 0 and leave the weights");
        return new WeightNorm(layer, Units.norms(layer.weight()));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Tensor v = layer.weight(); // (.., out)
                    Tensor w = v.times(gain.dividedBy(Units.norms(v)));
                    return pass.child("layer", layer.with(w, layer.bias()), x);
                });
    }

    /**
     * First values from data: with the weights of a layer as they are, μ_i and σ_i are the mean and
     * the standard deviation of what unit i gives, without its bias, on the batch x; then
     *
     * <pre>g_i ← g_i / σ_i,   b_i ← − μ_i / σ_i</pre>
     *
     * so that every unit has mean 0 and variance 1 on x. This happens for every normalised layer
     * inside {@code model}, in the order in which they run, each fed by those before it (section 3
     * and equations 5 and 6 of the paper). A layer that is used twice follows its first use.
     *
     * <p>It holds for scaled {@link WeightStandardisation} as well, whose weights are as linear in
     * their gain.
     *
     * @param x a batch of at least two examples
     * @param key for dropout and the like while x runs through
     * @throws LayerException if there is no such layer, one has no bias, or a unit gives the same
     *     for all of x
     */
    public static <M extends Layer> M initialised(M model, Tensor x, Key key) {
        var biases = new IdentityHashMap<Tensor, String>();
        Map<String, Tensor> leaves = Tree.named(model);
        for (var path : leaves.keySet()) {
            var end = "gain";
            if (path.equals(end) || path.endsWith("." + end)) {
                var place = path.substring(0, path.length() - end.length());
                if (leaves.containsKey(place + "layer.weight")) {
                    var bias = leaves.get(place + "layer.bias");
                    if (bias == null) {
                        throw new LayerException(
                                "WeightNorm: the layer at "
                                        + place
                                        + "layer has no bias, so its mean cannot be moved to 0;"
                                        + " make it with one");
                    }
                    biases.put(bias, place);
                }
            }
        }
        if (biases.isEmpty()) {
            throw new LayerException(
                    "WeightNorm: the model has no weight-normalised layer to initialise; wrap"
                            + " dense layers and convolutions in WeightNorm.of(layer)");
        }
        record Moments(Tensor mean, Tensor deviation) {}
        var found = new HashMap<String, Moments>();
        var pass =
                Pass.training(
                        key,
                        (_, bias, _, y) -> {
                            var place = bias.map(biases::get).orElse(null);
                            if (place == null) {
                                return y;
                            }
                            Tensor z = y.minus(bias.orElseThrow()); // (n, .., out)
                            var m =
                                    found.computeIfAbsent(
                                            place,
                                            _ ->
                                                    new Moments(
                                                            z.mean(Units.axes(z)),
                                                            deviation(place, z)));
                            return z.minus(m.mean()).dividedBy(m.deviation());
                        });
        model.apply(x, pass);
        return Tree.mapLeaves(
                leaf -> {
                    var path = leaf.path().toString();
                    for (var entry : found.entrySet()) {
                        var m = entry.getValue();
                        if (path.equals(entry.getKey() + "gain")) {
                            return leaf.tensor().dividedBy(m.deviation());
                        }
                        if (path.equals(entry.getKey() + "layer.bias")) {
                            return m.mean().dividedBy(m.deviation()).negate();
                        }
                    }
                    return leaf.tensor();
                },
                model);
    }

    private static Tensor deviation(String place, Tensor z) {
        Tensor deviation = Functions.variance(z, Units.axes(z)).sqrt(); // (out)
        if (z.size() > 0 && !Double.isFinite(deviation.sum().item())) {
            throw new LayerException(
                    "WeightNorm: a unit of the layer at "
                            + place
                            + "layer gives numbers without a finite variance; look for what is not"
                            + " finite, or too large, in its input");
        }
        if (!(deviation.min().item() > 0)) {
            throw new LayerException(
                    "WeightNorm: a unit of the layer at "
                            + place
                            + "layer gives the same for all of the batch "
                            + z.shape()
                            + "; it cannot be brought to variance 1. Give more, and different,"
                            + " examples");
        }
        return deviation;
    }
}
