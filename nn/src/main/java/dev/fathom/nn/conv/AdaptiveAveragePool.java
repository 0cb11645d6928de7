package dev.fathom.nn.conv;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * The mean over a grid of {@code size} windows along every spatial axis, channel by channel,
 * whatever the size of the image: (n, height, width, c) to (n, size, size, c), and the same for one
 * or three spatial axes. Window i of an axis with h elements covers ⌊i·h/size⌋ to ⌈(i+1)·h/size⌉,
 * so that windows overlap by one where size does not divide h, and elements repeat where h is
 * smaller. K. He, X. Zhang, S. Ren, J. Sun, "Spatial pyramid pooling", ECCV 2014, one level of it.
 *
 * @param size number of windows along each axis; 1 makes {@link GlobalAveragePool} with its axes
 *     kept
 */
public record AdaptiveAveragePool(int size) implements Layer {

    /** Checks the size. */
    public AdaptiveAveragePool {
        Checks.positive("AdaptiveAveragePool", "size", size);
    }

    /** A grid of {@code size} windows along every axis. */
    public static AdaptiveAveragePool of(int size) {
        return new AdaptiveAveragePool(size);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.image("AdaptiveAveragePool", x);
                    return Grid.pool(x, size, Tensor::mean);
                });
    }
}
