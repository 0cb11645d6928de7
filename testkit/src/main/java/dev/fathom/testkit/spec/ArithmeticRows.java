package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Domain.apartFromZero;
import static dev.fathom.testkit.spec.Domain.distinct;
import static dev.fathom.testkit.spec.Domain.normal;
import static dev.fathom.testkit.spec.Domain.uniform;
import static dev.fathom.testkit.spec.Domain.values;
import static dev.fathom.testkit.spec.ElementwiseRows.SPECIAL;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.tensor.DType;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Functions of two and three elements at the same place. */
final class ArithmeticRows {
    private static final int N = SPECIAL.length;

    private ArithmeticRows() {}

    static List<Spec> rows() {
        return List.of(
                binary(new Elementwise.Add(), Spec.NUMBER, Accuracy.EXACT, normal(), normal()),
                binary(new Elementwise.Sub(), Spec.NUMBER, Accuracy.EXACT, normal(), normal()),
                binary(new Elementwise.Mul(), Spec.NUMBER, Accuracy.EXACT, normal(), normal()),
                divisions(new Elementwise.Div(), normal()),
                pow(),
                binary(
                        new Elementwise.Max(),
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        distinct(0),
                        distinct(0.2)),
                binary(
                        new Elementwise.Min(),
                        Spec.NUMBER,
                        Accuracy.EXACT,
                        distinct(0),
                        distinct(0.2)),
                divisions(new Elementwise.Remainder(), uniform(7.3, 7.6)),
                binary(
                        new Elementwise.Atan2(),
                        Spec.REAL,
                        Accuracy.FUNCTION,
                        apartFromZero(0.4, 2),
                        apartFromZero(0.4, 2)),
                compare(),
                logic(new Elementwise.And()),
                logic(new Elementwise.Or()),
                select());
    }

    private static Spec binary(
            Elementwise op, Set<DType> dtypes, Accuracy accuracy, Domain a, Domain b) {
        return Spec.of(
                op.getClass(),
                dtypes,
                accuracy,
                Case.of(op, SMOOTH, Operand.of(a, 2, 3), Operand.of(b, 2, 3)).called("(2, 3)"),
                Case.of(op, SMOOTH, Operand.of(a), Operand.of(b)).called("scalar"),
                Case.of(op, SMOOTH, Operand.of(a, 67), Operand.of(b, 67)).called("(67,)"),
                Case.of(op, NONE, Operand.of(a, 0, 3), Operand.of(b, 0, 3)).called("empty"),
                special(op));
    }

    /** Every special number with every other. */
    private static Case special(Elementwise op) {
        var rows = IntStream.range(0, N * N).mapToDouble(i -> SPECIAL[i / N]).toArray();
        return Case.of(op, NONE, Operand.of(values(rows), N, N), Operand.of(values(SPECIAL), N, N))
                .called("special");
    }

    /** Integers are not divided by zero, and floats by everything. */
    private static Spec divisions(Elementwise op, Domain a) {
        var b = apartFromZero(2.2, 2.3);
        return Spec.of(
                op.getClass(),
                Spec.NUMBER,
                Accuracy.EXACT,
                Case.of(op, SMOOTH, Operand.of(a, 2, 3), Operand.of(b, 2, 3)).called("(2, 3)"),
                Case.of(op, SMOOTH, Operand.of(a), Operand.of(b)).called("scalar"),
                Case.of(op, SMOOTH, Operand.of(a, 67), Operand.of(b, 67)).called("(67,)"),
                Case.of(op, NONE, Operand.of(a, 0, 3), Operand.of(b, 0, 3)).called("empty"),
                Case.of(
                                op,
                                NONE,
                                Operand.of(values(7, -7, 7, -7, 1e30, -1e30, 0.0, -0.0), 8),
                                Operand.of(values(2, 2, -2, -2, 3, 0.25, 5, -5), 8))
                        .called("signs"));
    }

    private static Spec pow() {
        var op = new Elementwise.Pow();
        var a = uniform(0.3, 2);
        var whole = values(2, 3, -1, 0, 1, -2);
        return Spec.of(
                Elementwise.Pow.class,
                Spec.REAL,
                Accuracy.FUNCTION,
                Case.of(op, SMOOTH, Operand.of(a, 2, 3), Operand.normal(2, 3)).called("(2, 3)"),
                Case.of(op, SMOOTH, Operand.of(a), Operand.normal()).called("scalar"),
                Case.of(op, SMOOTH, Operand.of(a, 67), Operand.normal(67)).called("(67,)"),
                Case.of(op, NONE, Operand.of(a, 2, 0), Operand.normal(2, 0)).called("empty"),
                Case.of(op, NONE, Operand.of(apartFromZero(0.4, 2), 6), Operand.of(whole, 6))
                        .called("whole exponents"),
                Case.of(
                                op,
                                NONE,
                                Operand.of(
                                        values(0, -0.0, 1, -1, 0.5, -0.5, 2, -2, INF, -INF, NAN),
                                        11,
                                        11),
                                Operand.of(values(EXPONENTS), 11, 11))
                        .called("special"));
    }

    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final double[] EXPONENTS =
            IntStream.range(0, 121)
                    .mapToDouble(i ->
                            new double[] {0, -0.0, 1, -1, 0.5, -0.5, 2, 3, INF, -INF, NAN}[i / 11])
                    .toArray();

    private static Spec compare() {
        var cases = new ArrayList<Case>();
        for (var order : Order.values()) {
            var op = new Elementwise.Compare(order);
            var few = values(0, 1, 2, 1, 1, 0);
            cases.add(
                    Case.of(
                            op,
                            NONE,
                            Operand.of(few, 2, 3),
                            Operand.of(values(1, 1, 1, 0, 2, 0), 2, 3)));
            cases.add(Case.of(op, NONE, Operand.normal(33), Operand.normal(33)));
            cases.add(special(op).called(order + " special"));
            cases.add(Case.of(op, NONE, Operand.normal(0), Operand.normal(0)));
        }
        return new Spec(Elementwise.Compare.class, Spec.NUMBER, Accuracy.EXACT, cases);
    }

    private static Spec logic(Elementwise op) {
        return Spec.of(
                op.getClass(),
                Spec.TRUTH,
                Accuracy.EXACT,
                Case.of(
                        op,
                        NONE,
                        Operand.of(values(0, 0, 1, 1), 2, 2),
                        Operand.of(values(0, 1, 0, 1), 2, 2)),
                Case.of(op, NONE, Operand.normal(67), Operand.normal(67)),
                Case.of(op, NONE, Operand.normal(2, 0), Operand.normal(2, 0)));
    }

    private static Spec select() {
        var op = new Elementwise.Select();
        return Spec.of(
                Elementwise.Select.class,
                Spec.ANY,
                Accuracy.EXACT,
                Case.of(op, SMOOTH, Operand.truth(2, 3), Operand.normal(2, 3), Operand.normal(2, 3))
                        .called("(2, 3)"),
                Case.of(op, SMOOTH, Operand.truth(), Operand.normal(), Operand.normal())
                        .called("scalar"),
                Case.of(op, SMOOTH, Operand.truth(67), Operand.normal(67), Operand.normal(67))
                        .called("(67,)"),
                Case.of(op, NONE, Operand.truth(0), Operand.normal(0), Operand.normal(0))
                        .called("empty"),
                Case.of(
                                op,
                                NONE,
                                Operand.truth(N),
                                Operand.of(values(SPECIAL), N),
                                Operand.of(values(SPECIAL), N))
                        .called("special"));
    }
}
