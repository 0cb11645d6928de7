package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Movements of elements: views where possible, strided copies otherwise. */
final class LowerStructural {
    private LowerStructural() {}

    /** The result as a view of the operand, if that is all it is. */
    static @Nullable View view(Structural op, View x, Equation e) {
        var shape = e.results().getFirst().type().shape();
        return switch (op) {
            case Structural.Reshape r -> x.reshape(r.shape());
            case Structural.Transpose t -> x.transpose(t.order());
            case Structural.Broadcast b -> x.broadcast(b.shape(), b.dims());
            case Structural.Slice s -> x.slice(shape, s.start(), s.stride());
            case Structural.Reverse r -> x.reverse(r.axes());
            case Structural.Pad _, Structural.Concatenate _ -> null;
        };
    }

    static void lower(Lowering to, Equation e, Structural op) {
        var y = to.result(e, 0);
        switch (op) {
            case Structural.Pad p -> {
                to.kernel(
                        "zero",
                        List.of(),
                        List.of(y),
                        f -> Memory.zero(Lowering.array(f, y), Lowering.at(f, y), y.length()));
                var x = to.operand(e, 0);
                if (x.length() > 0) {
                    var inside = y.slice(x.shape(), p.low(), p.inner().shift(1));
                    to.copy("pad", x, inside);
                }
            }
            case Structural.Concatenate c -> {
                int at = 0;
                for (int i = 0; i < e.operands().size(); i++) {
                    var x = to.operand(e, i);
                    var corner = new int[y.shape().rank()];
                    corner[c.axis()] = at;
                    var start = Axes.of(corner);
                    if (x.length() > 0) {
                        to.copy(
                                "concatenate",
                                x,
                                y.slice(x.shape(), start, Axes.repeat(1, corner.length)));
                    }
                    at += x.shape().dim(c.axis());
                }
            }
            case Structural.Reshape _,
                    Structural.Transpose _,
                    Structural.Broadcast _,
                    Structural.Slice _,
                    Structural.Reverse _ -> {
                // not a view, so the elements lie in another order: the result in the operand's
                // shape
                var x = to.operand(e, 0);
                to.copy(op.name(), x, View.whole(y.storage(), x.type()));
            }
        }
    }
}
