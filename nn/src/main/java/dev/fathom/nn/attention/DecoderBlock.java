package dev.fathom.nn.attention;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.Normalisation;

import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A block of a transformer's decoder: causal self-attention, attention to the encoder's output (the
 * memory), and a two-layer network for each position, each with a way round it and a normalisation,
 * before (pre-norm, the default) or after the sum (post-norm, as printed). A. Vaswani et al.,
 * "Attention is all you need", NeurIPS 2017, section 3.1.
 *
 * <p>Shapes: x (n, t, c), memory (n, s, c′), result (n, t, c). It has two inputs and so is no
 * {@link Layer}; for a decoder without memory take a causal {@link EncoderBlock}.
 *
 * @param self causal attention of x to itself
 * @param selfNorm its normalisation
 * @param cross attention of x to the memory
 * @param crossNorm its normalisation
 * @param network the network for each position
 * @param networkNorm its normalisation
 * @param dropout of what is added, in training
 * @param preNorm whether norms stand before the three, or after the sums
 * @param alpha the factor of x in the sums of post-norm; 1 but for {@link DeepNorm}
 */
public record DecoderBlock(
        MultiHeadAttention self,
        Layer selfNorm,
        MultiHeadAttention cross,
        Layer crossNorm,
        Sequential network,
        Layer networkNorm,
        Dropout dropout,
        boolean preNorm,
        double alpha) {

    /** The same as below with {@linkplain Normalisation#layer layer normalisation}. */
    public static DecoderBlock of(int width, int heads, Key key) {
        return of(width, heads, Normalisation::layer, key);
    }

    /**
     * Pre-norm, a memory of the same width, a network four times as wide with {@link
     * Activation#GELU}; weights by {@link Initializer#glorotUniform}, no dropout.
     *
     * @param norm the normalisation of vectors of a given width
     */
    public static DecoderBlock of(int width, int heads, IntFunction<Layer> norm, Key key) {
        var keys = key.split(4);
        var law = Initializer.glorotUniform();
        return new DecoderBlock(
                MultiHeadAttention.of(width, heads, keys[0]).withCausal(),
                norm.apply(width),
                MultiHeadAttention.of(width, heads, keys[1]),
                norm.apply(width),
                Sequential.of(
                        Dense.of(width, 4 * width, law, keys[2]),
                        Activation.GELU,
                        Dense.of(4 * width, width, law, keys[3])),
                norm.apply(width),
                Dropout.of(0),
                true,
                1);
    }

    /** The same with norms after the sums. */
    public DecoderBlock withPostNorm() {
        return new DecoderBlock(
                self, selfNorm, cross, crossNorm, network, networkNorm, dropout, false, 1);
    }

    /** The same with DeepNorm; see {@link EncoderBlock#withDeepNorm}. */
    public DecoderBlock withDeepNorm(DeepNorm constants) {
        return new DecoderBlock(
                constants.scaled(self),
                selfNorm,
                constants.scaled(cross),
                crossNorm,
                constants.scaled(network),
                networkNorm,
                dropout,
                false,
                constants.alpha());
    }

    /** The same that drops weights of attention, and elements added, with probability {@code p}. */
    public DecoderBlock withDropout(double p) {
        return new DecoderBlock(
                self.withDropout(p),
                selfNorm,
                cross.withDropout(p),
                crossNorm,
                network,
                networkNorm,
                Dropout.of(p),
                preNorm,
                alpha);
    }

    /**
     * One pass.
     *
     * @param memoryMask which memory a query may look at, such as {@link Attention#lengths}; none
     *     for all
     */
    public Tensor apply(Tensor x, Tensor memory, Optional<Tensor> memoryMask, Pass pass) {
        var residual = new Residual(dropout, preNorm, alpha);
        Tensor h = residual.input("selfNorm", selfNorm, x, pass);
        Tensor y = residual.sum("selfNorm", selfNorm, x, pass.child("self", self, h), pass);

        Tensor g = residual.input("crossNorm", crossNorm, y, pass);
        Tensor looked = pass.child("cross", cross, () -> cross.attend(g, memory, memoryMask, pass));
        Tensor z = residual.sum("crossNorm", crossNorm, y, looked, pass);

        Tensor f = residual.input("networkNorm", networkNorm, z, pass);
        return residual.sum("networkNorm", networkNorm, z, pass.child("network", network, f), pass);
    }
}
