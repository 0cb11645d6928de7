package dev.fathom.optim;

import dev.fathom.core.tensor.Tensor;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One run of a model with its affine layers s = a W + b seen from inside. A convolution is one too:
 * a holds the patches under the kernel, and every place of the image is a position.
 *
 * @param output what the model gave
 * @param layers the affine layers, by the path of W in the parameters
 * @param scores from a cotangent of the output to the cotangents of every s, by the path of W, each
 *     (n, positions, out)
 */
public record Activations(
        Tensor output, Map<String, Affine> layers, Function<Tensor, Map<String, Tensor>> scores) {

    /**
     * A layer.
     *
     * @param bias the path of b, if there is one
     * @param inputs a, (n, positions, in); W has in · out elements, the last axis being out
     */
    public record Affine(Optional<String> bias, Tensor inputs) {}
}
