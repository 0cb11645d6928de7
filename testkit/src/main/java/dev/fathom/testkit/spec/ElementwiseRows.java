package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Derivative.ZERO;
import static dev.fathom.testkit.spec.Domain.apartFromHalves;
import static dev.fathom.testkit.spec.Domain.apartFromZero;
import static dev.fathom.testkit.spec.Domain.normal;
import static dev.fathom.testkit.spec.Domain.uniform;
import static dev.fathom.testkit.spec.Domain.values;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Functions of one element. */
final class ElementwiseRows {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    /**
     * What IEEE arithmetic has special names for, and the neighbours of the places where formulas
     * change.
     */
    static final double[] SPECIAL = {
        0, -0.0, 1, -1, 0.5, -0.5, 2.5, -2.5, INF, -INF, NAN, 1e-30, -1e-30, 1e30, -1e30, 88.7,
        -87.3, 104, -104, 709.7, -745.1, 1e-8, -1e-8, 3.14159, -3.14159, 6, -6, 20, -20
    };

    /**
     * Around the steps of bfloat16: ties with an even and an odd neighbour below, what is just
     * beside them, the largest number, what becomes infinite, subnormal numbers.
     */
    private static final double[] HALVES = {
        1 + 0x1p-8,
        1 + 3 * 0x1p-8,
        1 + 0x1p-8 + 0x1p-20,
        1 + 0x1p-8 - 0x1p-20,
        -1 - 0x1p-8,
        -1.25,
        0x1.FEp127,
        0x1.FEFFFEp127,
        0x1.FFp127,
        -0x1.FFp127,
        INF,
        -INF,
        NAN,
        0,
        -0.0,
        0x1p-126,
        0x1p-133,
        0x1p-134,
        0x1.8p-133,
        0x1p-149,
        -0x1p-140,
        300,
        16777219
    };

    private ElementwiseRows() {}

    static List<Spec> rows() {
        return List.of(
                smooth(new Elementwise.Neg(), Spec.NUMBER, Accuracy.EXACT, normal()),
                smooth(new Elementwise.Abs(), Spec.NUMBER, Accuracy.EXACT, apartFromZero(0.1, 2)),
                flat(new Elementwise.Sign(), Spec.NUMBER, apartFromZero(0.1, 2)),
                smooth(new Elementwise.Exp(), Spec.REAL, Accuracy.FUNCTION, normal()),
                smooth(new Elementwise.Expm1(), Spec.REAL, Accuracy.FUNCTION, normal()),
                smooth(new Elementwise.Log(), Spec.REAL, Accuracy.FUNCTION, uniform(0.3, 4)),
                smooth(new Elementwise.Log1p(), Spec.REAL, Accuracy.FUNCTION, uniform(-0.6, 3)),
                smooth(new Elementwise.Sqrt(), Spec.REAL, Accuracy.FUNCTION, uniform(0.3, 4)),
                smooth(new Elementwise.Rsqrt(), Spec.REAL, Accuracy.FUNCTION, uniform(0.4, 4)),
                smooth(new Elementwise.Sin(), Spec.REAL, Accuracy.FUNCTION, uniform(-4, 4)),
                smooth(new Elementwise.Cos(), Spec.REAL, Accuracy.FUNCTION, uniform(-4, 4)),
                smooth(new Elementwise.Tanh(), Spec.REAL, Accuracy.FUNCTION, normal()),
                smooth(new Elementwise.Logistic(), Spec.REAL, Accuracy.FUNCTION, uniform(-4, 4)),
                smooth(new Elementwise.Erf(), Spec.REAL, Accuracy.FUNCTION, uniform(-1.5, 1.5)),
                flat(new Elementwise.Floor(), Spec.REAL, apartFromHalves()),
                flat(new Elementwise.Ceil(), Spec.REAL, apartFromHalves()),
                flat(new Elementwise.Round(), Spec.REAL, apartFromHalves()),
                flat(new Elementwise.IsFinite(), Spec.REAL, normal()),
                flat(new Elementwise.Not(), Spec.TRUTH, normal()),
                stopGradient(),
                shiftRight(),
                cast());
    }

    private static Spec smooth(
            Elementwise op, Set<DType> dtypes, Accuracy accuracy, Domain domain) {
        return Spec.of(op.getClass(), dtypes, accuracy, shapes(op, SMOOTH, domain));
    }

    private static Spec flat(Elementwise op, Set<DType> dtypes, Domain domain) {
        var derivative =
                dtypes.contains(DType.FLOAT64) && op.result(DType.FLOAT64).isFloating()
                        ? ZERO
                        : Derivative.NONE;
        return Spec.of(op.getClass(), dtypes, Accuracy.EXACT, shapes(op, derivative, domain));
    }

    private static Case[] shapes(Elementwise op, Derivative derivative, Domain domain) {
        return new Case[] {
            Case.of(op, derivative, Operand.of(domain, 2, 3)).called("(2, 3)"),
            Case.of(op, derivative, Operand.of(domain)).called("scalar"),
            Case.of(op, derivative, Operand.of(domain, 67)).called("(67,)"),
            Case.of(op, Derivative.NONE, Operand.of(domain, 3, 0)).called("empty"),
            Case.of(op, Derivative.NONE, Operand.of(values(SPECIAL), SPECIAL.length))
                    .called("special"),
        };
    }

    private static Spec stopGradient() {
        var op = new Elementwise.StopGradient();
        return Spec.of(
                Elementwise.StopGradient.class,
                Spec.ANY,
                Accuracy.EXACT,
                shapes(op, Derivative.STOPPED, normal()));
    }

    private static Spec shiftRight() {
        var cases = new ArrayList<Case>();
        for (int bits : new int[] {0, 1, 5, 31}) {
            var op = new Elementwise.ShiftRight(bits);
            cases.add(Case.of(op, Derivative.NONE, Operand.of(Domain.uniform(-5e8, 5e8), 3, 5)));
        }
        for (int bits : new int[] {32, 63}) { // int32 has fewer
            var op = new Elementwise.ShiftRight(bits);
            var operand =
                    new Operand(
                            Shape.of(3, 5), Domain.uniform(-9e18, 9e18), Optional.of(DType.INT64));
            cases.add(Case.of(op, Derivative.NONE, operand));
        }
        return new Spec(Elementwise.ShiftRight.class, Spec.WHOLE, Accuracy.EXACT, cases);
    }

    private static Spec cast() {
        var numbers = Operand.of(uniform(-100, 100), 3, 5);
        return Spec.of(
                Elementwise.Cast.class,
                Spec.ANY,
                Accuracy.EXACT,
                Case.of(new Elementwise.Cast(DType.FLOAT64), SMOOTH, numbers),
                Case.of(
                                new Elementwise.Cast(DType.FLOAT32),
                                SMOOTH,
                                Operand.of(uniform(-1, 1), 3, 5))
                        .within(2e-3),
                Case.of(new Elementwise.Cast(DType.INT32), Derivative.NONE, numbers),
                Case.of(new Elementwise.Cast(DType.INT64), Derivative.NONE, numbers),
                Case.of(new Elementwise.Cast(DType.BOOL), Derivative.NONE, numbers),
                // its derivative is not that of the steps it makes: see BFloat16Test
                Case.of(new Elementwise.Cast(DType.BFLOAT16), Derivative.NONE, numbers),
                Case.of(
                                new Elementwise.Cast(DType.BFLOAT16),
                                Derivative.NONE,
                                Operand.of(values(HALVES), HALVES.length))
                        .called("to bfloat16, special"),
                Case.of(
                                new Elementwise.Cast(DType.INT32),
                                Derivative.NONE,
                                Operand.of(values(NAN, INF, -INF, 3e9, -3e9, 1.9, -1.9, -0.0), 8))
                        .called("to int32, special"),
                Case.of(
                                new Elementwise.Cast(DType.BOOL),
                                Derivative.NONE,
                                Operand.of(values(NAN, INF, 0, -0.0, 1e-30, 5), 6))
                        .called("to bool, special"),
                Case.of(new Elementwise.Cast(DType.FLOAT32), Derivative.NONE, Operand.normal(0, 2))
                        .called("empty"));
    }
}
