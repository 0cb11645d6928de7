package dev.fathom.nn.attention;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * The way round a part F of a transformer's block, with a normalisation N: x + F(N(x)) in pre-norm,
 * N(α x + F(x)) in post-norm; see {@link EncoderBlock}.
 *
 * @param dropout of what F adds
 * @param preNorm whether N stands before F, or after the sum
 * @param alpha α; 1 but for {@link DeepNorm}
 */
record Residual(Dropout dropout, boolean preNorm, double alpha) {
    /** What F gets of x. */
    Tensor input(String place, Layer norm, Tensor x, Pass pass) {
        return preNorm ? pass.child(place, norm, x) : x;
    }

    /** The block's output of x and what F made. */
    Tensor sum(String place, Layer norm, Tensor x, Tensor made, Pass pass) {
        Tensor added = dropout.apply(made, pass);
        if (preNorm) {
            return x.plus(added);
        }
        Tensor kept = alpha == 1 ? x : x.times(alpha);
        return pass.child(place, norm, kept.plus(added));
    }
}
