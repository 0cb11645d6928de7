package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Tensor;

import java.util.Optional;

/**
 * A body and a way round it: y = body(x) + x, or y = body(x) + shortcut(x) where the body changes
 * the shape. K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR
 * 2016, equations 1 and 2.
 *
 * @param body F, from x to the shape of the sum
 * @param shortcut W_s, or nothing for the identity
 */
public record Residual(Layer body, Optional<Layer> shortcut) implements Layer {

    /** With the identity as shortcut; the body keeps the shape. */
    public static Residual of(Layer body) {
        return new Residual(body, Optional.empty());
    }

    /**
     * With a projection as shortcut, usually a convolution with kernel 1 and the stride of the
     * body.
     */
    public static Residual of(Layer body, Layer shortcut) {
        return new Residual(body, Optional.of(shortcut));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor y = pass.child("body", body, x);
        Tensor around = shortcut.map(s -> pass.child("shortcut", s, x)).orElse(x);
        if (!y.shape().equals(around.shape())) {
            throw new ShapeException(
                    "Residual: the body gives "
                            + y.shape()
                            + ", the "
                            + (shortcut.isPresent() ? "shortcut" : "input")
                            + " is "
                            + around.shape()
                            + "; they cannot be added. Give a shortcut of the body's shape, such as"
                            + " Conv2d.of(in, out, 1, key).withStride(s)");
        }
        return y.plus(around);
    }
}
