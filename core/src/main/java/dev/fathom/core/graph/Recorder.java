package dev.fathom.core.graph;

import dev.fathom.core.error.Layers;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The interpreter that writes operations down.
 *
 * <p>A <em>complete</em> recorder writes down everything that happens (for {@code jit} and loop
 * bodies). A <em>tape</em> writes down only what depends on its own variables and lets the
 * interpreter around it do the rest: run a function's forward derivative under a tape with symbolic
 * tangents, and what stands on the tape is the linear tangent program, while all ordinary values
 * are already there.
 */
public final class Recorder implements Interpreter {
    private final Interpreter outer;
    private final boolean complete;
    private final boolean closed;
    private final List<Atom.Var> inputs = new ArrayList<>();
    private final List<Equation> equations = new ArrayList<>();
    private final Map<Tensor, Atom.Var> captured = new IdentityHashMap<>();
    private final List<Tensor> capturedValues = new ArrayList<>();
    private final List<Atom.Var> capturedVars = new ArrayList<>();
    private int count;

    private Recorder(Interpreter outer, boolean complete, boolean closed) {
        this.outer = outer;
        this.complete = complete;
        this.closed = closed;
    }

    /** A recorder of everything. */
    public static Recorder complete() {
        return new Recorder(Interpreter.current(), true, true);
    }

    /** A recorder of what depends on its inputs; the rest goes to {@code outer}. */
    public static Recorder tape(Interpreter outer) {
        return new Recorder(outer, false, false);
    }

    /**
     * A recorded function: the program, and the values from outside that it takes as its last
     * inputs.
     */
    public record Recording(Graph graph, List<Tensor> captured) {}

    /** Records {@code f} on variables of the given types. */
    public static Recording record(List<TensorType> types, Function<List<Tensor>, List<Tensor>> f) {
        return complete().fill(types, f);
    }

    /**
     * As {@link #record}, but arrays from outside are captured like other values instead of
     * becoming constants: a loop body recorded anew at every call, with new arrays, is then the
     * same program and is compiled once.
     */
    public static Recording recordOpen(
            List<TensorType> types, Function<List<Tensor>, List<Tensor>> f) {
        return new Recorder(Interpreter.current(), true, false).fill(types, f);
    }

    private Recording fill(List<TensorType> types, Function<List<Tensor>, List<Tensor>> f) {
        var symbols = types.stream().map(this::input).toList();
        var outputs = run(() -> f.apply(symbols));
        return finish(outputs);
    }

    /** A new input variable. */
    public Tensor input(TensorType type) {
        var v = fresh(type);
        inputs.add(v);
        return new Symbol(this, v);
    }

    /** Whether {@code t} is a variable of this program. */
    public boolean owns(Tensor t) {
        return t instanceof Symbol s && s.owner() == this;
    }

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        if (!complete && operands.stream().noneMatch(this::owns)) {
            return outer.run(() -> outer.apply(op, operands));
        }
        // no streams: everything that is recorded comes by here
        var in = new TensorType[operands.size()];
        for (int i = 0; i < in.length; i++) {
            in[i] = operands.get(i).type();
        }
        var types = op.types(List.of(in));
        var atoms = new Atom[in.length];
        for (int i = 0; i < in.length; i++) {
            atoms[i] = atom(operands.get(i));
        }
        var results = new ArrayList<Atom.Var>();
        var symbols = new ArrayList<Tensor>();
        for (var type : types) {
            results.add(fresh(type));
            symbols.add(new Symbol(this, results.getLast()));
        }
        equations.add(new Equation(op, List.of(atoms), results, Layers.path()));
        return List.copyOf(symbols);
    }

    /** Zeros written into this program, without asking the interpreter around it. */
    public Tensor zeros(TensorType type) {
        var scalar = Ops.scalar(type.dtype(), 0);
        if (type.shape().rank() == 0) {
            return scalar;
        }
        var v = fresh(type);
        equations.add(
                new Equation(
                        new Structural.Broadcast(type.shape(), Axes.of()),
                        List.of(atom(scalar)),
                        List.of(v),
                        Layers.path()));
        return new Symbol(this, v);
    }

    private Atom.Var fresh(TensorType type) {
        return new Atom.Var(count++, type);
    }

    private Atom atom(Tensor t) {
        if (t instanceof Symbol s && s.owner() == this) {
            return s.var();
        }
        if (t instanceof Array a && (closed || a.size() == 1)) {
            return new Atom.Constant(a);
        }
        return captured.computeIfAbsent(
                t,
                _ -> {
                    var v = fresh(t.type());
                    capturedValues.add(t);
                    capturedVars.add(v);
                    return v;
                });
    }

    /** Ends the recording. Values captured from outside become inputs after the others. */
    public Recording finish(List<Tensor> outputs) {
        var outs = outputs.stream().map(this::atom).toList();
        var all = new ArrayList<>(inputs);
        all.addAll(capturedVars);
        return new Recording(Graph.of(all, equations, outs), List.copyOf(capturedValues));
    }
}
