package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.Optional;

/**
 * Convolution of images, channels last; the "convolution" of networks, that is cross-correlation:
 *
 * <pre>y[n, i, j, f] = b[f] + Σ_{p, q, c} x[n, i·s − l + p·d, j·s − l + q·d, c] · w[p, q, c, f]
 * </pre>
 *
 * <p>Shapes: x (n, height, width, in), w (kernel height, kernel width, in/groups, out), b (out), y
 * (n, height', width', out). With SAME padding height' = ⌈height/s⌉, zeros outside; with VALID,
 * height' = ⌊(height − (kernel − 1)·d − 1)/s⌋ + 1. With g groups the channels fall into g equal
 * parts that do not meet.
 *
 * @param weight w, (kernel height, kernel width, in/groups, out)
 * @param bias b, (out), or nothing
 * @param stride s, the step between outputs, in both directions
 * @param padding what lies outside the image
 * @param dilation d, the step between kernel elements, in both directions
 * @param groups number of groups
 */
public record Conv2d(
        Tensor weight, Optional<Tensor> bias, int stride, Padding padding, int dilation, int groups)
        implements Layer {

    /**
     * Checks the numbers. The tensors are checked in use: a gradient per example is such a record
     * too.
     */
    public Conv2d {
        Checks.positive("Conv2d", "stride", stride);
        Checks.positive("Conv2d", "dilation", dilation);
        Checks.positive("Conv2d", "groups", groups);
    }

    /**
     * A square kernel from {@code in} channels to {@code out} with stride 1, SAME padding, no
     * dilation and one group; weights by {@link Initializer#standard}, bias zero, float32.
     */
    public static Conv2d of(int in, int out, int kernel, Key key) {
        return of(in, out, kernel, 1, Initializer.standard(), key);
    }

    /** As {@link #of(int, int, int, Key)} with a number of groups and a law for the weights. */
    public static Conv2d of(
            int in, int out, int kernel, int groups, Initializer initializer, Key key) {
        Tensor weight = Kernels.weight("Conv2d", in, out, kernel, 2, groups, initializer, key);
        return new Conv2d(weight, Optional.of(Tensor.zeros(out)), 1, Padding.SAME, 1, groups);
    }

    /**
     * One kernel for each channel (groups = channels): A. Howard et al., "MobileNets", 2017,
     * equation 3.
     */
    public static Conv2d depthwise(int channels, int kernel, Key key) {
        return of(channels, channels, kernel, channels, Initializer.standard(), key);
    }

    /** The same with another stride. */
    public Conv2d withStride(int stride) {
        return new Conv2d(weight, bias, stride, padding, dilation, groups);
    }

    /** The same with another padding. */
    public Conv2d withPadding(Padding padding) {
        return new Conv2d(weight, bias, stride, padding, dilation, groups);
    }

    /** The same with another dilation. */
    public Conv2d withDilation(int dilation) {
        return new Conv2d(weight, bias, stride, padding, dilation, groups);
    }

    /** The same without a bias, for use before a normalisation. */
    public Conv2d withoutBias() {
        return new Conv2d(weight, Optional.empty(), stride, padding, dilation, groups);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.parameter(
                            "Conv2d", "kernel", weight, 4, "(height, width, in/groups, out)");
                    Checks.convolution("Conv2d", x, weight, groups);
                    Tensor y = Convolutions.conv(x, weight, stride, padding, dilation, groups);
                    Tensor z = bias.map(y::plus).orElse(y); // (n, height', width', out)
                    return pass.affine(
                            weight,
                            bias,
                            () -> Kernels.patches(x, weight, stride, padding, dilation),
                            z);
                });
    }
}
