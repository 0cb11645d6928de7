package dev.fathom.core.math;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Single;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

/** Functions of each element, choices, and functions along axes, written over the primitives. */
public final class Functions {
    private Functions() {}

    private static Tensor apply(Single op, Tensor x) {
        return Ops.unary(op, x);
    }

    /** −1, 0 or 1. */
    public static Tensor sign(Tensor x) {
        return apply(new Elementwise.Sign(), x);
    }

    /** e^x. */
    public static Tensor exp(Tensor x) {
        return x.exp();
    }

    /** e^x − 1, accurate near 0. */
    public static Tensor expm1(Tensor x) {
        return apply(new Elementwise.Expm1(), x);
    }

    /** ln x. */
    public static Tensor log(Tensor x) {
        return x.log();
    }

    /** ln(1 + x), accurate near 0. */
    public static Tensor log1p(Tensor x) {
        return apply(new Elementwise.Log1p(), x);
    }

    /** √x. */
    public static Tensor sqrt(Tensor x) {
        return x.sqrt();
    }

    /** 1/√x. */
    public static Tensor rsqrt(Tensor x) {
        return apply(new Elementwise.Rsqrt(), x);
    }

    /** sin x. */
    public static Tensor sin(Tensor x) {
        return apply(new Elementwise.Sin(), x);
    }

    /** cos x. */
    public static Tensor cos(Tensor x) {
        return apply(new Elementwise.Cos(), x);
    }

    /** tanh x. */
    public static Tensor tanh(Tensor x) {
        return x.tanh();
    }

    /** The logistic function 1/(1 + e^(−x)). */
    public static Tensor sigmoid(Tensor x) {
        return apply(new Elementwise.Logistic(), x);
    }

    /** The error function. */
    public static Tensor erf(Tensor x) {
        return apply(new Elementwise.Erf(), x);
    }

    /** ⌊x⌋. */
    public static Tensor floor(Tensor x) {
        return apply(new Elementwise.Floor(), x);
    }

    /** ⌈x⌉. */
    public static Tensor ceil(Tensor x) {
        return apply(new Elementwise.Ceil(), x);
    }

    /** The nearest whole number, halves to even. */
    public static Tensor round(Tensor x) {
        return apply(new Elementwise.Round(), x);
    }

    /** Whether each element is neither infinite nor NaN. */
    public static Tensor isFinite(Tensor x) {
        return apply(new Elementwise.IsFinite(), x);
    }

    /** a to the power b. */
    public static Tensor pow(Tensor a, Tensor b) {
        return Ops.binary(new Elementwise.Pow(), a, b);
    }

    /** The remainder of a/b with a's sign, as Java's {@code %}. */
    public static Tensor remainder(Tensor a, Tensor b) {
        return Ops.binary(new Elementwise.Remainder(), a, b);
    }

    /** The angle of the point (x, y). */
    public static Tensor atan2(Tensor y, Tensor x) {
        return Ops.binary(new Elementwise.Atan2(), y, x);
    }

    /** max(x, 0) elementwise; derivative 0 at 0; NaN stays NaN. */
    public static Tensor relu(Tensor x) {
        Tensor zero = Ops.zeros(x.type());
        return Ops.select(compare(Order.LESS_EQUAL, x, zero), zero, x);
    }

    /**
     * ln(1 + e^x), computed as x + ln(1 + e^(−x)) for x > 0. Each branch sees only its own half, so
     * that nothing overflows and the derivatives are right at 0 too.
     */
    public static Tensor softplus(Tensor x) {
        Tensor zero = Ops.zeros(x.type());
        Tensor positive = x.greaterThan(zero);
        Tensor above = Ops.select(positive, x, zero);
        Tensor below = Ops.select(positive, zero, x);
        return Ops.select(positive, above.plus(log1p(above.negate().exp())), log1p(below.exp()));
    }

    /**
     * The inverse of {@link #erf} on (−1, 1): Giles' polynomial (GPU Computing Gems, 2011) and two
     * Newton steps.
     */
    public static Tensor erfInv(Tensor y) {
        return ErfInv.apply(y);
    }

    // ---- choice --------------------------------------------------------------------------------

    /** a where the condition holds, b elsewhere; all three broadcast. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        if (condition.dtype() != DType.BOOL) {
            throw new DTypeException(
                    "where: the condition has type "
                            + condition.type()
                            + ", not bool; compare first");
        }
        if (a.dtype() != b.dtype()) {
            throw new DTypeException(
                    "where: values have types " + a.type() + " and " + b.type() + "; use cast");
        }
        Shape shape =
                Shape.broadcast(
                        "where", condition.shape(), Shape.broadcast("where", a.shape(), b.shape()));
        return Ops.select(
                Ops.broadcastTo(condition, shape),
                Ops.broadcastTo(a, shape),
                Ops.broadcastTo(b, shape));
    }

    /** A comparison, broadcasting. */
    public static Tensor compare(Order order, Tensor a, Tensor b) {
        return Ops.binary(new Elementwise.Compare(order), a, b);
    }

    /** Logical not. */
    public static Tensor not(Tensor x) {
        return apply(new Elementwise.Not(), x);
    }

    /** Logical and. */
    public static Tensor and(Tensor a, Tensor b) {
        return Ops.binary(new Elementwise.And(), a, b);
    }

    /** Logical or. */
    public static Tensor or(Tensor a, Tensor b) {
        return Ops.binary(new Elementwise.Or(), a, b);
    }

    /** Elements below {@code low} or above {@code high} replaced by these; derivative 0 outside. */
    public static Tensor clip(Tensor x, double low, double high) {
        Tensor l = Ops.full(x.type(), low);
        Tensor h = Ops.full(x.type(), high);
        Tensor upper = Ops.select(x.greaterThan(h), h, x);
        return Ops.select(x.lessThan(l), l, upper);
    }

    // ---- along axes ----------------------------------------------------------------------------

    /** Whether any element holds, along the axes or everywhere. */
    public static Tensor any(Tensor x, int... axes) {
        return Ops.bind(new Reduction.Any(x.shape().axes(axes)), x);
    }

    /** Whether all elements hold, along the axes or everywhere. */
    public static Tensor all(Tensor x, int... axes) {
        return Ops.bind(new Reduction.All(x.shape().axes(axes)), x);
    }

    /** The product along the axes or of everything. */
    public static Tensor product(Tensor x, int... axes) {
        return Ops.bind(new Reduction.Product(x.shape().axes(axes)), x);
    }

    /** Position of the first smallest element along {@code axis}, int32. */
    public static Tensor argMin(Tensor x, int axis) {
        return Ops.bind(new Reduction.ArgMin(x.shape().axis(axis)), x);
    }

    /** Running sums along {@code axis}. */
    public static Tensor cumSum(Tensor x, int axis) {
        return Ops.bind(new Reduction.CumSum(x.shape().axis(axis), false), x);
    }

    /** Mean of (x − mean)² along the axes (divided by n, not n − 1). */
    public static Tensor variance(Tensor x, int... axes) {
        var over = x.shape().axes(axes);
        Tensor mean = restore(x.mean(over.toArray()), x.shape(), over);
        return x.minus(mean).square().mean(over.toArray());
    }

    /** A reduced tensor repeated along the axes it lost. */
    static Tensor restore(Tensor reduced, Shape shape, Axes over) {
        return Ops.broadcast(reduced, shape, over.complement(shape.rank()));
    }

    /** x minus its largest element along {@code axis}, which is a constant to derivatives. */
    private static Tensor shifted(Tensor x, Axes axis) {
        Tensor top = Ops.stopGradient(x.max(axis.toArray()));
        Tensor finite = where(isFinite(top), top, Ops.zeros(top.type()));
        return x.minus(restore(finite, x.shape(), axis));
    }

    /** ln Σ e^x along {@code axis}, without overflow. */
    public static Tensor logSumExp(Tensor x, int axis) {
        var over = x.shape().axes(axis);
        Tensor top = Ops.stopGradient(x.max(axis));
        Tensor finite = where(isFinite(top), top, Ops.zeros(top.type()));
        return x.minus(restore(finite, x.shape(), over)).exp().sum(axis).log().plus(finite);
    }

    /** e^x / Σ e^x along {@code axis}, without overflow. */
    public static Tensor softmax(Tensor x, int axis) {
        var over = x.shape().axes(axis);
        Tensor e = shifted(x, over).exp();
        return e.dividedBy(restore(e.sum(axis), x.shape(), over));
    }

    /** x − ln Σ e^x along {@code axis}, without overflow. */
    public static Tensor logSoftmax(Tensor x, int axis) {
        var over = x.shape().axes(axis);
        Tensor s = shifted(x, over);
        return s.minus(restore(s.exp().sum(axis).log(), x.shape(), over));
    }
}
