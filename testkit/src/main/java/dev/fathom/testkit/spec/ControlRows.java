package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.FORWARD_ONLY;
import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.REVERSE_ONLY;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Operand.normal;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Operations that hold programs, and users' own. */
final class ControlRows {
    private ControlRows() {}

    static List<Spec> rows() {
        return List.of(
                row(Control.Call.class, call(), nested(), checkpoint()),
                row(
                        Control.Scan.class,
                        scan(4, false),
                        scan(4, true),
                        scan(1, false),
                        scanNothing(),
                        scanWithoutInputs(),
                        scanCounting()),
                row(Control.Cond.class, cond(true), cond(false), condOneSided()),
                row(Control.While.class, whileLoop(), whileCounting()),
                row(Control.WithRule.class, forwardRule()),
                row(Control.Transposed.class, reverseRule()),
                row(Custom.class, custom()));
    }

    private static Spec row(Class<? extends Primitive> type, Case... cases) {
        return Spec.of(type, Spec.REAL, Accuracy.SUM, cases);
    }

    /** A program on inputs of the given shapes. */
    private static Graph program(
            DType dtype, Function<List<Tensor>, List<Tensor>> f, Shape... inputs) {
        return Recorder.record(Arrays.stream(inputs).map(s -> new TensorType(s, dtype)).toList(), f)
                .graph();
    }

    private static final Shape VECTOR = Shape.of(3);
    private static final Shape SCALAR = Shape.of();

    private static Graph twoResults(DType dtype) {
        return program(
                dtype,
                v ->
                        List.of(
                                Functions.sin(v.get(0)).times(v.get(1)),
                                v.get(0).times(v.get(0)).sum()),
                VECTOR,
                SCALAR.prepend(3));
    }

    private static Case call() {
        return Case.of(
                "two results",
                d -> new Control.Call("f", twoResults(d), false),
                SMOOTH,
                normal(3),
                normal(3));
    }

    private static Case nested() {
        return Case.of(
                "a call in a call",
                d ->
                        new Control.Call(
                                "outer",
                                program(
                                        d,
                                        v -> {
                                            var inner =
                                                    new Control.Call("inner", twoResults(d), false);
                                            var r = Ops.bindAll(inner, v);
                                            return List.of(r.get(0).times(r.get(1)), v.get(1));
                                        },
                                        VECTOR,
                                        VECTOR),
                                false),
                SMOOTH,
                normal(3),
                normal(3));
    }

    private static Case checkpoint() {
        return Case.of(
                "checkpoint",
                d -> new Control.Call("f", twoResults(d), true),
                SMOOTH,
                normal(3),
                normal(3));
    }

    /** h ← tanh(w h + x), and h·h as output. */
    private static Case scan(int length, boolean reverse) {
        return Case.of(
                "length " + length + (reverse ? ", reverse" : ""),
                d ->
                        new Control.Scan(
                                program(
                                        d,
                                        v -> {
                                            Tensor h =
                                                    v.get(0).matmul(v.get(1)).plus(v.get(2)).tanh();
                                            return List.of(h, h.times(h).sum());
                                        },
                                        Shape.of(3, 3),
                                        VECTOR,
                                        VECTOR),
                                1,
                                1,
                                length,
                                reverse),
                SMOOTH,
                normal(3, 3),
                normal(3),
                normal(length, 3));
    }

    private static Case scanNothing() {
        return Case.of(
                "no step",
                d ->
                        new Control.Scan(
                                program(
                                        d,
                                        v -> List.of(v.get(0).times(v.get(1)), v.get(0)),
                                        VECTOR,
                                        VECTOR),
                                0,
                                1,
                                0,
                                false),
                NONE,
                normal(3),
                normal(0, 3));
    }

    private static Case scanWithoutInputs() {
        return Case.of(
                "no inputs",
                d ->
                        new Control.Scan(
                                program(
                                        d,
                                        v ->
                                                List.of(
                                                        Functions.sin(v.get(1)).times(v.get(0)),
                                                        v.get(1).exp()),
                                        VECTOR,
                                        VECTOR),
                                1,
                                1,
                                3,
                                false),
                SMOOTH,
                normal(3),
                normal(3));
    }

    /** A carry that is an integer beside one that has a derivative. */
    private static Case scanCounting() {
        return Case.of(
                "an integer in the carry",
                d ->
                        new Control.Scan(
                                Recorder.record(
                                                List.of(
                                                        new TensorType(SCALAR, DType.INT32),
                                                        new TensorType(VECTOR, d),
                                                        new TensorType(VECTOR, d)),
                                                v -> {
                                                    Tensor n = v.get(0).plus(1);
                                                    Tensor h =
                                                            v.get(1).times(v.get(2)).plus(v.get(1));
                                                    return List.of(n, h, h.times(n.cast(d)));
                                                })
                                        .graph(),
                                0,
                                2,
                                3,
                                false),
                SMOOTH,
                Operand.indices(3),
                normal(3),
                normal(3, 3));
    }

    private static Case cond(boolean branch) {
        var condition = new Operand(SCALAR, Domain.values(branch ? 1 : 0), Optional.of(DType.BOOL));
        return Case.of(
                "" + branch,
                d ->
                        new Control.Cond(
                                program(
                                        d,
                                        v -> List.of(Functions.sin(v.get(0)).times(v.get(1))),
                                        VECTOR,
                                        VECTOR),
                                program(
                                        d,
                                        v -> List.of(v.get(0).times(v.get(0)).plus(v.get(1).exp())),
                                        VECTOR,
                                        VECTOR)),
                SMOOTH,
                condition,
                normal(3),
                normal(3));
    }

    private static Case condOneSided() {
        return Case.of(
                "one branch is constant",
                d ->
                        new Control.Cond(
                                program(d, v -> List.of(v.get(0).exp(), v.get(0)), VECTOR),
                                program(
                                        d,
                                        v -> List.of(Ops.zeros(v.get(0).type()), v.get(0).square()),
                                        VECTOR)),
                SMOOTH,
                Operand.truth(),
                normal(3));
    }

    /** x ← x² · a + 1 while x < 100. */
    private static Case whileLoop() {
        return Case.of(
                "until large",
                d ->
                        new Control.While(
                                program(
                                        d,
                                        v ->
                                                List.of(
                                                        v.get(0)
                                                                .lessThan(
                                                                        Ops.full(
                                                                                v.get(0).type(),
                                                                                100))),
                                        SCALAR),
                                program(
                                        d,
                                        v -> List.of(v.get(1).square().times(v.get(0)).plus(1)),
                                        SCALAR,
                                        SCALAR),
                                0,
                                1),
                FORWARD_ONLY,
                Operand.of(Domain.uniform(0.9, 1.1)),
                Operand.of(Domain.uniform(0.5, 1.5)));
    }

    /** A vector folded as often as an integer operand says. */
    private static Case whileCounting() {
        return Case.of(
                "counted",
                d -> {
                    var count = new TensorType(SCALAR, DType.INT32);
                    var vector = new TensorType(VECTOR, d);
                    return new Control.While(
                            Recorder.record(
                                            List.of(count, count, vector),
                                            v -> List.of(v.get(1).lessThan(v.get(0))))
                                    .graph(),
                            Recorder.record(
                                            List.of(count, vector),
                                            v ->
                                                    List.of(
                                                            v.get(0).plus(1),
                                                            Functions.sin(v.get(1)).plus(v.get(1))))
                                    .graph(),
                            1,
                            0);
                },
                FORWARD_ONLY,
                Operand.indices(5),
                Operand.indices(3),
                normal(3));
    }

    private static Case forwardRule() {
        DerivativeRule.Forward rule =
                (x, _, dx) ->
                        List.of(
                                Functions.cos(x.get(0))
                                        .times(dx.get(0))
                                        .times(x.get(1))
                                        .plus(Functions.sin(x.get(0)).times(dx.get(1))),
                                x.get(0).times(dx.get(0)).sum().times(2));
        return Case.of(
                "forward rule",
                d -> new Control.WithRule("f", twoResults(d), rule),
                SMOOTH,
                normal(3),
                normal(3));
    }

    /** Appears in the tangent program of a function with a reverse rule, and nowhere else. */
    private static Case reverseRule() {
        DerivativeRule.Reverse rule =
                (x, _, ct) ->
                        List.of(
                                Functions.cos(x.get(0))
                                        .times(x.get(1))
                                        .times(ct.get(0))
                                        .plus(x.get(0).times(2).times(ct.get(1))),
                                Functions.sin(x.get(0)).times(ct.get(0)));
        return Case.of(
                "reverse rule",
                d -> new Control.WithRule("f", twoResults(d), rule),
                REVERSE_ONLY,
                normal(3),
                normal(3));
    }

    private static Case custom() {
        return Case.of(
                "a a b and a b", _ -> new Custom(new CubicOp()), SMOOTH, normal(3), normal(3));
    }
}
