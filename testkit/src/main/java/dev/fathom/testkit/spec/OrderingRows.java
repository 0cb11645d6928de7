package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Domain.distinct;
import static dev.fathom.testkit.spec.Domain.values;

import dev.fathom.core.op.Ordering;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;

/** Sorting. */
final class OrderingRows {
    private static final double[] SPECIAL = {
        2,
        Double.NaN,
        -1,
        Double.POSITIVE_INFINITY,
        0.0,
        -0.0,
        Double.NEGATIVE_INFINITY,
        Double.NaN,
        2
    };

    private OrderingRows() {}

    static List<Spec> rows() {
        var arg = new ArrayList<Case>();
        for (boolean descending : new boolean[] {false, true}) {
            arg.addAll(
                    cases(
                            new Ordering.ArgSort(0, descending),
                            new Ordering.ArgSort(1, descending),
                            NONE));
        }
        return List.of(
                new Spec(
                        Ordering.Sort.class,
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        cases(new Ordering.Sort(0), new Ordering.Sort(1), SMOOTH)),
                new Spec(Ordering.ArgSort.class, Spec.NUMBER, Accuracy.EXACT, arg));
    }

    private static List<Case> cases(Ordering first, Ordering second, Derivative derivative) {
        return List.of(
                Case.of(first, derivative, Operand.of(distinct(0), 6)),
                Case.of(second, derivative, Operand.of(distinct(0), 2, 4)),
                Case.of(first, derivative, Operand.of(distinct(0), 3, 2)),
                Case.of(second, derivative, Operand.of(distinct(0), 2, 3, 2)),
                Case.of(first, derivative, Operand.of(distinct(0), 1)),
                Case.of(first, NONE, Operand.of(values(3, 1, 2, 1, 3, 1), 6))
                        .called(first + " ties"),
                Case.of(first, NONE, Operand.of(values(SPECIAL), SPECIAL.length))
                        .called(first + " special"),
                Case.of(first, NONE, Operand.of(distinct(0), 0)).called(first + " empty"),
                Case.of(first, NONE, Operand.of(distinct(0), 259)).called(first + " long"));
    }
}
