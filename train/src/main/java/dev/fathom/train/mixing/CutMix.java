package dev.fathom.train.mixing;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

/**
 * Images with a rectangle out of another: x̃ = M ⊙ x + (1 − M) ⊙ x′, and labels as distributions in
 * proportion to the areas. The rectangle has the sides H √(1 − λ) and W √(1 − λ), rounded down,
 * with λ drawn from Beta(α, α), and its middle at any pixel; where it reaches over the edge it is
 * cut, and λ becomes the share of pixels that are left. S. Yun et al., "CutMix: regularization
 * strategy to train strong classifiers with localizable features", ICCV 2019, equations 1 and 2 and
 * algorithm A1. One rectangle serves a batch, and x′ is the batch in random order.
 *
 * @param alpha α, above 0; 1 in the paper
 */
public record CutMix(double alpha) implements Mixing {
    /**
     * @throws dev.fathom.train.error.SettingException if α is not above 0
     */
    public CutMix {
        Mixed.checkAlpha("CutMix", alpha);
    }

    /** With the paper's α = 1: any area is as likely. */
    public static CutMix of() {
        return new CutMix(1);
    }

    /** With another α. */
    public static CutMix of(double alpha) {
        return new CutMix(alpha);
    }

    /**
     * @throws ShapeException if the features are no images (n, h, w, c)
     */
    @Override
    public Mixed mix(Tensor features, Tensor labels, Key key) {
        Mixed.checkFloating("CutMix", features);
        if (features.rank() != 4) {
            throw new ShapeException(
                    "CutMix: features "
                            + features.shape()
                            + " are not images (n, h, w, c)."
                            + (features.rank() == 3
                                    ? " Give them their channel: x.expandDims(-1)"
                                    : " For others take MixUp"));
        }
        var keys = key.split(4);
        int h = features.dim(1);
        int w = features.dim(2);
        Tensor lambda = keys[0].beta(DType.FLOAT64, alpha, alpha);
        Tensor row = keys[1].integers(h);
        Tensor column = keys[2].integers(w);
        return mix(
                features, labels, lambda, row, column, Mixed.partners(features, labels, keys[3]));
    }

    /** With a given λ, float64 (), middle of the rectangle, and partner of each example. */
    static Mixed mix(
            Tensor features,
            Tensor labels,
            Tensor lambda,
            Tensor row,
            Tensor column,
            Tensor partners) {
        int h = features.dim(1);
        int w = features.dim(2);
        Tensor side = lambda.negate().plus(1).sqrt();
        Tensor cut =
                Functions.and(
                        inside(row, side, h).expandDims(1), // (h, 1)
                        inside(column, side, w).expandDims(0)); // (1, w)
        Tensor other = Mixed.reordered(features, partners);
        Tensor mixed = Functions.where(cut.reshape(1, h, w, 1), other, features); // (n, h, w, c)
        Tensor area = cut.cast(DType.FLOAT32).sum();
        Tensor share = area.negate().plus((double) h * w).dividedBy((double) h * w);
        return new Mixed(mixed, Mixed.reordered(labels, partners), share);
    }

    /** Which of the places 0 to n − 1 are within half of ⌊n · side⌋ of the middle. */
    private static Tensor inside(Tensor middle, Tensor side, int n) {
        Tensor half = side.times(n).cast(DType.INT32).dividedBy(2);
        var type = new TensorType(Shape.of(n), DType.INT32);
        Tensor places = Creation.iota(type, 0);
        return Functions.and(
                Functions.compare(
                        Order.GREATER_EQUAL,
                        places,
                        Ops.broadcastTo(middle.minus(half), type.shape())),
                places.lessThan(middle.plus(half)));
    }
}
