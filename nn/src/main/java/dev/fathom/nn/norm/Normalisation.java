package dev.fathom.nn.norm;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Normalisation by the moments of the input itself, the same in training and evaluation:
 *
 * <pre>y = γ (x − μ) / √(σ² + ε) + β</pre>
 *
 * <p>where the {@link Partition} says over which values μ and σ² (divided by their number) are
 * taken. {@link BatchNorm} is the case that also keeps running statistics.
 *
 * <p>Shapes: x and y (n, .., features), γ and β (features). We differ from the paper of layer
 * normalisation for {@link Partition#IMAGE_LAYER}: γ and β are one for each channel, not for each
 * element.
 *
 * <p>J. Ba, J. Kiros, G. Hinton, "Layer normalization", 2016, equation 4; D. Ulyanov, A. Vedaldi,
 * V. Lempitsky, "Instance normalization", 2016, equation 2; Y. Wu and K. He, "Group normalization",
 * ECCV 2018, equations 1 to 7.
 *
 * @param partition which values share their moments
 * @param gamma γ, (features)
 * @param beta β, (features)
 * @param epsilon ε
 */
public record Normalisation(Partition partition, Tensor gamma, Tensor beta, double epsilon)
        implements Layer {

    /** Checks the numbers. */
    public Normalisation {
        if (!(epsilon > 0)) {
            throw new LayerException(
                    "Normalisation: epsilon is " + epsilon + "; it must be positive");
        }
    }

    /** By the given partition: γ = 1, β = 0, ε = 1e-5, float32. */
    public static Normalisation of(Partition partition, int features) {
        Checks.positive("Normalisation", "features", features);
        return new Normalisation(partition, Tensor.ones(features), Tensor.zeros(features), 1e-5);
    }

    /** Layer normalisation over the last axis. */
    public static Normalisation layer(int features) {
        return of(Partition.LAYER, features);
    }

    /** Instance normalisation. */
    public static Normalisation instance(int features) {
        return of(Partition.INSTANCE, features);
    }

    /** Group normalisation with {@code groups} groups of channels, which divide the features. */
    public static Normalisation group(int features, int groups) {
        if (groups < 1 || features % groups != 0) {
            throw new LayerException(
                    "Normalisation: "
                            + features
                            + " features do not fall into "
                            + groups
                            + " equal groups");
        }
        return of(Partition.group(groups), features);
    }

    /** The same with another ε. */
    public Normalisation withEpsilon(double epsilon) {
        return new Normalisation(partition, gamma, beta, epsilon);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.parameter("Normalisation", "gamma", gamma, 1, "(features)");
                    Checks.features("Normalisation", x, gamma);
                    return partition.standardise(x, epsilon).times(gamma).plus(beta);
                });
    }
}
