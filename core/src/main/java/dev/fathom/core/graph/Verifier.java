package dev.fathom.core.graph;

import dev.fathom.core.error.GraphException;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Operation;
import dev.fathom.core.op.Primitive;

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
            programs(e.op()).forEach(Verifier::verify);
        }
        for (var out : graph.outputs()) {
            if (out instanceof Atom.Var v && !known.contains(v)) {
                throw new GraphException("output " + v + " is not defined in\n" + graph);
            }
        }
        return graph;
    }

    /** The programs that an operation holds. */
    static List<Graph> programs(Primitive op) {
        return switch (op) {
            case Control.Call c -> List.of(c.graph());
            case Control.WithRule c -> List.of(c.graph());
            case Control.Scan s -> List.of(s.body());
            case Control.Cond c -> List.of(c.whenTrue(), c.whenFalse());
            case Control.While w -> List.of(w.condition(), w.body());
            case Control.Transposed _ -> List.of();
            case Operation _ -> List.of();
        };
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
