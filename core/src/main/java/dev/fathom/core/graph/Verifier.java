package dev.fathom.core.graph;

import dev.fathom.core.error.GraphException;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Operation;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that a program is well formed; run between passes in tests. */
public final class Verifier {
    private Verifier() {}

    /**
     * Every variable is defined once and before its use with the same type, every line's result
     * types are what its operation says, and so in all programs inside.
     *
     * @throws GraphException naming the line
     */
    public static Graph verify(Graph graph) {
        Set<Atom.Var> known = new HashSet<>(graph.inputs());
        if (known.size() != graph.inputs().size()) {
            throw new GraphException("an input is named twice in\n" + graph);
        }
        for (var e : graph.equations()) {
            use(known, e.operands(), e);
            var types = e.op().types(e.operands().stream().map(Atom::type).toList());
            var stated = e.results().stream().map(Atom.Var::type).toList();
            if (!types.equals(stated)) {
                throw new GraphException(
                        "the results of '" + Printer.line(e) + "' have types " + types);
            }
            for (var v : e.results()) {
                if (!known.add(v)) {
                    throw new GraphException(
                            "variable " + v + " is defined twice, again in " + Printer.line(e));
                }
            }
            switch (e.op()) {
                case Control.Call c -> verify(c.graph());
                case Control.WithRule c -> verify(c.graph());
                case Control.Scan s -> verify(s.body());
                case Control.Cond c -> {
                    verify(c.whenTrue());
                    verify(c.whenFalse());
                }
                case Control.While w -> {
                    verify(w.condition());
                    verify(w.body());
                }
                case Control.Transposed _ -> {}
                case Operation _ -> {}
            }
        }
        for (var out : graph.outputs()) {
            if (out instanceof Atom.Var v && !known.contains(v)) {
                throw new GraphException("output " + v + " is not defined in\n" + graph);
            }
        }
        return graph;
    }

    private static void use(Set<Atom.Var> known, List<Atom> operands, Equation e) {
        for (var a : operands) {
            if (a instanceof Atom.Var v && !known.contains(v)) {
                throw new GraphException(
                        "variable "
                                + v
                                + ":"
                                + v.type()
                                + " is used before it is defined in "
                                + Printer.line(e));
            }
        }
    }
}
