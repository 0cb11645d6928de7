package dev.fathom.nn.conv;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.stream.IntStream;

/**
 * The largest element of each channel over all spatial axes: (n, height, width, c) to (n, c), any
 * number of spatial axes. Ties share the derivative equally. M. Oquab, L. Bottou, I. Laptev, J.
 * Sivic, "Is object localization for free?", CVPR 2015.
 */
public record GlobalMaxPool() implements Layer {

    /** The layer; it has nothing to choose. */
    public static GlobalMaxPool of() {
        return new GlobalMaxPool();
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.image("GlobalMaxPool", x);
                    return x.max(IntStream.range(1, x.rank() - 1).toArray());
                });
    }
}
