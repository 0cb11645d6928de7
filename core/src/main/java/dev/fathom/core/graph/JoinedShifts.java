package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A program that adds once to a large array what it added in two steps, if both are repeated alike:
 *
 * <pre>
 * (x + b) − m = x − (m − b)        Σ (x + b) = Σ x + n b
 * </pre>
 *
 * as in the normalisation of a layer with a bias, for which x + b is then needed no longer. It is
 * done where all who read x + b are of these two kinds; results differ by rounding.
 */
final class JoinedShifts {
    /** What is repeated has so many times fewer elements, at least. */
    private static final int WORTH = 8;

    private final Graph graph;
    private final Map<Atom, List<Equation>> users;

    private JoinedShifts(Graph graph) {
        this.graph = graph;
        this.users = graph.readers();
    }

    static Graph rewrite(Graph graph) {
        var pass = new JoinedShifts(graph);
        return Rewriting.of(graph, pass::line);
    }

    /** x ± b, b being repeated. */
    private record Shift(Atom x, Primitive op, Structural.Broadcast form, Atom b) {
        boolean adds() {
            return op instanceof Elementwise.Add;
        }

        boolean isLike(Shift other) {
            return form.equals(other.form) && b.type().equals(other.b.type());
        }
    }

    private @Nullable Atom line(Rewriting r, Equation now) {
        var e = graph.definition(now.results().getFirst());
        if (e == null || e.operands().isEmpty()) {
            return null;
        }
        var inner = shift(graph.definition(e.operands().getFirst()));
        if (inner == null || !isFree(e.operands().getFirst())) {
            return null;
        }
        var x = r.name(inner.x());
        if (e.op() instanceof Reduction.Sum sum) {
            var b = r.apply(inner.form(), List.of(r.name(inner.b())));
            return r.apply(inner.op(), List.of(r.apply(sum, List.of(x)), r.apply(sum, List.of(b))));
        }
        var outer = Objects.requireNonNull(shift(e));
        var join = inner.adds() == outer.adds() ? new Elementwise.Add() : new Elementwise.Sub();
        var b = r.apply(join, List.of(r.name(outer.b()), r.name(inner.b())));
        return r.apply(outer.op(), List.of(x, r.apply(outer.form(), List.of(b))));
    }

    private @Nullable Shift shift(@Nullable Equation e) {
        if (e == null
                || !(e.op() instanceof Elementwise.Add || e.op() instanceof Elementwise.Sub)) {
            return null;
        }
        var b = graph.definition(e.operands().get(1));
        return b != null
                        && b.op() instanceof Structural.Broadcast form
                        && e.results().getFirst().type().dtype().isFloating()
                        && WORTH * b.operands().getFirst().type().shape().size()
                                <= form.shape().size()
                ? new Shift(e.operands().getFirst(), e.op(), form, b.operands().getFirst())
                : null;
    }

    /** Whether all who read {@code y}, which is shifted, could read what it is shifted from. */
    private boolean isFree(Atom y) {
        var readers = users.getOrDefault(y, List.of());
        return !graph.outputs().contains(y)
                && readers.stream().anyMatch(e -> isShifted(y, e))
                && readers.stream()
                        .allMatch(e -> e.op() instanceof Reduction.Sum || isShifted(y, e));
    }

    /** Whether {@code e} shifts {@code y} once more, by what is repeated alike. */
    private boolean isShifted(Atom y, Equation e) {
        var inner = Objects.requireNonNull(shift(graph.definition(y)));
        var outer = shift(e);
        return outer != null && outer.x().equals(y) && outer.isLike(inner);
    }
}
