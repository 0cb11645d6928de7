package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

import java.util.List;

/**
 * Layers one after another. Messages from inside name the place, such as {@code layers[2] Dense}.
 *
 * @param layers first to last; none makes the identity
 */
public record Sequential(List<Layer> layers) implements Layer {

    /** Copies the list. */
    public Sequential {
        layers = List.copyOf(layers);
    }

    /** Layers one after another. */
    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor y = x;
        for (int i = 0; i < layers.size(); i++) {
            y = pass.child("layers[" + i + "]", layers.get(i), y);
        }
        return y;
    }
}
