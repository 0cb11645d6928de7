package dev.fathom.core.graph;

import dev.fathom.core.error.GraphException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives the variables of a program the numbers 0, 1, 2, ... in order of definition. */
final class Renumbering {
    private final Map<Integer, Atom.Var> names = new HashMap<>();

    private Renumbering() {}

    static Graph canonical(List<Atom.Var> inputs, List<Equation> equations, List<Atom> outputs) {
        var r = new Renumbering();
        var ins = inputs.stream().map(r::define).toList();
        var lines = new ArrayList<Equation>(equations.size());
        for (var e : equations) {
            var operands = e.operands().stream().map(r::use).toList();
            lines.add(
                    new Equation(
                            e.op(),
                            operands,
                            e.results().stream().map(r::define).toList(),
                            e.layer()));
        }
        return Graph.raw(ins, lines, outputs.stream().map(r::use).toList());
    }

    private Atom.Var define(Atom.Var v) {
        var fresh = new Atom.Var(names.size(), v.type());
        if (names.put(v.id(), fresh) != null) {
            throw new GraphException("variable " + v + " is defined twice");
        }
        return fresh;
    }

    private Atom use(Atom atom) {
        return switch (atom) {
            case Atom.Constant c -> c;
            case Atom.Var v -> {
                var known = names.get(v.id());
                if (known == null) {
                    throw new GraphException(
                            "variable "
                                    + v
                                    + " of type "
                                    + v.type()
                                    + " is used before it is defined");
                }
                yield known;
            }
        };
    }
}
