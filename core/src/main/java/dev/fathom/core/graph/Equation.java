package dev.fathom.core.graph;

import dev.fathom.core.op.Primitive;

import java.util.List;

/** One line of a program: {@code results = op operands}. */
public record Equation(Primitive op, List<Atom> operands, List<Atom.Var> results) {
    /** Copies the lists. */
    public Equation {
        operands = List.copyOf(operands);
        results = List.copyOf(results);
    }
}
