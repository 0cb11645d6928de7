package dev.fathom.core.graph;

import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A program being written anew from another, line by line: a rule sees every line with its operands
 * already rewritten, and either gives what takes the place of its results or leaves the line as it
 * is. Lines that nobody needs any more are left for {@link UnusedLines}.
 */
final class Rewriting {
    private final Graph graph;
    private final List<Equation> lines = new ArrayList<>();

    /** By number of the variable. */
    private @Nullable Equation[] definitions;

    /** What takes the place of the variables of the old program, by number. */
    private final @Nullable Atom[] names;

    private int count;
    private boolean changed;

    /** Of the line being rewritten. */
    private String layer = "";

    /** With nothing written yet. */
    Rewriting(Graph graph) {
        this.graph = graph;
        count = graph.variables();
        names = new Atom[count];
        definitions = new Equation[count + 16];
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
     * The same for rules that give all results of a line; null in place of one that nobody reads. A
     * program that keeps every line is itself.
     */
    static Graph lines(Graph graph, Rule rule) {
        var r = new Rewriting(graph).write(rule);
        return r.changed ? Graph.of(graph.inputs(), r.lines, r.names(graph.outputs())) : graph;
    }

    /** What takes the place of the results of a line. */
    interface Rule {
        /** Null keeps the line. */
        @Nullable List<? extends @Nullable Atom> of(Rewriting r, Equation line);
    }

    /** Writes all lines of the old program. */
    Rewriting write(Rule rule) {
        for (var e : graph.equations()) {
            var operands = names(e.operands());
            layer = e.layer();
            var line =
                    operands == e.operands()
                            ? e
                            : new Equation(e.op(), operands, e.results(), e.layer());
            var others = rule.of(this, line);
            if (others == null) {
                add(line);
            } else {
                changed = true;
                for (int k = 0; k < others.size(); k++) {
                    names[e.results().get(k).id()] = others.get(k);
                }
            }
        }
        return this;
    }

    /** Keeps all lines of the old program. */
    Rewriting write() {
        return write((_, _) -> null);
    }

    /** What of the lines written so far {@code outputs} need, as a program of its own. */
    Graph graph(List<Atom.Var> inputs, List<Atom> outputs) {
        return Graph.of(inputs, UnusedLines.of(lines, outputs), outputs);
    }

    /** What {@code outputs} are made of. */
    Set<Atom> needed(List<Atom> outputs) {
        return UnusedLines.needed(lines, outputs);
    }

    /** Whether anything is not as it was. */
    boolean isChanged() {
        return changed;
    }

    /** Lets {@code other} take the place of a variable of the old program. */
    void replace(Atom.Var v, Atom other) {
        names[v.id()] = other;
        changed = true;
    }

    /** A further variable, for a further input. */
    Atom.Var variable(TensorType type) {
        return new Atom.Var(count++, type);
    }

    /** What an atom of the old program is called now. */
    Atom name(Atom a) {
        var other = a instanceof Atom.Var v && v.id() < names.length ? names[v.id()] : null;
        return other == null ? a : other;
    }

    /** The same for several; the very list if nothing is called otherwise. */
    List<Atom> names(List<Atom> atoms) {
        var others = new Atom[atoms.size()];
        boolean same = true;
        for (int i = 0; i < others.length; i++) {
            others[i] = name(atoms.get(i));
            same &= others[i] == atoms.get(i);
        }
        return same ? atoms : List.of(others);
    }

    /** The line that defines {@code x}; null for inputs and constants. */
    @Nullable Equation definition(Atom x) {
        return x instanceof Atom.Var v && v.id() < definitions.length ? definitions[v.id()] : null;
    }

    /** The constant of one element that every element of {@code x} is, if it is known. */
    Atom.@Nullable Constant number(Atom x) {
        var e = definition(x);
        var a = e != null && e.op() instanceof Structural.Broadcast ? e.operands().getFirst() : x;
        return a instanceof Atom.Constant c && c.value().size() == 1 ? c : null;
    }

    /** A number repeated over {@code type}, in a new line. */
    Atom.Var full(TensorType type, double value) {
        var number = new Atom.Constant((Array) Ops.scalar(type.dtype(), value));
        return apply(new Structural.Broadcast(type.shape(), Axes.of()), List.of(number));
    }

    /** A new line; gives its result. */
    Atom.Var apply(Primitive op, List<Atom> operands) {
        return applyAll(op, operands).getFirst();
    }

    /** A new line; gives its results. */
    List<Atom.Var> applyAll(Primitive op, List<Atom> operands) {
        return applyAll(op, operands, layer);
    }

    /** A new line in a layer; gives its results. */
    List<Atom.Var> applyAll(Primitive op, List<Atom> operands, String layer) {
        var results = new ArrayList<Atom.Var>();
        for (var type : op.types(operands.stream().map(Atom::type).toList())) {
            results.add(variable(type));
        }
        var line = new Equation(op, operands, results, layer);
        add(line);
        return line.results();
    }

    private void add(Equation e) {
        lines.add(e);
        for (var v : e.results()) {
            if (v.id() >= definitions.length) {
                definitions = Arrays.copyOf(definitions, 2 * v.id() + 1);
            }
            definitions[v.id()] = e;
        }
    }
}
