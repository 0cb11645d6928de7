package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Creation;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;

import java.util.Arrays;

/** What convolutions of any rank share: the first kernel, and the patches a kernel meets. */
final class Kernels {
    private Kernels() {}

    static Tensor weight(
            String layer,
            int in,
            int out,
            int kernel,
            int spatial,
            int groups,
            Initializer law,
            Key key) {
        Checks.positive(layer, "in", in);
        Checks.positive(layer, "out", out);
        Checks.positive(layer, "kernel", kernel);
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
        var shape = new int[spatial + 2];
        Arrays.fill(shape, 0, spatial, kernel);
        shape[spatial] = in / groups;
        shape[spatial + 1] = out;
        int area = (int) Math.pow(kernel, spatial);
        return law.of(key, DType.FLOAT32, area * in / groups, area * out / groups, shape);
    }

    /**
     * What stands under the kernel at every place of the result: (n, place.., kernel.. · channels),
     * so that with W as a matrix the convolution is patches · W. Made by a convolution whose
     * filters pick one element each.
     */
    static Tensor patches(Tensor x, Tensor weight, int stride, Padding padding, int dilation) {
        var shape = weight.shape().dims();
        int spatial = shape.length - 2;
        shape[spatial] = x.dim(-1);
        int in = 1;
        for (int i = 0; i <= spatial; i++) {
            in *= shape[i];
        }
        shape[spatial + 1] = in;
        Tensor pick = Creation.eye(x.dtype(), in).reshape(shape);
        return Convolutions.conv(x, pick, stride, padding, dilation, 1);
    }
}
