package dev.fathom.core.transform;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Args;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Operation;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The interpreter of vmap: a function written for one example works on the whole batch at once. */
final class Batch implements Interpreter {
    private final Interpreter outer;
    private final int size;

    Batch(Interpreter outer, int size) {
        this.outer = outer;
        this.size = size;
    }

    /** The stand-in for one example of {@code whole}, whose first axis is the batch. */
    Tensor example(Tensor whole) {
        return new Batched(this, whole);
    }

    boolean owns(Tensor t) {
        return t instanceof Batched b && b.owner() == this;
    }

    /** The tensor behind {@code t}: with the batch axis first if it has one. */
    Tensor whole(Tensor t) {
        return t instanceof Batched b && b.owner() == this ? b.whole() : t;
    }

    /** The tensor behind {@code t} with a batch axis in any case. */
    Tensor repeated(Tensor t) {
        return owns(t) ? whole(t) : outer.run(() -> Ops.replicate(t, size));
    }

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        var flags = Flags.of(operands, this::owns);
        if (!Flags.any(flags)) {
            return outer.run(() -> outer.apply(op, operands));
        }
        var whole = operands.stream().map(this::whole).toList();
        return outer.run(() ->
                switch (op) {
                    case Operation o ->
                            examples(o.batch(new Args(List.copyOf(whole)), flags, size));
                    case Control c -> control(c, whole, flags);
                });
    }

    private List<Tensor> examples(List<Tensor> whole) {
        return whole.stream().map(this::example).toList();
    }

    /** A program for the whole batch. */
    private record Program(Graph graph, boolean[] batched) {}

    private record Key(int size, List<Boolean> in, List<Boolean> out) {}

    /**
     * @param in which inputs are batched
     * @param force which outputs must be batched
     */
    private Program batch(Graph graph, boolean[] in, boolean[] force) {
        return Derived.of(
                graph,
                new Key(size, Flags.list(in), Flags.list(force)),
                () -> {
                    var types = new ArrayList<TensorType>();
                    for (int i = 0; i < in.length; i++) {
                        var t = graph.inputTypes().get(i);
                        types.add(in[i] ? t.batched(size) : t);
                    }
                    var out = new boolean[graph.outputs().size()];
                    var recording =
                            Recorder.record(
                                    types,
                                    v -> {
                                        var inner = new Batch(Interpreter.current(), size);
                                        var results = inner.evaluate(graph, v, in);
                                        var r = new ArrayList<Tensor>();
                                        for (int k = 0; k < out.length; k++) {
                                            out[k] = force[k] || inner.owns(results.get(k));
                                            r.add(
                                                    out[k]
                                                            ? inner.repeated(results.get(k))
                                                            : results.get(k));
                                        }
                                        return r;
                                    });
                    return new Program(recording.graph(), out);
                });
    }

    private List<Tensor> evaluate(Graph graph, List<Tensor> whole, boolean[] flags) {
        var arguments = new ArrayList<Tensor>();
        for (int i = 0; i < flags.length; i++) {
            arguments.add(flags[i] ? example(whole.get(i)) : whole.get(i));
        }
        return run(() -> graph.evaluate(arguments));
    }

    private List<Tensor> mark(List<Tensor> results, boolean[] flags) {
        var r = new ArrayList<Tensor>();
        for (int i = 0; i < flags.length; i++) {
            r.add(flags[i] ? example(results.get(i)) : results.get(i));
        }
        return r;
    }

    private List<Tensor> all(List<Tensor> whole, boolean[] flags) {
        var x = new Args(List.copyOf(whole));
        var r = new ArrayList<Tensor>();
        for (int i = 0; i < flags.length; i++) {
            r.add(Ops.withBatch(x, flags, size, i));
        }
        return r;
    }

    private List<Tensor> control(Control op, List<Tensor> whole, boolean[] flags) {
        return switch (op) {
            case Control.Call c -> {
                var p = batch(c.graph(), flags, new boolean[c.graph().outputs().size()]);
                yield mark(
                        Ops.bindAll(new Control.Call(c.label(), p.graph(), c.remat()), whole),
                        p.batched());
            }
            case Control.Scan s -> scan(s, whole, flags);
            case Control.Cond c -> cond(c, whole, flags);
            case Control.While w -> loop(w, whole, flags);
            case Control.WithRule r -> {
                var p =
                        batch(
                                r.graph(),
                                Flags.all(flags.length),
                                Flags.all(r.graph().outputs().size()));
                var rule = batched(r.rule());
                yield examples(
                        Ops.bindAll(
                                new Control.WithRule(r.label(), p.graph(), rule),
                                all(whole, flags)));
            }
            case Control.Transposed t -> {
                var rule = (DerivativeRule.Reverse) batched(t.rule());
                var in = t.inputs().stream().map(x -> x.batched(size)).toList();
                var out = t.outputs().stream().map(x -> x.batched(size)).toList();
                yield examples(
                        Ops.bindAll(new Control.Transposed(rule, in, out), all(whole, flags)));
            }
        };
    }

    /** A user's rule for one example as a rule for the batch. */
    private DerivativeRule batched(DerivativeRule rule) {
        return switch (rule) {
            case DerivativeRule.Forward f ->
                    (DerivativeRule.Forward) (x, y, dx) -> vmap(f::tangents, x, y, dx);
            case DerivativeRule.Reverse r ->
                    (DerivativeRule.Reverse) (x, y, ct) -> vmap(r::cotangents, x, y, ct);
        };
    }

    @FunctionalInterface
    private interface Rule {
        List<Tensor> apply(List<Tensor> x, List<Tensor> y, List<Tensor> d);
    }

    private List<Tensor> vmap(Rule f, List<Tensor> x, List<Tensor> y, List<Tensor> d) {
        var inner = new Batch(Interpreter.current(), size);
        return inner
                .run(() -> f.apply(inner.examples(x), inner.examples(y), inner.examples(d)))
                .stream()
                .map(inner::repeated)
                .toList();
    }

    private List<Tensor> scan(Control.Scan s, List<Tensor> whole, boolean[] flags) {
        int c = s.constants();
        int k = s.carry();
        int n = flags.length;
        int outs = s.body().outputs().size();
        var in = flags.clone();
        Program p;
        while (true) { // the carry is batched if any step makes it so
            var force = new boolean[outs];
            System.arraycopy(in, c, force, 0, k);
            p = batch(s.body(), in, force);
            if (Arrays.equals(Flags.range(p.batched(), 0, k), Flags.range(in, c, c + k))) {
                break;
            }
            System.arraycopy(p.batched(), 0, in, c, k);
        }
        var x = new Args(List.copyOf(whole));
        var operands = new ArrayList<Tensor>();
        for (int i = 0; i < n; i++) {
            boolean grow = in[i] && !flags[i];
            Tensor t = grow ? Ops.withBatch(x, flags, size, i) : x.get(i);
            operands.add(i >= c + k && flags[i] ? Ops.moveAxis(t, 0, 1) : t); // (steps, batch, ..)
        }
        var results =
                new ArrayList<>(
                        Ops.bindAll(
                                new Control.Scan(p.graph(), c, k, s.length(), s.reverse()),
                                operands));
        for (int i = k; i < outs; i++) {
            if (p.batched()[i]) {
                results.set(i, Ops.moveAxis(results.get(i), 1, 0));
            }
        }
        return mark(results, p.batched());
    }

    private List<Tensor> cond(Control.Cond c, List<Tensor> whole, boolean[] flags) {
        int n = flags.length;
        var in = Flags.range(flags, 1, n);
        int outs = c.whenTrue().outputs().size();
        if (!flags[0]) {
            var force = new boolean[outs];
            var yes = batch(c.whenTrue(), in, force);
            var no = batch(c.whenFalse(), in, force);
            for (int i = 0; i < outs; i++) {
                force[i] = yes.batched()[i] || no.batched()[i];
            }
            var op =
                    new Control.Cond(
                            batch(c.whenTrue(), in, force).graph(),
                            batch(c.whenFalse(), in, force).graph());
            return mark(Ops.bindAll(op, whole), force);
        }
        // examples disagree about the branch: both are computed, each example picks
        var yes = evaluate(c.whenTrue(), whole.subList(1, n), in);
        var no = evaluate(c.whenFalse(), whole.subList(1, n), in);
        var results = new ArrayList<Tensor>();
        for (int i = 0; i < outs; i++) {
            results.add(
                    example(choose(whole.getFirst(), repeated(yes.get(i)), repeated(no.get(i)))));
        }
        return results;
    }

    /** Picks whole examples by a condition of shape (batch). */
    private static Tensor choose(Tensor condition, Tensor yes, Tensor no) {
        return Ops.select(Ops.broadcast(condition, yes.shape(), Axes.of(0)), yes, no);
    }

    private List<Tensor> loop(Control.While w, List<Tensor> whole, boolean[] flags) {
        int a = w.conditionConstants();
        int b = w.bodyConstants();
        int n = flags.length;
        int k = n - a - b;
        var carry = Flags.range(flags, a + b, n);
        boolean disagree = false;
        Program body;
        Program condition;
        while (true) {
            condition = batch(w.condition(), join(Flags.range(flags, 0, a), carry), new boolean[1]);
            disagree |= condition.batched()[0];
            if (disagree) {
                carry = Flags.all(k);
            }
            body = batch(w.body(), join(Flags.range(flags, a, a + b), carry), carry);
            if (Arrays.equals(body.batched(), carry)) {
                break;
            }
            carry = body.batched();
        }
        var x = new Args(List.copyOf(whole));
        var operands = new ArrayList<>(whole.subList(0, a + b));
        for (int i = 0; i < k; i++) {
            operands.add(
                    carry[i] ? Ops.withBatch(x, flags, size, a + b + i) : whole.get(a + b + i));
        }
        if (!disagree) {
            return mark(
                    Ops.bindAll(new Control.While(condition.graph(), body.graph(), a, b), operands),
                    carry);
        }
        // go on while any example does; those that are done keep what they have
        var conditionGraph =
                batch(w.condition(), join(Flags.range(flags, 0, a), carry), Flags.all(1)).graph();
        var bodyGraph = body.graph();
        var conditionTypes = conditionGraph.inputTypes();
        var any =
                Recorder.record(
                                conditionTypes,
                                v ->
                                        List.of(
                                                Ops.bind(
                                                        new Reduction.Any(Axes.of(0)),
                                                        conditionGraph.evaluate(v).getFirst())))
                        .graph();
        var types = new ArrayList<>(conditionTypes.subList(0, a));
        types.addAll(bodyGraph.inputTypes());
        var masked =
                Recorder.record(
                                types,
                                v -> {
                                    var state = v.subList(a + b, v.size());
                                    var c = new ArrayList<>(v.subList(0, a));
                                    c.addAll(state);
                                    Tensor going = conditionGraph.evaluate(c).getFirst();
                                    var next = bodyGraph.evaluate(v.subList(a, v.size()));
                                    var r = new ArrayList<Tensor>();
                                    for (int i = 0; i < next.size(); i++) {
                                        r.add(choose(going, next.get(i), state.get(i)));
                                    }
                                    return r;
                                })
                        .graph();
        var all = new ArrayList<>(operands.subList(0, a));
        all.addAll(operands.subList(0, a));
        all.addAll(operands.subList(a, operands.size()));
        return mark(Ops.bindAll(new Control.While(any, masked, a, a + b), all), carry);
    }

    private static boolean[] join(boolean[] p, boolean[] q) {
        var r = Arrays.copyOf(p, p.length + q.length);
        System.arraycopy(q, 0, r, p.length, q.length);
        return r;
    }
}
