package dev.fathom.nn.norm;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.Optional;

/**
 * A layer whose weights have mean 0 and one variance in every unit:
 *
 * <pre>w_i = s g_i (v_i − μ_i) / √(σ_i² + ε)</pre>
 *
 * <p>with the mean μ_i and the variance σ_i² (divided by their number) of the N weights of unit i.
 *
 * <p>{@linkplain #of Plain}: s = 1 and no gain g, used before a group or batch normalisation; S.
 * Qiao, H. Wang, C. Liu, W. Shen, A. Yuille, "Micro-batch training with batch-channel normalization
 * and weight standardization", 2019, section 2. We differ: ε stands under the root.
 *
 * <p>{@linkplain #scaled Scaled}: s = 1/√N and a gain that is trained, so that inputs of mean
 * square 1 become outputs of variance g²; A. Brock, S. De, S. Smith, "Characterizing signal
 * propagation to close the performance gap in unnormalized ResNets", ICLR 2021, equation 3, whose γ
 * of the nonlinearity is here with the nonlinearity ({@link NormalizerFree}). We differ: ε is added
 * to σ²; their program takes max(N σ², ε).
 *
 * <p>Shapes: those of the layer; g (out).
 *
 * @param layer a dense layer or a convolution with v in place of its weight
 * @param gain g, (out), or nothing for 1
 * @param scale s
 * @param epsilon ε
 */
public record WeightStandardisation(
        Affine layer, Optional<Tensor> gain, double scale, double epsilon) implements Layer {
    /**
     * What a rectifier is multiplied by so that standard normal numbers keep variance 1: γ = √(2 /
     * (1 − 1/π)), since E relu(z) = 1/√(2π) and E relu(z)² = ½. (The constant 1.7139588594436646
     * that is passed round in programs is a sampled value, 0.06 % too large.)
     */
    public static final double RELU_GAIN = Math.sqrt(2 / (1 - 1 / Math.PI));

    /**
     * Checks ε and the weights.
     *
     * @throws LayerException if ε is not positive, or a unit has only one weight
     */
    public WeightStandardisation {
        if (Units.fanIn(layer.weight()) == 1) {
            throw new LayerException(
                    "WeightStandardisation: each unit of "
                            + layer.weight().shape()
                            + " has one weight, which less its mean is 0: the layer would give its"
                            + " bias alone. Leave such a layer as it is");
        }
        if (!(epsilon > 0)) {
            throw new LayerException(
                    "WeightStandardisation: epsilon is " + epsilon + "; it must be positive");
        }
    }

    /** Plain, around {@code layer}; ε = 1e-5. */
    public static WeightStandardisation of(Affine layer) {
        return new WeightStandardisation(layer, Optional.empty(), 1, 1e-5);
    }

    /** Scaled, around {@code layer}; g = 1, ε = 1e-8. */
    public static WeightStandardisation scaled(Affine layer) {
        Tensor v = layer.weight();
        Tensor ones = Tensor.full(v.dtype(), 1, v.dim(-1));
        double scale = 1 / Math.sqrt(Units.fanIn(v));
        return new WeightStandardisation(layer, Optional.of(ones), scale, 1e-8);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Tensor v = layer.weight(); // (.., out)
                    var axes = Units.axes(v);
                    Tensor spread =
                            Functions.rsqrt(Functions.variance(v, axes).plus(epsilon)); // (out)
                    Tensor factor = gain.map(spread::times).orElse(spread).times(scale);
                    Tensor w = v.minus(v.mean(axes)).times(factor);
                    return pass.child("layer", layer.with(w, layer.bias()), x);
                });
    }
}
