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
 * Convolution of sequences, channels last: {@link Conv2d} with one spatial axis. With dilations 1,
 * 2, 4, .. it sees far: A. van den Oord et al., "WaveNet", 2016 (we pad on both sides).
 *
 * <pre>y[n, i, f] = b[f] + Σ_{p, c} x[n, i·s − l + p·d, c] · w[p, c, f]</pre>
 *
 * <p>Shapes: x (n, time, in), w (kernel, in/groups, out), b (out), y (n, time', out).
 *
 * @param weight w, (kernel, in/groups, out)
 * @param bias b, (out), or nothing
 * @param stride s, the step between outputs
 * @param padding what lies outside the sequence
 * @param dilation d, the step between kernel elements
 * @param groups number of groups
 */
public record Conv1d(
        Tensor weight, Optional<Tensor> bias, int stride, Padding padding, int dilation, int groups)
        implements Convolution<Conv1d>, Affine {

    /**
     * Checks the numbers. The tensors are checked in use: a gradient per example is such a record
     * too.
     */
    public Conv1d {
        Checks.positive("Conv1d", "stride", stride);
        Checks.positive("Conv1d", "dilation", dilation);
        Checks.positive("Conv1d", "groups", groups);
    }

    /**
     * A kernel of {@code kernel} elements along the axis, with the defaults of {@link Conv2d#of}.
     */
    public static Conv1d of(int in, int out, int kernel, Key key) {
        return of(in, out, kernel, 1, Initializer.standard(), key);
    }

    /** As {@link #of(int, int, int, Key)} with a number of groups and a law for the weights. */
    public static Conv1d of(
            int in, int out, int kernel, int groups, Initializer initializer, Key key) {
        Tensor weight = Kernels.weight("Conv1d", in, out, kernel, 1, groups, initializer, key);
        return new Conv1d(weight, Optional.of(Tensor.zeros(out)), 1, Padding.SAME, 1, groups);
    }

    @Override
    public Conv1d with(Tensor weight, Optional<Tensor> bias) {
        return with(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Conv1d with(
            Tensor weight,
            Optional<Tensor> bias,
            int stride,
            Padding padding,
            int dilation,
            int groups) {
        return new Conv1d(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return Kernels.convolve(this, 1, "(kernel, in/groups, out)", x, pass);
    }
}
