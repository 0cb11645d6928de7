package dev.fathom.cpu.reference;

import dev.fathom.core.op.Primitive;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.spi.Eager;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Runs single operations on the reference backend, type rule included. */
final class Oracle {
    private static final ReferenceBackend BACKEND = new ReferenceBackend();

    private Oracle() {}

    static List<Tensor> all(Primitive op, Tensor... operands) {
        return Backends.with(BACKEND, () -> Eager.INSTANCE.apply(op, List.of(operands)));
    }

    static Tensor of(Primitive op, Tensor... operands) {
        return all(op, operands).getFirst();
    }

    static TensorType type(DType dtype, int... shape) {
        return new TensorType(Shape.of(shape), dtype);
    }

    static Tensor doubles(double... v) {
        return Tensor.of(v);
    }

    static Tensor floats(float... v) {
        return Tensor.of(v);
    }

    static Tensor ints(int... v) {
        return Tensor.of(v);
    }

    static Tensor longs(long... v) {
        return Tensor.of(v);
    }

    static Tensor bools(boolean... v) {
        return Tensor.of(v);
    }
}
