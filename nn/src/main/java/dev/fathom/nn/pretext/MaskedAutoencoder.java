package dev.fathom.nn.pretext;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.attention.EncoderBlock;
import dev.fathom.nn.attention.SinusoidalPositions;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.norm.Normalisation;
import dev.fathom.nn.zoo.VisionTransformer;

import java.util.ArrayList;
import java.util.List;

/**
 * Most patches of an image are hidden, a vision transformer sees the others, and a small decoder
 * paints those that are missing. K. He, X. Chen, S. Xie, Y. Li, P. Dollár, R. Girshick, "Masked
 * autoencoders are scalable vision learners", CVPR 2022, section 3. Which patches are hidden is
 * drawn for every image anew, without regard to place; the loss looks at hidden ones only.
 *
 * <p>Where we differ: the encoder's positions are learned and the decoder's are waves along the
 * sequence, where theirs are waves along rows and columns; the targets are the pixels as they are
 * (their table 1d has both).
 *
 * <p>Shapes: images (n, h, w, c) to patches (n, patches, numbers of a patch).
 *
 * @param encoder whose head is not used
 * @param narrow from the encoder's width to the decoder's
 * @param missing stands where a patch is hidden, (1, 1, decoder's width)
 * @param decoder blocks
 * @param norm after those
 * @param pixels to the numbers of a patch
 * @param masked the share of patches that is hidden
 */
public record MaskedAutoencoder(
        VisionTransformer encoder,
        Dense narrow,
        Tensor missing,
        List<EncoderBlock> decoder,
        Layer norm,
        Dense pixels,
        double masked)
        implements Layer {

    /** Copies the list and checks the share. */
    public MaskedAutoencoder {
        decoder = List.copyOf(decoder);
        if (!(masked > 0 && masked < 1)) {
            throw new LayerException(
                    "MaskedAutoencoder: the share of hidden patches is "
                            + masked
                            + "; it must be in (0, 1), 0.75 in the paper");
        }
    }

    /**
     * What the decoder paints.
     *
     * @param patches all of them, (n, patches, numbers)
     * @param hidden which were not seen, bool (n, patches)
     */
    public record Painting(Tensor patches, Tensor hidden) {}

    /**
     * Around an encoder, with three quarters hidden.
     *
     * @param width of the decoder, of which {@code heads} is a divisor
     * @param depth blocks of the decoder
     */
    public static MaskedAutoencoder of(
            VisionTransformer encoder, int width, int depth, int heads, Key key) {
        Checks.positive("MaskedAutoencoder", "depth", depth);
        var law = Initializer.glorotUniform();
        var keys = key.split(3 + depth);
        var blocks = new ArrayList<EncoderBlock>();
        for (int i = 0; i < depth; i++) {
            blocks.add(EncoderBlock.of(width, heads, keys[3 + i]));
        }
        return new MaskedAutoencoder(
                encoder,
                Dense.of(encoder.token().dim(2), width, law, keys[0]),
                Initializer.normal(0.02).of(keys[1], DType.FLOAT32, 1, 1, 1, 1, width),
                blocks,
                Normalisation.layer(width),
                Dense.of(width, encoder.patches().weight().dim(0), law, keys[2]),
                0.75);
    }

    /** The same with another share hidden. */
    public MaskedAutoencoder withMasked(double share) {
        return new MaskedAutoencoder(encoder, narrow, missing, decoder, norm, pixels, share);
    }

    /** Patches that are seen of so many: the whole part of (1 − masked) · count, at least 1. */
    public int seen(int count) {
        return Math.max(1, (int) (count * (1 - masked)));
    }

    /** All patches of images of which {@code key} says what is hidden. */
    public Painting paint(Tensor images, Key key, Pass pass) {
        Tensor x = encoder.cut(images); // (n, patches, numbers)
        int n = x.dim(0);
        int count = x.dim(1);
        int seen = seen(count);
        Tensor order = Shaping.argSort(key.uniform(n, count), 1); // (n, patches): seen ones first
        Tensor place = Shaping.argSort(order, 1); // (n, patches): where each stands in that order

        Tensor table = encoder.positions().table();
        Tensor all = encoder.patches().apply(x, pass).plus(table.slice(0, 1, count + 1));
        Tensor visible = chosen(all, order.slice(1, 0, seen)); // (n, seen, width)
        Tensor token = encoder.token().plus(table.slice(0, 0, 1)); // (1, 1, width)
        Tensor y = Shaping.concatenate(1, token.broadcastTo(n, 1, token.dim(2)), visible);
        y = run("encoder.blocks", encoder.blocks(), y, pass);
        y = encoder.norm().apply(y, pass); // (n, 1 + seen, width)

        Tensor z = narrow.apply(y, pass); // (n, 1 + seen, narrow)
        Tensor gaps = missing.broadcastTo(n, count - seen, missing.dim(2));
        Tensor shuffled = Shaping.concatenate(1, z.slice(1, 1, 1 + seen), gaps);
        Tensor full = Shaping.concatenate(1, z.slice(1, 0, 1), chosen(shuffled, place));
        Tensor u = SinusoidalPositions.of().apply(full, pass); // (n, 1 + patches, narrow)
        u = norm.apply(run("decoder", decoder, u, pass), pass);
        Tensor painted = pixels.apply(u.slice(1, 1, 1 + count), pass);
        Tensor hidden =
                Functions.compare(
                        Order.GREATER_EQUAL, place, Ops.full(place.type(), seen)); // (n, patches)
        return new Painting(painted, hidden);
    }

    /** Rows of each example, (n, t, w) and int32 (n, s) to (n, s, w). */
    private static Tensor chosen(Tensor x, Tensor rows) {
        int n = rows.dim(0);
        int s = rows.dim(1);
        return Shaping.takeAlong(x, rows.expandDims(2).broadcastTo(n, s, x.dim(2)), 1);
    }

    private static Tensor run(String where, List<EncoderBlock> blocks, Tensor x, Pass pass) {
        Tensor y = x;
        for (int i = 0; i < blocks.size(); i++) {
            y = pass.child(where + "[" + i + "]", blocks.get(i), y);
        }
        return y;
    }

    /** In training the pass says what is hidden; in evaluation it is the same every time. */
    private static Key key(Pass pass) {
        return pass.training() ? pass.key() : Key.of(0);
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        return paint(images, key(pass), pass).patches();
    }

    /** The mean of (painted − true)² over the pixels of hidden patches. */
    public Tensor loss(Tensor images, Pass pass) {
        return loss(images, paint(images, key(pass), pass));
    }

    /** The same of a painting that is there. */
    public Tensor loss(Tensor images, Painting painting) {
        Tensor each = painting.patches().minus(encoder.cut(images)).square().mean(-1);
        Tensor hidden = painting.hidden().cast(each.dtype()); // (n, patches)
        return each.times(hidden).sum().dividedBy(hidden.sum());
    }
}
