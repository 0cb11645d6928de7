package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one loop writes at every step for another to read, and what the other can compute in a few
 * cheap operations from what else it reads of the first, is computed there and not read. So the
 * backward loop of an LSTM reads a gate y, and computes its slope y (1 - y) instead of reading that
 * too.
 */
final class CheapStacks {
    /** A value that takes more operations than this is read. */
    private static final int MOST = 6;

    private final List<Equation> lines = new ArrayList<>();

    /** The loops that write stacks, by their results. */
    private final Map<Atom, Equation> writers = new HashMap<>();

    private final Map<Equation, Graph> bodies = new HashMap<>();

    private CheapStacks() {}

    static Graph rewrite(Graph graph) {
        if (graph.equations().stream().filter(e -> e.op() instanceof Control.Scan).count() < 2) {
            return graph;
        }
        var r = new CheapStacks();
        for (var e : graph.equations()) {
            r.lines.add(e.op() instanceof Control.Scan s ? r.reader(e, s) : e);
            if (e.op() instanceof Control.Scan s) {
                e.results().stream().skip(s.carry()).forEach(v -> r.writers.put(v, e));
            }
        }
        return Graph.of(graph.inputs(), r.lines, graph.outputs());
    }

    private Graph body(Equation loop) {
        return bodies.computeIfAbsent(
                loop, _ -> Simplifier.simplify(((Control.Scan) loop.op()).body()));
    }

    private Equation reader(Equation e, Control.Scan s) {
        var body = body(e);
        var inputs = new ArrayList<>(body.inputs());
        var operands = new ArrayList<>(e.operands());
        var steps = new ArrayList<Equation>();
        Map<Atom, Atom> computed = new HashMap<>();
        Set<Atom> needed = new HashSet<>(); // for what is computed, so they are read
        int fresh = body.variables();
        int first = s.constants() + s.carry();
        for (int i = first; i < inputs.size(); ) {
            var writer = writers.get(operands.get(i));
            var found = new Expression(fresh);
            if (writer != null
                    && !needed.contains(inputs.get(i))
                    && ((Control.Scan) writer.op()).length() == s.length()
                    && found.of(writer, i, operands, inputs, first)) {
                fresh += found.lines.size();
                steps.addAll(found.lines);
                found.lines.forEach(line -> needed.addAll(line.operands()));
                computed.put(inputs.remove(i), found.lines.getLast().results().getFirst());
                operands.remove(i);
            } else {
                i++;
            }
        }
        if (steps.isEmpty()) {
            return e;
        }
        for (var line : body.equations()) {
            var x = line.operands().stream().map(a -> computed.getOrDefault(a, a)).toList();
            steps.add(new Equation(line.op(), x, line.results(), line.layer()));
        }
        var outputs = body.outputs().stream().map(a -> computed.getOrDefault(a, a)).toList();
        var step = Graph.of(inputs, steps, outputs);
        var scan = new Control.Scan(step, s.constants(), s.carry(), s.length(), s.reverse());
        return new Equation(scan, operands, e.results(), e.layer());
    }

    /** The lines that compute one stacked value from others. */
    private final class Expression {
        final List<Equation> lines = new ArrayList<>();
        private final Map<Atom, Equation> definitions = new HashMap<>();

        /** Values of the writer's step, as the reader calls them. */
        private final Map<Atom, Atom> known = new HashMap<>();

        private int fresh;

        Expression(int fresh) {
            this.fresh = fresh;
        }

        /**
         * Whether operand {@code i} of the reader can be computed from those that follow {@code
         * first}.
         */
        boolean of(Equation writer, int i, List<Atom> operands, List<Atom.Var> inputs, int first) {
            var body = body(writer);
            body.equations().forEach(e -> e.results().forEach(v -> definitions.put(v, e)));
            for (int j = first; j < operands.size(); j++) {
                int k = writer.results().indexOf(operands.get(j));
                if (j != i && k >= ((Control.Scan) writer.op()).carry()) {
                    known.put(body.outputs().get(k), inputs.get(j));
                }
            }
            var wanted = body.outputs().get(writer.results().indexOf(operands.get(i)));
            return !known.containsKey(wanted) && compute(wanted) && !lines.isEmpty();
        }

        private boolean compute(Atom x) {
            if (x instanceof Atom.Constant || known.containsKey(x)) {
                return true;
            }
            var e = definitions.get(x);
            if (e == null || !isCheap(e.op()) || !e.operands().stream().allMatch(this::compute)) {
                return false;
            }
            var v = new Atom.Var(fresh++, e.results().getFirst().type());
            var operands = e.operands().stream().map(a -> known.getOrDefault(a, a)).toList();
            lines.add(new Equation(e.op(), operands, List.of(v), e.layer()));
            known.put(x, v);
            return lines.size() <= MOST;
        }
    }

    private static boolean isCheap(Primitive op) {
        return switch (op) {
            case Elementwise.Add _,
                    Elementwise.Sub _,
                    Elementwise.Mul _,
                    Elementwise.Neg _,
                    Elementwise.Max _,
                    Elementwise.Min _,
                    Elementwise.Compare _,
                    Elementwise.Select _,
                    Elementwise.Cast _,
                    Structural.Broadcast _ ->
                    true;
            case Primitive _ -> false;
        };
    }
}
