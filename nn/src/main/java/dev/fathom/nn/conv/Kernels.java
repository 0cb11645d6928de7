package dev.fathom.nn.conv;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;

import java.util.Arrays;

/** What convolutions of any rank share: the first kernel. */
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
}
