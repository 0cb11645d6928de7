package dev.fathom.train.mixing;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.loss.Loss;
import dev.fathom.train.error.SettingException;

import java.util.function.UnaryOperator;

/**
 * A mixed batch: each example is λ of itself and 1 − λ of its partner, another of the batch.
 *
 * @param features mixed, of the type of the batch's
 * @param partners the labels of the partners, of the type of the batch's
 * @param share λ in [0, 1], float32 ()
 */
public record Mixed(Tensor features, Tensor partners, Tensor share) {

    /**
     * The loss of this batch, to be given the batch's own labels: λ L(output, labels) + (1 − λ)
     * L(output, partners). For a loss that is linear in the label as a distribution, as
     * cross-entropy is, this is the loss for {@link #distributions}; λ = 1 gives L to the bit.
     */
    public Loss loss(Loss loss) {
        return (output, labels) -> weighed(labels, l -> loss.apply(output, l));
    }

    /** λ f(labels) + (1 − λ) f(partners) of any number f, in float64 if it is a whole one. */
    public Tensor weighed(Tensor labels, UnaryOperator<Tensor> f) {
        Tensor own = floating(f.apply(labels));
        Tensor other = floating(f.apply(partners));
        Tensor lambda = share.cast(own.dtype());
        return own.times(lambda).plus(other.times(lambda.negate().plus(1)));
    }

    private static Tensor floating(Tensor value) {
        return value.dtype().isFloating() ? value : value.cast(DType.FLOAT64);
    }

    /**
     * The labels of the mixed examples as distributions, (n, classes): λ onehot(labels) + (1 − λ)
     * onehot(partners).
     *
     * @param labels of the batch, int32 (n)
     */
    public Tensor distributions(Tensor labels, int classes, DType dtype) {
        return weighed(labels, l -> Creation.oneHot(l, classes, dtype));
    }

    /** A partner for each example, the same for features and labels. */
    static Tensor partners(Tensor features, Tensor labels, Key key) {
        if (features.rank() == 0 || labels.rank() == 0 || features.dim(0) != labels.dim(0)) {
            throw new ShapeException(
                    "mixing: features "
                            + features.shape()
                            + " and labels "
                            + labels.shape()
                            + " are not of the same examples, (n, ..) and (n, ..)");
        }
        return key.permutation(features.dim(0)); // (n)
    }

    static Tensor reordered(Tensor x, Tensor order) {
        return Shaping.take(x, order, 0);
    }

    static void checkFloating(String what, Tensor features) {
        if (!features.dtype().isFloating()) {
            throw new SettingException(
                    what
                            + ": features "
                            + features.type()
                            + " cannot be mixed: between two tokens there is nothing. Mix images"
                            + " or numbers");
        }
    }

    static void checkAlpha(String what, double alpha) {
        if (!(alpha >= 1e-300 && alpha < Double.POSITIVE_INFINITY)) {
            throw new SettingException(what + ": α is " + alpha + "; it must be above 0");
        }
    }
}
