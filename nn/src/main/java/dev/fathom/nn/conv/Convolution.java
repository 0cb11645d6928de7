package dev.fathom.nn.conv;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Layer;

import java.util.Optional;

/**
 * What convolutions of every rank have in common: their numbers, and copies with other ones.
 *
 * @param <C> the layer itself
 */
public sealed interface Convolution<C extends Convolution<C>> extends Layer
        permits Conv1d, Conv2d, Conv3d, ConvTranspose {
    /** The kernel, (size.., channels/groups, filters). */
    Tensor weight();

    /** What is added to each channel of the output, or nothing. */
    Optional<Tensor> bias();

    /** The step between windows, along every spatial axis. */
    int stride();

    /** What lies outside the image. */
    Padding padding();

    /** The step between kernel elements, along every spatial axis. */
    int dilation();

    /** The number of equal parts of the channels that do not meet. */
    int groups();

    /** A layer of this kind with all of these. */
    C with(
            Tensor weight,
            Optional<Tensor> bias,
            int stride,
            Padding padding,
            int dilation,
            int groups);

    /** The same with another kernel, for example one set by hand. */
    default C withWeight(Tensor weight) {
        return with(weight, bias(), stride(), padding(), dilation(), groups());
    }

    /** The same with another stride. */
    default C withStride(int stride) {
        return with(weight(), bias(), stride, padding(), dilation(), groups());
    }

    /** The same with another padding. */
    default C withPadding(Padding padding) {
        return with(weight(), bias(), stride(), padding, dilation(), groups());
    }

    /** The same with another dilation. */
    default C withDilation(int dilation) {
        return with(weight(), bias(), stride(), padding(), dilation, groups());
    }

    /** The same without a bias, for use before a normalisation. */
    default C withoutBias() {
        return with(weight(), Optional.empty(), stride(), padding(), dilation(), groups());
    }
}
