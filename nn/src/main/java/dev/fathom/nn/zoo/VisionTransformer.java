package dev.fathom.nn.zoo;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.attention.EncoderBlock;
import dev.fathom.nn.attention.LearnedPositions;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.norm.Normalisation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The vision transformer: an image as a sequence of square patches, a class token in front, and
 * pre-norm encoder blocks; the class is read from the token. A. Dosovitskiy et al., "An image is
 * worth 16x16 words", ICLR 2021, equations 1 to 4. ViT-B/16 for 224 × 224 colour images and 1000
 * classes has 86,567,656 parameters.
 *
 * <p>Shapes: images (n, h, w, channels) to logits (n, classes).
 *
 * @param patches from the numbers of a patch to {@code width}
 * @param token the class token, (1, 1, width)
 * @param positions learned, one for the token and one for each patch
 * @param blocks the encoder
 * @param norm before the head
 * @param head to the classes
 * @param size side of a patch
 */
public record VisionTransformer(
        Dense patches,
        Tensor token,
        LearnedPositions positions,
        List<EncoderBlock> blocks,
        Layer norm,
        Dense head,
        int size)
        implements Layer {

    /**
     * The sizes.
     *
     * @param patch side of a patch
     * @param width of the vectors
     * @param depth number of blocks
     * @param heads in each
     * @param hidden width inside the blocks' networks
     */
    public record Config(int patch, int width, int depth, int heads, int hidden) {
        /** ViT-B/16: table 1 of the paper. */
        public static Config base16() {
            return new Config(16, 768, 12, 12, 3072);
        }

        /** Parameters for images (h, w, channels), with norms of two numbers per feature. */
        public long parameters(Shape input, int classes) {
            var image = Patches.grid("VisionTransformer", input, patch);
            long c = width;
            long embed = ((long) patch * patch * image.dim(2) + 1) * c;
            long tokens = 1 + (long) (image.dim(0) / patch) * (image.dim(1) / patch);
            long block = 4 * c * (c + 1) + c * hidden + hidden + hidden * c + c + 4 * c;
            return embed + c + tokens * c + depth * block + 2 * c + (c + 1) * classes;
        }
    }

    /** The same as below with {@linkplain Normalisation#layer layer normalisation}. */
    public static VisionTransformer of(Shape input, int classes, Config config, Key key) {
        return of(input, classes, config, Normalisation::layer, key);
    }

    /**
     * For images (h, w, channels), or (h, w): weights N(0, 0.02²).
     *
     * @param layerNorm the normalisation of vectors of a given width
     */
    public static VisionTransformer of(
            Shape input, int classes, Config config, IntFunction<Layer> layerNorm, Key key) {
        var image = Patches.grid("VisionTransformer", input, config.patch());
        Checks.positive("VisionTransformer", "depth", config.depth());
        int count = (image.dim(0) / config.patch()) * (image.dim(1) / config.patch());
        int c = config.width();
        var law = Initializer.normal(0.02);
        var keys = key.split(4 + config.depth());
        var blocks = new ArrayList<EncoderBlock>();
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(
                    EncoderBlock.of(
                            c, config.heads(), config.hidden(), layerNorm, law, law, keys[4 + i]));
        }
        return new VisionTransformer(
                Dense.of(
                        config.patch() * config.patch() * image.dim(2),
                        c,
                        Initializer.leCunNormal(),
                        keys[0]),
                law.of(keys[1], DType.FLOAT32, 1, 1, 1, 1, c),
                LearnedPositions.of(count + 1, c, keys[2]),
                List.copyOf(blocks),
                layerNorm.apply(c),
                Dense.of(c, classes, law, keys[3]),
                config.patch());
    }

    /** The patches of images, row by row: (n, h, w, c) to (n, patches, size · size · c). */
    public Tensor cut(Tensor images) {
        return Patches.of(images, size);
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        return pass.child("head", head, features(images, pass)); // (n, classes)
    }

    /** What the head reads: the class token after blocks and norm, (n, width). */
    public Tensor features(Tensor images, Pass pass) {
        Tensor x = pass.child("patches", patches, cut(images)); // (n, patches, width)
        Tensor first = token.broadcastTo(x.dim(0), 1, x.dim(2));
        Tensor y = pass.child("positions", positions, Shaping.concatenate(1, first, x));
        for (int i = 0; i < blocks.size(); i++) {
            y = pass.child("blocks[" + i + "]", blocks.get(i), y);
        }
        return pass.child("norm", norm, y.slice(1, 0, 1).squeeze(1)); // (n, width)
    }
}
