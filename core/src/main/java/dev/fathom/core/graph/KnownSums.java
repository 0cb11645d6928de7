package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
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

    private final List<Equation> lines = new ArrayList<>();
    private final Map<Atom, Equation> definitions = new HashMap<>();
    private final Map<Sum, Atom> known = new HashMap<>();
    private int count;

    private record Sum(Atom operand, Axes axes) {}

    private KnownSums(int count) {
        this.count = count;
    }

    /** The program with fewer sums; what only they needed is left to the simplifier. */
    static Graph rewrite(Graph graph) {
        var r = new KnownSums(graph.variables());
        Map<Atom, Atom> names = new HashMap<>();
        for (var e : graph.equations()) {
            var operands = e.operands().stream().map(a -> names.getOrDefault(a, a)).toList();
            if (e.op() instanceof Reduction.Sum s && r.worth(operands.getFirst(), s.axes())) {
                var sum = new Sum(operands.getFirst(), s.axes());
                if (r.follows(sum.operand(), sum.axes(), DEPTH)) {
                    names.put(e.results().getFirst(), r.derive(sum.operand(), sum.axes()));
                    continue;
                }
                r.known.put(sum, e.results().getFirst());
            }
            r.add(new Equation(e.op(), operands, e.results()));
        }
        var outputs = graph.outputs().stream().map(a -> names.getOrDefault(a, a)).toList();
        return Graph.of(graph.inputs(), r.lines, outputs);
    }

    private boolean worth(Atom x, Axes axes) {
        var type = x.type();
        int kept = type.shape().without(axes).length();
        return type.dtype().isFloating() && kept > 0 && type.shape().length() >= WORTH * kept;
    }

    private void add(Equation e) {
        lines.add(e);
        e.results().forEach(v -> definitions.put(v, e));
    }

    /** What a broadcast along all of {@code axes} repeats; the empty list if it is none. */
    private List<Equation> constantAlong(Atom x, Axes axes) {
        var e = definitions.get(x);
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

    private boolean isConstantAlong(Atom x, Axes axes) {
        return !constantAlong(x, axes).isEmpty();
    }

    /** Whether the sum follows from known ones. */
    private boolean follows(Atom x, Axes axes, int depth) {
        if (known.containsKey(new Sum(x, axes)) || isConstantAlong(x, axes)) {
            return true;
        }
        var e = definitions.get(x);
        if (e == null || depth == 0 || !(e.op() instanceof Elementwise op)) {
            return false;
        }
        var a = e.operands().getFirst();
        var b = e.operands().getLast();
        return switch (op) {
            case Elementwise.Neg _ -> follows(a, axes, depth - 1);
            case Elementwise.Add _, Elementwise.Sub _ ->
                    follows(a, axes, depth - 1) && follows(b, axes, depth - 1);
            case Elementwise.Mul _ ->
                    (isConstantAlong(a, axes) && follows(b, axes, depth - 1))
                            || (isConstantAlong(b, axes) && follows(a, axes, depth - 1));
            case Elementwise.Div _ -> isConstantAlong(b, axes) && follows(a, axes, depth - 1);
            case Elementwise _ -> false;
        };
    }

    private Atom derive(Atom x, Axes axes) {
        var sum = new Sum(x, axes);
        var already = known.get(sum);
        if (already != null) {
            return already;
        }
        Atom result;
        if (isConstantAlong(x, axes)) {
            int times = x.type().shape().select(axes).length();
            result = apply(new Elementwise.Mul(), kept(x, axes), number(x, axes, times));
        } else {
            var e = definitions.get(x);
            var a = e.operands().getFirst();
            var b = e.operands().getLast();
            result =
                    switch (e.op()) {
                        case Elementwise.Neg op -> apply(op, derive(a, axes));
                        case Elementwise.Add op -> apply(op, derive(a, axes), derive(b, axes));
                        case Elementwise.Sub op -> apply(op, derive(a, axes), derive(b, axes));
                        case Elementwise.Mul op ->
                                isConstantAlong(a, axes) && follows(b, axes, DEPTH)
                                        ? apply(op, kept(a, axes), derive(b, axes))
                                        : apply(op, derive(a, axes), kept(b, axes));
                        case Elementwise.Div op -> apply(op, derive(a, axes), kept(b, axes));
                        case Primitive p -> throw new IllegalStateException(p.name());
                    };
        }
        known.put(sum, result);
        return result;
    }

    /** A value that is the same along {@code axes}, without them. */
    private Atom kept(Atom x, Axes axes) {
        var e = constantAlong(x, axes).getFirst();
        var dims = ((Structural.Broadcast) e.op()).dims();
        var left = axes.complement(x.type().shape().rank());
        var places = new int[dims.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = left.indexOf(dims.get(i));
        }
        var shape = x.type().shape().select(left);
        return apply(new Structural.Broadcast(shape, Axes.of(places)), e.operands().getFirst());
    }

    private Atom number(Atom x, Axes axes, int value) {
        Shape shape = x.type().shape().without(axes);
        var scalar = new Atom.Constant((Array) Ops.scalar(x.type().dtype(), value));
        return apply(new Structural.Broadcast(shape, Axes.of()), scalar);
    }

    private Atom apply(Primitive op, Atom... operands) {
        var in = List.of(operands);
        TensorType type = op.types(in.stream().map(Atom::type).toList()).getFirst();
        var v = new Atom.Var(count++, type);
        add(new Equation(op, in, List.of(v)));
        return v;
    }
}
