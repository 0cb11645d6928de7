package dev.fathom.nn.attention;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Adds a learned vector for each position. J. Gehring et al., "Convolutional sequence to sequence
 * learning", ICML 2017, section 3.1; used by GPT-2, BERT and ViT.
 *
 * <p>Shapes: x (n, t, d) to (n, t, d) for t up to the length of the table.
 *
 * @param table (length, d)
 */
public record LearnedPositions(Tensor table) implements Layer {

    /** For sequences of at most {@code length} vectors: N(0, 0.02²), float32. */
    public static LearnedPositions of(int length, int width, Key key) {
        Checks.positive("LearnedPositions", "length", length);
        Checks.positive("LearnedPositions", "width", width);
        return new LearnedPositions(
                Initializer.normal(0.02).of(key, DType.FLOAT32, 1, 1, length, width));
    }

    /**
     * @throws ShapeException if x is not (n, t, d), or longer than the table
     */
    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.dtype("LearnedPositions", x, table);
                    if (x.rank() != 3 || x.dim(2) != table.dim(1)) {
                        throw new ShapeException(
                                "LearnedPositions: input "
                                        + x.shape()
                                        + " is not (n, t, "
                                        + table.dim(1)
                                        + ")");
                    }
                    if (x.dim(1) > table.dim(0)) {
                        throw new ShapeException(
                                "LearnedPositions: a sequence of "
                                        + x.dim(1)
                                        + " is longer than the "
                                        + table.dim(0)
                                        + " positions learned. Cut it, or make the table longer");
                    }
                    return x.plus(table.slice(0, 0, x.dim(1)));
                });
    }
}
