package dev.fathom.core.transform;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** How a derivative passes through an operation that holds a program. */
final class ForwardControl {
    private final Forward forward;
    private final List<Tensor> primals;
    private final List<@Nullable Tensor> tangents;

    private ForwardControl(Forward forward, List<Tensor> primals, List<@Nullable Tensor> tangents) {
        this.forward = forward;
        this.primals = primals;
        this.tangents = tangents;
    }

    static List<Tensor> apply(
            Forward forward, Control op, List<Tensor> primals, List<@Nullable Tensor> tangents) {
        var f = new ForwardControl(forward, primals, tangents);
        return switch (op) {
            case Control.Call c -> forward.linearizing() ? f.linearCall(c) : f.call(c);
            case Control.Scan s -> forward.linearizing() ? f.linearScan(s) : f.scan(s);
            case Control.Cond c -> forward.linearizing() ? f.linearCond(c) : f.cond(c);
            case Control.While w -> f.loop(w);
            case Control.WithRule r -> f.withRule(r);
            case Control.Transposed t ->
                    throw new NotDifferentiableException(
                            "a function with a stated reverse rule has no forward derivative; state"
                                    + " a forward rule instead: it serves both directions");
        };
    }

    private boolean[] wrt(int start, int end) {
        return Flags.of(tangents.subList(start, end), t -> t != null);
    }

    private List<Tensor> given(int start, int end) {
        var r = new ArrayList<Tensor>();
        for (var t : tangents.subList(start, end)) {
            if (t != null) {
                r.add(t);
            }
        }
        return r;
    }

    private static boolean[] floating(List<TensorType> types) {
        return Flags.of(types, t -> t.dtype().isFloating());
    }

    /** The types that derivatives of the chosen have. */
    private static List<TensorType> derivatives(List<TensorType> types, boolean[] chosen) {
        return Flags.pick(types, chosen).stream().map(TensorType::ofDerivative).toList();
    }

    /** Pairs results (values, then tangents of those with {@code present}) up again. */
    private List<Tensor> pair(List<Tensor> values, List<Tensor> derivatives, boolean[] present) {
        List<@Nullable Tensor> d = new ArrayList<>();
        int next = 0;
        for (boolean p : present) {
            d.add(p ? derivatives.get(next++) : null);
        }
        return forward.join(values, d);
    }

    // ---- forward mode --------------------------------------------------------------------------

    private record JvpKey(List<Boolean> wrt) {}

    /** (inputs, tangents of {@code wrt}) to (outputs, tangents of all floating outputs). */
    private static Graph jvp(Graph graph, boolean[] wrt) {
        return Derived.of(
                graph,
                new JvpKey(Flags.list(wrt)),
                () -> {
                    var types = new ArrayList<>(graph.inputTypes());
                    types.addAll(derivatives(graph.inputTypes(), wrt));
                    return Recorder.record(types, in -> jvp(graph, wrt, in)).graph();
                });
    }

    private static List<Tensor> jvp(Graph graph, boolean[] wrt, List<Tensor> in) {
        var mode = Forward.mode();
        var arguments = new ArrayList<Tensor>();
        int next = wrt.length;
        for (int i = 0; i < wrt.length; i++) {
            arguments.add(wrt[i] ? mode.dual(in.get(i), in.get(next++)) : in.get(i));
        }
        var outputs = mode.run(() -> graph.evaluate(arguments));
        var results = new ArrayList<>(outputs.stream().map(mode::primal).toList());
        for (var out : outputs) {
            if (out.dtype().isFloating()) {
                results.add(mode.tangentOrZeros(out));
            }
        }
        return results;
    }

    private List<Tensor> call(Control.Call c) {
        var wrt = wrt(0, primals.size());
        var operands = new ArrayList<>(primals);
        operands.addAll(given(0, primals.size()));
        var results =
                forward.outside(
                        new Control.Call(c.label(), jvp(c.graph(), wrt), c.remat()), operands);
        return unpack(results, c.graph().outputTypes());
    }

    private List<Tensor> unpack(List<Tensor> results, List<TensorType> out) {
        return pair(
                results.subList(0, out.size()),
                results.subList(out.size(), results.size()),
                floating(out));
    }

    private List<Tensor> cond(Control.Cond c) {
        int n = primals.size();
        var wrt = wrt(1, n);
        var operands = new ArrayList<>(primals);
        operands.addAll(given(1, n));
        var op = new Control.Cond(jvp(c.whenTrue(), wrt), jvp(c.whenFalse(), wrt));
        return unpack(forward.outside(op, operands), c.whenTrue().outputTypes());
    }

    /** Constants, carry and inputs each grow by their tangents. */
    private List<Tensor> scan(Control.Scan s) {
        int c = s.constants();
        int k = s.carry();
        var in = s.body().inputTypes();
        var out = s.body().outputTypes();
        var wrtC = wrt(0, c);
        var wrtK = floating(in.subList(c, c + k));
        var wrtX = wrt(c + k, primals.size());
        var types = new ArrayList<>(in.subList(0, c));
        types.addAll(derivatives(in.subList(0, c), wrtC));
        int constants = types.size();
        types.addAll(in.subList(c, c + k));
        types.addAll(derivatives(in.subList(c, c + k), wrtK));
        int carry = types.size() - constants;
        types.addAll(in.subList(c + k, in.size()));
        types.addAll(derivatives(in.subList(c + k, in.size()), wrtX));
        var wrt = concat(wrtC, wrtK, wrtX);
        var body =
                Derived.of(
                        s.body(),
                        List.of("jvp scan", Flags.list(wrt), c, k),
                        () ->
                                Recorder.record(
                                                types,
                                                v ->
                                                        regroup(
                                                                jvp(
                                                                        s.body(),
                                                                        wrt,
                                                                        ungroup(
                                                                                v, in.size(), c, k,
                                                                                wrtC, wrtK)),
                                                                out,
                                                                k))
                                        .graph());
        var operands = new ArrayList<>(primals.subList(0, c));
        operands.addAll(given(0, c));
        operands.addAll(primals.subList(c, c + k));
        operands.addAll(carryTangents(c, k, wrtK));
        operands.addAll(primals.subList(c + k, primals.size()));
        operands.addAll(given(c + k, primals.size()));
        var results =
                forward.outside(
                        new Control.Scan(body, constants, carry, s.length(), s.reverse()),
                        operands);
        int extra = carry - k;
        var values = new ArrayList<>(results.subList(0, k));
        values.addAll(results.subList(carry, carry + out.size() - k));
        var derivatives = new ArrayList<>(results.subList(k, k + extra));
        derivatives.addAll(results.subList(carry + out.size() - k, results.size()));
        return pair(values, derivatives, floating(out));
    }

    private List<Tensor> carryTangents(int start, int count, boolean[] floating) {
        var r = new ArrayList<Tensor>();
        for (int i = 0; i < count; i++) {
            if (floating[i]) {
                var d = tangents.get(start + i);
                var type = primals.get(start + i).type();
                r.add(d != null ? d : forward.tangents().run(() -> Ops.zeros(type.ofDerivative())));
            }
        }
        return r;
    }

    /** From (C, dC, K, dK, X, dX) to (C, K, X, dC, dK, dX). */
    private static List<Tensor> ungroup(
            List<Tensor> v, int n, int c, int k, boolean[] wrtC, boolean[] wrtK) {
        int dc = Flags.pick(Flags.list(wrtC), wrtC).size();
        int dk = Flags.pick(Flags.list(wrtK), wrtK).size();
        int atK = c + dc;
        int atX = atK + k + dk;
        int x = n - c - k;
        var r = new ArrayList<>(v.subList(0, c));
        r.addAll(v.subList(atK, atK + k));
        r.addAll(v.subList(atX, atX + x));
        r.addAll(v.subList(c, atK));
        r.addAll(v.subList(atK + k, atX));
        r.addAll(v.subList(atX + x, v.size()));
        return r;
    }

    /** From (K, Y, dK, dY) to (K, dK, Y, dY). */
    private static List<Tensor> regroup(List<Tensor> v, List<TensorType> out, int k) {
        int dk = (int) out.subList(0, k).stream().filter(t -> t.dtype().isFloating()).count();
        int n = out.size();
        var r = new ArrayList<>(v.subList(0, k));
        r.addAll(v.subList(n, n + dk));
        r.addAll(v.subList(k, n));
        r.addAll(v.subList(n + dk, v.size()));
        return r;
    }

    private static boolean[] concat(boolean[]... parts) {
        var all = new ArrayList<Boolean>();
        for (var p : parts) {
            all.addAll(Flags.list(p));
        }
        return Flags.of(all, f -> f);
    }

    private List<Tensor> loop(Control.While w) {
        if (forward.linearizing()) {
            throw new NotDifferentiableException(
                    "whileLoop has no reverse derivative, since the number of its steps is not"
                        + " known beforehand; use scan with a fixed length, or forward mode (jvp)");
        }
        int a = w.conditionConstants();
        int b = w.bodyConstants();
        int n = primals.size();
        var carry = w.body().outputTypes();
        var wrtB = wrt(a, a + b);
        var wrtK = floating(carry);
        var types = new ArrayList<>(w.body().inputTypes().subList(0, b));
        types.addAll(derivatives(types, wrtB));
        int constants = types.size();
        types.addAll(carry);
        types.addAll(derivatives(carry, wrtK));
        var wrt = concat(wrtB, wrtK);
        var body =
                Recorder.record(
                                types,
                                v ->
                                        jvp(
                                                w.body(),
                                                wrt,
                                                ungroup(
                                                        v,
                                                        b + carry.size(),
                                                        b,
                                                        carry.size(),
                                                        wrtB,
                                                        wrtK)))
                        .graph();
        var conditionTypes = new ArrayList<>(w.condition().inputTypes());
        conditionTypes.addAll(derivatives(carry, wrtK));
        var condition =
                Recorder.record(
                                conditionTypes,
                                v -> w.condition().evaluate(v.subList(0, a + carry.size())))
                        .graph();
        var operands = new ArrayList<>(primals.subList(0, a + b));
        operands.addAll(given(a, a + b));
        operands.addAll(primals.subList(a + b, n));
        operands.addAll(carryTangents(a + b, carry.size(), wrtK));
        return unpack(
                forward.outside(new Control.While(condition, body, a, constants), operands), carry);
    }

    private List<Tensor> withRule(Control.WithRule r) {
        var outputs = forward.outside(r, primals);
        var dx = new ArrayList<Tensor>();
        for (int i = 0; i < primals.size(); i++) {
            var d = tangents.get(i);
            var type = primals.get(i).type();
            dx.add(d != null ? d : forward.tangents().run(() -> Ops.zeros(type.ofDerivative())));
        }
        var floats = Flags.of(outputs, t -> t.dtype().isFloating());
        var dy =
                switch (r.rule()) {
                    case DerivativeRule.Forward rule -> stated(rule, outputs, dx, floats);
                    case DerivativeRule.Reverse rule -> {
                        if (!forward.linearizing()) {
                            throw new NotDifferentiableException(
                                    r.label()
                                            + ": its stated reverse rule does not serve forward"
                                            + " mode (jvp, hvp); state a forward rule: it serves"
                                            + " both directions");
                        }
                        var op =
                                new Control.Transposed(
                                        rule, r.graph().inputTypes(), r.graph().outputTypes());
                        var operands = new ArrayList<>(primals);
                        operands.addAll(outputs);
                        operands.addAll(Flags.pick(dx, Flags.of(dx, t -> t.dtype().isFloating())));
                        yield forward.tangents().run(() -> Ops.bindAll(op, operands));
                    }
                };
        return pair(outputs, dy, floats);
    }

    /**
     * A stated rule's tangents. It is linear but may be written in any way, with loops that compute
     * values and tangents side by side, say; so to linearise, it is itself linearised, at zero,
     * where it is its own derivative.
     */
    private List<Tensor> stated(
            DerivativeRule.Forward rule, List<Tensor> outputs, List<Tensor> dx, boolean[] floats) {
        if (!forward.linearizing()) {
            return Flags.pick(
                    forward.tangents().run(() -> rule.tangents(primals, outputs, dx)), floats);
        }
        var arguments = new ArrayList<Tensor>();
        for (int i = 0; i < primals.size(); i++) {
            var d = tangents.get(i);
            var type = primals.get(i).type();
            Tensor zero = forward.outer().run(() -> Ops.zeros(type.ofDerivative()));
            arguments.add(d == null ? zero : forward.dual(zero, d));
        }
        var all = forward.run(() -> rule.tangents(primals, outputs, arguments));
        return Flags.pick(all, floats).stream().map(forward::tangentOrZeros).toList();
    }

    // ---- linearisation -------------------------------------------------------------------------

    private List<Tensor> linear(Control op, List<Tensor> operands) {
        return forward.tangents().run(() -> Ops.bindAll(op, operands));
    }

    private List<Tensor> linearCall(Control.Call c) {
        int n = primals.size();
        var wrt = wrt(0, n);
        if (c.remat()) {
            return checkpoint(c, wrt);
        }
        var split = Split.of(c.graph(), wrt, new boolean[c.graph().outputs().size()], Flags.all(n));
        int outs = split.present().length;
        var all = forward.outside(new Control.Call(c.label(), split.values(), false), primals);
        if (!Flags.any(split.present())) {
            return all.subList(0, outs);
        }
        var operands = given(0, n);
        operands.addAll(split.residuals(primals, all.subList(outs, all.size())));
        var dy = linear(new Control.Call(c.label(), split.tangents(), false), operands);
        return pair(all.subList(0, outs), dy, split.present());
    }

    /** Keeps the inputs only; the tangent program computes the values again. */
    private List<Tensor> checkpoint(Control.Call c, boolean[] wrt) {
        var graph = c.graph();
        var values = forward.outside(c, primals);
        var tangents =
                Derived.of(
                        graph,
                        List.of("checkpoint", Flags.list(wrt)),
                        () -> {
                            var types = new ArrayList<>(derivatives(graph.inputTypes(), wrt));
                            int given = types.size();
                            types.addAll(graph.inputTypes());
                            int outs = graph.outputs().size();
                            var split =
                                    Split.of(
                                            graph,
                                            wrt,
                                            floating(graph.outputTypes()),
                                            Flags.all(wrt.length));
                            Function<List<Tensor>, List<Tensor>> f =
                                    in -> {
                                        var inputs = in.subList(given, in.size());
                                        var again = split.values().evaluate(inputs);
                                        var order = new ArrayList<>(in.subList(0, given));
                                        order.addAll(
                                                split.residuals(
                                                        inputs, again.subList(outs, again.size())));
                                        return split.tangents().evaluate(order);
                                    };
                            return Recorder.record(types, f).graph();
                        });
        var operands = given(0, primals.size());
        operands.addAll(primals);
        var dy = linear(new Control.Call(c.label(), tangents, true), operands);
        return pair(values, dy, floating(graph.outputTypes()));
    }

    private List<Tensor> linearCond(Control.Cond c) {
        int n = primals.size();
        var wrt = wrt(1, n);
        int outs = c.whenTrue().outputs().size();
        var has =
                Split.of(c.whenTrue(), wrt, new boolean[outs], Flags.all(n - 1)).present().clone();
        var hasToo = Split.of(c.whenFalse(), wrt, new boolean[outs], Flags.all(n - 1)).present();
        for (int i = 0; i < outs; i++) {
            has[i] |= hasToo[i];
        }
        var yes = Split.of(c.whenTrue(), wrt, has, Flags.all(n - 1));
        var no = Split.of(c.whenFalse(), wrt, has, Flags.all(n - 1));
        var in = c.whenTrue().inputTypes();
        var values =
                new Control.Cond(
                        branchValues(yes, in, List.of(), no.computedTypes()),
                        branchValues(no, in, yes.computedTypes(), List.of()));
        var all = forward.outside(values, primals);
        int a = yes.computedTypes().size();
        var results = all.subList(0, outs);
        if (!Flags.any(has)) {
            return results;
        }
        var dIn = given(1, n);
        int b = no.computedTypes().size();
        var tangents =
                new Control.Cond(
                        branchTangents(yes, in, dIn, yes.computedTypes(), no.computedTypes(), 0, a),
                        branchTangents(no, in, dIn, yes.computedTypes(), no.computedTypes(), a, b));
        var operands = new ArrayList<Tensor>();
        operands.add(primals.getFirst());
        operands.addAll(dIn);
        operands.addAll(primals.subList(1, n));
        operands.addAll(all.subList(outs, all.size()));
        return pair(results, linear(tangents, operands), has);
    }

    /** A branch's value part, with zeros in the place of the other branch's residuals. */
    private static Graph branchValues(
            Split s, List<TensorType> in, List<TensorType> before, List<TensorType> after) {
        int outs = s.present().length;
        return Recorder.record(
                        in,
                        v -> {
                            var all = s.values().evaluate(v);
                            var r = new ArrayList<>(all.subList(0, outs));
                            before.forEach(t -> r.add(Ops.zeros(t)));
                            r.addAll(all.subList(outs, all.size()));
                            after.forEach(t -> r.add(Ops.zeros(t)));
                            return r;
                        })
                .graph();
    }

    /** A branch's tangent part, taking (tangents, inputs, both branches' residuals). */
    private static Graph branchTangents(
            Split s,
            List<TensorType> in,
            List<Tensor> dIn,
            List<TensorType> a,
            List<TensorType> b,
            int start,
            int count) {
        var types = new ArrayList<>(dIn.stream().map(Tensor::type).toList());
        types.addAll(in);
        types.addAll(a);
        types.addAll(b);
        int d = dIn.size();
        int base = d + in.size();
        return Recorder.record(
                        types,
                        v -> {
                            var r = new ArrayList<>(v.subList(0, d));
                            r.addAll(
                                    s.residuals(
                                            v.subList(d, base),
                                            v.subList(base + start, base + start + count)));
                            return s.tangents().evaluate(r);
                        })
                .graph();
    }

    /**
     * The tangent loop: constants (kept inputs, dC), carry dK, inputs (residuals of every step,
     * dX).
     */
    private List<Tensor> linearScan(Control.Scan s) {
        int c = s.constants();
        int k = s.carry();
        int n = primals.size();
        var in = s.body().inputTypes();
        var out = s.body().outputTypes();
        var wrtC = wrt(0, c);
        var wrtK = floating(in.subList(c, c + k));
        var wrtX = wrt(c + k, n);
        var wrt = concat(wrtC, wrtK, wrtX);
        var needed = new boolean[out.size()];
        System.arraycopy(wrtK, 0, needed, 0, k);
        var kept = Flags.all(n);
        Arrays.fill(kept, c, c + k, false); // the carry of a step is gone when the loop is over
        var split = Split.of(s.body(), wrt, needed, kept);
        var all =
                forward.outside(
                        new Control.Scan(split.values(), c, k, s.length(), s.reverse()), primals);
        var results = all.subList(0, out.size());
        var stacked = all.subList(out.size(), all.size());
        var plan = ScanTangents.of(s, split, wrtC, wrtK, wrtX);
        var operands = new ArrayList<Tensor>();
        plan.constants().forEach(r -> operands.add(r.value(primals, stacked)));
        operands.addAll(given(0, c));
        int constants = operands.size();
        operands.addAll(carryTangents(c, k, wrtK));
        int carry = operands.size() - constants;
        plan.perStep().forEach(r -> operands.add(r.value(primals, stacked)));
        operands.addAll(given(c + k, n));
        var dy =
                linear(
                        new Control.Scan(plan.body(), constants, carry, s.length(), s.reverse()),
                        operands);
        return pair(results, dy, split.present());
    }
}
