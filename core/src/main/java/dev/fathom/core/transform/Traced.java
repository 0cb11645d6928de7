package dev.fathom.core.transform;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/** Functions of trees recorded as programs and called as one operation. */
final class Traced {
    private Traced() {}

    /** Records {@code f} at {@code x}; the structure of its result goes to {@code out}. */
    static <A, B> Recorder.Recording record(
            Function<A, B> f, Tree.Flat in, AtomicReference<Tree.Flat> out) {
        return Recorder.record(types(in), body(f, in, out));
    }

    private static List<TensorType> types(Tree.Flat in) {
        return in.tensors().stream().map(Tensor::type).toList();
    }

    private static <A, B> Function<List<Tensor>, List<Tensor>> body(
            Function<A, B> f, Tree.Flat in, AtomicReference<Tree.Flat> out) {
        return v -> {
            var result = Tree.flatten(f.apply(Trees.build(in, v)));
            out.set(result);
            return result.tensors();
        };
    }

    static <A, B> B call(String label, Function<A, B> f, A x, Function<Graph, Control> op) {
        var in = Tree.flatten(x);
        var out = new AtomicReference<Tree.Flat>();
        var recording = Recorder.recordOpen(types(in), body(f, in, out));
        var operands = new ArrayList<>(in.tensors());
        operands.addAll(recording.captured());
        return Trees.build(out.get(), Ops.bindAll(op.apply(recording.graph()), operands));
    }

    static <A, B> B callWithRule(
            Function<A, B> f, A x, Function<Supplier<Tree.Flat>, DerivativeRule> rule) {
        var in = Tree.flatten(x);
        var out = new AtomicReference<Tree.Flat>();
        var recording = record(f, in, out);
        if (!recording.captured().isEmpty()) {
            throw new NotDifferentiableException(
                    "a function with a stated derivative uses a tensor of type "
                            + recording.captured().getFirst().type()
                            + " from a transform around it; pass it as part of the argument"
                            + " instead, so that the rule can say its derivative");
        }
        List<Tensor> operands = in.tensors();
        var op = new Control.WithRule("stated", recording.graph(), rule.apply(out::get));
        return Trees.build(out.get(), Ops.bindAll(op, operands));
    }
}
