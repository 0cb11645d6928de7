package dev.fathom.testkit.spec;

import dev.fathom.core.op.Args;
import dev.fathom.core.op.CustomOp;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * A user's operation with two results, for vectors of equal length: a·a·b and a·b, element by
 * element.
 */
record CubicOp() implements CustomOp {
    @Override
    public String name() {
        return "cubic";
    }

    @Override
    public List<TensorType> types(List<TensorType> operands) {
        return operands;
    }

    @Override
    public List<Array> evaluate(List<Array> operands) {
        double[] a = operands.get(0).toDoubles();
        double[] b = operands.get(1).toDoubles();
        var type = operands.get(0).type();
        var first = HostBuffer.allocate(type.dtype(), a.length);
        var second = HostBuffer.allocate(type.dtype(), a.length);
        for (int i = 0; i < a.length; i++) {
            put(first, i, a[i] * a[i] * b[i]);
            put(second, i, a[i] * b[i]);
        }
        return List.of(Array.of(type, first), Array.of(type, second));
    }

    private static void put(HostBuffer buffer, int i, double value) {
        switch (buffer.array()) {
            case float[] f -> f[i] = (float) value;
            case double[] d -> d[i] = value;
            case Object o ->
                    throw new AssertionError("cubic computes with floating numbers, not " + o);
        }
    }

    @Override
    public List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
        Tensor a = x.a();
        Tensor b = x.b();
        return i == 0
                ? List.of(a.times(b).times(2).times(dx), b.times(dx))
                : List.of(a.times(a).times(dx), a.times(dx));
    }
}
