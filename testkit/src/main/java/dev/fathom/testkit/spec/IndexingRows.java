package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Operand.indices;
import static dev.fathom.testkit.spec.Operand.normal;

import dev.fathom.core.op.Indexing;
import dev.fathom.core.tensor.Shape;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.List;

/** Operations whose positions are data. */
final class IndexingRows {
    private IndexingRows() {}

    static List<Spec> rows() {
        return List.of(dynamicSlice(), dynamicUpdate(), gather(), scatterAdd());
    }

    private static Spec dynamicSlice() {
        return Spec.of(
                Indexing.DynamicSlice.class,
                Spec.ANY,
                Accuracy.EXACT,
                Case.of(new Indexing.DynamicSlice(Shape.of(2)), SMOOTH, normal(5), indices(4, 1)),
                Case.of(
                        new Indexing.DynamicSlice(Shape.of(2, 2)),
                        SMOOTH,
                        normal(3, 4),
                        indices(2, 2)),
                Case.of(
                        new Indexing.DynamicSlice(Shape.of(1, 3)),
                        SMOOTH,
                        normal(2, 3),
                        indices(1, 2)),
                Case.of(new Indexing.DynamicSlice(Shape.of()), SMOOTH, normal(), indices(1, 0)),
                Case.of(new Indexing.DynamicSlice(Shape.of(0)), NONE, normal(5), indices(4, 1)));
    }

    private static Spec dynamicUpdate() {
        var op = new Indexing.DynamicUpdate();
        return Spec.of(
                Indexing.DynamicUpdate.class,
                Spec.ANY,
                Accuracy.EXACT,
                Case.of(op, SMOOTH, normal(5), normal(2), indices(4, 1)).called("vector"),
                Case.of(op, SMOOTH, normal(3, 4), normal(2, 2), indices(2, 2)).called("matrix"),
                Case.of(op, SMOOTH, normal(2, 3), normal(2, 3), indices(1, 2)).called("everything"),
                Case.of(op, NONE, normal(4), normal(0), indices(4, 1)).called("nothing"));
    }

    private static Spec gather() {
        return Spec.of(
                Indexing.Gather.class,
                Spec.ANY,
                Accuracy.EXACT,
                Case.of(new Indexing.Gather(0, 0), SMOOTH, normal(5), indices(5, 3))
                        .called("vector"),
                Case.of(new Indexing.Gather(0, 0), SMOOTH, normal(4, 3), indices(4, 5))
                        .called("rows"),
                Case.of(new Indexing.Gather(1, 0), SMOOTH, normal(2, 4), indices(4, 2, 3))
                        .called("columns"),
                Case.of(new Indexing.Gather(1, 0), SMOOTH, normal(2, 4, 3), indices(4))
                        .called("one index"),
                Case.of(new Indexing.Gather(1, 1), SMOOTH, normal(3, 4), indices(4, 3, 2))
                        .called("own indices per row"),
                Case.of(new Indexing.Gather(1, 1), SMOOTH, normal(3, 4), indices(4, 3))
                        .called("labels"),
                Case.of(new Indexing.Gather(2, 1), SMOOTH, normal(2, 3, 4, 2), indices(4, 2, 2))
                        .called("shared, middle"),
                Case.of(new Indexing.Gather(2, 2), SMOOTH, normal(2, 3, 4), indices(4, 2, 3))
                        .called("two shared"),
                Case.of(new Indexing.Gather(0, 0), NONE, normal(4, 3), indices(4, 0))
                        .called("no index"),
                Case.of(new Indexing.Gather(0, 0), NONE, normal(0, 3), indices(1, 0))
                        .called("from nothing"));
    }

    private static Spec scatterAdd() {
        return Spec.of(
                Indexing.ScatterAdd.class,
                Spec.NUMBER,
                Accuracy.SUM,
                Case.of(new Indexing.ScatterAdd(0, 0), SMOOTH, normal(4), indices(4, 6), normal(6))
                        .called("vector"),
                Case.of(
                                new Indexing.ScatterAdd(0, 0),
                                SMOOTH,
                                normal(4, 2),
                                indices(4, 3),
                                normal(3, 2))
                        .called("rows"),
                Case.of(
                                new Indexing.ScatterAdd(1, 0),
                                SMOOTH,
                                normal(2, 4),
                                indices(4, 2, 3),
                                normal(2, 2, 3))
                        .called("columns"),
                Case.of(
                                new Indexing.ScatterAdd(1, 1),
                                SMOOTH,
                                normal(3, 4),
                                indices(4, 3, 2),
                                normal(3, 2))
                        .called("own indices per row"),
                Case.of(
                                new Indexing.ScatterAdd(2, 1),
                                SMOOTH,
                                normal(2, 3, 4, 2),
                                indices(4, 2, 2),
                                normal(2, 3, 2, 2))
                        .called("shared, middle"),
                Case.of(
                                new Indexing.ScatterAdd(1, 1),
                                SMOOTH,
                                normal(3, 4),
                                indices(4, 3),
                                normal(3))
                        .called("labels"),
                Case.of(
                                new Indexing.ScatterAdd(0, 0),
                                NONE,
                                normal(4, 2),
                                indices(4, 0),
                                normal(0, 2))
                        .called("nothing"));
    }
}
