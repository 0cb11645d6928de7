package dev.fathom.nn.layer;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;

import java.util.OptionalInt;

/**
 * A vector for each token: ids, int32 of any shape (..), to the rows E[id] of a table, (.., width).
 * Y. Bengio et al., "A neural probabilistic language model", JMLR 3, 2003, section 2, the mapping
 * C.
 *
 * <p>What it costs, with m ids and a table of V rows: forward m · width. {@code grad} with respect
 * to the table gives a tensor like the table, so that zeroing it and the update of it cost V ·
 * width, however few rows were used. {@link SparseRows} is the gradient with cost m · width: take
 * it with respect to the rows that came out, instead of the table.
 *
 * @param table E, (vocabulary, width)
 * @param padding an id whose vector is zero and stays so, or none: its row gets no gradient
 */
public record Embedding(Tensor table, OptionalInt padding) implements Layer {

    /** Without a padding id. */
    public Embedding(Tensor table) {
        this(table, OptionalInt.empty());
    }

    /** Standard normal vectors, float32, without a padding id. */
    public static Embedding of(int vocabulary, int width, Key key) {
        Checks.positive("Embedding", "vocabulary", vocabulary);
        Checks.positive("Embedding", "width", width);
        return new Embedding(key.normal(vocabulary, width));
    }

    /** The same with a padding id. */
    public Embedding withPadding(int id) {
        if (id < 0 || id >= table.dim(0)) {
            throw new LayerException(
                    "Embedding: the padding id is "
                            + id
                            + "; it must be one of the "
                            + table.dim(0)
                            + " tokens");
        }
        return new Embedding(table, OptionalInt.of(id));
    }

    /**
     * @param ids int32, (..)
     * @throws DTypeException if they are not int32
     * @throws IndexException if one is not in 0 .. vocabulary − 1; in a compiled program when it
     *     runs
     */
    @Override
    public Tensor apply(Tensor ids, Pass pass) {
        return pass.in(
                this,
                () -> {
                    check(ids);
                    Tensor rows = Shaping.take(table, ids, 0); // (.., width)
                    if (padding.isEmpty()) {
                        return rows;
                    }
                    Tensor pad =
                            ids.equalTo(Ops.full(ids.type(), padding.getAsInt())).expandDims(-1);
                    return Functions.where(
                            pad.broadcastTo(rows.shape().dims()), Ops.zeros(rows.type()), rows);
                });
    }

    /**
     * Logits by the table itself, h Eᵀ: h (.., width) to (.., vocabulary), the output projection
     * tied to the embedding. O. Press and L. Wolf, "Using the output embedding to improve language
     * models", EACL 2017. It touches every row, and so does its gradient.
     */
    public Tensor logits(Tensor h) {
        if (h.rank() == 0 || h.dim(-1) != table.dim(1)) {
            throw new ShapeException(
                    "Embedding.logits: input "
                            + h.shape()
                            + " does not fit the table "
                            + table.shape()
                            + ": its last axis must be "
                            + table.dim(1)
                            + ", the width");
        }
        return h.matmul(table.transpose(1, 0)); // (.., vocabulary)
    }

    /** E − rate · gradient, of which only the rows in {@code gradient} change. */
    public Embedding descend(SparseRows gradient, double rate) {
        return new Embedding(gradient.addTo(table, -rate), padding);
    }

    private void check(Tensor ids) {
        Checks.parameter("Embedding", "table", table, 2, "(vocabulary, width)");
        if (ids.dtype() != DType.INT32) {
            throw new DTypeException(
                    "Embedding: ids "
                            + ids.type()
                            + " are not whole numbers; cast them: ids.cast(DType.INT32)");
        }
        if (ids instanceof Array) {
            var values = ids.toInts();
            for (int i = 0; i < values.length; i++) {
                if (values[i] < 0 || values[i] >= table.dim(0)) {
                    throw new IndexException(
                            "Embedding: id "
                                    + values[i]
                                    + " at position "
                                    + i
                                    + " is no token: the vocabulary has "
                                    + table.dim(0)
                                    + ", numbered 0 to "
                                    + (table.dim(0) - 1));
                }
            }
        }
    }
}
