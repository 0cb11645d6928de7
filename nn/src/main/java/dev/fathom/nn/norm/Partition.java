package dev.fathom.nn.norm;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

import java.util.stream.IntStream;

/**
 * Which values of an input (n, .., channels) share one mean and one variance. Batch, layer,
 * instance and group normalisation differ in nothing else:
 *
 * <pre>
 *                batch  positions  groups
 * batch          yes    yes        each channel alone
 * layer          no     no         1    (the features of one position: transformers)
 * image layer    no     yes        1    (the whole example)
 * instance       no     yes        each channel alone
 * group          no     yes        g
 * </pre>
 *
 * <p>Y. Wu and K. He, "Group normalization", ECCV 2018, equations 2 to 7 (the sets S_i).
 *
 * @param batch whether the examples of a batch share
 * @param positions whether the axes between batch and channels share
 * @param groups into how many equal runs of channels the channels fall, each of which shares;
 *     {@link #EACH_CHANNEL} for every channel alone
 */
public record Partition(boolean batch, boolean positions, int groups) {
    /** Every channel is a group of its own, however many there are. */
    public static final int EACH_CHANNEL = 0;

    /** Batch normalisation. */
    public static final Partition BATCH = new Partition(true, true, EACH_CHANNEL);

    /** Layer normalisation over the last axis. */
    public static final Partition LAYER = new Partition(false, false, 1);

    /** Layer normalisation over all axes of an example. */
    public static final Partition IMAGE_LAYER = new Partition(false, true, 1);

    /** Instance normalisation. */
    public static final Partition INSTANCE = new Partition(false, true, EACH_CHANNEL);

    /**
     * Mean and variance (divided by the number of values) of each part, with axes of length 1 where
     * values share.
     */
    record Moments(Tensor mean, Tensor variance) {}

    /** Checks the numbers. */
    public Partition {
        if (groups < 0) {
            throw new LayerException(
                    "Partition: groups is "
                            + groups
                            + "; it counts runs of channels, or is EACH_CHANNEL (0)");
        }
        if (!batch && !positions && groups == EACH_CHANNEL) {
            throw new LayerException(
                    "Partition: every value would stand alone and become 0. Let the batch, the"
                            + " positions or the channels share");
        }
    }

    /** Group normalisation with {@code groups} groups of channels. */
    public static Partition group(int groups) {
        if (groups < 1) {
            throw new LayerException("Partition: groups is " + groups + "; it must be at least 1");
        }
        return new Partition(false, true, groups);
    }

    /** (x − μ) / √(σ² + ε) with the moments of the part that each value lies in; the shape of x. */
    public Tensor standardise(Tensor x, double epsilon) {
        Tensor parts = split(x);
        var moments = moments(x);
        return parts.minus(moments.mean())
                .times(Functions.rsqrt(moments.variance().plus(epsilon)))
                .reshape(x.shape().dims());
    }

    /** The moments of the parts of x, (n or 1, .., channels) or (n or 1, .., groups, 1). */
    Moments moments(Tensor x) {
        Tensor parts = split(x);
        int positionsEnd = x.rank() - 1;
        var over =
                IntStream.range(0, parts.rank())
                        .filter(axis ->
                                axis == 0
                                        ? batch
                                        : axis < positionsEnd
                                                ? positions
                                                : axis == parts.rank() - 1
                                                        && groups != EACH_CHANNEL)
                        .toArray();
        if (over.length == 0) {
            throw new ShapeException(
                    "Partition: input "
                            + x.shape()
                            + " has no positions to average over; instance normalisation takes"
                            + " (n, .., channels) with at least one axis between");
        }
        var kept = parts.shape().dims();
        for (int axis : over) {
            kept[axis] = 1;
        }
        return new Moments(
                parts.mean(over).reshape(kept), Functions.variance(parts, over).reshape(kept));
    }

    private Tensor split(Tensor x) {
        if (x.rank() < 2) {
            throw new ShapeException("Partition: input " + x.shape() + " is not (n, .., channels)");
        }
        if (groups <= 1) {
            return x;
        }
        int channels = x.dim(-1);
        if (channels % groups != 0) {
            throw new ShapeException(
                    "Partition: "
                            + channels
                            + " channels of input "
                            + x.shape()
                            + " do not fall into "
                            + groups
                            + " equal groups");
        }
        var split =
                IntStream.concat(
                                IntStream.of(x.shape().dims()).limit(x.rank() - 1L),
                                IntStream.of(groups, channels / groups))
                        .toArray();
        return x.reshape(split); // (n, .., groups, channels / groups)
    }
}
