package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program with the same results and fewer lines, for backends to start from: calls are put in
 * line, lines that change nothing are dropped, equal lines are computed once, lines whose results
 * nobody uses are removed, pieces are put side by side instead of being padded and added ({@link
 * JoinedPads}), maxima are taken before what keeps the order ({@link PooledFirst}), and sums that
 * follow from others are not computed ({@link KnownSums}). What a checkpoint computes again is left
 * alone, or it would be found to be known already.
 */
public final class Simplifier {
    private final List<Equation> lines = new ArrayList<>();
    private final Map<Line, List<Atom>> known = new HashMap<>();
    private final Map<Atom, Equation> definitions = new HashMap<>();
    private int count;

    private record Line(Primitive op, List<Atom> operands) {}

    private Simplifier() {}

    /** The simplified program. */
    public static Graph simplify(Graph graph) {
        return once(KnownSums.rewrite(JoinedPads.rewrite(PooledFirst.rewrite(once(graph)))));
    }

    private static Graph once(Graph graph) {
        var s = new Simplifier();
        List<Atom> inputs = new ArrayList<>();
        var vars = new ArrayList<Atom.Var>();
        for (var v : graph.inputs()) {
            var fresh = new Atom.Var(s.count++, v.type());
            vars.add(fresh);
            inputs.add(fresh);
        }
        var outputs = s.inline(graph, inputs, "");
        return Graph.of(vars, used(s.lines, outputs), outputs);
    }

    private List<Atom> inline(Graph graph, List<Atom> arguments, String around) {
        var names = new Atom[graph.variables()];
        for (int i = 0; i < arguments.size(); i++) {
            names[graph.inputs().get(i).id()] = arguments.get(i);
        }
        for (var e : graph.equations()) {
            var operands = rename(names, e.operands());
            var layer = e.layer().isEmpty() ? around : e.layer();
            var results =
                    switch (e.op()) {
                        case Control.Call c when !c.remat() -> inline(c.graph(), operands, layer);
                        case Control.WithRule r -> inline(r.graph(), operands, layer);
                        case Primitive p -> line(p, operands, e.results(), layer);
                    };
            for (int k = 0; k < results.size(); k++) {
                names[e.results().get(k).id()] = results.get(k);
            }
        }
        return rename(names, graph.outputs());
    }

    private static List<Atom> rename(Atom[] names, List<Atom> atoms) {
        return atoms.stream()
                .map(a ->
                        switch (a) {
                            case Atom.Var v -> names[v.id()];
                            case Atom.Constant c -> c;
                        })
                .toList();
    }

    private List<Atom> line(Primitive op, List<Atom> given, List<Atom.Var> results, String layer) {
        var operands = op instanceof Structural.Reshape ? reshaped(given) : given;
        var same = unchanged(op, operands, results);
        if (same != null) {
            return List.of(same);
        }
        return known.computeIfAbsent(
                new Line(op, operands),
                _ -> {
                    var fresh = results.stream().map(v -> new Atom.Var(count++, v.type())).toList();
                    var e = new Equation(op, operands, fresh, layer);
                    lines.add(e);
                    fresh.forEach(v -> definitions.put(v, e));
                    return List.copyOf(fresh);
                });
    }

    /** What a reshape takes: the operand of a reshape before it, whose shape does not matter. */
    private List<Atom> reshaped(List<Atom> operands) {
        var before = definitions.get(operands.getFirst());
        return before != null && before.op() instanceof Structural.Reshape
                ? before.operands()
                : operands;
    }

    /** The operand that {@code op} returns as it is, if it does. */
    private @Nullable Atom unchanged(Primitive op, List<Atom> operands, List<Atom.Var> results) {
        if (operands.isEmpty()) {
            return null;
        }
        var first = operands.getFirst();
        boolean sameType = first.type().equals(results.getFirst().type());
        return switch (op) {
            case Elementwise.StopGradient _ -> first;
            case Elementwise.Cast _ when sameType -> first;
            case Structural.Reshape _ when sameType -> first;
            case Structural.Broadcast b when sameType && b.dims().isIdentity() -> first;
            case Structural.Transpose t when t.order().isIdentity() -> first;
            case Structural.Slice _ when sameType -> first;
            case Structural.Concatenate _ when operands.size() == 1 -> first;
            case Elementwise.Mul _ when isNumber(operands.get(1), 1) -> first;
            case Elementwise.Mul _ when isNumber(first, 1) -> operands.get(1);
            case Elementwise.Div _ when isNumber(operands.get(1), 1) -> first;
            case Primitive _ -> null;
        };
    }

    private boolean isNumber(Atom x, double value) {
        var e = definitions.get(x);
        var a = e != null && e.op() instanceof Structural.Broadcast ? e.operands().getFirst() : x;
        return a instanceof Atom.Constant c && c.value().size() == 1 && c.value().item() == value;
    }

    private static List<Equation> used(List<Equation> lines, List<Atom> outputs) {
        Set<Atom> needed = new HashSet<>(outputs);
        var kept = new ArrayList<Equation>();
        for (int i = lines.size() - 1; i >= 0; i--) {
            var e = lines.get(i);
            if (e.results().stream().anyMatch(needed::contains)) {
                needed.addAll(e.operands());
                kept.add(e);
            }
        }
        return kept.reversed();
    }
}
