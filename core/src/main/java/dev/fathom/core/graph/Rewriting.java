package dev.fathom.core.graph;

import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A program being written anew from another, line by line: a rule sees every line with its operands
 * already rewritten, and either gives what takes the place of its results or leaves the line as it
 * is. Lines that nobody needs any more are left for {@link UnusedLines}.
 */
final class Rewriting {
    private final List<Equation> lines = new ArrayList<>();
    private final Map<Atom, Equation> definitions = new HashMap<>();
    private int count;

    /** Of the line being rewritten. */
    private String layer = "";

    private Rewriting(int count) {
        this.count = count;
    }

    /**
     * The program with {@code rule} applied to every line; null keeps the line, an atom takes the
     * place of its first result.
     */
    static Graph of(Graph graph, BiFunction<Rewriting, Equation, @Nullable Atom> rule) {
        return lines(
                graph,
                (r, e) -> {
                    var other = rule.apply(r, e);
                    return other == null ? null : List.of(other);
                });
    }

    /**
     * The same for rules that give all results of a line. A program that keeps every line is
     * itself.
     */
    static Graph lines(Graph graph, BiFunction<Rewriting, Equation, @Nullable List<Atom>> rule) {
        var r = new Rewriting(graph.variables());
        Map<Atom, Atom> names = new HashMap<>();
        for (var e : graph.equations()) {
            var operands = e.operands().stream().map(a -> names.getOrDefault(a, a)).toList();
            r.layer = e.layer();
            var line = new Equation(e.op(), operands, e.results(), e.layer());
            var others = rule.apply(r, line);
            if (others == null) {
                r.add(line);
            } else {
                for (int k = 0; k < others.size(); k++) {
                    names.put(e.results().get(k), others.get(k));
                }
            }
        }
        if (names.isEmpty()) {
            return graph;
        }
        var outputs = graph.outputs().stream().map(a -> names.getOrDefault(a, a)).toList();
        return Graph.of(graph.inputs(), r.lines, outputs);
    }

    /** The line that defines {@code x}; null for inputs and constants. */
    @Nullable Equation definition(Atom x) {
        return definitions.get(x);
    }

    /** The constant of one element that every element of {@code x} is, if it is known. */
    Atom.@Nullable Constant number(Atom x) {
        var e = definition(x);
        var a = e != null && e.op() instanceof Structural.Broadcast ? e.operands().getFirst() : x;
        return a instanceof Atom.Constant c && c.value().size() == 1 ? c : null;
    }

    /** A new line; gives its result. */
    Atom apply(Primitive op, List<Atom> operands) {
        return applyAll(op, operands).getFirst();
    }

    /** A new line; gives its results. */
    List<Atom> applyAll(Primitive op, List<Atom> operands) {
        var results = new ArrayList<Atom.Var>();
        for (var type : op.types(operands.stream().map(Atom::type).toList())) {
            results.add(new Atom.Var(count++, type));
        }
        add(new Equation(op, operands, results, layer));
        return List.copyOf(results);
    }

    private void add(Equation e) {
        lines.add(e);
        e.results().forEach(v -> definitions.put(v, e));
    }
}
