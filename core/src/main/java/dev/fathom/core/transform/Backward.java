package dev.fathom.core.transform;

import dev.fathom.core.error.Layers;
import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Args;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Linear;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Single;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;

/**
 * Runs a linear program backwards: the cotangents of its outputs become those of its linear inputs.
 * Each line is replaced by its transpose, in reverse order; a variable used several times collects
 * the sum. This is all of reverse mode. Lines that do not depend on the linear inputs (a
 * checkpoint's recomputation) are evaluated first.
 */
final class Backward {
    private final Tensor[] known;
    private final @Nullable Tensor[] cotangent;
    private final boolean[] linear;

    private Backward(int variables) {
        known = new Tensor[variables];
        cotangent = new Tensor[variables];
        linear = new boolean[variables];
    }

    /**
     * @param linear which inputs the program is linear in
     * @param arguments values of the other inputs, in order
     * @param cotangents of the outputs; null is zero
     * @return cotangents of the linear inputs, in order; null is zero
     */
    static List<@Nullable Tensor> run(
            Graph graph,
            boolean[] linear,
            List<Tensor> arguments,
            List<@Nullable Tensor> cotangents) {
        var b = new Backward(graph.variables());
        int next = 0;
        for (int i = 0; i < linear.length; i++) {
            int id = graph.inputs().get(i).id();
            b.linear[id] = linear[i];
            if (!linear[i]) {
                b.known[id] = arguments.get(next++);
            }
        }
        for (var e : graph.equations()) {
            b.evaluateIfKnown(e);
        }
        for (int k = 0; k < graph.outputs().size(); k++) {
            b.collect(graph.outputs().get(k), cotangents.get(k));
        }
        for (var e : graph.equations().reversed()) {
            Layers.at(
                    e.layer(),
                    () -> {
                        b.transpose(e);
                        return true;
                    });
        }
        var results = new ArrayList<@Nullable Tensor>();
        for (int i = 0; i < linear.length; i++) {
            if (linear[i]) {
                results.add(b.cotangent[graph.inputs().get(i).id()]);
            }
        }
        return results;
    }

    private boolean isLinear(Atom a) {
        return a instanceof Atom.Var v && linear[v.id()];
    }

    private Tensor value(Atom a) {
        return switch (a) {
            case Atom.Var v -> known[v.id()];
            case Atom.Constant c -> c.value();
        };
    }

    private void evaluateIfKnown(Equation e) {
        if (e.operands().stream().anyMatch(this::isLinear)) {
            e.results().forEach(v -> linear[v.id()] = true);
            return;
        }
        var results = Ops.bindAll(e.op(), e.operands().stream().map(this::value).toList());
        for (int k = 0; k < results.size(); k++) {
            known[e.results().get(k).id()] = results.get(k);
        }
    }

    private void collect(Atom a, @Nullable Tensor ct) {
        if (ct == null || !(a instanceof Atom.Var v) || !linear[v.id()]) {
            return;
        }
        var before = cotangent[v.id()];
        cotangent[v.id()] = before == null ? ct : before.plus(ct);
    }

    private void transpose(Equation e) {
        if (!linear[e.results().getFirst().id()]) {
            return;
        }
        var cts = new ArrayList<@Nullable Tensor>();
        boolean zero = true;
        for (var v : e.results()) {
            cts.add(cotangent[v.id()]);
            zero &= cotangent[v.id()] == null;
            cotangent[v.id()] = null; // its memory can go
        }
        if (zero) {
            return;
        }
        switch (e.op()) {
            case Control c -> control(c, e, cts);
            case Custom c -> {
                for (int i = 0; i < e.operands().size(); i++) {
                    if (isLinear(e.operands().get(i))) {
                        collect(
                                e.operands().get(i),
                                c.op().transpose(i, new Args(cts), operands(e), types(e)));
                    }
                }
            }
            case Linear l -> {
                for (int i = 0; i < e.operands().size(); i++) {
                    if (isLinear(e.operands().get(i))) {
                        var ct = new Args(cts).a();
                        collect(e.operands().get(i), l.transpose(i, ct, operands(e), types(e)));
                    }
                }
            }
            case Single s -> throw notLinear(s);
            case Decomposition d -> throw notLinear(d);
        }
    }

    private static RuntimeException notLinear(Primitive op) {
        return new NotDifferentiableException(
                op.name()
                        + " is not linear, so a tangent program that contains it has no transpose;"
                        + " a derivative rule must be linear in the tangents");
    }

    private Args operands(Equation e) {
        var values = new ArrayList<@Nullable Tensor>();
        for (var a : e.operands()) {
            values.add(isLinear(a) ? null : value(a));
        }
        return new Args(values);
    }

    private static List<TensorType> types(Equation e) {
        return e.operands().stream().map(Atom::type).toList();
    }

    // ---- operations that hold programs
    // -----------------------------------------------------------

    private void control(Control op, Equation e, List<@Nullable Tensor> cts) {
        switch (op) {
            case Control.Call c -> call(c, e, cts);
            case Control.Scan s -> scan(s, e, cts);
            case Control.Cond c -> cond(c, e, cts);
            case Control.Transposed t -> stated(t, e, cts);
            case Control.WithRule r -> throw notLinear(r);
            case Control.While w ->
                    throw new NotDifferentiableException(
                            "whileLoop has no reverse derivative; use scan with a fixed length");
        }
    }

    /** The types in {@code types} whose flag is set. */
    private static List<TensorType> pick(List<TensorType> types, boolean[] flags) {
        return Flags.pick(types, flags);
    }

    private static List<Tensor> orZeros(List<@Nullable Tensor> values, List<TensorType> types) {
        var r = new ArrayList<Tensor>();
        for (int i = 0; i < types.size(); i++) {
            var t = values.get(i);
            r.add(t != null ? t : Ops.zeros(types.get(i).ofDerivative()));
        }
        return r;
    }

    /** (known inputs, cotangents of the outputs) to (cotangents of the linear inputs). */
    private static Graph transposed(Graph graph, boolean[] linear) {
        return Derived.of(
                graph,
                List.of("transposed", Flags.list(linear)),
                () -> {
                    var fixed = pick(graph.inputTypes(), Flags.not(linear));
                    var wanted = pick(graph.inputTypes(), linear);
                    var types = new ArrayList<>(fixed);
                    types.addAll(graph.outputTypes());
                    return Recorder.record(
                                    types,
                                    v ->
                                            orZeros(
                                                    run(
                                                            graph,
                                                            linear,
                                                            v.subList(0, fixed.size()),
                                                            new ArrayList<@Nullable Tensor>(
                                                                    v.subList(
                                                                            fixed.size(),
                                                                            v.size()))),
                                                    wanted))
                            .graph();
                });
    }

    private boolean[] linearOperands(Equation e, int start, int end) {
        return Flags.of(e.operands().subList(start, end), this::isLinear);
    }

    private List<Tensor> knownOperands(Equation e, int start, int end) {
        var r = new ArrayList<Tensor>();
        for (var a : e.operands().subList(start, end)) {
            if (!isLinear(a)) {
                r.add(value(a));
            }
        }
        return r;
    }

    private void deliver(Equation e, int start, int end, List<Tensor> cts) {
        int next = 0;
        for (var a : e.operands().subList(start, end)) {
            if (isLinear(a)) {
                collect(a, cts.get(next++));
            }
        }
    }

    private void call(Control.Call c, Equation e, List<@Nullable Tensor> cts) {
        int n = e.operands().size();
        var operands = knownOperands(e, 0, n);
        operands.addAll(orZeros(cts, c.graph().outputTypes()));
        var graph = transposed(c.graph(), linearOperands(e, 0, n));
        deliver(e, 0, n, Ops.bindAll(new Control.Call(c.label(), graph, c.remat()), operands));
    }

    private void cond(Control.Cond c, Equation e, List<@Nullable Tensor> cts) {
        int n = e.operands().size();
        var linear = linearOperands(e, 1, n);
        var op =
                new Control.Cond(
                        transposed(c.whenTrue(), linear), transposed(c.whenFalse(), linear));
        var operands = new ArrayList<Tensor>();
        operands.add(value(e.operands().getFirst()));
        operands.addAll(knownOperands(e, 1, n));
        operands.addAll(orZeros(cts, c.whenTrue().outputTypes()));
        deliver(e, 1, n, Ops.bindAll(op, operands));
    }

    /**
     * The loop in the other direction. Constants: the known constants. Carry: the carry's cotangent
     * and a sum for each linear constant whose sum is not deferred. Inputs: the known inputs of
     * every step and the cotangents of its outputs.
     */
    private void scan(Control.Scan s, Equation e, List<@Nullable Tensor> cts) {
        int c = s.constants();
        int k = s.carry();
        int n = e.operands().size();
        var in = s.body().inputTypes();
        var out = s.body().outputTypes();
        var linC = linearOperands(e, 0, c);
        var linX = linearOperands(e, c + k, n);
        var linear = new boolean[n];
        System.arraycopy(linC, 0, linear, 0, c);
        Arrays.fill(linear, c, c + k, true); // also a carry whose tangent starts at zero
        System.arraycopy(linX, 0, linear, c + k, n - c - k);
        var fixedC = knownOperands(e, 0, c);
        var fixedX = knownOperands(e, c + k, n);
        var stacked = out.subList(k, out.size()).stream().map(t -> t.batched(s.length())).toList();
        var read = new ArrayList<>(fixedX);
        read.addAll(orZeros(cts.subList(k, cts.size()), stacked));
        var typesC = pick(in.subList(0, c), linC);
        int fc = fixedC.size();
        int fx = fixedX.size();
        int lc = typesC.size();
        // body: known constants, known inputs, cotangents of carry and outputs -> dC, dK, dX
        var body = transposed(s.body(), linear);
        var read0 = new HashMap<Integer, Integer>();
        for (int i = 0; i < read.size(); i++) {
            read0.put(fc + i + (i < fx ? 0 : k), i);
        }
        var deferred = DeferredProducts.of(body, lc, fc, read0);
        var sums = new ArrayList<TensorType>();
        for (int i = 0; i < lc; i++) {
            if (!deferred.defers(i)) {
                sums.add(typesC.get(i));
            }
        }
        int ls = sums.size();
        // step: constants, carry and sums, inputs -> carry and sums, dX and what is kept
        var types = new ArrayList<>(fixedC.stream().map(Tensor::type).toList());
        types.addAll(in.subList(c, c + k));
        types.addAll(sums);
        types.addAll(pick(in.subList(c + k, n), Flags.not(linX)));
        types.addAll(out.subList(k, out.size()));
        var step =
                Derived.of(
                        body,
                        List.of("step", fc, k, lc, fx),
                        () -> {
                            var graph = deferred.step();
                            return Recorder.record(
                                            types,
                                            v -> {
                                                int atX = fc + k + ls;
                                                var a = new ArrayList<>(v.subList(0, fc));
                                                a.addAll(v.subList(atX, atX + fx));
                                                a.addAll(v.subList(fc, fc + k));
                                                a.addAll(v.subList(atX + fx, v.size()));
                                                var d = graph.evaluate(a);
                                                var r = new ArrayList<>(d.subList(ls, ls + k));
                                                for (int i = 0; i < ls; i++) {
                                                    r.add(v.get(fc + k + i).plus(d.get(i)));
                                                }
                                                r.addAll(d.subList(ls + k, d.size()));
                                                return r;
                                            })
                                    .graph();
                        });
        var operands = new ArrayList<>(fixedC);
        operands.addAll(orZeros(cts.subList(0, k), in.subList(c, c + k)));
        sums.forEach(t -> operands.add(Ops.zeros(t)));
        operands.addAll(read);
        var results =
                Ops.bindAll(new Control.Scan(step, fc, k + ls, s.length(), !s.reverse()), operands);
        for (int i = 0; i < k; i++) {
            collect(e.operands().get(c + i), results.get(i));
        }
        int end = results.size() - deferred.kept();
        var kept = results.subList(end, results.size());
        var dC = new ArrayList<Tensor>();
        int next = k;
        for (int i = 0; i < lc; i++) {
            dC.add(deferred.defers(i) ? deferred.sum(i, read, kept) : results.get(next++));
        }
        deliver(e, 0, c, dC);
        deliver(e, c + k, n, results.subList(k + ls, end));
    }

    /** A user's reverse rule: cotangents of all outputs to those of all inputs. */
    private void stated(Control.Transposed t, Equation e, List<@Nullable Tensor> cts) {
        int inputs = t.inputs().size();
        int first = inputs + t.outputs().size();
        var x = knownOperands(e, 0, inputs);
        var y = knownOperands(e, inputs, first);
        var all = new ArrayList<@Nullable Tensor>();
        int next = 0;
        for (var type : t.outputs()) {
            all.add(type.dtype().isFloating() ? cts.get(next++) : null);
        }
        var dx = t.rule().cotangents(x, y, orZeros(all, t.outputs()));
        int operand = first;
        for (int i = 0; i < inputs; i++) {
            if (t.inputs().get(i).dtype().isFloating()) {
                var wanted = t.inputs().get(i).ofDerivative();
                if (!dx.get(i).type().equals(wanted)) {
                    throw new NotDifferentiableException(
                            "a stated reverse rule returned a cotangent of type "
                                    + dx.get(i).type()
                                    + " for input "
                                    + i
                                    + " of type "
                                    + t.inputs().get(i)
                                    + "; it must be of type "
                                    + wanted);
                }
                collect(e.operands().get(operand++), dx.get(i));
            }
        }
    }
}
