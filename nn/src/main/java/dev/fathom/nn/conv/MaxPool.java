package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * The largest element of each window of every spatial axis, channel by channel; padding never wins,
 * and the derivative goes to the first place that has the maximum.
 *
 * <p>Shapes: (n, height, width, c) to (n, height', width', c), and the same for one or three
 * spatial axes; height' as for {@link Conv2d}.
 *
 * @param size edge of the window
 * @param stride step between windows
 * @param padding what happens at the border
 */
public record MaxPool(int size, int stride, Padding padding) implements Layer {

    /** Checks the numbers. */
    public MaxPool {
        Checks.positive("MaxPool", "size", size);
        Checks.positive("MaxPool", "stride", stride);
    }

    /**
     * Windows side by side (stride = size), without padding: what is left over at the end is
     * dropped.
     */
    public static MaxPool of(int size) {
        return new MaxPool(size, size, Padding.VALID);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.window("MaxPool", x, size, padding);
                    return Convolutions.maxPool(x, size, stride, padding);
                });
    }
}
