package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums over the batch that a loop adds up from step to step, such as the gradient of a bias, are
 * taken once after the loop:
 *
 * <pre>{@code
 * c' = c + Σ r        becomes        s' = s + r,  and after the last step  c = c + Σ s
 * }</pre>
 *
 * with s as large as r and zero at first. The step has no sum any more, and its rows no longer meet
 * ({@link Rows}).
 */
final class LateSums {
    private final List<Equation> lines = new ArrayList<>();
    private final Map<Atom, Atom> names = new HashMap<>();
    private int count;

    private LateSums(Graph graph) {
        count = graph.variables();
    }

    static Graph rewrite(Graph graph) {
        if (graph.equations().stream().noneMatch(e -> e.op() instanceof Control.Scan)) {
            return graph;
        }
        var r = new LateSums(graph);
        for (var e : graph.equations()) {
            var operands = e.operands().stream().map(r::name).toList();
            var line = new Equation(e.op(), operands, e.results(), e.layer());
            if (e.op() instanceof Control.Scan s) {
                r.scan(line, s);
            } else {
                r.lines.add(line);
            }
        }
        return Graph.of(graph.inputs(), r.lines, graph.outputs().stream().map(r::name).toList());
    }

    private Atom name(Atom a) {
        return names.getOrDefault(a, a);
    }

    private void scan(Equation e, Control.Scan s) {
        var body = Simplifier.simplify(s.body());
        var inputs = new ArrayList<>(body.inputs());
        var outputs = new ArrayList<>(body.outputs());
        var operands = new ArrayList<>(e.operands());
        var results = new ArrayList<>(e.results());
        var steps = new ArrayList<>(body.equations());
        var after = new ArrayList<Equation>();
        int fresh = body.variables();
        for (int i = 0; i < s.carry(); i++) {
            int at = s.constants() + i;
            var sum = added(body, body.inputs().get(at), body.outputs().get(i));
            if (sum == null) {
                continue;
            }
            var each = sum.operands().getFirst(); // r
            var before = new Atom.Var(fresh++, each.type());
            var next = new Atom.Var(fresh++, each.type());
            steps.add(
                    new Equation(
                            new Elementwise.Add(),
                            List.of(before, each),
                            List.of(next),
                            sum.layer()));
            inputs.set(at, before);
            outputs.set(i, next);
            var start = operands.get(at);
            operands.set(at, zeros(each.type(), e.layer()));
            var all = new Atom.Var(count++, each.type());
            var total = new Atom.Var(count++, start.type());
            var result = results.set(i, all);
            after.add(new Equation(sum.op(), List.of(all), List.of(total), sum.layer()));
            after.add(
                    new Equation(
                            new Elementwise.Add(),
                            List.of(start, total),
                            List.of(result),
                            sum.layer()));
        }
        // the lines that read what is no input any more are no longer needed
        var step = Graph.of(inputs, UnusedLines.of(steps, outputs), outputs);
        var scan = new Control.Scan(step, s.constants(), s.carry(), s.length(), s.reverse());
        lines.add(new Equation(scan, operands, results, e.layer()));
        lines.addAll(after);
    }

    /** The sum that a step adds to a state that it uses for nothing else. */
    private static @Nullable Equation added(Graph step, Atom.Var state, Atom next) {
        Equation found = null;
        for (var e : step.equations()) {
            if (e.results().contains(next)
                    && e.op() instanceof Elementwise.Add
                    && e.operands().contains(state)) {
                var x = e.operands();
                var other = x.getFirst().equals(state) ? x.get(1) : x.getFirst();
                found =
                        step.equations().stream()
                                .filter(line -> line.results().contains(other))
                                .filter(line -> line.op() instanceof Reduction.Sum)
                                .findFirst()
                                .orElse(null);
            }
        }
        long uses =
                step.equations().stream()
                        .flatMap(e -> e.operands().stream())
                        .filter(state::equals)
                        .count();
        boolean once =
                uses == 1
                        && !step.outputs().contains(state)
                        && step.outputs().stream().filter(next::equals).count() == 1
                        && step.equations().stream().noneMatch(e -> e.operands().contains(next));
        return once && state.type().dtype().isFloating() ? found : null;
    }

    private Atom zeros(TensorType type, String layer) {
        var v = new Atom.Var(count++, type);
        var zero = new Atom.Constant((Array) Ops.scalar(type.dtype(), 0));
        var broadcast = new Structural.Broadcast(type.shape(), Axes.of());
        lines.add(new Equation(broadcast, List.of(zero), List.of(v), layer));
        return v;
    }
}
