package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** A program without lines that change nothing, to the bit. */
final class Algebra {
    private Algebra() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.of(graph, Algebra::simpler);
    }

    /** What takes the place of a line; null if it is needed as it is. */
    private static @Nullable Atom simpler(Rewriting r, Equation e) {
        if (e.operands().isEmpty()) {
            return null;
        }
        var x = e.operands().getFirst();
        boolean sameType = x.type().equals(e.results().getFirst().type());
        return switch (e.op()) {
            case Elementwise.StopGradient _ -> x;
            case Elementwise.Cast _ when sameType -> x;
            case Structural.Reshape _ when sameType -> x;
            case Structural.Reshape s -> reshape(r, s, x);
            case Structural.Broadcast b when sameType && b.dims().isIdentity() -> x;
            case Structural.Transpose t when t.order().isIdentity() -> x;
            case Structural.Slice _ when sameType -> x;
            case Structural.Concatenate _ when e.operands().size() == 1 -> x;
            case Elementwise.Mul _ when isNumber(r, e.operands().get(1), 1) -> x;
            case Elementwise.Mul _ when isNumber(r, x, 1) -> e.operands().get(1);
            case Elementwise.Div _ when isNumber(r, e.operands().get(1), 1) -> x;
            case Primitive _ -> null;
        };
    }

    /** The shape in between does not matter. */
    private static @Nullable Atom reshape(Rewriting r, Structural.Reshape op, Atom x) {
        var before = r.definition(x);
        if (before == null || !(before.op() instanceof Structural.Reshape)) {
            return null;
        }
        var first = before.operands().getFirst();
        return first.type().shape().equals(op.shape()) ? first : r.apply(op, List.of(first));
    }

    private static boolean isNumber(Rewriting r, Atom x, double value) {
        var e = r.definition(x);
        var a = e != null && e.op() instanceof Structural.Broadcast ? e.operands().getFirst() : x;
        return a instanceof Atom.Constant c && c.value().size() == 1 && c.value().item() == value;
    }
}
