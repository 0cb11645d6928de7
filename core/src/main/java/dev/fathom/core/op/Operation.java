package dev.fathom.core.op;

import dev.fathom.core.tensor.Tensor;

import java.util.List;

/** A primitive without a program inside: it states its own derivative and batching. */
public sealed interface Operation extends Primitive permits Single, Decomposition, Custom {

    /**
     * Forward derivative with respect to one operand: the change of every result when operand
     * {@code i} changes by {@code dx}; the derivative of the whole is the sum over the operands.
     *
     * @param i the operand, of a floating dtype
     * @param dx its tangent, of the type of the operand's derivative
     * @param x the operands
     * @param y the results
     * @return one tangent per result; those of results without derivative are ignored
     */
    List<Tensor> tangents(int i, Tensor dx, Args x, Args y);

    /**
     * The operation on a whole batch.
     *
     * @param x the operands; those with {@code batched[i]} have an extra leading axis of {@code
     *     size}
     * @return the results, all with that leading axis
     */
    List<Tensor> batch(Args x, boolean[] batched, int size);

    /** Whether results change smoothly with operand {@code i}; if not its tangent is dropped. */
    default boolean differentiableIn(int i) {
        return true;
    }
}
