package dev.fathom.core.graph;

import dev.fathom.core.op.Primitive;

import java.util.List;

/**
 * One line of a program: {@code results = op operands}.
 *
 * @param layer the layers in which it was written, for people; not part of the line's value
 */
public record Equation(Primitive op, List<Atom> operands, List<Atom.Var> results, String layer) {
    /** Copies the lists. */
    public Equation {
        operands = List.copyOf(operands);
        results = List.copyOf(results);
    }

    /** A line outside every layer. */
    public Equation(Primitive op, List<Atom> operands, List<Atom.Var> results) {
        this(op, operands, results, "");
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Equation e
                && op.equals(e.op)
                && operands.equals(e.operands)
                && results.equals(e.results);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * op.hashCode() + operands.hashCode()) + results.hashCode();
    }
}
