package dev.fathom.nn.conv;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.stream.IntStream;

/**
 * The mean of each channel over all spatial axes: (n, height, width, c) to (n, c), any number of
 * spatial axes. M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014, section 3.2.
 */
public record GlobalAveragePool() implements Layer {

    /** The layer; it has nothing to choose. */
    public static GlobalAveragePool of() {
        return new GlobalAveragePool();
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.image("GlobalAveragePool", x);
                    return x.mean(IntStream.range(1, x.rank() - 1).toArray());
                });
    }
}
