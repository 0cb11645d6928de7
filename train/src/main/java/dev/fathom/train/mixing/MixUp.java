package dev.fathom.train.mixing;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

/**
 * Examples on the line between two: x̃ = λ x + (1 − λ) x′ and the same for the labels as
 * distributions, λ drawn from Beta(α, α). H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup:
 * beyond empirical risk minimization", ICLR 2018, section 2. As in the authors' program one λ
 * serves a batch, and x′ is the batch in random order.
 *
 * @param alpha α, above 0: small ones leave examples nearly alone. The paper takes 0.1 to 0.4 on
 *     ImageNet and 1 on CIFAR
 */
public record MixUp(double alpha) implements Mixing {
    /**
     * @throws dev.fathom.train.error.SettingException if α is not above 0
     */
    public MixUp {
        Mixed.checkAlpha("MixUp", alpha);
    }

    /** With this α. */
    public static MixUp of(double alpha) {
        return new MixUp(alpha);
    }

    @Override
    public Mixed mix(Tensor features, Tensor labels, Key key) {
        var keys = key.split(2);
        Mixed.checkFloating("MixUp", features);
        Tensor share = keys[0].beta(DType.FLOAT32, alpha, alpha);
        return mix(features, labels, share, Mixed.partners(features, labels, keys[1]));
    }

    /** With a given λ, a scalar, and the partner of each example, int32 (n). */
    static Mixed mix(Tensor features, Tensor labels, Tensor share, Tensor partners) {
        Tensor lambda = share.cast(features.dtype());
        Tensor other = Mixed.reordered(features, partners);
        Tensor mixed = features.times(lambda).plus(other.times(lambda.negate().plus(1)));
        return new Mixed(mixed, Mixed.reordered(labels, partners), share);
    }
}
