package dev.fathom.core.graph;

import dev.fathom.core.error.Layers;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A typed straight-line program: inputs, equations in order, outputs. It is a value: two graphs
 * with the same inputs, equations and outputs are equal, so that a graph can be the key of a cache.
 */
public final class Graph {
    private final List<Atom.Var> inputs;
    private final List<Equation> equations;
    private final List<Atom> outputs;
    private int hash;
    private volatile @Nullable Graph simple;
    private volatile @Nullable Equation @Nullable [] definitions;
    private final Map<Object, Object> derived = new ConcurrentHashMap<>();

    private Graph(List<Atom.Var> inputs, List<Equation> equations, List<Atom> outputs) {
        this.inputs = List.copyOf(inputs);
        this.equations = List.copyOf(equations);
        this.outputs = List.copyOf(outputs);
    }

    /** A program; its variables are numbered afresh, inputs first. Verified by {@link Verifier}. */
    public static Graph of(List<Atom.Var> inputs, List<Equation> equations, List<Atom> outputs) {
        return Renumbering.canonical(inputs, equations, outputs);
    }

    static Graph raw(List<Atom.Var> inputs, List<Equation> equations, List<Atom> outputs) {
        return new Graph(inputs, equations, outputs);
    }

    /** The parameters, in order. */
    public List<Atom.Var> inputs() {
        return inputs;
    }

    /** The lines, each using only what is above it. */
    public List<Equation> equations() {
        return equations;
    }

    /** What is returned, in order. */
    public List<Atom> outputs() {
        return outputs;
    }

    /** Types of the parameters. */
    public List<TensorType> inputTypes() {
        return inputs.stream().map(Atom.Var::type).toList();
    }

    /** Types of the results. */
    public List<TensorType> outputTypes() {
        return outputs.stream().map(Atom::type).toList();
    }

    /** Number of variables; their ids are 0 to this minus one. */
    public int variables() {
        int n = inputs.size();
        for (var e : equations) {
            n += e.results().size();
        }
        return n;
    }

    /** The line that defines {@code x}; null for inputs and constants. */
    @Nullable Equation definition(Atom x) {
        var known = definitions;
        if (known == null) {
            known = new Equation[variables()];
            for (var e : equations) {
                for (var v : e.results()) {
                    known[v.id()] = e;
                }
            }
            definitions = known;
        }
        return x instanceof Atom.Var v ? known[v.id()] : null;
    }

    /** The lines that read each value, one that reads it twice standing there twice. */
    Map<Atom, List<Equation>> readers() {
        var readers = new HashMap<Atom, List<Equation>>();
        for (var e : equations) {
            e.operands().forEach(x -> readers.computeIfAbsent(x, _ -> new ArrayList<>()).add(e));
        }
        return readers;
    }

    /** What is repeated to make {@code x}; {@code x} itself if nothing is. */
    Atom repeated(Atom x) {
        var e = definition(x);
        return e != null && e.op() instanceof Structural.Broadcast ? e.operands().getFirst() : x;
    }

    /** Runs the program, line by line, under the current interpreter. */
    public List<Tensor> evaluate(List<Tensor> arguments) {
        var environment = new Tensor[variables()];
        for (int i = 0; i < inputs.size(); i++) {
            environment[inputs.get(i).id()] = arguments.get(i);
        }
        for (var e : equations) {
            var operands = read(environment, e.operands());
            var results = Layers.at(e.layer(), () -> Ops.bindAll(e.op(), operands));
            for (int i = 0; i < results.size(); i++) {
                environment[e.results().get(i).id()] = results.get(i);
            }
        }
        return read(environment, outputs);
    }

    private static List<Tensor> read(Tensor[] environment, List<Atom> atoms) {
        var values = new ArrayList<Tensor>(atoms.size());
        for (var atom : atoms) {
            values.add(
                    switch (atom) {
                        case Atom.Var v -> environment[v.id()];
                        case Atom.Constant c -> c.value();
                    });
        }
        return values;
    }

    /**
     * What others have made from this program (its derivative, its compiled form) by their own
     * keys; it lives as long as the program does. No part of the program's value.
     */
    public Map<Object, Object> derived() {
        return derived;
    }

    /**
     * What {@code simplify} makes of this program, made when first asked for; made from that, it is
     * that.
     */
    Graph simplified(UnaryOperator<Graph> simplify) {
        var known = simple;
        if (known == null) {
            known = simplify.apply(this).markSimple();
            simple = known;
        }
        return known;
    }

    /** Says that there is nothing to simplify. */
    Graph markSimple() {
        simple = this;
        return this;
    }

    @Override
    public boolean equals(Object o) {
        return o == this
                || (o instanceof Graph g
                        && hashCode() == g.hashCode()
                        && inputs.equals(g.inputs)
                        && outputs.equals(g.outputs)
                        && equations.equals(g.equations));
    }

    /** Found when first asked for: programs between two passes are never compared. */
    @Override
    public int hashCode() {
        if (hash == 0) {
            hash = 31 * (31 * inputs.hashCode() + equations.hashCode()) + outputs.hashCode();
        }
        return hash;
    }

    @Override
    public String toString() {
        return Printer.print(this);
    }
}
