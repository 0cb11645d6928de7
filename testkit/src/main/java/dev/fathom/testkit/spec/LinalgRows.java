package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Operand.normal;

import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Solving;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;

/** Dense linear algebra. */
final class LinalgRows {
    /** Positive definite, well conditioned, distinct eigenvalues and singular values. */
    private static final Domain MATRIX = Domain.matrix(i -> 3 + 1.5 * i, 0.3);

    private LinalgRows() {}

    static List<Spec> rows() {
        return List.of(cholesky(), triangularSolve(), solve(), qr(), eigh(), svd());
    }

    private static Operand matrix(int... shape) {
        return Operand.of(MATRIX, shape);
    }

    private static Spec cholesky() {
        var op = new Solving.Cholesky();
        return Spec.of(
                Solving.Cholesky.class,
                Spec.REAL,
                Accuracy.SOLVE,
                Case.of(op, SMOOTH, matrix(3, 3)).called("(3, 3)"),
                Case.of(op, SMOOTH, matrix(1, 1)).called("(1, 1)"),
                Case.of(op, SMOOTH, matrix(2, 2, 2)).called("(2, 2, 2)"),
                Case.of(op, NONE, matrix(0, 0)).called("empty"),
                Case.of(op, NONE, matrix(17, 17)).called("(17, 17)"));
    }

    private static Spec triangularSolve() {
        var cases = new ArrayList<Case>();
        for (boolean lower : new boolean[] {true, false}) {
            for (boolean transposed : new boolean[] {true, false}) {
                for (boolean unit : new boolean[] {true, false}) {
                    var op = new Solving.TriangularSolve(lower, transposed, unit);
                    cases.add(Case.of(op, SMOOTH, matrix(3, 3), normal(3, 2)));
                }
            }
        }
        var op = new Solving.TriangularSolve(true, false, false);
        cases.add(Case.of(op, SMOOTH, matrix(2, 2, 2), normal(2, 2, 1)).called("batch"));
        cases.add(Case.of(op, NONE, matrix(3, 3), normal(3, 0)).called("no right side"));
        cases.add(Case.of(op, NONE, matrix(19, 19), normal(19, 5)).called("odd"));
        return new Spec(Solving.TriangularSolve.class, Spec.REAL, Accuracy.SOLVE, cases);
    }

    private static Spec solve() {
        var cases = new ArrayList<Case>();
        for (boolean transposed : new boolean[] {true, false}) {
            var op = new Solving.Solve(transposed);
            cases.add(Case.of(op, SMOOTH, matrix(3, 3), normal(3, 2)));
            cases.add(Case.of(op, SMOOTH, matrix(2, 2, 2), normal(2, 2, 1)));
            cases.add(
                    Case.of(
                                    op,
                                    SMOOTH,
                                    Operand.of(Domain.values(0, 2, 1, 1, 0, 3, 4, 1, 0.5), 3, 3),
                                    normal(3, 1))
                            .called("needs pivots, transposed=" + transposed));
            cases.add(Case.of(op, NONE, matrix(19, 19), normal(19, 5)));
        }
        return new Spec(Solving.Solve.class, Spec.REAL, Accuracy.SOLVE, cases);
    }

    private static Spec qr() {
        var op = new Decomposition.Qr();
        return Spec.of(
                Decomposition.Qr.class,
                Spec.REAL,
                Accuracy.SOLVE,
                Case.of(op, SMOOTH, matrix(3, 3)).called("(3, 3)"),
                Case.of(op, SMOOTH, matrix(4, 2)).called("(4, 2)"),
                Case.of(op, SMOOTH, matrix(1, 1)).called("(1, 1)"),
                Case.of(op, SMOOTH, matrix(2, 3, 2)).called("(2, 3, 2)"),
                Case.of(op, NONE, matrix(2, 4)).called("(2, 4)"),
                Case.of(op, NONE, matrix(19, 7)).called("(19, 7)"));
    }

    private static Spec eigh() {
        var op = new Decomposition.Eigh();
        return Spec.of(
                Decomposition.Eigh.class,
                Spec.REAL,
                Accuracy.SOLVE,
                Case.of(op, SMOOTH, matrix(3, 3)).called("(3, 3)"),
                Case.of(op, SMOOTH, matrix(1, 1)).called("(1, 1)"),
                Case.of(op, SMOOTH, matrix(2, 2, 2)).called("(2, 2, 2)"),
                Case.of(op, NONE, matrix(17, 17)).called("(17, 17)"));
    }

    private static Spec svd() {
        var op = new Decomposition.Svd();
        return Spec.of(
                Decomposition.Svd.class,
                Spec.REAL,
                Accuracy.SOLVE,
                Case.of(op, SMOOTH, matrix(3, 3)).called("(3, 3)"),
                Case.of(op, SMOOTH, matrix(4, 2)).called("(4, 2)"),
                Case.of(op, SMOOTH, matrix(2, 4)).called("(2, 4)"),
                Case.of(op, SMOOTH, matrix(1, 1)).called("(1, 1)"),
                Case.of(op, SMOOTH, matrix(2, 3, 2)).called("(2, 3, 2)"),
                Case.of(op, NONE, matrix(19, 7)).called("(19, 7)"));
    }
}
