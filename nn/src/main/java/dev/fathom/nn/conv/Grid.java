package dev.fathom.nn.conv;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;

/** Windows whose number is fixed and whose size follows the image. */
final class Grid {
    private Grid() {}

    /** Takes one number of some elements along one axis, which goes. */
    interface Reduction {
        Tensor over(Tensor x, int... axes);
    }

    /**
     * Axis after axis: a window is a product of intervals, so that the mean is one of means, and
     * the maximum one of maxima.
     */
    static Tensor pool(Tensor x, int size, Reduction reduction) {
        Tensor y = x;
        for (int axis = 1; axis < x.rank() - 1; axis++) {
            int n = x.dim(axis);
            var cells = new Tensor[size];
            for (int i = 0; i < size; i++) {
                int start = (int) ((long) i * n / size);
                int stop = (int) (((i + 1L) * n + size - 1) / size);
                cells[i] = reduction.over(y.slice(axis, start, stop), axis);
            }
            y = Shaping.stack(axis, cells);
        }
        return y;
    }
}
