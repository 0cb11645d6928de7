package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A program in which no sum passes over a large array if it follows from sums that are known:
 *
 * <pre>
 * Σ −x = −Σ x     Σ (x ± y) = Σ x ± Σ y     Σ b x = b Σ x     Σ x / b = (Σ x) / b     Σ b = n b
 * </pre>
 *
 * where b is the same along the axes that are summed. Over an image to which values are added at
 * the places of maxima (u = unpick v), Σ u is Σ v, and Σ u x the sum of v times what x is at these
 * places, if x follows from what the maxima are of. The backward pass of a normalisation is full of
 * these: of its five sums over the batch two are needed. Results differ from the plain sum by
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
        var derived = derive(r, x, s.axes(), DEPTH);
        if (derived == null) {
            known.put(new Sum(x, s.axes()), e.results().getFirst());
        }
        return derived;
    }

    private static boolean worth(Atom x, Axes axes) {
        var type = x.type();
        int kept = type.shape().without(axes).length();
        return type.dtype().isFloating() && kept > 0 && type.shape().length() >= WORTH * kept;
    }

    private static boolean disjoint(Axes some, Axes others) {
        for (int i = 0; i < some.size(); i++) {
            if (others.contains(some.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** The sum if it follows from known ones; lines written in vain are for the simplifier. */
    private @Nullable Atom derive(Rewriting r, Atom x, Axes axes, int depth) {
        var sum = new Sum(x, axes);
        var result = known.get(sum);
        if (result == null) {
            result = constant(r, x, axes);
        }
        if (result == null && depth > 0) {
            result = linear(r, x, axes, depth - 1);
        }
        if (result != null) {
            known.put(sum, result);
        }
        return result;
    }

    /** Σ b = n b. */
    private static @Nullable Atom constant(Rewriting r, Atom x, Axes axes) {
        var b = kept(r, x, axes);
        if (b == null) {
            return null;
        }
        var times = r.full(b.type(), x.type().shape().select(axes).length());
        return r.apply(new Elementwise.Mul(), List.of(b, times));
    }

    private @Nullable Atom linear(Rewriting r, Atom x, Axes axes, int depth) {
        var images = unpicked(r, x, axes);
        if (images != null) {
            return sum(r, images.operands().getLast(), axes, depth);
        }
        var e = r.definition(x);
        if (e == null || !(e.op() instanceof Elementwise op)) {
            return null;
        }
        var a = e.operands().getFirst();
        var b = e.operands().getLast();
        return switch (op) {
            case Elementwise.Neg _ -> join(r, op, derive(r, a, axes, depth));
            case Elementwise.Add _, Elementwise.Sub _ ->
                    join(r, op, derive(r, a, axes, depth), derive(r, b, axes, depth));
            case Elementwise.Mul _ -> {
                var left = join(r, op, kept(r, a, axes), derive(r, b, axes, depth));
                var one =
                        left != null
                                ? left
                                : join(r, op, derive(r, a, axes, depth), kept(r, b, axes));
                yield one != null ? one : product(r, a, b, axes, depth);
            }
            case Elementwise.Div _ -> join(r, op, derive(r, a, axes, depth), kept(r, b, axes));
            case Elementwise _ -> null;
        };
    }

    /** The line that makes {@code x}, if it is an unpick and the sum has its images whole. */
    private static @Nullable Equation unpicked(Rewriting r, Atom x, Axes axes) {
        var e = r.definition(x);
        boolean whole =
                e != null
                        && e.op() instanceof Window.Unpick unpick
                        && IntStream.rangeClosed(1, unpick.frame().size().size())
                                .allMatch(axes::contains);
        return whole ? e : null;
    }

    /** Σ unpick(x, k, u) v = Σ u v′, v′ being what v is at the places. */
    private @Nullable Atom product(Rewriting r, Atom a, Atom b, Axes axes, int depth) {
        var left = unpicked(r, a, axes);
        var e = left == null ? unpicked(r, b, axes) : left;
        if (e == null) {
            return null;
        }
        var places = PooledFirst.Places.of((Window.Unpick) e.op(), e.operands());
        var there = places.at(r, left == null ? a : b);
        var u = e.operands().getLast();
        return there == null
                ? null
                : sum(r, r.apply(new Elementwise.Mul(), List.of(u, there)), axes, depth);
    }

    private Atom sum(Rewriting r, Atom x, Axes axes, int depth) {
        var known = derive(r, x, axes, depth);
        return known == null ? r.apply(new Reduction.Sum(axes), List.of(x)) : known;
    }

    /** The operation on its operands, if it has them all. */
    private static @Nullable Atom join(Rewriting r, Primitive op, @Nullable Atom... operands) {
        var all = new ArrayList<Atom>();
        for (var a : operands) {
            if (a == null) {
                return null;
            }
            all.add(a);
        }
        return r.apply(op, all);
    }

    /** A value without the axes along which it is the same; null if it is not. */
    private static @Nullable Atom kept(Rewriting r, Atom x, Axes axes) {
        var e = r.definition(x);
        if (e == null
                || !(e.op() instanceof Structural.Broadcast broadcast)
                || !disjoint(broadcast.dims(), axes)) {
            return null;
        }
        var dims = broadcast.dims();
        var left = axes.complement(x.type().shape().rank());
        var places = new int[dims.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = left.indexOf(dims.get(i));
        }
        var shape = x.type().shape().select(left);
        return r.apply(
                new Structural.Broadcast(shape, Axes.of(places)), List.of(e.operands().getFirst()));
    }
}
