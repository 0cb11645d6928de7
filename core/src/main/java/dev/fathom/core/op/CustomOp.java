package dev.fathom.core.op;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;

/**
 * An operation that users add: how it is computed, and its rules. Make it a record, so that equal
 * attributes mean equal operations. {@code new Custom(op)} is then a primitive like every other: it
 * can be called, differentiated, batched and compiled.
 */
public interface CustomOp {

    /** The name in programs and messages. */
    String name();

    /** The types of the results; throws where the operands do not fit. */
    List<TensorType> types(List<TensorType> operands);

    /** Computes the results from concrete operands. Must not change the operands. */
    List<Array> evaluate(List<Array> operands);

    /** See {@link Operation#tangents}; written with ordinary tensor operations. */
    default List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
        throw new NotDifferentiableException(
                name() + ": no derivative was stated; implement CustomOp.tangents");
    }

    /**
     * See {@link Linear#transpose}; needed if the operation is linear and occurs in its own
     * derivative.
     */
    default Tensor transpose(int i, Args ct, Args x, List<TensorType> in) {
        throw new NotDifferentiableException(
                name() + ": no transpose was stated; implement CustomOp.transpose");
    }

    /** See {@link Operation#batch}. By default a loop over the batch. */
    default List<Tensor> batch(Args x, boolean[] batched, int size) {
        var rows = new ArrayList<List<Tensor>>();
        for (int b = 0; b < size; b++) {
            var row = new ArrayList<Tensor>();
            for (int i = 0; i < x.size(); i++) {
                row.add(batched[i] ? x.get(i).get(b) : x.get(i));
            }
            rows.add(Ops.bindAll(new Custom(this), row));
        }
        var results = new ArrayList<Tensor>();
        for (int k = 0; k < rows.getFirst().size(); k++) {
            var parts = new ArrayList<Tensor>();
            for (var row : rows) {
                parts.add(row.get(k).expandDims(0));
            }
            results.add(Structural.concatenate(0, parts));
        }
        return results;
    }
}
