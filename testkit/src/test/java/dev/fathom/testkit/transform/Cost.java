package dev.fathom.testkit.transform;

import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Operation;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Counts arithmetic while computing: moving elements is free, a product that is added is two. */
final class Cost implements Interpreter {
    private final Interpreter outer = Interpreter.current();
    private long operations;

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        var results = outer.run(() -> outer.apply(op, operands));
        operations +=
                of(
                        op,
                        operands.stream().map(Tensor::type).toList(),
                        results.stream().map(Tensor::type).toList());
        return results;
    }

    /** How many operations {@code body} computes. */
    static long of(Runnable body) {
        var cost = new Cost();
        cost.run(() -> {
            body.run();
            return 0;
        });
        return cost.operations;
    }

    private static long of(Primitive op, List<TensorType> in, List<TensorType> out) {
        return switch (op) {
            case Elementwise _ -> out.getFirst().shape().size();
            case Reduction _ -> in.getFirst().shape().size();
            case Contraction.Dot d ->
                    2
                            * out.getFirst().shape().size()
                            * in.getFirst().shape().select(d.leftContract()).size();
            case Control.Call c -> of(c.graph());
            case Control.WithRule c -> of(c.graph());
            case Control.Scan s -> s.length() * of(s.body());
            case Control c -> throw new AssertionError("not counted: " + c.name());
            case Operation _ -> 0;
        };
    }

    private static long of(Graph graph) {
        long n = 0;
        for (var e : graph.equations()) {
            n +=
                    of(
                            e.op(),
                            e.operands().stream().map(Atom::type).toList(),
                            e.results().stream().map(Atom.Var::type).toList());
        }
        return n;
    }
}
