package dev.fathom.core.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A program without the lines whose results nobody uses. */
final class UnusedLines {
    private UnusedLines() {}

    static Graph rewrite(Graph graph) {
        var kept = of(graph.equations(), graph.outputs());
        return kept.size() == graph.equations().size()
                ? graph
                : Graph.of(graph.inputs(), kept, graph.outputs());
    }

    /** The lines that the outputs need. */
    static List<Equation> of(List<Equation> lines, List<Atom> outputs) {
        Set<Atom> needed = new HashSet<>(outputs);
        var kept = new ArrayList<Equation>();
        for (var e : lines.reversed()) {
            if (e.results().stream().anyMatch(needed::contains)) {
                needed.addAll(e.operands());
                kept.add(e);
            }
        }
        return kept.reversed();
    }
}
