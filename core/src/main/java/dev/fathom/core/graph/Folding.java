package dev.fathom.core.graph;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Solving;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.spi.Eager;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program in which what follows from small constants is a constant. The current backend computes
 * it, one operation at a time, so that the numbers are those that the program would have computed.
 * An elementwise operation on numbers that are the same everywhere is done once. What has more than
 * {@value #LARGEST} elements is left to the program, and so is what fails.
 */
final class Folding {
    /** Larger constants are not made. */
    private static final int LARGEST = 64;

    private final Map<Line, Atom> known = new HashMap<>();

    private record Line(Primitive op, List<Atom> operands) {}

    private Folding() {}

    static Graph rewrite(Graph graph) {
        if (graph.equations().size() < 2) {
            return graph; // a single operation: what a backend is asked to run here
        }
        var f = new Folding();
        return Rewriting.of(graph, f::folded);
    }

    private @Nullable Atom folded(Rewriting r, Equation e) {
        boolean folds =
                switch (e.op()) {
                    case Elementwise _, Reduction _, Indexing _, Ordering _ -> true;
                    case Structural _, Source _ -> false; // only where their result is needed
                    case Contraction _, Window _, Solving _, Decomposition _ -> false;
                    case Custom _, Control _ -> false;
                };
        if (!folds) {
            return null;
        }
        var line = new Line(e.op(), e.operands());
        var result = known.get(line);
        if (result == null) {
            result = e.op() instanceof Elementwise ? everywhere(r, e) : null;
            result = result == null ? small(r, e) : result;
            if (result != null) {
                known.put(line, result);
            }
        }
        return result;
    }

    /** An operation on numbers that are the same everywhere, done on the numbers. */
    private static @Nullable Atom everywhere(Rewriting r, Equation e) {
        var numbers = new ArrayList<Tensor>();
        for (var a : e.operands()) {
            var c = r.number(a);
            if (c == null || c.value().rank() > 0) {
                return null;
            }
            numbers.add(c.value());
        }
        var number = run(e.op(), numbers);
        var shape = e.results().getFirst().type().shape();
        return number == null || shape.rank() == 0
                ? number
                : r.apply(new Structural.Broadcast(shape, Axes.of()), List.of(number));
    }

    private static Atom.@Nullable Constant small(Rewriting r, Equation e) {
        if (e.results().getFirst().type().shape().size() > LARGEST) {
            return null;
        }
        var values = new ArrayList<Tensor>();
        for (var a : e.operands()) {
            var v = value(r, a);
            if (v == null) {
                return null;
            }
            values.add(v.value());
        }
        return run(e.op(), values);
    }

    /** A small constant, or one that is counted, moved or repeated. */
    private static Atom.@Nullable Constant value(Rewriting r, Atom a) {
        if (a instanceof Atom.Constant c) {
            return c.value().size() > LARGEST ? null : c;
        }
        var d = r.definition(a);
        return d != null && (d.op() instanceof Structural || d.op() instanceof Source)
                ? small(r, d)
                : null;
    }

    private static Atom.@Nullable Constant run(Primitive op, List<Tensor> operands) {
        try {
            return new Atom.Constant((Array) Eager.INSTANCE.apply(op, operands).getFirst());
        } catch (FathomException e) {
            return null; // it is for the program to say so when it runs
        }
    }
}
