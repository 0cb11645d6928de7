package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Primitive;

import java.util.ArrayList;
import java.util.List;

/**
 * A program in which the programs it calls stand in line: {@code call[f {..}] x} is the lines of f.
 * What a checkpoint computes again is left alone, or it would be found to be known already.
 */
final class Inlining {
    private final List<Equation> lines = new ArrayList<>();
    private int count;

    private Inlining() {}

    static Graph rewrite(Graph graph) {
        if (graph.equations().stream().noneMatch(e -> isCall(e.op()))) {
            return graph;
        }
        var i = new Inlining();
        List<Atom> inputs = new ArrayList<>();
        var vars = new ArrayList<Atom.Var>();
        for (var v : graph.inputs()) {
            var fresh = new Atom.Var(i.count++, v.type());
            vars.add(fresh);
            inputs.add(fresh);
        }
        var outputs = i.inline(graph, inputs, "");
        return Graph.of(vars, i.lines, outputs);
    }

    private static boolean isCall(Primitive op) {
        return switch (op) {
            case Control.Call c -> !c.remat();
            case Control.WithRule _ -> true;
            case Primitive _ -> false;
        };
    }

    private List<Atom> inline(Graph graph, List<Atom> arguments, String around) {
        var names = new Atom[graph.variables()];
        for (int i = 0; i < arguments.size(); i++) {
            names[graph.inputs().get(i).id()] = arguments.get(i);
        }
        for (var e : graph.equations()) {
            var operands = rename(names, e.operands());
            var layer = e.layer().isEmpty() ? around : e.layer();
            var results =
                    switch (e.op()) {
                        case Control.Call c when !c.remat() -> inline(c.graph(), operands, layer);
                        case Control.WithRule r -> inline(r.graph(), operands, layer);
                        case Primitive p -> line(p, operands, e.results(), layer);
                    };
            for (int k = 0; k < results.size(); k++) {
                names[e.results().get(k).id()] = results.get(k);
            }
        }
        return rename(names, graph.outputs());
    }

    private List<Atom> line(
            Primitive op, List<Atom> operands, List<Atom.Var> results, String layer) {
        var fresh = results.stream().map(v -> new Atom.Var(count++, v.type())).toList();
        lines.add(new Equation(op, operands, fresh, layer));
        return List.copyOf(fresh);
    }

    private static List<Atom> rename(Atom[] names, List<Atom> atoms) {
        return atoms.stream()
                .map(a ->
                        switch (a) {
                            case Atom.Var v -> names[v.id()];
                            case Atom.Constant c -> c;
                        })
                .toList();
    }
}
