package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.GraphException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/**
 * Recording needs no backend: programs are made, printed, checked and compared without computing.
 */
class GraphTest {
    private static final TensorType VECTOR = new TensorType(Shape.of(3), DType.FLOAT32);

    private static Graph record(Function<List<Tensor>, List<Tensor>> f, TensorType... types) {
        return Verifier.verify(Recorder.record(List.of(types), f).graph());
    }

    @Test
    void printsOneLinePerOperation() {
        var g =
                record(
                        v -> {
                            Tensor y = v.get(0).times(2).plus(v.get(1));
                            return List.of(y.sum(), y);
                        },
                        new TensorType(Shape.of(2, 3), DType.FLOAT32),
                        VECTOR);
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(2, 3) b:float32(3,) ->
                          c:float32(2, 3) = broadcast[shape=(2, 3) dims=[]] 2.0
                          d:float32(2, 3) = mul a c
                          e:float32(2, 3) = broadcast[shape=(2, 3) dims=[1]] b
                          f:float32(2, 3) = add d e
                          g:float32() = sum[axes=[0, 1]] f
                          return g f }\
                        """);
        assertThat(g.variables()).isEqualTo(7);
    }

    @Test
    void programsInsideProgramsAreIndented() {
        var g =
                record(
                        v -> List.of(Loops.repeat((Tensor s) -> s.times(v.get(1)), v.get(0), 4)),
                        VECTOR,
                        VECTOR);
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(3,) b:float32(3,) ->
                          c:float32(3,) = scan[length=4 constants=1 carry=1 { a:float32(3,) b:float32(3,) ->
                            c:float32(3,) = mul b a
                            return c }] b a
                          return c }\
                        """);
    }

    @Test
    void equalProgramsAreEqual() {
        Function<List<Tensor>, List<Tensor>> f = v -> List.of(Functions.relu(v.get(0)).exp());
        assertThat(record(f, VECTOR))
                .isEqualTo(record(f, VECTOR))
                .hasSameHashCodeAs(record(f, VECTOR));
        assertThat(record(f, VECTOR)).isNotEqualTo(record(f, VECTOR.withDType(DType.FLOAT64)));
        assertThat(record(v -> List.of(v.get(0).times(2)), VECTOR))
                .isNotEqualTo(record(v -> List.of(v.get(0).times(3)), VECTOR));
    }

    @Test
    void constantsAreComparedByValueIfSmallAndByIdentityIfLarge() {
        Tensor w = Tensor.of(new float[] {1, 2, 3});
        Tensor copy = Tensor.of(new float[] {1, 2, 3});
        assertThat(record(v -> List.of(v.get(0).times(w)), VECTOR))
                .isEqualTo(record(v -> List.of(v.get(0).times(w)), VECTOR))
                .isNotEqualTo(record(v -> List.of(v.get(0).times(copy)), VECTOR));
        // 0.0 and -0.0 differ, and longs beyond 2⁵³ are not rounded together
        assertThat(record(_ -> List.of(Tensor.scalar(0.0))))
                .isNotEqualTo(record(_ -> List.of(Tensor.scalar(-0.0))));
        assertThat(record(_ -> List.of(Tensor.scalar(1L << 53))))
                .isNotEqualTo(record(_ -> List.of(Tensor.scalar((1L << 53) + 1))));
    }

    @Test
    void recordingSeesShapesAtOnce() {
        assertThatThrownBy(() ->
                        record(
                                v -> List.of(v.get(0).matmul(v.get(1))),
                                VECTOR,
                                VECTOR.withShape(Shape.of(4))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("matmul: (3,) and (4,) do not fit: 3 ≠ 4");
    }

    @Test
    void valuesOfAnotherRecordingBecomeInputs() {
        var outer = Recorder.complete();
        Tensor x = outer.input(VECTOR);
        var inner = Recorder.record(List.of(VECTOR), v -> List.of(v.get(0).times(x)));
        assertThat(inner.captured()).containsExactly(x);
        assertThat(inner.graph().inputTypes()).containsExactly(VECTOR, VECTOR);
    }

    /**
     * A loop in eager use is recorded at every call; with new arrays around it its body must stay
     * the same program.
     */
    @Test
    void arraysFromOutsideAreOperandsOfALoop() {
        Function<Tensor, Control> loop =
                w -> {
                    var g =
                            record(
                                    v ->
                                            List.of(
                                                    Loops.repeat(
                                                            (Tensor s) -> s.times(w), v.get(0), 4)),
                                    VECTOR);
                    return (Control) g.equations().getFirst().op();
                };
        var first = loop.apply(Tensor.of(new float[] {1, 2, 3}));
        assertThat(loop.apply(Tensor.of(new float[] {4, 5, 6})))
                .isEqualTo(first)
                .hasSameHashCodeAs(first);
    }

    @Test
    void aTapeWritesDownOnlyWhatDependsOnItsVariables() {
        var outer = Recorder.complete();
        Tensor x = outer.input(VECTOR);
        var tape = Recorder.tape(outer);
        Tensor dx = tape.input(VECTOR);
        Tensor result = outer.run(() -> tape.run(() -> dx.times(x.exp().exp())));
        var recorded = tape.finish(List.of(result));
        assertThat(recorded.graph().equations())
                .singleElement()
                .extracting(Equation::op)
                .isEqualTo(new Elementwise.Mul());
        assertThat(recorded.captured()).hasSize(1);
    }

    @Test
    void theVerifierFindsWhatDoesNotFit() {
        var a = new Atom.Var(0, VECTOR);
        var b = new Atom.Var(1, VECTOR.withDType(DType.FLOAT64));
        var wrongType = new Equation(new Elementwise.Exp(), List.of(a), List.of(b));
        assertThatThrownBy(
                        () -> Verifier.verify(Graph.of(List.of(a), List.of(wrongType), List.of(b))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("have types [float32(3,)]");
        var unknown =
                new Equation(new Elementwise.Exp(), List.of(b), List.of(new Atom.Var(2, VECTOR)));
        assertThatThrownBy(() -> Graph.of(List.of(a), List.of(unknown), List.of(a)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("is used before it is defined");
        var twice = new Equation(new Elementwise.Exp(), List.of(a), List.of(a));
        assertThatThrownBy(() -> Graph.of(List.of(a), List.of(twice), List.of(a)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("is defined twice");
    }

    @Test
    void operationsThatHoldProgramsCheckTheirOperands() {
        var body = record(v -> List.of(v.get(0).plus(v.get(1)), v.get(0)), VECTOR, VECTOR);
        var scan = new Control.Scan(body, 0, 1, 5, false);
        var stacked = VECTOR.batched(5);
        assertThat(scan.types(List.of(VECTOR, stacked))).containsExactly(VECTOR, stacked);
        assertThatThrownBy(() -> scan.types(List.of(VECTOR, VECTOR.batched(4))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining(
                        "scan: takes [float32(3,), float32(5, 3)], was given [float32(3,),"
                                + " float32(4, 3)]");
        var one = record(v -> List.of(v.get(0)), VECTOR);
        var other = record(v -> List.of(v.get(0).sum()), VECTOR);
        var bool = new TensorType(Shape.of(), DType.BOOL);
        assertThatThrownBy(() -> new Control.Cond(one, other).types(List.of(bool, VECTOR)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("the branches return [float32(3,)] and [float32()]");
        assertThatThrownBy(() -> new Control.While(one, one, 0, 0).types(List.of(VECTOR, VECTOR)))
                .isInstanceOf(GraphException.class);
    }

    @Test
    void aPassThatSpoilsTheProgramIsNamed() {
        var g = record(v -> List.of(v.getFirst().exp()), VECTOR);
        var other = record(v -> List.of(v.getFirst().sum()), VECTOR);
        assertThatThrownBy(() -> Simplifier.run(List.of(new CompilerPass("bad", _ -> other)), g))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith(
                        "the pass 'bad' changed the inputs or the types of the outputs: from\n{ a");
        var a = new Atom.Var(0, VECTOR);
        var b = new Atom.Var(1, VECTOR.withDType(DType.FLOAT64));
        var exp = new Equation(new Elementwise.Exp(), List.of(a), List.of(b));
        var wrong = Graph.of(List.of(a), List.of(exp), List.of(b));
        assertThatThrownBy(() -> Simplifier.run(List.of(new CompilerPass("worse", _ -> wrong)), g))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith(
                        "the pass 'worse': the results of 'b:float64(3,) = exp a' have types"
                                + " [float32(3,)]");
    }

    @Test
    void simplifyingKeepsTheResultsAndDropsTheRest() {
        var inner = record(v -> List.of(v.get(0).exp(), v.get(0).log()), VECTOR);
        var g =
                record(
                        v -> {
                            var called = Ops.bindAll(new Control.Call("f", inner, false), v);
                            Tensor same = v.get(0).exp();
                            v.get(0).tanh(); // nobody uses this
                            return List.of(called.get(0).plus(same));
                        },
                        VECTOR);
        assertThat(Verifier.verify(Simplifier.simplify(g)))
                .hasToString(
                        """
                        { a:float32(3,) ->
                          b:float32(3,) = exp a
                          c:float32(3,) = add b b
                          return c }\
                        """);
    }

    @Test
    void aSimplifiedProgramIsKnownToBeOneAndSoAreItsBodies() {
        var g =
                record(
                        v -> List.of(Loops.repeat((Tensor s) -> s.negate().negate(), v.get(0), 4)),
                        VECTOR);
        var simple = Simplifier.simplify(g);
        assertThat(Simplifier.simplify(g)).isSameAs(simple);
        assertThat(Simplifier.simplify(simple)).isSameAs(simple);
        var body = ((Control.Scan) simple.equations().getFirst().op()).body();
        assertThat(body.equations()).isEmpty();
        assertThat(Simplifier.simplify(body)).isSameAs(body);
    }
}
