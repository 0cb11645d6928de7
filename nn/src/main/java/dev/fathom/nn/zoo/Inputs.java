package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

/** What networks expect of an example. */
final class Inputs {
    private Inputs() {}

    /** An image (height, width, channels), or (height, width) with one channel. */
    static Shape image(String network, Shape input) {
        return switch (input.rank()) {
            case 3 -> input;
            case 2 -> input.insert(2, 1);
            default ->
                    throw new ShapeException(
                            network
                                    + ": takes images (height, width, channels), not "
                                    + input
                                    + (input.rank() == 1
                                            ? "; for sequences use Cnn1d, for features Mlp"
                                            : ""));
        };
    }

    /** A sequence (time, channels), or (time) with one channel. */
    static Shape sequence(String network, Shape input) {
        return switch (input.rank()) {
            case 2 -> input;
            case 1 -> input.insert(1, 1);
            default ->
                    throw new ShapeException(
                            network
                                    + ": takes sequences (time, channels), not "
                                    + input
                                    + (input.rank() == 3 ? "; for images use Cnn" : ""));
        };
    }

    /** The batch with its one channel, where the data leave it out. */
    static Tensor withChannels(Tensor x, int rank) {
        return x.rank() == rank - 1 ? x.expandDims(-1) : x;
    }
}
