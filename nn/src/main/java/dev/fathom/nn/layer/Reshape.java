package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

/**
 * Every example in another shape, elements in the same order: (n, ..) to (n, shape..).
 *
 * @param shape of one example, without the batch
 */
public record Reshape(Shape shape) implements Layer {

    /** To examples of the given shape. */
    public static Reshape of(int... shape) {
        return new Reshape(Shape.of(shape));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (x.rank() == 0 || x.size() != (long) x.dim(0) * shape.length()) {
                        throw new ShapeException(
                                "Reshape: input "
                                        + x.shape()
                                        + " does not fit examples of shape "
                                        + shape
                                        + (x.rank() == 0
                                                ? ": it has no batch axis"
                                                : ": "
                                                        + x.size() / Math.max(1, x.dim(0))
                                                        + " ≠ "
                                                        + shape.length()
                                                        + " elements"));
                    }
                    return x.reshape(shape.prepend(x.dim(0)).dims());
                });
    }
}
