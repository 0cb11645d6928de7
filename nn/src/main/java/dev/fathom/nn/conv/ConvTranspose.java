package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Pass;

import java.util.Optional;

/**
 * Transposed convolution ("deconvolution"), for sequences, images or volumes: the transpose of the
 * linear map that {@link Conv2d} or its kin makes with the same kernel, ⟨conv(y), x⟩ = ⟨y,
 * convTranspose(x)⟩. With stride 2 it doubles an image, where the convolution halves it. M. Zeiler
 * et al., "Deconvolutional networks", CVPR 2010; V. Dumoulin and F. Visin, "A guide to convolution
 * arithmetic", 2016, chapter 4.
 *
 * <p>Shapes: x (n, spatial.., in), w (kernel.., out/groups, in), which is the kernel of a
 * convolution from out to in channels, b (out), y (n, spatial'.., out). Several sizes of y fit one
 * size of x when s > 1. We choose spatial' = spatial · s with SAME, so that a convolution with the
 * same stride leads back exactly, and the smallest with VALID: (spatial − 1) · s + (kernel − 1) · d
 * + 1.
 *
 * @param weight w, (kernel.., out/groups, in)
 * @param bias b, (out), or nothing
 * @param stride s, the step between the places where copies of the kernel are added
 * @param padding what the convolution has outside the image
 * @param dilation d, the step between kernel elements
 * @param groups number of groups
 */
public record ConvTranspose(
        Tensor weight, Optional<Tensor> bias, int stride, Padding padding, int dilation, int groups)
        implements Convolution<ConvTranspose> {

    /**
     * Checks the numbers. The tensors are checked in use: a gradient per example is such a record
     * too.
     */
    public ConvTranspose {
        Checks.positive("ConvTranspose", "stride", stride);
        Checks.positive("ConvTranspose", "dilation", dilation);
        Checks.positive("ConvTranspose", "groups", groups);
    }

    /** For sequences; the defaults are those of {@link #of2d}. */
    public static ConvTranspose of1d(int in, int out, int kernel, Key key) {
        return of(1, in, out, kernel, 1, Initializer.standard(), key);
    }

    /**
     * For images: a square kernel from {@code in} channels to {@code out} with stride 1, SAME
     * padding, no dilation and one group; weights by {@link Initializer#standard} with the fans of
     * stride 1, bias zero, float32.
     */
    public static ConvTranspose of2d(int in, int out, int kernel, Key key) {
        return of(2, in, out, kernel, 1, Initializer.standard(), key);
    }

    /** For volumes; the defaults are those of {@link #of2d}. */
    public static ConvTranspose of3d(int in, int out, int kernel, Key key) {
        return of(3, in, out, kernel, 1, Initializer.standard(), key);
    }

    /** For the given number of spatial axes, with a number of groups and a law for the weights. */
    public static ConvTranspose of(
            int spatial,
            int in,
            int out,
            int kernel,
            int groups,
            Initializer initializer,
            Key key) {
        if (spatial < 1 || spatial > 3) {
            throw new LayerException(
                    "ConvTranspose: " + spatial + " spatial axes; it takes 1, 2 or 3");
        }
        Tensor weight =
                Kernels.transposedWeight(in, out, kernel, spatial, groups, initializer, key);
        return new ConvTranspose(
                weight, Optional.of(Tensor.zeros(out)), 1, Padding.SAME, 1, groups);
    }

    @Override
    public ConvTranspose with(
            Tensor weight,
            Optional<Tensor> bias,
            int stride,
            Padding padding,
            int dilation,
            int groups) {
        return new ConvTranspose(weight, bias, stride, padding, dilation, groups);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.convTranspose(label(), x, weight);
                    Tensor y =
                            Convolutions.convTranspose(
                                    x, weight, stride, padding, dilation, groups);
                    return bias.map(y::plus).orElse(y); // (n, spatial'.., out)
                });
    }
}
