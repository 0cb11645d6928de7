package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

/** A user's own model: composite, with a bare parameter and a layer used twice. */
public record UserNet(Sequential features, Dense twice, Tensor scale) implements Layer {
    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor h = features.apply(x, pass);
        return twice.apply(twice.apply(h, pass), pass).times(scale);
    }
}
