package dev.fathom.nn.conv;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * The mean of what a network says of an image and of that image turned by 90, 180 and 270 degrees:
 * pooling over the group of these rotations, so that turning the image changes nothing but
 * rounding. Before the mean, turning the image permutes the four answers. The group of T. Cohen and
 * M. Welling, "Group equivariant convolutional networks", ICML 2016, with the whole network as the
 * function that is turned: four times the work and no parameters more.
 *
 * <p>Shapes: x (n, size, size, c), y as the body gives, such as (n, classes); the body's output has
 * no spatial axes of its own, since those would have to be turned back. Statistics and random
 * numbers of the body are those of four passes.
 *
 * @param body from images to an answer
 */
public record RotationInvariant(Layer body) implements Layer {

    /** The mean over the four rotations. */
    public static RotationInvariant of(Layer body) {
        return new RotationInvariant(body);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (x.rank() != 4 || x.dim(1) != x.dim(2)) {
                        throw new ShapeException(
                                "RotationInvariant: input "
                                        + x.shape()
                                        + " is not (n, size, size, c): turned by 90 degrees it"
                                        + " would have another shape");
                    }
                    Tensor turned = x;
                    Tensor sum = pass.child("body", body, x);
                    for (int i = 1; i < 4; i++) {
                        turned = Shaping.reverse(turned.transpose(0, 2, 1, 3), 1);
                        sum = sum.plus(pass.child("body", body, turned));
                    }
                    return sum.dividedBy(4);
                });
    }
}
