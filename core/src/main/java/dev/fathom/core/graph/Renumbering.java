package dev.fathom.core.graph;

import dev.fathom.core.error.GraphException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gives the variables of a program the numbers 0, 1, 2, ... in order of definition. */
final class Renumbering {
    /** By old number. */
    private Atom.@Nullable Var[] names;

    private int count;

    private Renumbering(int variables) {
        names = new Atom.Var[variables];
    }

    static Graph canonical(List<Atom.Var> inputs, List<Equation> equations, List<Atom> outputs) {
        var r = new Renumbering(2 * (inputs.size() + equations.size()));
        var ins = r.defineAll(inputs);
        var lines = new ArrayList<Equation>(equations.size());
        for (var e : equations) {
            var operands = r.useAll(e.operands());
            var results = r.defineAll(e.results());
            boolean same = operands == e.operands() && results == e.results();
            lines.add(same ? e : new Equation(e.op(), operands, results, e.layer()));
        }
        return Graph.raw(ins, lines, r.useAll(outputs));
    }

    /** The very list if nothing in it is called otherwise. */
    private List<Atom.Var> defineAll(List<Atom.Var> variables) {
        var fresh = new Atom.Var[variables.size()];
        boolean same = true;
        for (int i = 0; i < fresh.length; i++) {
            fresh[i] = define(variables.get(i));
            same &= fresh[i] == variables.get(i);
        }
        return same ? variables : List.of(fresh);
    }

    private List<Atom> useAll(List<Atom> atoms) {
        var known = new Atom[atoms.size()];
        boolean same = true;
        for (int i = 0; i < known.length; i++) {
            known[i] = use(atoms.get(i));
            same &= known[i] == atoms.get(i);
        }
        return same ? atoms : List.of(known);
    }

    private Atom.Var define(Atom.Var v) {
        if (v.id() >= names.length) {
            names = Arrays.copyOf(names, 2 * v.id() + 1);
        }
        if (names[v.id()] != null) {
            throw new GraphException("variable " + v + " is defined twice");
        }
        var fresh = v.id() == count ? v : new Atom.Var(count, v.type());
        names[v.id()] = fresh;
        count++;
        return fresh;
    }

    private Atom use(Atom atom) {
        return switch (atom) {
            case Atom.Constant c -> c;
            case Atom.Var v -> {
                var known = v.id() < names.length ? names[v.id()] : null;
                if (known == null) {
                    throw new GraphException(
                            "variable "
                                    + v
                                    + " of type "
                                    + v.type()
                                    + " is used before it is defined");
                }
                yield known.type() == v.type() && known.id() == v.id() ? v : known;
            }
        };
    }
}
