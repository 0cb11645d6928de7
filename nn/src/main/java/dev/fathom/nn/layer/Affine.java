package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

import java.util.Optional;

/**
 * A layer that is linear in one weight and adds a bias: a dense layer, a convolution. The last axis
 * of the weight counts its units, so that the weights of unit i are all w[.., i]; that is what
 * weight normalisation, weight standardisation and spectral normalisation work on.
 */
public interface Affine extends Layer {
    /** W, (.., out). */
    Tensor weight();

    /** b, (out), or nothing. */
    Optional<Tensor> bias();

    /** The same layer with these. */
    Affine with(Tensor weight, Optional<Tensor> bias);
}
