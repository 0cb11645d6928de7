package dev.fathom.core.graph;

import dev.fathom.core.op.Primitive;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A program in which equal operations on equal operands are done once. */
final class CommonLines {
    private record Line(Primitive op, List<Atom> operands) {}

    private CommonLines() {}

    static Graph rewrite(Graph graph) {
        Map<Line, List<Atom>> known = new HashMap<>();
        return Rewriting.lines(
                graph,
                (_, e) ->
                        known.putIfAbsent(
                                new Line(e.op(), e.operands()), List.copyOf(e.results())));
    }
}
