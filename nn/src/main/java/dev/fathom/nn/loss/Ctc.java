package dev.fathom.nn.loss;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.nn.error.LayerException;

import java.util.List;

/**
 * Connectionist temporal classification: −ln p(labels | logits), where p sums the probabilities of
 * all paths, one class per step, that give the labels when repeats are merged and then blanks
 * removed. A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist temporal
 * classification", ICML 2006, equations 3 and 5 to 8. The forward recursion runs in logarithms as a
 * scan over time, and its derivative is the program's own, without the backward variables of
 * section 4.2. It costs time · (2 labels + 1) per sequence.
 *
 * <p>Labels that no path of the length gives (each needs a step, and each repeat a blank between)
 * have the loss +∞, and the mean with them; their gradient is zero, and spoils no other's.
 *
 * @param logits (n, time, classes), raw; the softmax is taken here
 * @param labels int32 (n, most labels), classes without the blank; what lies beyond a length is not
 *     looked at, but must be a class
 * @param inputLengths int32 (n), in 1 .. time
 * @param labelLengths int32 (n), in 0 .. most labels
 */
public record Ctc(Tensor logits, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
    /** The class that stands for no label. */
    public static final int BLANK = 0;

    /** ln 0, finite so that derivatives of sums of nothing are numbers. */
    private static final double NEVER = -1e30;

    private record Step(Tensor emitted, Tensor valid) {}

    /**
     * Checks the types, and the numbers where they can be looked at.
     *
     * @throws ShapeException if shapes do not fit
     * @throws LayerException if a length or a label is out of its range
     */
    public Ctc {
        if (!logits.dtype().isFloating() || logits.rank() != 3) {
            throw new ShapeException(
                    "ctc: the logits are " + logits.type() + "; they must be (n, time, classes)");
        }
        for (var t : List.of(labels, inputLengths, labelLengths)) {
            if (t.dtype() != DType.INT32) {
                throw new DTypeException("ctc: labels and lengths are int32, not " + t.type());
            }
        }
        var n = Shape.of(logits.dim(0));
        if (labels.rank() != 2
                || labels.dim(0) != logits.dim(0)
                || labels.dim(1) == 0
                || !inputLengths.shape().equals(n)
                || !labelLengths.shape().equals(n)) {
            throw new ShapeException(
                    "ctc: logits "
                            + logits.shape()
                            + ", labels "
                            + labels.shape()
                            + ", input lengths "
                            + inputLengths.shape()
                            + ", label lengths "
                            + labelLengths.shape()
                            + " do not fit; they must be (n, time, classes), (n, most labels), (n),"
                            + " (n)");
        }
        within("input length", inputLengths, 1, logits.dim(1));
        within("label length", labelLengths, 0, labels.dim(1));
        within("label", labels, 0, logits.dim(2) - 1);
        blanks(labels, labelLengths);
    }

    /** The mean over the batch; not divided by the lengths. */
    public Tensor mean() {
        return each().mean();
    }

    /** The loss of each sequence, (n). */
    public Tensor each() {
        int n = labels.dim(0);
        int most = labels.dim(1);
        int s = 2 * most + 1;
        Tensor blank = Ops.full(labels.type(), BLANK);
        // blank, label, blank, label, .., blank
        Tensor path =
                Shaping.concatenate(
                        1,
                        Shaping.stack(2, blank, labels).reshape(n, 2 * most),
                        blank.slice(1, 0, 1)); // (n, s)
        Tensor two = Shaping.concatenate(1, blank, blank).slice(1, 0, 2); // (n, 2)
        Tensor before = Shaping.concatenate(1, two, path.slice(1, 0, s - 2)); // (n, s)
        // a step over a blank: only between different labels
        Tensor over =
                Functions.and(
                        Functions.not(path.equalTo(Ops.full(path.type(), BLANK))),
                        Functions.not(path.equalTo(before)));
        int time = logits.dim(1);
        Tensor picks = path.expandDims(1).broadcastTo(n, time, s);
        Tensor emitted =
                Shaping.moveAxis(
                        Shaping.takeAlong(Functions.logSoftmax(logits, -1), picks, -1), 1, 0);
        var type = new TensorType(Shape.of(n, s), logits.dtype());
        Tensor never = Ops.full(type, NEVER);
        Tensor at = Creation.iota(type.withDType(DType.INT32), 1); // (n, s)
        Tensor first = Functions.where(at.lessThan(Ops.full(at.type(), 2)), emitted.get(0), never);
        Tensor last = time == 1 ? first : forward(first, emitted, over, never);
        Tensor end = labelLengths.times(2).expandDims(1).broadcastTo(n, s);
        Tensor accepted = Functions.or(at.equalTo(end), at.equalTo(end.minus(1))); // (n, s)
        Tensor p = Functions.logSumExp(Functions.where(accepted, last, never), 1); // (n)
        Tensor possible = p.greaterThan(Ops.full(p.type(), NEVER / 2));
        return Functions.where(possible, p.negate(), Ops.full(p.type(), Double.POSITIVE_INFINITY));
    }

    /** ln α at the last step of each sequence: equations 6 and 7. */
    private Tensor forward(Tensor first, Tensor emitted, Tensor over, Tensor never) {
        int n = first.dim(0);
        int s = first.dim(1);
        int time = emitted.dim(0);
        var steps = new TensorType(Shape.of(time, n), DType.INT32);
        Tensor valid =
                Creation.iota(steps, 0).lessThan(inputLengths.broadcastTo(time, n)); // (time, n)
        Tensor edge = never.slice(1, 0, 1);
        var all =
                Loops.scan(
                        (Tensor a, Step x) -> {
                            Tensor one = Shaping.concatenate(1, edge, a.slice(1, 0, s - 1));
                            Tensor two = Shaping.concatenate(1, edge, one.slice(1, 0, s - 1));
                            Tensor ways =
                                    Shaping.stack(0, a, one, Functions.where(over, two, never));
                            Tensor next = Functions.logSumExp(ways, 0).plus(x.emitted());
                            Tensor now = x.valid().expandDims(1).broadcastTo(n, s);
                            return new Carried<>(Functions.where(now, next, a), List.<Tensor>of());
                        },
                        first,
                        new Step(emitted.slice(0, 1, time), valid.slice(0, 1, time)));
        return all.carry();
    }

    private static void within(String what, Tensor t, int low, int high) {
        if (t instanceof Array) {
            var values = t.toInts();
            for (int i = 0; i < values.length; i++) {
                if (values[i] < low || values[i] > high) {
                    throw new LayerException(
                            "ctc: "
                                    + what
                                    + " "
                                    + values[i]
                                    + " at position "
                                    + i
                                    + " is not in "
                                    + low
                                    + " .. "
                                    + high);
                }
            }
        }
    }

    private static void blanks(Tensor labels, Tensor lengths) {
        if (labels instanceof Array && lengths instanceof Array) {
            int most = labels.dim(1);
            var values = labels.toInts();
            var length = lengths.toInts();
            for (int i = 0; i < values.length; i++) {
                if (i % most < length[i / most] && values[i] == BLANK) {
                    throw new LayerException(
                            "ctc: label "
                                    + i % most
                                    + " of sequence "
                                    + i / most
                                    + " is "
                                    + BLANK
                                    + ", the blank; number the labels from 1");
                }
            }
        }
    }
}
