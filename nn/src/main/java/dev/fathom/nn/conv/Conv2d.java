package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;

import java.util.Optional;

/**
 * Convolution of images, channels last; the "convolution" of networks, that is cross-correlation:
 *
 * <pre>y[n, i, j, f] = b[f] + Σ_{p, q, c} x[n, i·s − l + p·d, j·s − l + q·d, c] · w[p, q, c, f]
 * </pre>
 *
 * <p>The convolution of mathematics, with x[i − p, j − q], is the same with the kernel turned round
 * in both spatial axes. Moving the image moves the output by as much, away from the border.
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
        implements Convolution<Conv2d>, Affine {

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

    /**
     * A 1 by 1 kernel: a dense layer at every place. M. Lin, Q. Chen, S. Yan, "Network in network",
     * ICLR 2014, section 3.1.
     */
    public static Conv2d pointwise(int in, int out, Key key) {
        return of(in, out, 1, key);
    }

    /**
     * A separable convolution: {@link #depthwise}, without a bias, and then {@link #pointwise};
     * kernel² · in + in · out weights for kernel² · in · out. L. Sifre, "Rigid-motion scattering
     * for image classification", 2014; F. Chollet, "Xception", CVPR 2017. Nothing stands between
     * the two; MobileNets put a normalisation and a rectifier there.
     */
    public static Sequential separable(int in, int out, int kernel, Key key) {
        var keys = key.split(2);
        return Sequential.of(
                depthwise(in, kernel, keys[0]).withoutBias(), pointwise(in, out, keys[1]));
    }

    @Override
    public Conv2d with(Tensor weight, Optional<Tensor> bias) {
        return with(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Conv2d with(
            Tensor weight,
            Optional<Tensor> bias,
            int stride,
            Padding padding,
            int dilation,
            int groups) {
        return new Conv2d(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return Kernels.convolve(this, 2, "(height, width, in/groups, out)", x, pass);
    }
}
