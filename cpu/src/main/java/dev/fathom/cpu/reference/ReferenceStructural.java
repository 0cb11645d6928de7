package dev.fathom.cpu.reference;

import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Moves elements, bit by bit, whatever their dtype. */
final class ReferenceStructural {
    private ReferenceStructural() {}

    static Values run(Structural op, List<Values> operands, TensorType to) {
        var x = operands.getFirst();
        int[] steps = x.shape().strides();
        return switch (op) {
            case Structural.Reshape _ -> x.copyAs(to);
            case Structural.Transpose t ->
                    from(
                            x,
                            to,
                            p -> {
                                int at = 0;
                                for (int i = 0; i < p.length; i++) {
                                    at += p[i] * steps[t.order().get(i)];
                                }
                                return at;
                            });
            case Structural.Broadcast b ->
                    from(
                            x,
                            to,
                            p -> {
                                int at = 0;
                                for (int k = 0; k < steps.length; k++) {
                                    at += p[b.dims().get(k)] * steps[k];
                                }
                                return at;
                            });
            case Structural.Slice s ->
                    from(
                            x,
                            to,
                            p -> {
                                int at = 0;
                                for (int i = 0; i < p.length; i++) {
                                    at += (s.start().get(i) + p[i] * s.stride().get(i)) * steps[i];
                                }
                                return at;
                            });
            case Structural.Reverse r ->
                    from(
                            x,
                            to,
                            p -> {
                                int at = 0;
                                for (int i = 0; i < p.length; i++) {
                                    int q =
                                            r.axes().contains(i)
                                                    ? x.shape().dim(i) - 1 - p[i]
                                                    : p[i];
                                    at += q * steps[i];
                                }
                                return at;
                            });
            case Structural.Pad pad -> pad(pad, x, to);
            case Structural.Concatenate c -> concatenate(c.axis(), operands, to);
        };
    }

    /** Where the element at a position comes from. */
    @FunctionalInterface
    private interface Origin {
        int of(int[] position);
    }

    private static Values from(Values x, TensorType to, Origin origin) {
        var y = Values.zeros(to);
        Positions.each(to.shape(), (i, p) -> y.put(i, x, origin.of(p)));
        return y;
    }

    private static Values pad(Structural.Pad op, Values x, TensorType to) {
        var y = Values.zeros(to);
        int[] steps = to.shape().strides();
        Positions.each(
                x.shape(),
                (i, p) -> {
                    int at = 0;
                    for (int a = 0; a < p.length; a++) {
                        at += (op.low().get(a) + p[a] * (op.inner().get(a) + 1)) * steps[a];
                    }
                    y.put(at, x, i);
                });
        return y;
    }

    private static Values concatenate(int axis, List<Values> operands, TensorType to) {
        var y = Values.zeros(to);
        int[] steps = to.shape().strides();
        int before = 0;
        for (var x : operands) {
            int shift = before * steps[axis];
            Positions.each(x.shape(), (i, p) -> y.put(shift + Positions.index(p, steps), x, i));
            before += x.shape().dim(axis);
        }
        return y;
    }
}
