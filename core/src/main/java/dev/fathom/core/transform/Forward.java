package dev.fathom.core.transform;

import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Args;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Operation;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The interpreter of forward derivatives: each value carries its tangent along.
 *
 * <p>Values are computed by the interpreter outside. So are tangents in plain forward mode; to
 * <em>linearise</em>, tangents go to a {@linkplain Recorder#tape tape} instead: then the values are
 * there, and the tape holds the tangent program, which is linear and can be run or transposed.
 * (Radul et al., "You only linearize once: tangents transpose to gradients", POPL 2023.)
 */
final class Forward implements Interpreter {
    private final Interpreter outer;
    private final @Nullable Recorder tape;

    private Forward(Interpreter outer, @Nullable Recorder tape) {
        this.outer = outer;
        this.tape = tape;
    }

    /** Forward mode. */
    static Forward mode() {
        return new Forward(Interpreter.current(), null);
    }

    /** Linearisation onto {@code tape}. */
    static Forward onto(Interpreter outer, Recorder tape) {
        return new Forward(outer, tape);
    }

    Interpreter outer() {
        return outer;
    }

    /** The interpreter that computes, or records, tangents. */
    Interpreter tangents() {
        return tape == null ? outer : tape;
    }

    boolean linearizing() {
        return tape != null;
    }

    Tensor dual(Tensor primal, Tensor tangent) {
        return new Dual(this, primal, tangent);
    }

    Tensor primal(Tensor t) {
        return t instanceof Dual d && d.owner() == this ? d.primal() : t;
    }

    @Nullable Tensor tangent(Tensor t) {
        return t instanceof Dual d && d.owner() == this ? d.tangent() : null;
    }

    /** The tangent, zeros where there is none. */
    Tensor tangentOrZeros(Tensor t) {
        var d = tangent(t);
        return d != null ? d : tangents().run(() -> Ops.zeros(t.type().ofDerivative()));
    }

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        var primals = new ArrayList<Tensor>(operands.size());
        var tangents = new ArrayList<@Nullable Tensor>(operands.size());
        boolean constant = true;
        for (var t : operands) {
            var d = tangent(t);
            primals.add(primal(t));
            tangents.add(d);
            constant &= d == null;
        }
        if (constant) {
            return outside(op, primals);
        }
        return switch (op) {
            case Operation o -> operation(o, primals, tangents);
            case Control c -> ForwardControl.apply(this, c, primals, tangents);
        };
    }

    List<Tensor> outside(Primitive op, List<Tensor> operands) {
        return outer.run(() -> outer.apply(op, operands));
    }

    /** Σ over the operands of the operation's derivative in each. */
    private List<Tensor> operation(
            Operation op, List<Tensor> primals, List<@Nullable Tensor> tangents) {
        var results = outside(op, primals);
        var x = new Args(List.copyOf(primals));
        var y = new Args(List.copyOf(results));
        List<@Nullable Tensor> total = new ArrayList<>();
        results.forEach(_ -> total.add(null));
        for (int i = 0; i < primals.size(); i++) {
            var dx = tangents.get(i);
            if (dx == null || !op.differentiableIn(i)) {
                continue;
            }
            int operand = i;
            var dy = tangents().run(() -> op.tangents(operand, dx, x, y));
            for (int k = 0; k < results.size(); k++) {
                if (results.get(k).dtype().isFloating()) {
                    total.set(k, sum(total.get(k), dy.get(k)));
                }
            }
        }
        return join(results, total);
    }

    private Tensor sum(@Nullable Tensor a, Tensor b) {
        return a == null ? b : tangents().run(() -> a.plus(b));
    }

    /** Values paired with their tangents, where they have one. */
    List<Tensor> join(List<Tensor> values, List<@Nullable Tensor> tangents) {
        var joined = new ArrayList<Tensor>(values.size());
        for (int k = 0; k < values.size(); k++) {
            var d = tangents.get(k);
            joined.add(d == null ? values.get(k) : dual(values.get(k), d));
        }
        return joined;
    }
}
