package dev.fathom.cpu.plan;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Control;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Loops and branches: each program inside becomes a plan of its own with a frame inside the frame.
 */
final class LowerControl {
    private LowerControl() {}

    static void lower(Lowering to, Equation e, Control op) {
        var in = new ArrayList<View>();
        for (int i = 0; i < e.operands().size(); i++) {
            in.add(to.contiguous(e, i));
        }
        var out = new ArrayList<View>();
        for (int k = 0; k < e.results().size(); k++) {
            out.add(to.result(e, k));
        }
        switch (op) {
            case Control.Call c -> call(to, c.graph(), in, out);
            case Control.WithRule r -> call(to, r.graph(), in, out);
            case Control.Cond c -> cond(to, c, in, out);
            case Control.Scan s when s.carry() == 0 -> LowerMap.lower(to, e.layer(), s, in, out);
            case Control.Scan s -> LowerScan.lower(to, s, in, out);
            case Control.While w -> loop(to, w, in, out);
            case Control.Transposed _ ->
                    throw new NotDifferentiableException(
                            "a function with a stated reverse rule cannot be run forward; state a"
                                    + " forward rule");
        }
    }

    private static void bind(Frame inner, int[] slots, Frame f, List<View> views) {
        for (int i = 0; i < slots.length; i++) {
            inner.bind(slots[i], Lowering.array(f, views.get(i)), Lowering.at(f, views.get(i)));
        }
    }

    private static void call(Lowering to, Graph graph, List<View> in, List<View> out) {
        var called = to.called(graph);
        var plan = called.plan();
        to.kernel(
                "call",
                in,
                out,
                f -> {
                    var inner = f.child(called.child(), plan);
                    bind(inner, plan.inputs(), f, in);
                    bind(inner, plan.outputs(), f, out);
                    plan.run(inner);
                });
    }

    private static void cond(Lowering to, Control.Cond c, List<View> in, List<View> out) {
        var yes = Planner.plan(c.whenTrue());
        var no = Planner.plan(c.whenFalse());
        int first = to.child(yes);
        int second = to.child(no);
        var condition = in.getFirst();
        var operands = in.subList(1, in.size());
        to.kernel(
                "cond",
                in,
                out,
                f -> {
                    boolean holds =
                            ((byte[]) Lowering.array(f, condition))[Lowering.at(f, condition)] != 0;
                    var plan = holds ? yes : no;
                    var inner = f.child(holds ? first : second, plan);
                    bind(inner, plan.inputs(), f, operands);
                    bind(inner, plan.outputs(), f, out);
                    plan.run(inner);
                });
    }

    /** Room for a state that is read while its successor is written. */
    static List<View> room(List<View> state) {
        return state.stream()
                .map(v ->
                        View.whole(
                                Storage.of(v.type().dtype(), v.length(), Storage.Kind.TEMPORARY),
                                v.type()))
                .toList();
    }

    static <T> List<T> join(List<T> a, List<T> b) {
        var r = new ArrayList<>(a);
        r.addAll(b);
        return r;
    }

    static void move(Frame f, List<View> from, List<View> to) {
        for (int i = 0; i < from.size(); i++) {
            var a = from.get(i);
            var b = to.get(i);
            System.arraycopy(
                    Lowering.array(f, a),
                    Lowering.at(f, a),
                    Lowering.array(f, b),
                    Lowering.at(f, b),
                    a.length());
        }
    }

    static void slice(Frame f, Frame inner, int slot, View stacked, int t, int length) {
        inner.bind(
                slot,
                Lowering.array(f, stacked),
                Lowering.at(f, stacked) + t * (stacked.length() / length));
    }

    private static void loop(Lowering to, Control.While w, List<View> in, List<View> out) {
        var condition = Planner.plan(w.condition());
        var body = Planner.plan(w.body());
        int first = to.child(condition);
        int second = to.child(body);
        int a = w.conditionConstants();
        int b = w.bodyConstants();
        var start = in.subList(a + b, in.size());
        var spare = room(out);
        to.kernel(
                "while",
                in,
                join(out, spare),
                f -> {
                    var test = f.child(first, condition);
                    var step = f.child(second, body);
                    bind(test, Arrays.copyOf(condition.inputs(), a), f, in.subList(0, a));
                    bind(step, Arrays.copyOf(body.inputs(), b), f, in.subList(a, a + b));
                    var holds = new byte[1];
                    var state = start;
                    while (true) {
                        for (int i = 0; i < state.size(); i++) {
                            var v = state.get(i);
                            test.bind(
                                    condition.inputs()[a + i],
                                    Lowering.array(f, v),
                                    Lowering.at(f, v));
                            step.bind(
                                    body.inputs()[b + i], Lowering.array(f, v), Lowering.at(f, v));
                        }
                        test.bind(condition.outputs()[0], holds, 0);
                        condition.run(test);
                        if (holds[0] == 0) {
                            break;
                        }
                        var next = state == out ? spare : out;
                        bind(step, body.outputs(), f, next);
                        body.run(step);
                        state = next;
                    }
                    if (state != out) {
                        move(f, state, out);
                    }
                });
    }
}
