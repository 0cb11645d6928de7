package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

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

    /** The step of the loop that reads, being written. */
    private final Rewriting step;

    /** The step of the loop that writes. */
    private final Graph body;

    /** Values of that step, as the reader calls them. */
    private final Map<Atom, Atom> known = new HashMap<>();

    /** What is read for the lines that compute the value. */
    private final Set<Atom> reads = new HashSet<>();

    private int lines;

    private CheapStacks(Rewriting step, Graph body) {
        this.step = step;
        this.body = body;
    }

    static Graph rewrite(Graph graph) {
        return Rewriting.lines(
                graph, (r, e) -> e.op() instanceof Control.Scan s ? reader(r, e, s) : null);
    }

    private static @Nullable List<Atom.Var> reader(Rewriting r, Equation e, Control.Scan s) {
        var inputs = new ArrayList<>(s.body().inputs());
        var operands = new ArrayList<>(e.operands());
        var step = new Rewriting(s.body());
        Set<Atom> needed = new HashSet<>(); // for what is computed, so they are read
        for (int i = s.constants() + s.carry(); i < inputs.size(); ) {
            var writer = r.definition(operands.get(i));
            if (writer != null
                    && writer.op() instanceof Control.Scan w
                    && w.length() == s.length()
                    && !needed.contains(inputs.get(i))) {
                var stack = new CheapStacks(step, w.body());
                for (int j = s.constants() + s.carry(); j < inputs.size(); j++) {
                    int k = writer.results().indexOf(operands.get(j));
                    if (j != i && k >= w.carry()) {
                        stack.known.put(w.body().outputs().get(k), inputs.get(j));
                    }
                }
                int k = writer.results().indexOf(operands.get(i));
                var computed = k < w.carry() ? null : stack.of(w.body().outputs().get(k));
                if (computed != null) {
                    needed.addAll(stack.reads);
                    step.replace(inputs.remove(i), computed);
                    operands.remove(i);
                    continue;
                }
            }
            i++;
        }
        if (!step.isChanged()) {
            return null;
        }
        step.write();
        var next = step.graph(inputs, step.names(s.body().outputs()));
        return r.applyAll(
                new Control.Scan(next, s.constants(), s.carry(), s.length(), s.reverse()),
                operands);
    }

    /** A value that is written; null if it is not to be computed, or is read under its name. */
    private @Nullable Atom of(Atom written) {
        return known.containsKey(written) || written instanceof Atom.Constant
                ? null
                : compute(written);
    }

    private @Nullable Atom compute(Atom x) {
        if (x instanceof Atom.Constant) {
            return x;
        }
        var y = known.get(x);
        if (y != null) {
            return y;
        }
        var e = body.definition(x);
        if (e == null || !isCheap(e.op())) {
            return null;
        }
        var operands = new ArrayList<Atom>();
        for (var a : e.operands()) {
            var operand = compute(a);
            if (operand == null) {
                return null;
            }
            operands.add(operand);
        }
        if (++lines > MOST) {
            return null;
        }
        reads.addAll(operands);
        y = step.applyAll(e.op(), operands, e.layer()).getFirst();
        known.put(x, y);
        return y;
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
