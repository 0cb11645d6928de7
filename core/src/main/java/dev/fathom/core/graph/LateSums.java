package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Reduction;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

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
    private LateSums() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.lines(
                graph, (r, e) -> e.op() instanceof Control.Scan s ? scan(r, e, s) : null);
    }

    private static @Nullable List<Atom> scan(Rewriting r, Equation e, Control.Scan s) {
        var body = s.body();
        var sums = new TreeMap<Integer, Equation>();
        for (int i = 0; i < s.carry(); i++) {
            var sum = added(body, body.inputs().get(s.constants() + i), body.outputs().get(i));
            if (sum != null) {
                sums.put(i, sum);
            }
        }
        if (sums.isEmpty()) {
            return null;
        }
        var inputs = new ArrayList<>(body.inputs());
        var outputs = new ArrayList<>(body.outputs());
        var operands = new ArrayList<>(e.operands());
        var step = new Rewriting(body).write();
        sums.forEach((i, sum) -> {
            var each = sum.operands().getFirst(); // r
            var before = step.variable(each.type());
            inputs.set(s.constants() + i, before);
            outputs.set(i, step.apply(new Elementwise.Add(), List.of(before, each)));
            operands.set(s.constants() + i, r.full(each.type(), 0));
        });
        var scan =
                new Control.Scan(
                        step.graph(inputs, outputs),
                        s.constants(),
                        s.carry(),
                        s.length(),
                        s.reverse());
        List<Atom> results = new ArrayList<>(r.applyAll(scan, operands));
        sums.forEach((i, sum) -> {
            var start = e.operands().get(s.constants() + i);
            var total = r.apply(sum.op(), List.of(results.get(i)));
            results.set(i, r.apply(new Elementwise.Add(), List.of(start, total)));
        });
        return results;
    }

    /** The sum that a step adds to a state that it uses for nothing else. */
    private static @Nullable Equation added(Graph step, Atom.Var state, Atom next) {
        var e = step.definition(next);
        if (e == null || !(e.op() instanceof Elementwise.Add) || !e.operands().contains(state)) {
            return null;
        }
        var x = e.operands();
        var found = step.definition(x.getFirst().equals(state) ? x.get(1) : x.getFirst());
        if (found == null || !(found.op() instanceof Reduction.Sum)) {
            return null;
        }
        long uses =
                step.equations().stream()
                        .flatMap(line -> line.operands().stream())
                        .filter(state::equals)
                        .count();
        boolean once =
                uses == 1
                        && !step.outputs().contains(state)
                        && step.outputs().stream().filter(next::equals).count() == 1
                        && step.equations().stream()
                                .noneMatch(line -> line.operands().contains(next));
        return once && state.type().dtype().isFloating() ? found : null;
    }
}
