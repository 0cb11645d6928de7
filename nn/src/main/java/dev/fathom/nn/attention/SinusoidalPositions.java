package dev.fathom.nn.attention;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Adds a fixed pattern of waves that tells where a vector stands: P(pos, 2i) = sin(pos /
 * 10000^(2i/d)), P(pos, 2i + 1) = cos(pos / 10000^(2i/d)), counted from 0. A. Vaswani et al.,
 * "Attention is all you need", NeurIPS 2017, section 3.5.
 *
 * <p>Shapes: x (n, t, d) to (n, t, d), any t; no parameters.
 */
public record SinusoidalPositions() implements Layer {

    /** The waves. */
    public static SinusoidalPositions of() {
        return new SinusoidalPositions();
    }

    /** P for positions 0 to {@code length} − 1: (length, width). */
    public static Tensor table(DType dtype, int length, int width) {
        var p = new double[length * width];
        for (int pos = 0; pos < length; pos++) {
            for (int j = 0; j < width; j++) {
                double angle = pos / Math.pow(10_000, 2.0 * (j / 2) / width);
                p[pos * width + j] = j % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
            }
        }
        return Tensor.of(p, length, width).cast(dtype);
    }

    /**
     * @throws ShapeException if x is not (n, t, d)
     */
    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (x.rank() != 3) {
                        throw new ShapeException(
                                "SinusoidalPositions: input "
                                        + x.shape()
                                        + " is not a batch of sequences (n, t, d)");
                    }
                    return x.plus(table(x.dtype(), x.dim(1), x.dim(2)));
                });
    }
}
