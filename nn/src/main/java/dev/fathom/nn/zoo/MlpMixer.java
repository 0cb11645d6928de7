package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.Normalisation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * MLP-Mixer: an image as a table of patches by channels, and networks of two dense layers that mix
 * its columns (patches, for each channel) and its rows (channels, for each patch) in turn, each
 * with a normalisation and a way round it; then the mean over patches. I. Tolstikhin et al.,
 * "MLP-Mixer: an all-MLP architecture for vision", NeurIPS 2021, equation 1. Mixer-B/16 for 224 ×
 * 224 colour images and 1000 classes has 59,880,472 parameters.
 *
 * <p>Shapes: images (n, h, w, channels) to logits (n, classes).
 *
 * @param patches from the numbers of a patch to {@code width}
 * @param blocks the mixing
 * @param norm before the mean
 * @param head to the classes
 * @param size side of a patch
 */
public record MlpMixer(Dense patches, List<Block> blocks, Layer norm, Dense head, int size)
        implements Layer {

    /**
     * The sizes.
     *
     * @param patch side of a patch
     * @param width number of channels of a patch (C in the paper)
     * @param depth number of blocks
     * @param acrossPatches hidden width of the network over patches (D_S)
     * @param acrossChannels hidden width of the network over channels (D_C)
     */
    public record Config(int patch, int width, int depth, int acrossPatches, int acrossChannels) {
        /** Mixer-B/16: table 1 of the paper. */
        public static Config base16() {
            return new Config(16, 768, 12, 384, 3072);
        }

        /** Parameters for images (h, w, channels), with norms of two numbers per feature. */
        public long parameters(Shape input, int classes) {
            var image = Patches.grid("MlpMixer", input, patch);
            long c = width;
            long s = (long) (image.dim(0) / patch) * (image.dim(1) / patch);
            long block =
                    4 * c
                            + 2 * s * acrossPatches
                            + acrossPatches
                            + s
                            + 2 * c * acrossChannels
                            + acrossChannels
                            + c;
            long embed = ((long) patch * patch * image.dim(2) + 1) * c;
            return embed + depth * block + 2 * c + (c + 1) * classes;
        }
    }

    /**
     * One block.
     *
     * @param patchNorm before the patches are mixed
     * @param overPatches the network over patches
     * @param channelNorm before the channels are mixed
     * @param overChannels the network over channels
     */
    public record Block(
            Layer patchNorm, Sequential overPatches, Layer channelNorm, Sequential overChannels)
            implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) { // x: (n, patches, width)
            return pass.in(
                    this,
                    () -> {
                        Tensor turned = pass.child("patchNorm", patchNorm, x).transpose(0, 2, 1);
                        Tensor mixed =
                                pass.child("overPatches", overPatches, turned).transpose(0, 2, 1);
                        Tensor y = x.plus(mixed);
                        Tensor h = pass.child("channelNorm", channelNorm, y);
                        Tensor z = pass.child("overChannels", overChannels, h);
                        return y.plus(z); // (n, patches, width)
                    });
        }
    }

    /** The same as below with {@linkplain Normalisation#layer layer normalisation}. */
    public static MlpMixer of(Shape input, int classes, Config config, Key key) {
        return of(input, classes, config, Normalisation::layer, key);
    }

    /**
     * For images (h, w, channels), or (h, w): weights by {@link Initializer#glorotUniform}, the
     * head zero.
     *
     * @param layerNorm the normalisation of vectors of a given width
     */
    public static MlpMixer of(
            Shape input, int classes, Config config, IntFunction<Layer> layerNorm, Key key) {
        var image = Patches.grid("MlpMixer", input, config.patch());
        Checks.positive("MlpMixer", "depth", config.depth());
        int count = (image.dim(0) / config.patch()) * (image.dim(1) / config.patch());
        int c = config.width();
        var keys = key.split(2 + 2 * config.depth());
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(
                    new Block(
                            layerNorm.apply(c),
                            network(count, config.acrossPatches(), keys[2 + 2 * i]),
                            layerNorm.apply(c),
                            network(c, config.acrossChannels(), keys[3 + 2 * i])));
        }
        return new MlpMixer(
                Dense.of(
                        config.patch() * config.patch() * image.dim(2),
                        c,
                        Initializer.leCunNormal(),
                        keys[0]),
                List.copyOf(blocks),
                layerNorm.apply(c),
                Dense.of(c, classes, Initializer.zeros(), keys[1]),
                config.patch());
    }

    private static Sequential network(int width, int hidden, Key key) {
        var keys = key.split(2);
        var law = Initializer.glorotUniform();
        return Sequential.of(
                Dense.of(width, hidden, law, keys[0]),
                Activation.GELU,
                Dense.of(hidden, width, law, keys[1]));
    }

    @Override
    public Tensor apply(Tensor images, Pass pass) {
        Tensor x = pass.child("patches", patches, Patches.of(images, size)); // (n, patches, width)
        for (int i = 0; i < blocks.size(); i++) {
            x = pass.child("blocks[" + i + "]", blocks.get(i), x);
        }
        return pass.child("head", head, pass.child("norm", norm, x).mean(1)); // (n, classes)
    }
}
