package dev.fathom.core.math;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.error.TreeException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Loops and branches as operations, so that they can be recorded, differentiated and batched.
 * Bodies are recorded once; they may use tensors from outside.
 */
public final class Loops {
    private Loops() {}

    /**
     * What a scan's body returns at one step, and what a scan returns: final carry, stacked
     * outputs.
     */
    public record Carried<S, Y>(S carry, Y outputs) {}

    /**
     * Runs {@code body} over the first axis of {@code inputs}: (carry, slice) to (carry, output).
     * Differentiable in everything, with one pass back; what a step needs for that is kept per
     * step.
     *
     * @return the last carry, and the outputs stacked along a new first axis
     */
    public static <S, X, Y> Carried<S, Y> scan(
            BiFunction<S, X, Carried<S, Y>> body, S initial, X inputs) {
        return scan(body, initial, inputs, length(inputs), false);
    }

    /** {@link #scan} with the slices taken and written from the last to the first. */
    public static <S, X, Y> Carried<S, Y> scanReverse(
            BiFunction<S, X, Carried<S, Y>> body, S initial, X inputs) {
        return scan(body, initial, inputs, length(inputs), true);
    }

    /** Applies {@code body} {@code steps} times. */
    public static <S> S repeat(Function<S, S> body, S initial, int steps) {
        BiFunction<S, List<Tensor>, Carried<S, List<Tensor>>> step =
                (s, _) -> new Carried<>(body.apply(s), List.of());
        return scan(step, initial, List.<Tensor>of(), steps, false).carry();
    }

    private static int length(Object inputs) {
        int n = -1;
        for (var leaf : Tree.flatten(inputs).leaves()) {
            if (leaf.tensor().rank() == 0 || (n >= 0 && leaf.tensor().dim(0) != n)) {
                throw new ShapeException(
                        "scan: the input at "
                                + leaf.path()
                                + " has shape "
                                + leaf.tensor().shape()
                                + "; all inputs need the same first axis, one element per step");
            }
            n = leaf.tensor().dim(0);
        }
        if (n < 0) {
            throw new ShapeException(
                    "scan: no inputs, so the number of steps is unknown; use repeat");
        }
        return n;
    }

    private static <S, X, Y> Carried<S, Y> scan(
            BiFunction<S, X, Carried<S, Y>> body,
            S initial,
            X inputs,
            int length,
            boolean reverse) {
        var state = Tree.flatten(initial);
        var slices = Tree.flatten(inputs);
        int k = state.leaves().size();
        var types = new ArrayList<>(types(state.tensors()));
        for (var t : slices.tensors()) {
            types.add(t.type().withShape(t.shape().range(1, t.rank())));
        }
        var carryOut = new AtomicReference<Tree.Flat>();
        var output = new AtomicReference<Tree.Flat>();
        var recording =
                Recorder.recordOpen(
                        types,
                        v -> {
                            S s = build(state, v.subList(0, k));
                            X x = build(slices, v.subList(k, v.size()));
                            var r = body.apply(s, x);
                            carryOut.set(Tree.flatten(r.carry()));
                            output.set(Tree.flatten(r.outputs()));
                            var all = new ArrayList<>(carryOut.get().tensors());
                            all.addAll(output.get().tensors());
                            return all;
                        });
        checkCarry("scan", state, carryOut.get());
        var graph = constantsFirst(recording, types.size());
        var operands = new ArrayList<>(recording.captured());
        int constants = operands.size();
        operands.addAll(state.tensors());
        operands.addAll(slices.tensors());
        var results = Ops.bindAll(new Control.Scan(graph, constants, k, length, reverse), operands);
        return new Carried<>(
                build(state, results.subList(0, k)),
                build(output.get(), results.subList(k, results.size())));
    }

    private static void checkCarry(String what, Tree.Flat before, Tree.Flat after) {
        Tree.checkSame(what, before, after);
        for (int i = 0; i < before.leaves().size(); i++) {
            var b = before.leaves().get(i);
            var a = after.leaves().get(i);
            if (!b.tensor().type().equals(a.tensor().type())) {
                throw new ShapeException(
                        what
                                + ": the carry at "
                                + b.path()
                                + " goes in as "
                                + b.tensor().type()
                                + " and comes out as "
                                + a.tensor().type()
                                + "; it must stay the same");
            }
        }
    }

    /**
     * {@code whenTrue} or {@code whenFalse} of the argument, by a bool scalar; only one of them
     * runs.
     */
    public static <A, B> B cond(
            Tensor condition, Function<A, B> whenTrue, Function<A, B> whenFalse, A argument) {
        var in = Tree.flatten(argument);
        var outT = new AtomicReference<Tree.Flat>();
        var outF = new AtomicReference<Tree.Flat>();
        var yes = record(whenTrue, in, outT);
        var no = record(whenFalse, in, outF);
        Tree.checkSame("cond", outT.get(), outF.get());
        int n = in.leaves().size();
        var operands = new ArrayList<Tensor>();
        operands.add(condition);
        operands.addAll(in.tensors());
        operands.addAll(yes.captured());
        operands.addAll(no.captured());
        int a = yes.captured().size();
        int b = no.captured().size();
        var types = types(operands.subList(1, operands.size()));
        var op =
                new Control.Cond(
                        inputs(yes.graph(), types, v -> v.subList(0, n + a)),
                        inputs(
                                no.graph(),
                                types,
                                v -> {
                                    var r = new ArrayList<>(v.subList(0, n));
                                    r.addAll(v.subList(n + a, n + a + b));
                                    return r;
                                }));
        return build(outT.get(), Ops.bindAll(op, operands));
    }

    /** {@code body} of the state while {@code condition} holds. Forward derivatives only. */
    public static <S> S whileLoop(Function<S, Tensor> condition, Function<S, S> body, S initial) {
        var state = Tree.flatten(initial);
        int k = state.leaves().size();
        var out = new AtomicReference<Tree.Flat>();
        var test = record(condition, state, new AtomicReference<>());
        var step = record(body, state, out);
        checkCarry("whileLoop", state, out.get());
        if (!test.graph().outputTypes().equals(List.of(Tensor.scalar(true).type()))) {
            throw new TreeException(
                    "whileLoop: the condition returns "
                            + test.graph().outputTypes()
                            + ", not one bool()");
        }
        var operands = new ArrayList<>(test.captured());
        operands.addAll(step.captured());
        operands.addAll(state.tensors());
        var op =
                new Control.While(
                        constantsFirst(test, k),
                        constantsFirst(step, k),
                        test.captured().size(),
                        step.captured().size());
        return build(state, Ops.bindAll(op, operands));
    }

    private static <A, B> Recorder.Recording record(
            Function<A, B> f, Tree.Flat in, AtomicReference<Tree.Flat> out) {
        return Recorder.recordOpen(
                types(in.tensors()),
                v -> {
                    out.set(Tree.flatten(f.apply(build(in, v))));
                    return out.get().tensors();
                });
    }

    /** The recording's program with what it captured as its first inputs instead of its last. */
    private static Graph constantsFirst(Recorder.Recording r, int own) {
        int c = r.captured().size();
        if (c == 0) {
            return r.graph();
        }
        var types = new ArrayList<>(types(r.captured()));
        types.addAll(r.graph().inputTypes().subList(0, own));
        return inputs(
                r.graph(),
                types,
                v -> {
                    var order = new ArrayList<>(v.subList(c, v.size()));
                    order.addAll(v.subList(0, c));
                    return order;
                });
    }

    /** A program with other inputs, from which those of {@code graph} are chosen. */
    private static Graph inputs(
            Graph graph, List<TensorType> types, Function<List<Tensor>, List<Tensor>> choose) {
        return Recorder.record(types, v -> graph.evaluate(choose.apply(v))).graph();
    }

    private static List<TensorType> types(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::type).toList();
    }

    @SuppressWarnings("unchecked") // the tree was taken apart from a T
    private static <T> T build(Tree.Flat like, List<Tensor> tensors) {
        return (T) like.with(tensors);
    }
}
