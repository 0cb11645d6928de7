package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * Operations that compute each element of the result from the elements at the same place: equal
 * shapes in, the same shape out. Broadcasting is done before, by {@link Ops#binary}, so the batch
 * of such an operation is the operation itself.
 */
public sealed interface Elementwise extends Single {

    /** Which dtypes an operation takes. */
    enum Domain {
        /** float32, float64. */
        REAL,
        /** Everything but bool. */
        NUMBER,
        /** bool only. */
        TRUTH,
        /** int32, int64. */
        WHOLE,
        /** Every dtype. */
        ANY
    }

    /** Which dtypes the operands may have. */
    Domain domain();

    @Override
    default boolean moves() {
        return this instanceof Cast || this instanceof Select || this instanceof StopGradient;
    }

    /** Number of operands. */
    default int arity() {
        return 1;
    }

    /** The dtype of the result for operands of dtype {@code in}. */
    default DType result(DType in) {
        return in;
    }

    @Override
    default TensorType type(List<TensorType> in) {
        var first = in.getFirst();
        for (var t : in) {
            check(t, first);
        }
        return first.withDType(result(first.dtype()));
    }

    private void check(TensorType t, TensorType first) {
        boolean allowed =
                switch (domain()) {
                    case REAL -> t.dtype().isFloating();
                    case NUMBER -> t.dtype().isNumeric();
                    case TRUTH -> t.dtype() == DType.BOOL;
                    case WHOLE -> t.dtype().isInteger();
                    case ANY -> true;
                };
        if (!allowed) {
            throw new DTypeException(
                    name()
                            + ": not defined on "
                            + t
                            + "; "
                            + switch (domain()) {
                                case REAL -> "cast to float32 or float64 first";
                                case NUMBER -> "cast the bool to a number first";
                                case TRUTH -> "compare first, to get a bool";
                                case WHOLE -> "cast to int32 or int64 first";
                                case ANY -> "";
                            });
        }
        if (!t.dtype().equals(first.dtype())) {
            throw new DTypeException(
                    name() + ": operands have types " + first + " and " + t + "; use cast");
        }
        if (!t.shape().equals(first.shape())) {
            throw new ShapeException(
                    name()
                            + ": operands have types "
                            + first
                            + " and "
                            + t
                            + "; broadcast them first");
        }
    }

    @Override
    default Tensor batched(Args x, boolean[] batched, int size) {
        var y = x;
        for (int i = 0; i < x.size(); i++) {
            y = y.with(i, Ops.withBatch(x, batched, size, i));
        }
        return Ops.bind(this, y);
    }

    // ---- one operand ---------------------------------------------------------------------------

    /** A function of one real operand, with its derivative. */
    sealed interface Unary extends Elementwise {
        /** {@code f'(x) dx}, given x, y = f(x) and dx. */
        Tensor derivative(Tensor x, Tensor y, Tensor dx);

        @Override
        default Domain domain() {
            return Domain.REAL;
        }

        @Override
        default Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return derivative(x.a(), y, dx);
        }
    }

    /** A function whose derivative is zero wherever it has one. */
    sealed interface Flat extends Elementwise {
        @Override
        default Domain domain() {
            return Domain.REAL;
        }

        @Override
        default boolean differentiableIn(int i) {
            return false;
        }

        @Override
        default Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return Ops.zeros(y.type());
        }
    }

    /** −x. */
    record Neg() implements Elementwise, Linear {
        @Override
        public Domain domain() {
            return Domain.NUMBER;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return ct.negate();
        }
    }

    /** |x|. d|x| = sign(x) dx, which is 0 at 0. */
    record Abs() implements Unary {
        @Override
        public Domain domain() {
            return Domain.NUMBER;
        }

        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(Ops.unary(new Sign(), x));
        }
    }

    /** −1, 0 or 1; NaN stays NaN. Derivative 0. */
    record Sign() implements Flat {
        @Override
        public Domain domain() {
            return Domain.NUMBER;
        }
    }

    /** e^x. */
    record Exp() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(y);
        }
    }

    /** e^x − 1, accurate near 0. */
    record Expm1() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(y.plus(1));
        }
    }

    /** ln x. */
    record Log() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.dividedBy(x);
        }
    }

    /** ln(1 + x), accurate near 0. */
    record Log1p() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.dividedBy(x.plus(1));
        }
    }

    /** √x. */
    record Sqrt() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.dividedBy(y.times(2));
        }
    }

    /** 1/√x. d = −½ x^(−3/2) dx. */
    record Rsqrt() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(y.times(y).times(y).times(-0.5));
        }
    }

    /** sin x, x in radians. */
    record Sin() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(Ops.unary(new Cos(), x));
        }
    }

    /** cos x, x in radians. */
    record Cos() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(Ops.unary(new Sin(), x)).negate();
        }
    }

    /** tanh x. d = (1 − y²) dx. */
    record Tanh() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(y.times(y).negate().plus(1));
        }
    }

    /** 1/(1 + e^(−x)). d = y (1 − y) dx. */
    record Logistic() implements Unary {
        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(y.times(y.negate().plus(1)));
        }
    }

    /** erf x = 2/√π ∫₀ˣ e^(−t²) dt. */
    record Erf() implements Unary {
        private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

        @Override
        public Tensor derivative(Tensor x, Tensor y, Tensor dx) {
            return dx.times(x.times(x).negate().exp().times(TWO_OVER_ROOT_PI));
        }
    }

    /** ⌊x⌋. Derivative 0. */
    record Floor() implements Flat {}

    /** ⌈x⌉. Derivative 0. */
    record Ceil() implements Flat {}

    /** The nearest whole number, halves to even. Derivative 0. */
    record Round() implements Flat {}

    /** Whether x is neither infinite nor NaN. */
    record IsFinite() implements Flat {
        @Override
        public DType result(DType in) {
            return DType.BOOL;
        }
    }

    /** Logical negation. */
    record Not() implements Flat {
        @Override
        public Domain domain() {
            return Domain.TRUTH;
        }
    }

    /** x itself, and a constant to every derivative. */
    record StopGradient() implements Flat {
        @Override
        public Domain domain() {
            return Domain.ANY;
        }
    }

    /** Whole numbers shifted right by {@code bits}, zeros coming in from the left. */
    record ShiftRight(int bits) implements Flat {
        @Override
        public Domain domain() {
            return Domain.WHOLE;
        }

        @Override
        public TensorType type(List<TensorType> in) {
            var t = Flat.super.type(in);
            int width = 8 * t.dtype().bytes();
            if (bits < 0 || bits >= width) {
                throw new DTypeException(
                        name()
                                + ": "
                                + t
                                + " has "
                                + width
                                + " bits; it is not shifted by "
                                + bits);
            }
            return t;
        }
    }

    /**
     * The same numbers in another dtype. Floats truncate towards zero when they become integers,
     * and are rounded by way of float32 to become bfloat16, which their derivative does not see.
     */
    record Cast(DType to) implements Elementwise, Linear {
        @Override
        public Domain domain() {
            return Domain.ANY;
        }

        @Override
        public DType result(DType in) {
            return to;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return dx.cast(to.ofDerivative());
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return ct.cast(in.getFirst().dtype());
        }
    }

    // ---- two operands --------------------------------------------------------------------------

    /** A function of two operands. */
    sealed interface Binary extends Elementwise {
        @Override
        default int arity() {
            return 2;
        }

        @Override
        default Domain domain() {
            return Domain.NUMBER;
        }
    }

    /** a + b. */
    record Add() implements Binary, Linear {
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return dx;
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return ct;
        }
    }

    /** a − b. */
    record Sub() implements Binary, Linear {
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return i == 0 ? dx : dx.negate();
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return i == 0 ? ct : ct.negate();
        }
    }

    /** a · b. */
    record Mul() implements Binary, Linear {
        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return ct.times(x.get(1 - i));
        }
    }

    /** a / b, linear in a. Integers truncate towards zero. */
    record Div() implements Binary, Linear {
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return i == 0 ? dx.dividedBy(x.b()) : dx.times(y.dividedBy(x.b())).negate();
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return ct.dividedBy(x.b());
        }
    }

    /** aᵇ. da: b aᵇ⁻¹ (0 where b = 0); db: aᵇ ln a (0 where a = 0). */
    record Pow() implements Binary {
        @Override
        public Domain domain() {
            return Domain.REAL;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            Tensor a = x.a();
            Tensor b = x.b();
            Tensor zero = Ops.zeros(y.type());
            Tensor one = Ops.full(y.type(), 1);
            if (i == 0) {
                Tensor power = Ops.bind(this, a, b.minus(1));
                return dx.times(Ops.select(b.equalTo(zero), zero, b.times(power)));
            }
            Tensor log = Ops.select(a.equalTo(zero), one, a).log();
            return dx.times(y.times(log));
        }
    }

    /** The larger; NaN wins. At a tie each operand gets half of the derivative. */
    record Max() implements Binary {
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return dx.times(Ties.share(x.get(i), x.get(1 - i), Order.GREATER));
        }
    }

    /** The smaller; NaN wins. At a tie each operand gets half of the derivative. */
    record Min() implements Binary {
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return dx.times(Ties.share(x.get(i), x.get(1 - i), Order.LESS));
        }
    }

    /** a − b·trunc(a/b): the sign is a's, as Java's {@code %}. */
    record Remainder() implements Binary {
        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            if (i == 0) {
                return dx;
            }
            var quotient = Ops.unary(new Round(), x.a().minus(y).dividedBy(x.b()));
            return dx.times(quotient).negate();
        }
    }

    /** The angle of the point (x = b, y = a), radians in (−π, π]. */
    record Atan2() implements Binary {
        @Override
        public Domain domain() {
            return Domain.REAL;
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            Tensor norm2 = x.a().square().plus(x.b().square());
            return i == 0
                    ? dx.times(x.b().dividedBy(norm2))
                    : dx.times(x.a().dividedBy(norm2)).negate();
        }
    }

    /** The six comparisons. Any comparison with NaN is false, but for NOT_EQUAL. */
    enum Order {
        /** a = b. */
        EQUAL,
        /** a ≠ b. */
        NOT_EQUAL,
        /** a < b. */
        LESS,
        /** a ≤ b. */
        LESS_EQUAL,
        /** a > b. */
        GREATER,
        /** a ≥ b. */
        GREATER_EQUAL
    }

    /** A comparison, giving bool. */
    record Compare(Order order) implements Flat {
        @Override
        public Domain domain() {
            return order == Order.EQUAL || order == Order.NOT_EQUAL ? Domain.ANY : Domain.NUMBER;
        }

        @Override
        public int arity() {
            return 2;
        }

        @Override
        public DType result(DType in) {
            return DType.BOOL;
        }

        @Override
        public String name() {
            return switch (order) {
                case EQUAL -> "equal";
                case NOT_EQUAL -> "notEqual";
                case LESS -> "less";
                case LESS_EQUAL -> "lessEqual";
                case GREATER -> "greater";
                case GREATER_EQUAL -> "greaterEqual";
            };
        }
    }

    /** Logical and. */
    record And() implements Flat {
        @Override
        public Domain domain() {
            return Domain.TRUTH;
        }

        @Override
        public int arity() {
            return 2;
        }
    }

    /** Logical or. */
    record Or() implements Flat {
        @Override
        public Domain domain() {
            return Domain.TRUTH;
        }

        @Override
        public int arity() {
            return 2;
        }
    }

    // ---- three operands ------------------------------------------------------------------------

    /** a where the bool p holds, b elsewhere; linear in a and b together. */
    record Select() implements Elementwise, Linear {
        @Override
        public Domain domain() {
            return Domain.ANY;
        }

        @Override
        public int arity() {
            return 3;
        }

        @Override
        public TensorType type(List<TensorType> in) {
            var p = in.get(0);
            if (p.dtype() != DType.BOOL) {
                throw new DTypeException("select: the condition has type " + p + ", not bool");
            }
            if (!in.get(1).equals(in.get(2)) || !p.shape().equals(in.get(1).shape())) {
                throw new ShapeException(
                        "select: condition "
                                + p
                                + ", values "
                                + in.get(1)
                                + " and "
                                + in.get(2)
                                + " must have one shape, and the values one dtype");
            }
            return in.get(1);
        }

        @Override
        public Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
            return pick(i, x.a(), dx);
        }

        @Override
        public Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in) {
            return pick(i, x.a(), ct);
        }

        private static Tensor pick(int i, Tensor p, Tensor t) {
            var zero = Ops.zeros(t.type());
            return i == 1 ? Ops.select(p, t, zero) : Ops.select(p, zero, t);
        }
    }
}
