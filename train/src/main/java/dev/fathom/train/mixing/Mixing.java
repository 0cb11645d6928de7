package dev.fathom.train.mixing;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

/** A way to make examples of two. */
@FunctionalInterface
public interface Mixing {
    /**
     * The batch mixed with itself in another order. Runs inside {@code jit}.
     *
     * @param features floating, (n, ..)
     * @param labels (n) or (n, ..)
     * @param key all that is drawn
     */
    Mixed mix(Tensor features, Tensor labels, Key key);

    /**
     * This in a step with the given probability, otherwise the batch as it is.
     *
     * @throws SettingException if the probability is not in [0, 1]
     */
    default Mixing sometimes(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new SettingException(
                    "mixing: the probability is " + probability + "; it must be in [0, 1]");
        }
        return (features, labels, key) -> {
            var keys = key.split(2);
            var mixed = mix(features, labels, keys[0]);
            Tensor chosen = keys[1].bernoulli(probability); // ()
            Tensor share = mixed.share();
            return new Mixed(
                    Functions.where(chosen, mixed.features(), features),
                    mixed.partners(),
                    Functions.where(chosen, share, Ops.full(share.type(), 1)));
        };
    }
}
