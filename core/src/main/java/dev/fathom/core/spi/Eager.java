package dev.fathom.core.spi;

import dev.fathom.core.error.EscapedTensorException;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;

import java.util.ArrayList;
import java.util.List;

/** The interpreter outside every transform: checks the types and computes at once. */
public final class Eager implements Interpreter {
    /** There is only one: it has no state. */
    public static final Eager INSTANCE = new Eager();

    private Eager() {}

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        var types = new ArrayList<TensorType>(operands.size());
        var buffers = new ArrayList<Buffer>(operands.size());
        for (var t : operands) {
            types.add(t.type());
            buffers.add(
                    switch (t) {
                        case Array a -> a.buffer();
                        case Tracer s -> throw escaped(op, s);
                    });
        }
        var results = op.types(types);
        var memory = Backends.current().run(op, types, buffers, results);
        var tensors = new ArrayList<Tensor>(memory.size());
        for (int i = 0; i < memory.size(); i++) {
            tensors.add(Array.of(results.get(i), memory.get(i)));
        }
        return tensors;
    }

    private static RuntimeException escaped(Primitive op, Tracer s) {
        return new EscapedTensorException(
                op.name()
                        + ": an operand of type "
                        + s.type()
                        + " is "
                        + s.role()
                        + ", used outside the transform it belongs to. A function given to grad,"
                        + " vmap or jit must return its results, not store them in a field or a"
                        + " list");
    }
}
