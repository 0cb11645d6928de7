package dev.fathom.nn.norm;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.Optional;

/**
 * A residual block that keeps its scale without normalisation:
 *
 * <pre>h = γ f(x / β),   y = x + α s b(h)   or   y = shortcut(h) + α s b(h)</pre>
 *
 * <p>where β² is the variance that x has at first, known beforehand: a body b of scaled {@link
 * WeightStandardisation} gives variance 1 for input of variance 1, so that a block makes variance
 * β² + α² of β² with the identity around it, and 1 + α² with a shortcut. γ is the {@link #gain} of
 * the nonlinearity f. The scalar s is trained; it is 1, or 0 at first ({@link #withSkipInit}).
 *
 * <p>A. Brock, S. De, S. Smith, "Characterizing signal propagation to close the performance gap in
 * unnormalized ResNets", ICLR 2021, section 3; A. Brock, S. De, S. Smith, K. Simonyan,
 * "High-performance large-scale image recognition without normalization", ICML 2021, section 2,
 * whose training needs adaptive clipping of the gradients. S. De and S. Smith, "Batch normalization
 * biases residual blocks towards the identity function in deep networks", NeurIPS 2020 (s = 0).
 *
 * @param activation γ f
 * @param body b, whose first layer sees h
 * @param shortcut of h, or nothing for x itself
 * @param skip s, a scalar ()
 * @param alpha α, the standard deviation of what is added
 * @param beta β, the standard deviation of x
 */
public record NormalizerFree(
        Layer activation,
        Layer body,
        Optional<Layer> shortcut,
        Tensor skip,
        double alpha,
        double beta)
        implements Layer {

    /**
     * A nonlinearity times a number.
     *
     * @param activation f
     * @param factor γ
     */
    public record Scaled(Layer activation, double factor) implements Layer {
        /** {@code activation} times its {@link NormalizerFree#gain}. */
        public static Scaled of(Layer activation) {
            return new Scaled(activation, gain(activation));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return pass.in(this, () -> pass.child("activation", activation, x).times(factor));
        }
    }

    /** Checks the numbers. */
    public NormalizerFree {
        if (!(alpha > 0 && beta > 0 && alpha + beta < Double.POSITIVE_INFINITY)) {
            throw new LayerException(
                    "NormalizerFree: alpha is "
                            + alpha
                            + " and beta "
                            + beta
                            + "; both are standard deviations and must be positive and finite");
        }
    }

    /** With a rectifier, the identity around the body, and s = 1, float32. */
    public static NormalizerFree of(Layer body, double alpha, double beta) {
        return new NormalizerFree(
                new Scaled(Activation.RELU, WeightStandardisation.RELU_GAIN),
                body,
                Optional.empty(),
                Tensor.scalar(1f),
                alpha,
                beta);
    }

    /** The same with a way round that changes the shape, and that sees h. */
    public NormalizerFree withShortcut(Layer layer) {
        return new NormalizerFree(activation, body, Optional.of(layer), skip, alpha, beta);
    }

    /** The same with another nonlinearity, times its gain. */
    public NormalizerFree withActivation(Layer layer) {
        return new NormalizerFree(Scaled.of(layer), body, shortcut, skip, alpha, beta);
    }

    /** The same with s = 0 at first, so that the block begins as its way round. */
    public NormalizerFree withSkipInit() {
        return new NormalizerFree(activation, body, shortcut, skip.times(0), alpha, beta);
    }

    /** The variance of y at first (s = 1): what β² of the next block is. */
    public double variance() {
        return alpha * alpha + (shortcut.isPresent() ? 1 : beta * beta);
    }

    /**
     * What a nonlinearity must be multiplied by so that standard normal numbers keep variance 1:
     * 1/√Var f(z), by the trapezoidal rule on ±12 with steps of 1/2000. For a rectifier it is
     * {@link WeightStandardisation#RELU_GAIN}.
     */
    public static double gain(Layer activation) {
        Tensor z = Creation.linspace(-12, 12, 48_001).cast(DType.FLOAT64);
        Tensor density = z.square().times(-0.5).exp();
        Tensor p = density.dividedBy(density.sum());
        Tensor f = activation.apply(z.expandDims(-1), Pass.eval()).squeeze(-1);
        double mean = f.times(p).sum().item();
        double deviation = Math.sqrt(f.minus(mean).square().times(p).sum().item());
        if (!(deviation > 0 && deviation < Double.POSITIVE_INFINITY)) {
            throw new LayerException(
                    "NormalizerFree: of standard normal numbers the nonlinearity makes some of"
                            + " standard deviation "
                            + deviation
                            + ", which no factor brings to 1");
        }
        return 1 / deviation;
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Tensor h = pass.child("activation", activation, x.dividedBy(beta));
                    Tensor branch = pass.child("body", body, h);
                    Tensor around = shortcut.map(s -> pass.child("shortcut", s, h)).orElse(x);
                    if (!branch.shape().equals(around.shape())) {
                        throw new ShapeException(
                                "NormalizerFree: the body gives "
                                        + branch.shape()
                                        + ", the "
                                        + (shortcut.isPresent() ? "shortcut" : "input")
                                        + " is "
                                        + around.shape()
                                        + "; they cannot be added. Give a shortcut of the body's"
                                        + " shape with withShortcut(layer)");
                    }
                    return around.plus(branch.times(skip).times(alpha));
                });
    }
}
