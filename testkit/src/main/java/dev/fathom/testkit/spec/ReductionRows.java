package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Domain.apartFromZero;
import static dev.fathom.testkit.spec.Domain.distinct;
import static dev.fathom.testkit.spec.Domain.normal;
import static dev.fathom.testkit.spec.Domain.values;

import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Axes;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Operations along axes. */
final class ReductionRows {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    private ReductionRows() {}

    static List<Spec> rows() {
        return List.of(
                new Spec(
                        Reduction.Sum.class,
                        Spec.NUMBER,
                        Accuracy.SUM,
                        over(Reduction.Sum::new, SMOOTH, normal())),
                new Spec(
                        Reduction.Product.class,
                        Spec.NUMBER,
                        Accuracy.SUM,
                        over(Reduction.Product::new, SMOOTH, apartFromZero(0.5, 1.5))),
                new Spec(
                        Reduction.ReduceMax.class,
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        extremes(Reduction.ReduceMax::new)),
                new Spec(
                        Reduction.ReduceMin.class,
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        extremes(Reduction.ReduceMin::new)),
                new Spec(
                        Reduction.Any.class,
                        Spec.TRUTH,
                        Accuracy.EXACT,
                        over(Reduction.Any::new, NONE, normal())),
                new Spec(
                        Reduction.All.class,
                        Spec.TRUTH,
                        Accuracy.EXACT,
                        over(Reduction.All::new, NONE, Domain.uniform(-0.3, 2))),
                new Spec(
                        Reduction.ArgMax.class,
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        positions(Reduction.ArgMax::new)),
                new Spec(
                        Reduction.ArgMin.class,
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        positions(Reduction.ArgMin::new)),
                cumSum());
    }

    private static List<Case> over(
            Function<Axes, Reduction> op, Derivative derivative, Domain domain) {
        var cases = new ArrayList<>(nonEmpty(op, derivative, domain));
        cases.add(
                Case.of(op.apply(Axes.of(1)), NONE, Operand.of(domain, 3, 0))
                        .called("nothing to add"));
        cases.add(Case.of(op.apply(Axes.of(0)), NONE, Operand.of(domain, 3, 0)).called("empty"));
        return cases;
    }

    private static List<Case> nonEmpty(
            Function<Axes, Reduction> op, Derivative derivative, Domain domain) {
        return List.of(
                Case.of(op.apply(Axes.of(0)), derivative, Operand.of(domain, 5)).called("vector"),
                Case.of(op.apply(Axes.of(1)), derivative, Operand.of(domain, 3, 5)).called("last"),
                Case.of(op.apply(Axes.of(0)), derivative, Operand.of(domain, 3, 5)).called("first"),
                Case.of(op.apply(Axes.of(0, 2)), derivative, Operand.of(domain, 2, 3, 2))
                        .called("outer"),
                Case.of(op.apply(Axes.of(1)), derivative, Operand.of(domain, 2, 3, 2))
                        .called("middle"),
                Case.of(op.apply(Axes.of(0, 1)), derivative, Operand.of(domain, 3, 3))
                        .called("all"),
                Case.of(op.apply(Axes.of()), derivative, Operand.of(domain, 3)).called("none"),
                Case.of(op.apply(Axes.of(1)), derivative, Operand.of(domain, 4, 1))
                        .called("size 1"),
                Case.of(op.apply(Axes.of(0)), derivative, Operand.of(domain, 71)).called("long"),
                Case.of(
                                op.apply(Axes.of(1)),
                                NONE,
                                Operand.of(values(1, NAN, 2, INF, -INF, 3, 0, -0.0), 4, 2))
                        .called("special"));
    }

    private static List<Case> extremes(Function<Axes, Reduction> op) {
        var cases = new ArrayList<>(nonEmpty(op, SMOOTH, distinct(0)));
        cases.add(
                Case.of(op.apply(Axes.of(0)), NONE, Operand.of(distinct(0), 3, 0)).called("empty"));
        return cases;
    }

    private static List<Case> positions(Function<Integer, Reduction> op) {
        return List.of(
                Case.of(op.apply(0), NONE, Operand.of(distinct(0), 7)).called("vector"),
                Case.of(op.apply(1), NONE, Operand.of(distinct(0), 3, 5)).called("last"),
                Case.of(op.apply(0), NONE, Operand.of(distinct(0), 3, 5)).called("first"),
                Case.of(op.apply(1), NONE, Operand.of(distinct(0), 2, 3, 2)).called("middle"),
                Case.of(op.apply(0), NONE, Operand.of(values(1, 3, 3, 0, 0, 3), 6)).called("ties"),
                Case.of(op.apply(0), NONE, Operand.of(values(1, NAN, 2, INF, NAN, -INF), 6))
                        .called("special"),
                Case.of(op.apply(0), NONE, Operand.of(values(-0.0, 0.0, -0.0), 3))
                        .called("signed zeros"),
                Case.of(op.apply(0), NONE, Operand.of(distinct(0), 3, 0)).called("empty"),
                Case.of(op.apply(0), NONE, Operand.of(distinct(0), 131)).called("long"));
    }

    private static Spec cumSum() {
        var cases = new ArrayList<Case>();
        for (boolean reverse : new boolean[] {false, true}) {
            cases.add(Case.of(new Reduction.CumSum(0, reverse), SMOOTH, Operand.normal(5)));
            cases.add(Case.of(new Reduction.CumSum(1, reverse), SMOOTH, Operand.normal(2, 3, 2)));
            cases.add(Case.of(new Reduction.CumSum(1, reverse), SMOOTH, Operand.normal(4, 1)));
            cases.add(Case.of(new Reduction.CumSum(0, reverse), NONE, Operand.normal(0, 3)));
            cases.add(
                    Case.of(
                                    new Reduction.CumSum(0, reverse),
                                    NONE,
                                    Operand.of(values(1, 2, INF, 3, NAN, 4, -INF), 7))
                            .called("special, reverse=" + reverse));
        }
        return new Spec(Reduction.CumSum.class, Spec.NUMBER, Accuracy.SUM, cases);
    }
}
