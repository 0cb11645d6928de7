package dev.fathom.train.metric;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.loss.Losses;
import dev.fathom.train.error.SettingException;

import java.util.function.BinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** The usual metrics. */
public final class Metrics {
    private Metrics() {}

    /** A metric of parts. */
    private record Made(
            String name,
            boolean higherIsBetter,
            BinaryOperator<Tensor> sum,
            DoubleUnaryOperator last)
            implements Metric {
        @Override
        public Tensor total(Tensor output, Tensor target) {
            return sum.apply(output, target);
        }

        @Override
        public double shown(double mean) {
            return last.applyAsDouble(mean);
        }
    }

    /** A metric of your own: the sum over a batch as a function of outputs and targets. */
    public static Metric of(String name, boolean higherIsBetter, BinaryOperator<Tensor> total) {
        return new Made(name, higherIsBetter, total, DoubleUnaryOperator.identity());
    }

    /**
     * The share of examples whose label is the class of the largest output (the first of several
     * equally large). Outputs (n, k), labels int32 (n).
     */
    public static Metric accuracy() {
        return of(
                "accuracy",
                true,
                (z, y) -> {
                    checkClasses("accuracy", z, y);
                    return count(z.argMax(-1).equalTo(y));
                });
    }

    /**
     * The share of examples whose label is among the {@code k} largest outputs: fewer than k others
     * are larger. Equal outputs count for the label. Outputs (n, classes), labels int32 (n). Called
     * {@code top5} for k = 5.
     */
    public static Metric topK(int k) {
        if (k < 1) {
            throw new SettingException("topK: k is " + k + "; it must be at least 1");
        }
        return of(
                "top" + k,
                true,
                (z, y) -> {
                    checkClasses("topK", z, y);
                    Tensor chosen =
                            Creation.iota(z.type().withDType(DType.INT32), -1)
                                    .equalTo(y.expandDims(-1)); // (n, classes)
                    Tensor own = Functions.where(chosen, z, Ops.zeros(z.type())).sum(-1); // (n)
                    // "not at most" instead of "larger": a NaN is a miss
                    Tensor above =
                            Functions.not(
                                    Functions.compare(Order.LESS_EQUAL, z, own.expandDims(-1)));
                    Tensor rank = above.cast(DType.INT32).sum(-1); // (n)
                    return count(rank.lessThan(Ops.full(rank.type(), k)));
                });
    }

    /**
     * The share of examples on the right side of 0: outputs are logits (n) or (n, 1), targets 0 or
     * 1 of that shape.
     */
    public static Metric binaryAccuracy() {
        return of(
                "accuracy",
                true,
                (z, t) -> {
                    checkSame("binaryAccuracy", z, t);
                    Tensor one = z.greaterThan(Ops.zeros(z.type()));
                    Tensor truth = t.greaterThan(Ops.full(t.type(), 0.5));
                    return one.cast(DType.INT32)
                            .equalTo(truth.cast(DType.INT32))
                            .cast(DType.FLOAT64)
                            .sum()
                            .times((double) z.dim(0) / Math.max(1, z.size()));
                });
    }

    /**
     * The mean of −ln p of the true class, in nats, with p = softmax of the outputs: cross-entropy
     * as a metric. Outputs (n, .., classes), labels int32 (n, ..); with several places for each
     * example, such as the tokens of a text, the mean over them.
     */
    public static Metric logLoss() {
        return of("logLoss", false, (z, y) -> surprise(z, y));
    }

    /**
     * e to the mean of −ln p of the true class: how many equally likely choices would be as hard.
     * Shapes as for {@link #logLoss}.
     */
    public static Metric perplexity() {
        return new Made("perplexity", false, (z, y) -> surprise(z, y), Math::exp);
    }

    /**
     * The Brier score, the mean over examples of Σ_c (p_c − [c = y])² with p = softmax of the
     * outputs: 0 is perfect, 2 the worst. G. Brier, "Verification of forecasts expressed in terms
     * of probability", 1950, equation 2; for two classes it is twice the (p − y)² that others call
     * by that name. Outputs (n, classes), labels int32 (n).
     */
    public static Metric brier() {
        return of(
                "brier",
                false,
                (z, y) -> {
                    checkClasses("brier", z, y);
                    Tensor p = Functions.softmax(z.cast(DType.FLOAT64), -1); // (n, classes)
                    Tensor truth = Creation.oneHot(y, z.dim(1), DType.FLOAT64);
                    Tensor each = p.minus(truth).square().sum(-1); // (n)
                    return each.dividedBy(truth.sum(-1)).sum(); // infinite where y is no class
                });
    }

    /** Mean squared error: the mean of (y − t)² over examples and outputs. */
    public static Metric mse() {
        return of("mse", false, (y, t) -> perExample("mse", y, t, Tensor::square));
    }

    /** The root of the mean squared error, in the units of the target. */
    public static Metric rmse() {
        return new Made(
                "rmse", false, (y, t) -> perExample("rmse", y, t, Tensor::square), Math::sqrt);
    }

    /**
     * Mean absolute error: the mean of |y − t| over examples and outputs, in the units of the
     * target.
     */
    public static Metric mae() {
        return of("mae", false, (y, t) -> perExample("mae", y, t, Tensor::abs));
    }

    private static Tensor surprise(Tensor z, Tensor y) {
        return Losses.crossEntropy(z.cast(DType.FLOAT64), y).times(z.dim(0));
    }

    private static Tensor perExample(
            String metric, Tensor y, Tensor t, UnaryOperator<Tensor> error) {
        checkSame(metric, y, t);
        return error.apply(y.minus(t))
                .cast(DType.FLOAT64)
                .sum()
                .times((double) y.dim(0) / Math.max(1, y.size()));
    }

    private static Tensor count(Tensor hits) {
        return hits.cast(DType.INT32).sum();
    }

    private static void checkClasses(String metric, Tensor z, Tensor y) {
        if (y.dtype() != DType.INT32) {
            throw new DTypeException(
                    metric
                            + ": labels must be int32 class numbers, not "
                            + y.type()
                            + "; for numbers to predict use Metrics.mse() or Metrics.mae()");
        }
        if (z.rank() != 2 || y.rank() != 1 || z.dim(0) != y.dim(0)) {
            throw new ShapeException(
                    metric
                            + ": outputs "
                            + z.shape()
                            + " and labels "
                            + y.shape()
                            + " do not fit: outputs are (n, classes) and labels (n)");
        }
    }

    private static void checkSame(String metric, Tensor y, Tensor t) {
        if (!y.type().equals(t.type()) || y.rank() == 0) {
            throw new ShapeException(
                    metric
                            + ": outputs "
                            + y.type()
                            + " and targets "
                            + t.type()
                            + " must have one shape and one dtype, with the examples along the"
                            + " first axis");
        }
    }
}
