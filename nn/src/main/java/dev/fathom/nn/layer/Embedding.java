package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;

/**
 * A vector for each of a number of things, looked up by number: y = E[id]. The same as the product
 * of a one-hot vector and E, without the product. Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, "A
 * neural probabilistic language model", JMLR 3, 2003, section 2 (the matrix C).
 *
 * <p>Shapes: ids int32 (..), E (vocabulary, width), y (.., width). Ids outside 0 .. vocabulary − 1
 * are refused when they are looked up.
 *
 * <p>The gradient of E is an array of E's size whose rows are zero but those used: adding to it
 * costs what the rows used cost, clearing it what E costs.
 *
 * @param table E
 */
public record Embedding(Tensor table) implements Layer {

    /** Numbers from N(0, 1), float32. */
    public static Embedding of(int vocabulary, int width, Key key) {
        Checks.positive("Embedding", "vocabulary", vocabulary);
        Checks.positive("Embedding", "width", width);
        return new Embedding(key.normal(vocabulary, width));
    }

    /**
     * @throws ShapeException if the ids are not int32
     */
    @Override
    public Tensor apply(Tensor ids, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.parameter("Embedding", "table", table, 2, "(vocabulary, width)");
                    if (ids.dtype() != DType.INT32) {
                        throw new ShapeException(
                                "Embedding: ids "
                                        + ids.type()
                                        + " are not whole numbers; cast them:"
                                        + " ids.cast(DType.INT32)");
                    }
                    return Shaping.take(table, ids, 0); // (.., width)
                });
    }

    /**
     * Logits by the same vectors, h Eᵀ: (.., width) to (.., vocabulary). O. Press and L. Wolf,
     * "Using the output embedding to improve language models", EACL 2017.
     */
    public Tensor logits(Tensor h) {
        return h.matmul(Linalg.transpose(table));
    }
}
