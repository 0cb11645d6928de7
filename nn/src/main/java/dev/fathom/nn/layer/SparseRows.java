package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.Arrays;

/**
 * The gradient of a table of which m rows were used: the table's is Σ_i e(ids[i]) rows[i]ᵀ, where
 * ids may repeat. It is found by deriving with respect to the rows that were picked:
 *
 * <pre>{@code
 * Tensor rows = embedding.apply(ids, pass);                         // (.., width)
 * var g = SparseRows.of(ids, grad((Tensor r) -> loss(r)).apply(rows));
 * embedding = embedding.descend(g, 0.1);
 * }</pre>
 *
 * <p>It holds m · width numbers; nothing of the table's size is computed for it. {@link #addTo}
 * does m · width additions; as tensors do not change, it also copies the table.
 *
 * @param ids int32 (m)
 * @param rows (m, width)
 */
public record SparseRows(Tensor ids, Tensor rows) {

    /** Checks the shapes. */
    public SparseRows {
        if (ids.dtype() != DType.INT32
                || ids.rank() != 1
                || rows.rank() != 2
                || rows.dim(0) != ids.dim(0)) {
            throw new ShapeException(
                    "SparseRows: ids "
                            + ids.type()
                            + " and rows "
                            + rows.type()
                            + " must be int32(m) and (m, width); use SparseRows.of for ids of"
                            + " another shape");
        }
    }

    /** From ids (..) and the gradient (.., width) of what an embedding made of them. */
    public static SparseRows of(Tensor ids, Tensor gradient) {
        var own = ids.shape().dims();
        if (gradient.rank() != own.length + 1
                || !Arrays.equals(own, Arrays.copyOf(gradient.shape().dims(), own.length))) {
            throw new ShapeException(
                    "SparseRows: a gradient "
                            + gradient.shape()
                            + " is not that of rows picked by ids "
                            + ids.shape()
                            + "; it must have their shape and one more axis, the width");
        }
        int m = (int) ids.size();
        return new SparseRows(ids.reshape(m), gradient.reshape(m, gradient.dim(-1)));
    }

    /** {@code table} + factor · this; rows of one id are added up in their order. */
    public Tensor addTo(Tensor table, double factor) {
        return Shaping.scatterAdd(table, ids, rows.times(factor));
    }

    /** The same gradient as a tensor like the table, (vocabulary, width). */
    public Tensor dense(int vocabulary) {
        var type = new TensorType(Shape.of(vocabulary, rows.dim(1)), rows.dtype());
        return addTo(Ops.zeros(type), 1);
    }
}
