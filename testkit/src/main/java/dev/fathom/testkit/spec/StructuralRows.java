package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Operand.normal;

import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.List;
import java.util.Optional;

/** Operations that move elements, and those that make them out of positions. */
final class StructuralRows {
    private StructuralRows() {}

    static List<Spec> rows() {
        return List.of(
                reshape(),
                transpose(),
                broadcast(),
                slice(),
                pad(),
                concatenate(),
                reverse(),
                iota(),
                randomBits());
    }

    private static Spec moves(Class<? extends Structural> type, Case... cases) {
        return Spec.of(type, Spec.ANY, Accuracy.EXACT, cases);
    }

    private static Spec reshape() {
        return moves(
                Structural.Reshape.class,
                Case.of(new Structural.Reshape(Shape.of(3, 2)), SMOOTH, normal(2, 3)),
                Case.of(new Structural.Reshape(Shape.of(2, 1, 3)), SMOOTH, normal(6)),
                Case.of(new Structural.Reshape(Shape.of()), SMOOTH, normal(1, 1)),
                Case.of(new Structural.Reshape(Shape.of(1)), SMOOTH, normal()),
                Case.of(new Structural.Reshape(Shape.of(0, 7)), NONE, normal(3, 0)));
    }

    private static Spec transpose() {
        return moves(
                Structural.Transpose.class,
                Case.of(new Structural.Transpose(Axes.of(1, 0)), SMOOTH, normal(2, 3)),
                Case.of(new Structural.Transpose(Axes.of(2, 0, 1)), SMOOTH, normal(2, 3, 4)),
                Case.of(new Structural.Transpose(Axes.of(0, 2, 1)), SMOOTH, normal(2, 3, 1)),
                Case.of(new Structural.Transpose(Axes.of(3, 1, 0, 2)), SMOOTH, normal(2, 1, 2, 3)),
                Case.of(new Structural.Transpose(Axes.of()), SMOOTH, normal()),
                Case.of(new Structural.Transpose(Axes.of(1, 0)), NONE, normal(0, 3)),
                Case.of(new Structural.Transpose(Axes.of(1, 0)), NONE, normal(37, 41)));
    }

    private static Spec broadcast() {
        return moves(
                Structural.Broadcast.class,
                Case.of(new Structural.Broadcast(Shape.of(2, 3), Axes.of()), SMOOTH, normal()),
                Case.of(new Structural.Broadcast(Shape.of(2, 3), Axes.of(1)), SMOOTH, normal(3)),
                Case.of(new Structural.Broadcast(Shape.of(2, 3), Axes.of(0)), SMOOTH, normal(2)),
                Case.of(
                        new Structural.Broadcast(Shape.of(2, 3, 2), Axes.of(0, 2)),
                        SMOOTH,
                        normal(2, 2)),
                Case.of(
                        new Structural.Broadcast(Shape.of(2, 3), Axes.of(0, 1)),
                        SMOOTH,
                        normal(2, 3)),
                Case.of(new Structural.Broadcast(Shape.of(0, 3), Axes.of(1)), NONE, normal(3)),
                Case.of(new Structural.Broadcast(Shape.of(19, 33), Axes.of(0)), NONE, normal(19)));
    }

    private static Spec slice() {
        return moves(
                Structural.Slice.class,
                Case.of(
                        new Structural.Slice(Axes.of(1), Axes.of(4), Axes.of(1)),
                        SMOOTH,
                        normal(5)),
                Case.of(
                        new Structural.Slice(Axes.of(0), Axes.of(5), Axes.of(2)),
                        SMOOTH,
                        normal(5)),
                Case.of(
                        new Structural.Slice(Axes.of(1), Axes.of(6), Axes.of(3)),
                        SMOOTH,
                        normal(7)),
                Case.of(
                        new Structural.Slice(Axes.of(1, 0, 2), Axes.of(2, 4, 3), Axes.of(1, 3, 1)),
                        SMOOTH,
                        normal(2, 5, 3)),
                Case.of(new Structural.Slice(Axes.of(), Axes.of(), Axes.of()), SMOOTH, normal()),
                Case.of(new Structural.Slice(Axes.of(2), Axes.of(2), Axes.of(1)), NONE, normal(5)),
                Case.of(
                        new Structural.Slice(Axes.of(0, 0), Axes.of(0, 2), Axes.of(2, 1)),
                        NONE,
                        normal(0, 3)));
    }

    private static Spec pad() {
        return moves(
                Structural.Pad.class,
                Case.of(new Structural.Pad(Axes.of(1), Axes.of(2), Axes.of(0)), SMOOTH, normal(3)),
                Case.of(new Structural.Pad(Axes.of(0), Axes.of(1), Axes.of(2)), SMOOTH, normal(3)),
                Case.of(
                        new Structural.Pad(Axes.of(1, 0), Axes.of(0, 2), Axes.of(1, 0)),
                        SMOOTH,
                        normal(2, 3)),
                Case.of(new Structural.Pad(Axes.of(0), Axes.of(0), Axes.of(3)), SMOOTH, normal(1)),
                Case.of(new Structural.Pad(Axes.of(), Axes.of(), Axes.of()), SMOOTH, normal()),
                Case.of(
                        new Structural.Pad(Axes.of(1, 1), Axes.of(1, 0), Axes.of(1, 1)),
                        NONE,
                        normal(0, 2)));
    }

    private static Spec concatenate() {
        return moves(
                Structural.Concatenate.class,
                Case.of(new Structural.Concatenate(0), SMOOTH, normal(2), normal(3)).called("two"),
                Case.of(
                                new Structural.Concatenate(1),
                                SMOOTH,
                                normal(2, 1),
                                normal(2, 3),
                                normal(2, 2))
                        .called("three"),
                Case.of(new Structural.Concatenate(1), SMOOTH, normal(2, 2, 2), normal(2, 1, 2))
                        .called("middle"),
                Case.of(new Structural.Concatenate(0), SMOOTH, normal(2)).called("one"),
                Case.of(new Structural.Concatenate(0), NONE, normal(0, 2), normal(3, 2))
                        .called("with empty"));
    }

    private static Spec reverse() {
        return moves(
                Structural.Reverse.class,
                Case.of(new Structural.Reverse(Axes.of(0)), SMOOTH, normal(5)),
                Case.of(new Structural.Reverse(Axes.of(1)), SMOOTH, normal(2, 3, 2)),
                Case.of(new Structural.Reverse(Axes.of(0, 2)), SMOOTH, normal(2, 2, 3)),
                Case.of(new Structural.Reverse(Axes.of()), SMOOTH, normal(3)),
                Case.of(new Structural.Reverse(Axes.of(0)), NONE, normal(0, 2)));
    }

    private static Spec iota() {
        return Spec.of(
                Source.Iota.class,
                Spec.OWN,
                Accuracy.EXACT,
                Case.of(new Source.Iota(Shape.of(5), 0, DType.INT32), NONE),
                Case.of(new Source.Iota(Shape.of(2, 3), 1, DType.INT64), NONE),
                Case.of(new Source.Iota(Shape.of(2, 3, 2), 0, DType.FLOAT32), NONE),
                Case.of(new Source.Iota(Shape.of(2, 3, 2), 1, DType.FLOAT64), NONE),
                Case.of(new Source.Iota(Shape.of(0, 2), 0, DType.INT32), NONE));
    }

    private static Spec randomBits() {
        return Spec.of(
                Source.RandomBits.class,
                Spec.OWN,
                Accuracy.EXACT,
                Case.of(new Source.RandomBits(Shape.of(7)), NONE, key(2)),
                Case.of(new Source.RandomBits(Shape.of()), NONE, key(2)),
                Case.of(new Source.RandomBits(Shape.of(3, 5)), NONE, key(4, 2)),
                Case.of(new Source.RandomBits(Shape.of(2)), NONE, key(2, 3, 2)),
                Case.of(new Source.RandomBits(Shape.of(0)), NONE, key(2)),
                Case.of(new Source.RandomBits(Shape.of(1031)), NONE, key(2)));
    }

    private static Operand key(int... shape) {
        return new Operand(
                Shape.of(shape),
                Domain.whole(Integer.MIN_VALUE, Integer.MAX_VALUE),
                Optional.of(DType.INT32));
    }
}
