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
        var needed = needed(lines, outputs);
        var kept = new ArrayList<Equation>();
        for (var e : lines) {
            if (isNeeded(e, needed)) {
                kept.add(e);
            }
        }
        return kept;
    }

    /** Everything that the outputs are made of, and they themselves. */
    static Set<Atom> needed(List<Equation> lines, List<Atom> outputs) {
        Set<Atom> needed = new HashSet<>(outputs);
        for (var e : lines.reversed()) {
            if (isNeeded(e, needed)) {
                needed.addAll(e.operands());
            }
        }
        return needed;
    }

    private static boolean isNeeded(Equation e, Set<Atom> needed) {
        for (var v : e.results()) {
            if (needed.contains(v)) {
                return true;
            }
        }
        return false;
    }
}
