package dev.fathom.core.op;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** The one open member of the closed set: an operation a user defined. */
public record Custom(CustomOp op) implements Operation {
    @Override
    public String name() {
        return op.name();
    }

    @Override
    public List<TensorType> types(List<TensorType> operands) {
        return op.types(operands);
    }

    @Override
    public List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
        return op.tangents(i, dx, x, y);
    }

    @Override
    public List<Tensor> batch(Args x, boolean[] batched, int size) {
        return op.batch(x, batched, size);
    }
}
