package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Pass;

import java.util.Optional;

/**
 * Convolution of volumes or films, channels last: {@link Conv2d} with three spatial axes. D. Tran
 * et al., "Learning spatiotemporal features with 3D convolutional networks", ICCV 2015.
 *
 * <p>Shapes: x (n, depth, height, width, in), w (kernel depth, height, width, in/groups, out), b
 * (out), y (n, depth', height', width', out).
 *
 * @param weight w, (kernel depth, kernel height, kernel width, in/groups, out)
 * @param bias b, (out), or nothing
 * @param stride s, the step between outputs, in all directions
 * @param padding what lies outside the volume
 * @param dilation d, the step between kernel elements, in all directions
 * @param groups number of groups
 */
public record Conv3d(
        Tensor weight, Optional<Tensor> bias, int stride, Padding padding, int dilation, int groups)
        implements Convolution<Conv3d>, Affine {

    /**
     * Checks the numbers. The tensors are checked in use: a gradient per example is such a record
     * too.
     */
    public Conv3d {
        Checks.positive("Conv3d", "stride", stride);
        Checks.positive("Conv3d", "dilation", dilation);
        Checks.positive("Conv3d", "groups", groups);
    }

    /** A cube of edge {@code kernel}, with the defaults of {@link Conv2d#of}. */
    public static Conv3d of(int in, int out, int kernel, Key key) {
        return of(in, out, kernel, 1, Initializer.standard(), key);
    }

    /** As {@link #of(int, int, int, Key)} with a number of groups and a law for the weights. */
    public static Conv3d of(
            int in, int out, int kernel, int groups, Initializer initializer, Key key) {
        Tensor weight = Kernels.weight("Conv3d", in, out, kernel, 3, groups, initializer, key);
        return new Conv3d(weight, Optional.of(Tensor.zeros(out)), 1, Padding.SAME, 1, groups);
    }

    @Override
    public Conv3d with(Tensor weight, Optional<Tensor> bias) {
        return with(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Conv3d with(
            Tensor weight,
            Optional<Tensor> bias,
            int stride,
            Padding padding,
            int dilation,
            int groups) {
        return new Conv3d(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return Kernels.convolve(this, 3, "(depth, height, width, in/groups, out)", x, pass);
    }
}
