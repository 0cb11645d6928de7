package dev.fathom.cpu.reference;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.TensorType;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Elementwise operations: a function of doubles for floating dtypes, one of longs for the others.
 */
final class ReferenceElementwise {
    private ReferenceElementwise() {}

    static Values run(Elementwise op, List<Values> x, TensorType to) {
        return switch (op) {
            case Elementwise.Neg _ -> number(x, to, v -> -v, v -> -v);
            case Elementwise.Abs _ -> number(x, to, Math::abs, Math::abs);
            case Elementwise.Sign _ -> number(x, to, Math::signum, Long::signum);
            case Elementwise.Exp _ -> real(x, to, Math::exp);
            case Elementwise.Expm1 _ -> real(x, to, Math::expm1);
            case Elementwise.Log _ -> real(x, to, Math::log);
            case Elementwise.Log1p _ -> real(x, to, Math::log1p);
            case Elementwise.Sqrt _ -> real(x, to, Math::sqrt);
            case Elementwise.Rsqrt _ -> real(x, to, v -> 1 / Math.sqrt(v));
            case Elementwise.Sin _ -> real(x, to, Math::sin);
            case Elementwise.Cos _ -> real(x, to, Math::cos);
            case Elementwise.Tanh _ -> real(x, to, Math::tanh);
            case Elementwise.Logistic _ -> real(x, to, ReferenceElementwise::logistic);
            case Elementwise.Erf _ -> real(x, to, Erf::of);
            case Elementwise.Floor _ -> real(x, to, Math::floor);
            case Elementwise.Ceil _ -> real(x, to, Math::ceil);
            case Elementwise.Round _ -> real(x, to, Math::rint); // halves to even
            case Elementwise.IsFinite _ -> test(x, to, Double::isFinite);
            case Elementwise.Not _ -> whole(x, to, v -> 1 - v);
            case Elementwise.StopGradient _ -> x.getFirst().copy();
            case Elementwise.ShiftRight s -> whole(x, to, v -> shift(v, s.bits(), to.dtype()));
            case Elementwise.Cast _ -> cast(x.getFirst(), to);
            case Elementwise.Add _ -> number(x, to, (a, b) -> a + b, (a, b) -> a + b);
            case Elementwise.Sub _ -> number(x, to, (a, b) -> a - b, (a, b) -> a - b);
            case Elementwise.Mul _ -> number(x, to, (a, b) -> a * b, (a, b) -> a * b);
            case Elementwise.Div _ ->
                    number(x, to, (a, b) -> a / b, (a, b) -> a / divisor("div", a, b, to));
            case Elementwise.Remainder _ ->
                    number(x, to, (a, b) -> a % b, (a, b) -> a % divisor("remainder", a, b, to));
            case Elementwise.Pow _ -> real(x, to, Math::pow);
            case Elementwise.Max _ -> number(x, to, Math::max, Math::max);
            case Elementwise.Min _ -> number(x, to, Math::min, Math::min);
            case Elementwise.Atan2 _ -> real(x, to, Math::atan2);
            case Elementwise.And _ -> whole(x, to, (a, b) -> a & b);
            case Elementwise.Or _ -> whole(x, to, (a, b) -> a | b);
            case Elementwise.Compare c -> compare(c.order(), x.get(0), x.get(1), to);
            case Elementwise.Select _ -> select(x.get(0), x.get(1), x.get(2), to);
        };
    }

    // ---- one operand ---------------------------------------------------------------------------

    private static Values real(List<Values> x, TensorType to, DoubleUnaryOperator f) {
        double[] v = x.getFirst().reals();
        for (int i = 0; i < v.length; i++) {
            v[i] = f.applyAsDouble(v[i]);
        }
        return Values.ofReals(to, v);
    }

    private static Values whole(List<Values> x, TensorType to, LongUnaryOperator f) {
        long[] v = x.getFirst().wholes();
        for (int i = 0; i < v.length; i++) {
            v[i] = f.applyAsLong(v[i]);
        }
        return Values.ofWholes(to, v);
    }

    private static Values number(
            List<Values> x, TensorType to, DoubleUnaryOperator f, LongUnaryOperator g) {
        return x.getFirst().isReal() ? real(x, to, f) : whole(x, to, g);
    }

    private static Values test(List<Values> x, TensorType to, DoublePredicate p) {
        return real(x, to, v -> p.test(v) ? 1 : 0);
    }

    /** An int64 goes to float32 in one rounding, so not by way of double. */
    private static Values cast(Values x, TensorType to) {
        return x.isReal() ? Values.ofReals(to, x.reals()) : Values.ofWholes(to, x.wholes());
    }

    /** The form whose exponential cannot overflow. */
    private static double logistic(double x) {
        double e = Math.exp(-Math.abs(x));
        return x < 0 ? e / (1 + e) : 1 / (1 + e);
    }

    private static long shift(long v, int bits, DType dtype) {
        int width = 8 * dtype.bytes();
        long unsigned = width == 64 ? v : v & 0xffff_ffffL;
        return bits >= width ? 0 : unsigned >>> bits;
    }

    // ---- two operands --------------------------------------------------------------------------

    private static Values real(List<Values> x, TensorType to, DoubleBinaryOperator f) {
        double[] a = x.get(0).reals();
        double[] b = x.get(1).reals();
        for (int i = 0; i < a.length; i++) {
            a[i] = f.applyAsDouble(a[i], b[i]);
        }
        return Values.ofReals(to, a);
    }

    private static Values whole(List<Values> x, TensorType to, LongBinaryOperator f) {
        long[] a = x.get(0).wholes();
        long[] b = x.get(1).wholes();
        for (int i = 0; i < a.length; i++) {
            a[i] = f.applyAsLong(a[i], b[i]);
        }
        return Values.ofWholes(to, a);
    }

    private static Values number(
            List<Values> x, TensorType to, DoubleBinaryOperator f, LongBinaryOperator g) {
        return x.getFirst().isReal() ? real(x, to, f) : whole(x, to, g);
    }

    private static long divisor(String op, long a, long b, TensorType type) {
        if (b == 0) {
            throw new FathomException(
                    FathomException.located(
                            op
                                    + ": "
                                    + a
                                    + " was divided by the integer 0 in "
                                    + type
                                    + "; replace zeros with select first, or cast to a floating"
                                    + " dtype"));
        }
        return b;
    }

    private static Values compare(Elementwise.Order order, Values x, Values y, TensorType to) {
        var holds = new long[x.length()];
        if (x.isReal()) {
            double[] a = x.reals();
            double[] b = y.reals();
            for (int i = 0; i < holds.length; i++) {
                holds[i] = holds(order, a[i], b[i]) ? 1 : 0;
            }
        } else {
            long[] a = x.wholes();
            long[] b = y.wholes();
            for (int i = 0; i < holds.length; i++) {
                holds[i] = holds(order, a[i], b[i]) ? 1 : 0;
            }
        }
        return Values.ofWholes(to, holds);
    }

    private static boolean holds(Elementwise.Order order, double a, double b) {
        return switch (order) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
        };
    }

    private static boolean holds(Elementwise.Order order, long a, long b) {
        return switch (order) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
        };
    }

    // ---- three operands ------------------------------------------------------------------------

    private static Values select(Values p, Values a, Values b, TensorType to) {
        var y = Values.zeros(to);
        long[] condition = p.wholes();
        for (int i = 0; i < condition.length; i++) {
            y.put(i, condition[i] != 0 ? a : b, i);
        }
        return y;
    }
}
