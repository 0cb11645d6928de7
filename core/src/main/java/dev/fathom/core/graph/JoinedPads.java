package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A program in which neighbouring pieces are put side by side instead of being padded with zeros
 * and added: what the gradients of the slices of one array are.
 *
 * <pre>
 * pad(x, 0, n) + pad(y, m, 0) = concatenate(x, y)
 * </pre>
 */
final class JoinedPads {
    private JoinedPads() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.of(graph, JoinedPads::join);
    }

    private static @Nullable Atom join(Rewriting r, Equation e) {
        if (!(e.op() instanceof Elementwise.Add)) {
            return null;
        }
        var left = r.definition(e.operands().getFirst());
        var right = r.definition(e.operands().getLast());
        if (left == null
                || right == null
                || !(left.op() instanceof Structural.Pad a)
                || !(right.op() instanceof Structural.Pad b)) {
            return null;
        }
        int axis = axis(a, b);
        if (axis < 0) {
            return null;
        }
        Atom x = left.operands().getFirst();
        Atom y = right.operands().getFirst();
        if (a.low().get(axis) + size(x, axis) == b.low().get(axis)) {
            return joined(r, axis, x, y, a.low(), b.high());
        }
        if (b.low().get(axis) + size(y, axis) == a.low().get(axis)) {
            return joined(r, axis, y, x, b.low(), a.high());
        }
        return null;
    }

    private static int size(Atom x, int axis) {
        return x.type().shape().dim(axis);
    }

    /** The only axis that the two pad, -1 if there is none; neither may put zeros in between. */
    private static int axis(Structural.Pad a, Structural.Pad b) {
        int axis = -1;
        for (int i = 0; i < a.low().size(); i++) {
            if (a.inner().get(i) + b.inner().get(i) > 0) {
                return -1;
            }
            boolean padded =
                    a.low().get(i) + a.high().get(i) + b.low().get(i) + b.high().get(i) > 0;
            if (padded && axis >= 0) {
                return -1;
            }
            axis = padded ? i : axis;
        }
        return axis;
    }

    private static Atom joined(Rewriting r, int axis, Atom x, Atom y, Axes low, Axes high) {
        var parts = new ArrayList<>(parts(r, axis, x));
        parts.addAll(parts(r, axis, y));
        var all = r.apply(new Structural.Concatenate(axis), parts);
        boolean whole = low.get(axis) + high.get(axis) == 0;
        var none = Axes.repeat(0, low.size());
        return whole ? all : r.apply(new Structural.Pad(low, high, none), List.of(all));
    }

    /** What {@code x} was put together from. */
    private static List<Atom> parts(Rewriting r, int axis, Atom x) {
        var e = r.definition(x);
        return e != null && e.op() instanceof Structural.Concatenate c && c.axis() == axis
                ? e.operands()
                : List.of(x);
    }
}
