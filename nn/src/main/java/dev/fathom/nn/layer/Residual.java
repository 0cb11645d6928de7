package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Path.Step.Field;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;

import java.util.Optional;

/**
 * A body and a way round it: y = body(x) + x, or y = body(x) + shortcut(x) where the body changes
 * the shape. K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR
 * 2016, equations 1 and 2.
 *
 * @param body F, from x to the shape of the sum
 * @param shortcut W_s, or nothing for the identity
 */
public record Residual(Layer body, Optional<Layer> shortcut) implements Layer {

    /** With the identity as shortcut; the body keeps the shape. */
    public static Residual of(Layer body) {
        return new Residual(body, Optional.empty());
    }

    /**
     * With a projection as shortcut, usually a convolution with kernel 1 and the stride of the
     * body.
     */
    public static Residual of(Layer body, Layer shortcut) {
        return new Residual(body, Optional.of(shortcut));
    }

    /**
     * With the shortcut without parameters (option A of the paper): every {@code stride}-th place,
     * and zeros for the channels that the body has more, or the first ones where it has fewer.
     *
     * @param channels of the body's output
     */
    public static Residual padded(Layer body, int stride, int channels) {
        return of(body, new Padded(stride, channels));
    }

    /**
     * The same with the scale γ of the body's last normalisation zero, so that the block begins as
     * its shortcut. P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour",
     * 2017, section 5.1.
     *
     * @throws LayerException if the body has no normalisation with a γ
     */
    public Residual withZeroBranch() {
        var last =
                Tree.flatten(body).leaves().stream()
                        .map(Tree.Leaf::path)
                        .filter(p ->
                                !p.steps().isEmpty()
                                        && p.steps().getLast().equals(new Field("gamma")))
                        .reduce((_, b) -> b)
                        .orElseThrow(() ->
                                new LayerException(
                                        "Residual: the body has no normalisation whose scale gamma"
                                                + " could begin at zero"));
        Layer zeroed =
                Tree.mapLeaves(l -> l.path().equals(last) ? l.tensor().times(0) : l.tensor(), body);
        return new Residual(zeroed, shortcut);
    }

    /** Every {@code stride}-th place, with channels filled up with zeros or cut off. */
    public record Padded(int stride, int channels) implements Layer {
        /** Checks the sizes. */
        public Padded {
            Checks.positive("Residual", "stride", stride);
            Checks.positive("Residual", "channels", channels);
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) {
            Tensor y = x; // (n, .., c)
            for (int axis = 1; axis < x.rank() - 1; axis++) {
                y = Shaping.slice(y, axis, 0, y.dim(axis), stride);
            }
            int c = x.dim(-1);
            if (c >= channels) {
                return y.slice(x.rank() - 1, 0, channels);
            }
            var high = new int[x.rank()];
            high[x.rank() - 1] = channels - c;
            return Shaping.pad(y, new int[x.rank()], high); // (n, .., channels)
        }
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor y = pass.child("body", body, x);
        Tensor around = shortcut.map(s -> pass.child("shortcut", s, x)).orElse(x);
        if (!y.shape().equals(around.shape())) {
            throw new ShapeException(
                    "Residual: the body gives "
                            + y.shape()
                            + ", the "
                            + (shortcut.isPresent() ? "shortcut" : "input")
                            + " is "
                            + around.shape()
                            + "; they cannot be added. Give a shortcut of the body's shape, such as"
                            + " Conv2d.of(in, out, 1, key).withStride(s)");
        }
        return y.plus(around);
    }
}
