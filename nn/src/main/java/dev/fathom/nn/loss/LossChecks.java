package dev.fathom.nn.loss;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

import java.util.function.DoublePredicate;

/** What losses refuse, and how they say it. */
final class LossChecks {
    private LossChecks() {}

    /** Logits (.., k) and int32 labels (..), all of them classes. */
    static void classes(String loss, Tensor logits, Tensor labels) {
        floating(loss, logits);
        if (labels.dtype() != DType.INT32) {
            throw new DTypeException(
                    loss
                            + ": labels must be int32 class numbers, not "
                            + labels.type()
                            + (labels.dtype().isFloating()
                                    ? "; for probabilities use crossEntropyOfDistributions"
                                    : "; use cast(DType.INT32)"));
        }
        if (logits.rank() == 0
                || !labels.shape().equals(logits.shape().range(0, logits.rank() - 1))) {
            throw new ShapeException(
                    loss
                            + ": logits "
                            + logits.shape()
                            + " and labels "
                            + labels.shape()
                            + " do not fit: labels must have the shape of the logits without the"
                            + " last axis, the classes");
        }
        labels(loss, labels, logits.dim(-1));
    }

    static void labels(String loss, Tensor labels, int classes) {
        if (!(labels instanceof Array)) {
            return;
        }
        var values = labels.toInts();
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= classes) {
                throw new IndexException(
                        loss
                                + ": label "
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

    /** Numbers of which each is as told; looked at where they are there to be looked at. */
    static void each(
            String loss, String what, Tensor targets, DoublePredicate good, String wanted) {
        if (!(targets instanceof Array)) {
            return;
        }
        double[] values = targets.toDoubles();
        for (int i = 0; i < values.length; i++) {
            if (!good.test(values[i])) {
                throw new IndexException(
                        loss
                                + ": "
                                + what
                                + " "
                                + values[i]
                                + " at position "
                                + i
                                + " must be "
                                + wanted);
            }
        }
    }

    /** A weight for each class. */
    static void weights(String loss, Tensor logits, Tensor weights) {
        var wanted = logits.type().withShape(Shape.of(logits.dim(-1)));
        if (!weights.type().equals(wanted)) {
            throw new ShapeException(
                    loss
                            + ": the class weights are "
                            + weights.type()
                            + "; logits "
                            + logits.type()
                            + " want "
                            + wanted);
        }
        each(loss, "class weight", weights, w -> w >= 0, "at least 0");
    }

    /** A number of the loss itself. */
    static void number(String loss, String what, double value, boolean good, String range) {
        if (!good) {
            throw new LayerException(loss + ": " + what + " is " + value + "; it must be " + range);
        }
    }

    /** Two batches of vectors, (n, d). */
    static void vectors(String loss, String what, Tensor a, String other, Tensor b) {
        floating(loss, a);
        same(loss, what, a, other, b);
        if (a.rank() != 2) {
            throw new ShapeException(
                    loss + ": " + what + " " + a.shape() + " are not vectors (n, d)");
        }
    }

    /** Contrast needs others: one example is always its own nearest. */
    static void several(String loss, int n) {
        if (n == 1) {
            throw new LayerException(
                    loss
                            + ": a batch of one example has no others to tell it from: its loss is"
                            + " 0 whatever the model, and nothing is learned. Take batches of at"
                            + " least 2, and leave out a last one that is not full:"
                            + " batches.dropLast()");
        }
    }

    static void floating(String loss, Tensor output) {
        if (!output.dtype().isFloating()) {
            throw new DTypeException(
                    loss
                            + ": the output of the model has type "
                            + output.type()
                            + "; a loss needs a floating one");
        }
    }

    static void same(String loss, String what, Tensor a, String other, Tensor b) {
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
