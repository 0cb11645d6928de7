package dev.fathom.core.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;

/** A program without the lines whose results nobody uses. */
final class UnusedLines {
    private UnusedLines() {}

    static Graph rewrite(Graph graph) {
        Set<Atom> needed = new HashSet<>(graph.outputs());
        var kept = new ArrayList<Equation>();
        for (var e : graph.equations().reversed()) {
            if (e.results().stream().anyMatch(needed::contains)) {
                needed.addAll(e.operands());
                kept.add(e);
            }
        }
        return kept.size() == graph.equations().size()
                ? graph
                : Graph.of(graph.inputs(), kept.reversed(), graph.outputs());
    }
}
