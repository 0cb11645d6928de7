package dev.fathom.core.op;

import dev.fathom.core.error.GraphException;
import dev.fathom.core.tensor.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Operands (or results) of an operation, by position, so that a rule reads like its formula. */
public record Args(List<@Nullable Tensor> values) {

    /** The given tensors. */
    public static Args of(Tensor... values) {
        return new Args(List.of(values));
    }

    /** Number of operands. */
    public int size() {
        return values.size();
    }

    /** The first operand. */
    public Tensor a() {
        return get(0);
    }

    /** The second operand. */
    public Tensor b() {
        return get(1);
    }

    /** The third operand. */
    public Tensor c() {
        return get(2);
    }

    /** Operand {@code i}. */
    public Tensor get(int i) {
        var t = values.get(i);
        if (t == null) {
            throw new GraphException(
                    "a transpose rule asked for operand "
                            + i
                            + ", in which the operation is linear");
        }
        return t;
    }

    /** The same with operand {@code i} replaced. */
    public Args with(int i, Tensor t) {
        var copy = new ArrayList<>(values);
        copy.set(i, t);
        return new Args(copy);
    }

    /** All operands; every one must be known. */
    public List<Tensor> known() {
        var copy = new ArrayList<Tensor>(values.size());
        for (int i = 0; i < values.size(); i++) {
            copy.add(get(i));
        }
        return copy;
    }
}
