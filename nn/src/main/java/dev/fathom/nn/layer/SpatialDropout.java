package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

import java.util.Arrays;

/**
 * {@link Dropout} of whole channels: in training each channel of each example is zero everywhere
 * with probability p, or divided by 1 − p; otherwise the identity. Neighbouring pixels say nearly
 * the same, so that dropping them one by one hides little. J. Tompson, R. Goroshin, A. Jain, Y.
 * LeCun, C. Bregler, "Efficient object localization using convolutional networks", CVPR 2015,
 * section 3.2.
 *
 * <p>Shapes: (n, spatial.., c), any number of spatial axes.
 *
 * @param probability p, that a channel is dropped, in [0, 1)
 */
public record SpatialDropout(double probability) implements Layer {

    /** Checks the probability. */
    public SpatialDropout {
        Checks.probability("SpatialDropout", probability);
    }

    /** Drops channels with the given probability. */
    public static SpatialDropout of(double probability) {
        return new SpatialDropout(probability);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.image("SpatialDropout", x);
                    if (!pass.training() || probability == 0) {
                        return x;
                    }
                    double kept = 1 - probability;
                    var channels = x.shape().dims();
                    Arrays.fill(channels, 1, channels.length - 1, 1);
                    Tensor keep = pass.key().bernoulli(kept, channels); // (n, 1.., c)
                    return Functions.where(keep, x.times(1 / kept), Ops.zeros(x.type()));
                });
    }
}
