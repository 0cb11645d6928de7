package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Creation;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Pass;

import java.util.Arrays;

/** What convolutions of any rank share: checks, the first kernel, the computation, its patches. */
final class Kernels {
    private Kernels() {}

    /** A kernel of equal edges, (kernel.., in/groups, out). */
    static Tensor weight(
            String layer,
            int in,
            int out,
            int kernel,
            int spatial,
            int groups,
            Initializer law,
            Key key) {
        channels(layer, in, out, groups);
        int area = area(layer, kernel, spatial);
        int[] shape = shape(kernel, spatial, in / groups, out);
        return law.of(key, DType.FLOAT32, area * in / groups, area * out / groups, shape);
    }

    /** The kernel of a transposed convolution, (kernel.., out/groups, in). */
    static Tensor transposedWeight(
            int in, int out, int kernel, int spatial, int groups, Initializer law, Key key) {
        channels("ConvTranspose", in, out, groups);
        int area = area("ConvTranspose", kernel, spatial);
        int[] shape = shape(kernel, spatial, out / groups, in);
        return law.of(key, DType.FLOAT32, area * in / groups, area * out / groups, shape);
    }

    private static void channels(String layer, int in, int out, int groups) {
        Checks.positive(layer, "in", in);
        Checks.positive(layer, "out", out);
        Checks.positive(layer, "groups", groups);
        if (in % groups != 0 || out % groups != 0) {
            throw new LayerException(
                    layer
                            + ": "
                            + in
                            + " channels in and "
                            + out
                            + " out do not fall into "
                            + groups
                            + " equal groups");
        }
    }

    private static int area(String layer, int kernel, int spatial) {
        Checks.positive(layer, "kernel", kernel);
        return (int) Math.pow(kernel, spatial);
    }

    private static int[] shape(int kernel, int spatial, int channels, int filters) {
        var shape = new int[spatial + 2];
        Arrays.fill(shape, 0, spatial, kernel);
        shape[spatial] = channels;
        shape[spatial + 1] = filters;
        return shape;
    }

    static Tensor convolve(Convolution<?> c, int spatial, String form, Tensor x, Pass pass) {
        return pass.in(
                c,
                () -> {
                    Tensor w = c.weight();
                    Checks.parameter(c.label(), "kernel", w, spatial + 2, form);
                    Checks.convolution(c.label(), x, w, c.groups());
                    Tensor y =
                            Convolutions.conv(
                                    x, w, c.stride(), c.padding(), c.dilation(), c.groups());
                    return pass.affine(
                            w,
                            c.bias(),
                            () -> patches(c, x),
                            c.bias().map(y::plus).orElse(y)); // (n, spatial'.., out)
                });
    }

    /**
     * What stands under the kernel at every place of the result: (n, spatial'.., kernel.. ·
     * channels), so that with W as a matrix the convolution is patches · W. Made by a convolution
     * whose filters pick one element each.
     */
    private static Tensor patches(Convolution<?> c, Tensor x) {
        var shape = c.weight().shape().dims();
        int spatial = shape.length - 2;
        shape[spatial] = x.dim(-1);
        int in = 1;
        for (int i = 0; i <= spatial; i++) {
            in *= shape[i];
        }
        shape[spatial + 1] = in;
        Tensor pick = Creation.eye(x.dtype(), in).reshape(shape);
        return Convolutions.conv(x, pick, c.stride(), c.padding(), c.dilation(), 1);
    }
}
