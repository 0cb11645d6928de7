package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program in which no sum passes over a large array if it follows from sums that are known:
 *
 * <pre>
 * Σ −x = −Σ x     Σ (x ± y) = Σ x ± Σ y     Σ b x = b Σ x     Σ x / b = (Σ x) / b     Σ b = n b
 * </pre>
 *
 * where b is the same along the axes that are summed. The backward pass of a normalisation is full
 * of these: of its five sums over the batch two are needed. Results differ from the plain sum by
 * rounding, as any other order of summation would.
 */
final class KnownSums {
    /** How far an expression is followed. */
    private static final int DEPTH = 8;

    /** A sum is followed where its operand is so many times larger. */
    private static final int WORTH = 8;

    private final Map<Sum, Atom> known = new HashMap<>();

    private record Sum(Atom operand, Axes axes) {}

    private KnownSums() {}

    /** The program with fewer sums; what only they needed is left to the simplifier. */
    static Graph rewrite(Graph graph) {
        var sums = new KnownSums();
        return Rewriting.of(graph, sums::known);
    }

    private @Nullable Atom known(Rewriting r, Equation e) {
        var x = e.operands().isEmpty() ? null : e.operands().getFirst();
        if (x == null || !(e.op() instanceof Reduction.Sum s) || !worth(x, s.axes())) {
            return null;
        }
        if (follows(r, x, s.axes(), DEPTH)) {
            return derive(r, x, s.axes());
        }
        known.put(new Sum(x, s.axes()), e.results().getFirst());
        return null;
    }

    private static boolean worth(Atom x, Axes axes) {
        var type = x.type();
        int kept = type.shape().without(axes).length();
        return type.dtype().isFloating() && kept > 0 && type.shape().length() >= WORTH * kept;
    }

    /** What a broadcast along all of {@code axes} repeats; the empty list if it is none. */
    private static List<Equation> constantAlong(Rewriting r, Atom x, Axes axes) {
        var e = r.definition(x);
        boolean constant =
                e != null && e.op() instanceof Structural.Broadcast b && disjoint(b.dims(), axes);
        return constant ? List.of(e) : List.of();
    }

    private static boolean disjoint(Axes some, Axes others) {
        for (int i = 0; i < some.size(); i++) {
            if (others.contains(some.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isConstantAlong(Rewriting r, Atom x, Axes axes) {
        return !constantAlong(r, x, axes).isEmpty();
    }

    /** Whether the sum follows from known ones. */
    private boolean follows(Rewriting r, Atom x, Axes axes, int depth) {
        if (known.containsKey(new Sum(x, axes)) || isConstantAlong(r, x, axes)) {
            return true;
        }
        var e = r.definition(x);
        if (e == null || depth == 0 || !(e.op() instanceof Elementwise op)) {
            return false;
        }
        var a = e.operands().getFirst();
        var b = e.operands().getLast();
        return switch (op) {
            case Elementwise.Neg _ -> follows(r, a, axes, depth - 1);
            case Elementwise.Add _, Elementwise.Sub _ ->
                    follows(r, a, axes, depth - 1) && follows(r, b, axes, depth - 1);
            case Elementwise.Mul _ ->
                    (isConstantAlong(r, a, axes) && follows(r, b, axes, depth - 1))
                            || (isConstantAlong(r, b, axes) && follows(r, a, axes, depth - 1));
            case Elementwise.Div _ -> isConstantAlong(r, b, axes) && follows(r, a, axes, depth - 1);
            case Elementwise _ -> false;
        };
    }

    private Atom derive(Rewriting r, Atom x, Axes axes) {
        var sum = new Sum(x, axes);
        var already = known.get(sum);
        if (already != null) {
            return already;
        }
        Atom result;
        if (isConstantAlong(r, x, axes)) {
            int times = x.type().shape().select(axes).length();
            result =
                    r.apply(
                            new Elementwise.Mul(),
                            List.of(kept(r, x, axes), number(r, x, axes, times)));
        } else {
            var e = r.definition(x);
            var a = e.operands().getFirst();
            var b = e.operands().getLast();
            result =
                    switch (e.op()) {
                        case Elementwise.Neg op -> r.apply(op, List.of(derive(r, a, axes)));
                        case Elementwise.Add op ->
                                r.apply(op, List.of(derive(r, a, axes), derive(r, b, axes)));
                        case Elementwise.Sub op ->
                                r.apply(op, List.of(derive(r, a, axes), derive(r, b, axes)));
                        case Elementwise.Mul op ->
                                isConstantAlong(r, a, axes) && follows(r, b, axes, DEPTH)
                                        ? r.apply(op, List.of(kept(r, a, axes), derive(r, b, axes)))
                                        : r.apply(
                                                op, List.of(derive(r, a, axes), kept(r, b, axes)));
                        case Elementwise.Div op ->
                                r.apply(op, List.of(derive(r, a, axes), kept(r, b, axes)));
                        case Primitive p -> throw new IllegalStateException(p.name());
                    };
        }
        known.put(sum, result);
        return result;
    }

    /** A value that is the same along {@code axes}, without them. */
    private static Atom kept(Rewriting r, Atom x, Axes axes) {
        var e = constantAlong(r, x, axes).getFirst();
        var dims = ((Structural.Broadcast) e.op()).dims();
        var left = axes.complement(x.type().shape().rank());
        var places = new int[dims.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = left.indexOf(dims.get(i));
        }
        var shape = x.type().shape().select(left);
        return r.apply(
                new Structural.Broadcast(shape, Axes.of(places)), List.of(e.operands().getFirst()));
    }

    private static Atom number(Rewriting r, Atom x, Axes axes, int value) {
        Shape shape = x.type().shape().without(axes);
        var scalar = new Atom.Constant((Array) Ops.scalar(x.type().dtype(), value));
        return r.apply(new Structural.Broadcast(shape, Axes.of()), List.of(scalar));
    }
}
