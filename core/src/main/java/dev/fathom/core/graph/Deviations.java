package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * A program that takes the difference of a large array and a statistic of it anew wherever it is
 * used: batch normalisation reads x − mean(x) four times, twice of them in its gradient.
 *
 * <pre>
 * d = x − m;  s = Σ d²;  y = d r        →        s = Σ (x − m)²;  y = (x − m) r
 * </pre>
 *
 * The mean cannot be known before all of x is, so d would be written for others to read; x, which
 * has been written already, takes its place. Only where all who use d compute element by element:
 * one subtraction more in a register. The bits are the same.
 */
final class Deviations {
    /** Elements of x for each of the statistic, at least. */
    private static final int PER_MEAN = 64;

    private final Map<Atom, List<Equation>> users = new HashMap<>();

    private Deviations(Graph graph) {
        for (var e : graph.equations()) {
            for (var x : e.operands()) {
                users.computeIfAbsent(x, _ -> new ArrayList<>()).add(e);
            }
        }
        // who leaves with a result is read by somebody else
        for (var x : graph.outputs()) {
            users.remove(x);
        }
    }

    static Graph rewrite(Graph graph) {
        var deviations = new Deviations(graph);
        return Rewriting.of(graph, (r, e) -> inRegisters(e) ? deviations.takenAnew(r, e) : null);
    }

    /** The line with differences of its own, null if it reads none. */
    private @Nullable Atom takenAnew(Rewriting r, Equation e) {
        var anew = new HashMap<Atom, Atom>();
        for (var x : e.operands()) {
            var d = r.definition(x);
            if (d != null && !anew.containsKey(x) && contains(r, d)) {
                anew.put(x, r.apply(d.op(), d.operands()));
            }
        }
        return anew.isEmpty()
                ? null
                : r.apply(e.op(), e.operands().stream().map(x -> anew.getOrDefault(x, x)).toList());
    }

    /** Whether a line is x − m, m a statistic of x, and read by several that can compute it. */
    private boolean contains(Rewriting r, Equation d) {
        if (!(d.op() instanceof Elementwise.Sub)) {
            return false;
        }
        var readers = users.getOrDefault(d.results().getFirst(), List.of());
        var mean = r.definition(d.operands().getLast());
        return readers.size() > 1
                && readers.stream().allMatch(Deviations::inRegisters)
                && mean != null
                && mean.op() instanceof Structural.Broadcast
                && size(d.results().getFirst()) >= PER_MEAN * size(mean.operands().getFirst())
                && follows(r, mean.operands().getFirst(), d.operands().getFirst());
    }

    private static boolean inRegisters(Equation e) {
        return e.op() instanceof Elementwise || e.op() instanceof Reduction.Sum;
    }

    /** Whether {@code m} comes from a sum of {@code x}, over lines with few elements. */
    private static boolean follows(Rewriting r, Atom m, Atom x) {
        var seen = new HashSet<Atom>();
        var next = new ArrayDeque<Atom>();
        next.add(m);
        while (!next.isEmpty()) {
            var e = r.definition(next.remove());
            if (e == null) {
                continue;
            }
            boolean sum = e.op() instanceof Reduction.Sum;
            if (sum && e.operands().getFirst().equals(x)) {
                return true;
            }
            for (var o : e.operands()) {
                if (!sum && size(o) * PER_MEAN <= size(x) && seen.add(o)) {
                    next.add(o);
                }
            }
        }
        return false;
    }

    private static long size(Atom x) {
        return x.type().shape().size();
    }
}
