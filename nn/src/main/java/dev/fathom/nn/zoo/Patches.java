package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

/** Images cut into squares. */
final class Patches {
    private Patches() {}

    /** The image (h, w, channels), if it divides into squares of {@code size}. */
    static Shape grid(String network, Shape input, int size) {
        var image = Inputs.image(network, input);
        Checks.positive(network, "patch", size);
        if (image.dim(0) % size != 0 || image.dim(1) % size != 0 || image.size() == 0) {
            throw new ShapeException(
                    network
                            + ": images "
                            + input
                            + " do not divide into patches of "
                            + size
                            + " by "
                            + size
                            + "; choose a patch that divides height and width, or pad the images");
        }
        return image;
    }

    /** (n, h, w, c), or (n, h, w), to (n, patches, size * size * c), row by row. */
    static Tensor of(Tensor images, int size) {
        Tensor x = Inputs.withChannels(images, 4); // (n, h, w, c)
        int n = x.dim(0);
        int rows = x.dim(1) / size;
        int columns = x.dim(2) / size;
        int c = x.dim(3);
        return x.reshape(n, rows, size, columns, size, c)
                .transpose(0, 1, 3, 2, 4, 5)
                .reshape(n, rows * columns, size * size * c);
    }
}
