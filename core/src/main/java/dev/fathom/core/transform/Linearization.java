package dev.fathom.core.transform;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A function run at one point: its value, and the recorded program of its derivative there. */
final class Linearization<A, B> {
    private final Tree.Flat input;
    private final Tree.Flat output;
    private final Forward forward;
    private final Graph tangents;
    private final List<Tensor> residuals;
    private final boolean[] present;
    private final int directions;

    private Linearization(
            Tree.Flat input,
            Tree.Flat output,
            Forward forward,
            Recorder.Recording tape,
            boolean[] present,
            int directions) {
        this.input = input;
        this.output = output;
        this.forward = forward;
        this.tangents = tape.graph();
        this.residuals = tape.captured();
        this.present = present;
        this.directions = directions;
    }

    static <A, B> Linearization<A, B> of(Function<A, B> f, A x) {
        var outer = Interpreter.current();
        var tape = Recorder.tape(outer);
        var forward = Forward.onto(outer, tape);
        var in = Tree.flatten(x);
        var arguments = new ArrayList<Tensor>();
        int directions = 0;
        for (var leaf : in.leaves()) {
            var t = leaf.tensor();
            arguments.add(
                    leaf.trained() ? forward.dual(t, tape.input(t.type().ofDerivative())) : t);
            directions += leaf.trained() ? 1 : 0;
        }
        if (directions == 0) {
            throw new NotDifferentiableException(
                    "a derivative was asked for, but the argument has no floating tensor to"
                            + " differentiate in: "
                            + in.tensors().stream().map(t -> t.type().toString()).toList()
                            + ". Cast it to float32, or pass what is trained as the argument");
        }
        B y = forward.run(() -> f.apply(Trees.build(in, arguments)));
        var out = Tree.flatten(y);
        var present = new boolean[out.leaves().size()];
        var derivatives = new ArrayList<Tensor>();
        for (int k = 0; k < present.length; k++) {
            var d = forward.tangent(out.leaves().get(k).tensor());
            present[k] = d != null;
            if (d != null) {
                derivatives.add(d);
            }
        }
        return new Linearization<>(in, out, forward, tape.finish(derivatives), present, directions);
    }

    /** f(x). */
    B value() {
        return Trees.build(output, output.tensors().stream().map(forward::primal).toList());
    }

    /** A tree made inside {@code f}, as seen from outside. */
    <T> T outside(T tree) {
        return Tree.map(forward::primal, tree);
    }

    /** J dx. */
    B push(A dx) {
        var given = Tree.flatten(dx);
        Tree.checkSame("linearize", input, given);
        var arguments = new ArrayList<Tensor>();
        for (int i = 0; i < input.leaves().size(); i++) {
            if (input.leaves().get(i).trained()) {
                arguments.add(given.leaves().get(i).tensor());
            }
        }
        arguments.addAll(residuals);
        var dy = tangents.evaluate(arguments);
        var all = new ArrayList<Tensor>();
        int next = 0;
        for (int k = 0; k < present.length; k++) {
            all.add(
                    present[k]
                            ? dy.get(next++)
                            : Ops.zeros(output.leaves().get(k).tensor().type().ofDerivative()));
        }
        return Trees.build(output, all);
    }

    /** Jᵀ ct. */
    A pull(Object ct) {
        var given = Tree.flatten(ct);
        Tree.checkSame("vjp", output, given);
        var cts = new ArrayList<@Nullable Tensor>();
        for (int k = 0; k < present.length; k++) {
            var y = output.leaves().get(k);
            var c = given.leaves().get(k).tensor();
            if (!c.type().equals(y.tensor().type().ofDerivative())) {
                throw new ShapeException(
                        "vjp: at "
                                + y.path()
                                + " the result has type "
                                + y.tensor().type()
                                + " and the cotangent "
                                + c.type());
            }
            if (present[k]) {
                cts.add(c);
            }
        }
        var linear = new boolean[directions + residuals.size()];
        Arrays.fill(linear, 0, directions, true);
        var dx = Backward.run(tangents, linear, residuals, cts);
        var all = new ArrayList<Tensor>();
        int next = 0;
        for (var leaf : input.leaves()) {
            @Nullable Tensor d = leaf.trained() ? dx.get(next++) : null;
            all.add(d != null ? d : Ops.zeros(leaf.tensor().type().ofDerivative()));
        }
        return Trees.build(input, all);
    }
}
