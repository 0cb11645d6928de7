package dev.fathom.nn.check;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

/** The checks of layers, and what they say. */
public final class Checks {
    private Checks() {}

    public static void positive(String layer, String what, int value) {
        if (value < 1) {
            throw new LayerException(
                    layer + ": " + what + " is " + value + "; it must be at least 1");
        }
    }

    public static void probability(String layer, double p) {
        if (!(p >= 0 && p < 1)) {
            throw new LayerException(
                    layer
                            + ": the probability of dropping an element is "
                            + p
                            + "; it must be in [0, 1)");
        }
    }

    public static void parameter(String layer, String what, Tensor t, int rank, String form) {
        if (t.rank() != rank) {
            throw new ShapeException(
                    layer
                            + ": the "
                            + what
                            + " has shape "
                            + t.shape()
                            + "; it must be "
                            + form
                            + ". For a stack of models use vmap");
        }
    }

    public static void dtype(String layer, Tensor x, Tensor parameter) {
        if (parameter.dtype().isStorage()) {
            throw new DTypeException(
                    layer
                            + ": the parameters are "
                            + parameter.dtype()
                            + ", which is for keeping; run the network by a Policy, which casts"
                            + " them: policy.apply(net, x, pass)");
        }
        if (x.dtype() != parameter.dtype()) {
            throw new DTypeException(
                    layer
                            + ": the input is "
                            + x.type()
                            + ", the parameters are "
                            + parameter.dtype()
                            + "; cast the input: x.cast(DType."
                            + parameter.dtype().name()
                            + ")");
        }
    }

    public static void dense(Tensor x, Tensor weight) {
        parameter("Dense", "weight", weight, 2, "(in, out)");
        dtype("Dense", x, weight);
        int in = weight.dim(0);
        int given = x.rank() == 0 ? 1 : x.dim(-1);
        if (x.rank() == 0 || given != in) {
            throw new ShapeException(
                    "Dense: input "
                            + x.shape()
                            + " does not fit weight "
                            + weight.shape()
                            + ": "
                            + given
                            + " ≠ "
                            + in
                            + ". "
                            + flattenHint(x.shape(), weight));
        }
    }

    private static String flattenHint(Shape x, Tensor weight) {
        int in = weight.dim(0);
        if (x.rank() > 2 && x.size() == (long) x.dim(0) * in) {
            return "Flatten to (" + x.dim(0) + ", " + in + ") first, with a Flatten layer?";
        }
        int last = x.rank() < 2 ? (int) x.size() : (int) (x.size() / Math.max(1, x.dim(0)));
        return "Flatten to "
                + in
                + " first? Or did you mean Dense.of("
                + last
                + ", "
                + weight.dim(1)
                + ", key)?";
    }

    public static void convolution(String layer, Tensor x, Tensor weight, int groups) {
        convolution(layer, x, weight, groups, weight.dim(weight.rank() - 2) * groups);
    }

    /** The input of a transposed convolution, whose channels are the filters of the kernel. */
    public static void convTranspose(String layer, Tensor x, Tensor weight) {
        convolution(layer, x, weight, 1, weight.dim(-1));
    }

    private static void convolution(
            String layer, Tensor x, Tensor weight, int groups, int channels) {
        dtype(layer, x, weight);
        int r = weight.rank() - 2;
        String form = form(r);
        if (x.rank() != r + 2) {
            boolean channelMissing = x.rank() == r + 1 && channels == 1;
            throw new ShapeException(
                    layer
                            + ": input "
                            + x.shape()
                            + " is not "
                            + form
                            + "."
                            + (channelMissing
                                    ? " Give it its one channel: x.expandDims(-1)"
                                    : " Reshape it first"));
        }
        if (x.dim(-1) != channels) {
            throw new ShapeException(
                    layer
                            + ": input "
                            + x.shape()
                            + " has "
                            + x.dim(-1)
                            + " channels, the kernel "
                            + weight.shape()
                            + (groups > 1 ? " in " + groups + " groups" : "")
                            + " takes "
                            + channels
                            + ". "
                            + channelsHint(x.shape(), channels, r, form));
        }
    }

    private static String form(int spatial) {
        return switch (spatial) {
            case 1 -> "(n, time, channels)";
            case 2 -> "(n, height, width, channels)";
            default -> "(n, depth, height, width, channels)";
        };
    }

    private static String channelsHint(Shape x, int channels, int r, String form) {
        if (x.dim(1) == channels) {
            return "Did you pass channels first? Fathom wants "
                    + form
                    + ": x.transpose("
                    + (r == 1 ? "0, 2, 1" : r == 2 ? "0, 2, 3, 1" : "0, 2, 3, 4, 1")
                    + ")";
        }
        return "Channels come last: " + form;
    }

    /** An input with a batch axis and at least {@code spatial} more axes before the channels. */
    public static void image(String layer, Tensor x) {
        if (x.rank() < 3) {
            throw new ShapeException(
                    layer
                            + ": input "
                            + x.shape()
                            + " has no spatial axes; it takes (n, time, channels) or"
                            + " (n, height, width, channels). Put it before Flatten");
        }
    }

    public static void window(String layer, Tensor x, int size, Padding padding) {
        image(layer, x);
        for (int i = 1; i < x.rank() - 1; i++) {
            if (x.dim(i) < size && padding == Padding.VALID) {
                throw new ShapeException(
                        layer
                                + ": a window of "
                                + size
                                + " does not fit input "
                                + x.shape()
                                + ": axis "
                                + i
                                + " has only "
                                + x.dim(i)
                                + ". Pool less often, or use Padding.SAME");
            }
        }
    }

    public static void features(String layer, Tensor x, Tensor gamma) {
        dtype(layer, x, gamma);
        int features = gamma.dim(0);
        if (x.rank() < 2 || x.dim(-1) != features) {
            throw new ShapeException(
                    layer
                            + ": input "
                            + x.shape()
                            + " does not fit "
                            + features
                            + " features on its last axis."
                            + (x.rank() > 2 && x.dim(1) == features
                                    ? " Did you pass channels first? Channels come last"
                                    : " It takes (n, .., " + features + ")"));
        }
    }
}
