package dev.fathom.nn.loss;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Activation;

/**
 * The usual losses, each as a {@link Loss} and as a function. All take the raw outputs of the last
 * layer (logits where classes are meant: no softmax or sigmoid before them) and give the mean over
 * the batch.
 */
public final class Losses {
    private Losses() {}

    /** {@link #crossEntropy(Tensor, Tensor)}. */
    public static Loss crossEntropy() {
        return Losses::crossEntropy;
    }

    /**
     * Softmax cross-entropy with class labels: the mean of −ln softmax(z)[y] over the batch, the
     * negative log-likelihood of the labels. J. Bridle, "Probabilistic interpretation of
     * feedforward classification network outputs", 1990. Its derivative is (softmax(z) − onehot(y))
     * / n.
     *
     * <p>Labels outside 0 .. k − 1 are refused. Inside {@code jit}, where numbers cannot be looked
     * at, they make the loss NaN.
     *
     * @param logits z, (n, k), or (.., k)
     * @param labels y, int32 (n), or (..)
     * @throws IndexException if a label is no class
     */
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        floating("crossEntropy", logits);
        if (labels.dtype() != DType.INT32) {
            throw new DTypeException(
                    "crossEntropy: labels must be int32 class numbers, not "
                            + labels.type()
                            + (labels.dtype().isFloating()
                                    ? "; for probabilities use crossEntropyOfDistributions"
                                    : "; use cast(DType.INT32)"));
        }
        if (logits.rank() == 0
                || !labels.shape().equals(logits.shape().range(0, logits.rank() - 1))) {
            throw new ShapeException(
                    "crossEntropy: logits "
                            + logits.shape()
                            + " and labels "
                            + labels.shape()
                            + " do not fit: labels must have the shape of the logits without the"
                            + " last axis, the classes");
        }
        int classes = logits.dim(-1);
        checkLabels(labels, classes);
        Tensor logp = Functions.logSoftmax(logits, -1); // (.., k)
        var positions = logits.type().withDType(DType.INT32);
        Tensor chosen =
                Creation.iota(positions, -1)
                        .equalTo(labels.expandDims(-1)); // (.., k), true at the label
        Tensor each =
                Functions.where(chosen, logp, Ops.zeros(logp.type())).sum(-1).negate(); // (..)
        Tensor valid =
                Functions.and(
                        Functions.compare(Order.GREATER_EQUAL, labels, Ops.zeros(labels.type())),
                        labels.lessThan(Ops.full(labels.type(), classes)));
        return Functions.where(valid, each, Ops.full(each.type(), Double.NaN)).mean();
    }

    private static void checkLabels(Tensor labels, int classes) {
        if (!(labels instanceof Array)) {
            return;
        }
        var values = labels.toInts();
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= classes) {
                throw new IndexException(
                        "crossEntropy: label "
                                + values[i]
                                + " at position "
                                + i
                                + " is no class: the logits have "
                                + classes
                                + " classes, numbered 0 to "
                                + (classes - 1)
                                + (values[i] == classes
                                        ? ". Do your labels start at 1? Subtract 1"
                                        : ""));
            }
        }
    }

    /** {@link #crossEntropyOfDistributions(Tensor, Tensor)}. */
    public static Loss crossEntropyOfDistributions() {
        return Losses::crossEntropyOfDistributions;
    }

    /**
     * Softmax cross-entropy with target distributions: the mean of −Σ p ln softmax(z) over the
     * batch. For one-hot p it is {@link #crossEntropy(Tensor, Tensor)}. That the rows of p sum to 1
     * is not checked.
     *
     * @param logits z, (n, k), or (.., k)
     * @param distributions p, of the type of z
     */
    public static Tensor crossEntropyOfDistributions(Tensor logits, Tensor distributions) {
        floating("crossEntropyOfDistributions", logits);
        same("crossEntropyOfDistributions", "logits", logits, "distributions", distributions);
        if (logits.rank() == 0) {
            throw new ShapeException(
                    "crossEntropyOfDistributions: a scalar has no classes; logits are (n, k)");
        }
        return Functions.logSoftmax(logits, -1).times(distributions).sum(-1).mean().negate();
    }

    /** {@link #mse(Tensor, Tensor)}. */
    public static Loss mse() {
        return Losses::mse;
    }

    /**
     * Mean squared error: the mean of (y − t)² over all elements, of the batch and of each output.
     *
     * @param output y, of any shape
     * @param target t, of the type of y; it is not broadcast
     */
    public static Tensor mse(Tensor output, Tensor target) {
        floating("mse", output);
        same("mse", "output", output, "target", target);
        return output.minus(target).square().mean();
    }

    /** {@link #logistic(Tensor, Tensor)}. */
    public static Loss logistic() {
        return Losses::logistic;
    }

    /**
     * Binary cross-entropy from logits: the mean over all elements of −t ln σ(z) − (1 − t) ln(1 −
     * σ(z)), computed as ln(1 + e^z) − t z. D. Cox, "The regression analysis of binary sequences",
     * JRSS B 20, 1958. Its derivative is (σ(z) − t) / n.
     *
     * @param logits z, of any shape
     * @param targets t, of the type of z: 0 or 1, or a probability
     */
    public static Tensor logistic(Tensor logits, Tensor targets) {
        floating("logistic", logits);
        same("logistic", "logits", logits, "targets", targets);
        return Activation.SOFTPLUS.of(logits).minus(targets.times(logits)).mean();
    }

    private static void floating(String loss, Tensor output) {
        if (!output.dtype().isFloating()) {
            throw new DTypeException(
                    loss
                            + ": the output of the model has type "
                            + output.type()
                            + "; a loss needs a floating one");
        }
    }

    private static void same(String loss, String what, Tensor a, String other, Tensor b) {
        if (a.dtype() != b.dtype()) {
            throw new DTypeException(
                    loss
                            + ": "
                            + what
                            + " "
                            + a.type()
                            + " and "
                            + other
                            + " "
                            + b.type()
                            + " must have one dtype; use cast(DType."
                            + a.dtype().name()
                            + ")");
        }
        if (!a.shape().equals(b.shape())) {
            throw new ShapeException(
                    loss
                            + ": "
                            + what
                            + " "
                            + a.shape()
                            + " and "
                            + other
                            + " "
                            + b.shape()
                            + " must have one shape: broadcasting would compare every pair. Reshape"
                            + " one of them");
        }
    }
}
