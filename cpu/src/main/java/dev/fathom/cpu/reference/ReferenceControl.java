package dev.fathom.cpu.reference;

import dev.fathom.core.error.BackendException;
import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.spi.Eager;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Programs inside operations, and operations of users. */
final class ReferenceControl {
    private ReferenceControl() {}

    static List<Values> run(
            ReferenceBackend backend, Control op, List<Values> x, List<TensorType> results) {
        return switch (op) {
            case Control.Call c -> evaluate(backend, c.graph(), x);
            case Control.WithRule c -> evaluate(backend, c.graph(), x);
            case Control.Cond c ->
                    evaluate(
                            backend,
                            x.getFirst().holds() ? c.whenTrue() : c.whenFalse(),
                            x.subList(1, x.size()));
            case Control.Scan s -> scan(backend, s, x, results);
            case Control.While w -> loop(backend, w, x);
            case Control.Transposed _ ->
                    throw new NotDifferentiableException(
                            "a function with a reverse rule has no forward derivative: its rule"
                                    + " gives cotangents only. Use grad or vjp, or state a"
                                    + " DerivativeRule.Forward");
        };
    }

    /** Runs the equations in order. Every result has memory of its own. */
    static List<Values> evaluate(ReferenceBackend backend, Graph graph, List<Values> arguments) {
        var known = new Values[graph.variables()];
        store(known, graph.inputs(), arguments);
        for (var e : graph.equations()) {
            var operands = e.operands().stream().map(a -> read(known, a)).toList();
            var types = e.results().stream().map(Atom.Var::type).toList();
            store(known, e.results(), backend.run(e.op(), operands, types));
        }
        Set<Object> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        arguments.forEach(a -> taken.add(a.array()));
        var outputs = new ArrayList<Values>();
        for (var atom : graph.outputs()) {
            var v = read(known, atom);
            boolean own = atom instanceof Atom.Var && taken.add(v.array());
            outputs.add(own ? v : v.copy());
        }
        return outputs;
    }

    private static void store(Values[] known, List<Atom.Var> variables, List<Values> values) {
        for (int i = 0; i < variables.size(); i++) {
            known[variables.get(i).id()] = values.get(i);
        }
    }

    private static Values read(Values[] known, Atom atom) {
        return switch (atom) {
            case Atom.Var v -> known[v.id()];
            case Atom.Constant c -> Values.of(c.type(), c.value().buffer());
        };
    }

    private static List<Values> scan(
            ReferenceBackend backend, Control.Scan op, List<Values> x, List<TensorType> results) {
        var constants = x.subList(0, op.constants());
        var stacked = x.subList(op.constants() + op.carry(), x.size());
        var sliceTypes = op.body().inputTypes().subList(op.constants() + op.carry(), x.size());
        var carry =
                x.subList(op.constants(), op.constants() + op.carry()).stream()
                        .map(Values::copy)
                        .toList();
        var outputs =
                results.subList(op.carry(), results.size()).stream().map(Values::zeros).toList();
        for (int step = 0; step < op.length(); step++) {
            int at = op.reverse() ? op.length() - 1 - step : step;
            var arguments = new ArrayList<>(constants);
            arguments.addAll(carry);
            for (int k = 0; k < stacked.size(); k++) {
                var type = sliceTypes.get(k);
                arguments.add(stacked.get(k).part(type, at * type.shape().length()));
            }
            var made = evaluate(backend, op.body(), arguments);
            carry = made.subList(0, op.carry());
            for (int k = 0; k < outputs.size(); k++) {
                var slice = made.get(op.carry() + k);
                outputs.get(k).putAll(at * slice.length(), slice);
            }
        }
        var all = new ArrayList<>(carry);
        all.addAll(outputs);
        return all;
    }

    private static List<Values> loop(ReferenceBackend backend, Control.While op, List<Values> x) {
        int first = op.conditionConstants();
        int second = first + op.bodyConstants();
        var conditionConstants = x.subList(0, first);
        var bodyConstants = x.subList(first, second);
        var carry = x.subList(second, x.size()).stream().map(Values::copy).toList();
        while (evaluate(backend, op.condition(), join(conditionConstants, carry))
                .getFirst()
                .holds()) {
            carry = evaluate(backend, op.body(), join(bodyConstants, carry));
        }
        return carry;
    }

    private static List<Values> join(List<Values> a, List<Values> b) {
        var all = new ArrayList<>(a);
        all.addAll(b);
        return all;
    }

    /** Runs a user's operation; tensor operations in its body run eagerly on this backend. */
    static List<Values> run(
            ReferenceBackend backend, Custom op, List<Values> x, List<TensorType> results) {
        var arrays = x.stream().map(v -> Array.of(v.type(), v.buffer())).toList();
        var made = Eager.INSTANCE.run(() -> Backends.with(backend, () -> op.op().evaluate(arrays)));
        var types = made.stream().map(Array::type).toList();
        if (!types.equals(results)) {
            throw new BackendException(
                    op.name()
                            + ": CustomOp.evaluate returned "
                            + types
                            + ", but CustomOp.types promised "
                            + results);
        }
        return made.stream().map(a -> Values.of(a.type(), a.buffer()).copy()).toList();
    }
}
