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
 * A block of a transformer's encoder: self-attention A and a two-layer network F for each position,
 * each with a way round it.
 *
 * <p>Pre-norm (the default): y = x + A(N₁(x)), z = y + F(N₂(y)); A. Radford et al., "Language
 * models are unsupervised multitask learners", 2019, section 2.3; R. Xiong et al., ICML 2020,
 * figure 1b. Post-norm: y = N₁(x + A(x)), z = N₂(y + F(y)); A. Vaswani et al., NeurIPS 2017,
 * section 3.1. DeepNorm is post-norm with α x in place of x in both sums ({@link #withDeepNorm}).
 * In training, dropout falls on what A and F add (section 5.4 there).
 *
 * <p>With causal attention it is the block of GPT. Shapes: x (n, t, c) to (n, t, c).
 *
 * @param attention A
 * @param attentionNorm N₁
 * @param network F
 * @param networkNorm N₂
 * @param dropout of what is added
 * @param preNorm whether norms stand before A and F, or after the sums
 * @param alpha α, the factor of x in the sums of post-norm; 1 but for {@link DeepNorm}
 */
public record EncoderBlock(
        MultiHeadAttention attention,
        Layer attentionNorm,
        Sequential network,
        Layer networkNorm,
        Dropout dropout,
        boolean preNorm,
        double alpha)
        implements Layer {

    /** The same as below with {@linkplain Normalisation#layer layer normalisation}. */
    public static EncoderBlock of(int width, int heads, Key key) {
        return of(width, heads, Normalisation::layer, key);
    }

    /**
     * Pre-norm; F is four times as wide, with {@link Activation#GELU}; weights by {@link
     * Initializer#glorotUniform}, no dropout.
     *
     * @param norm the normalisation of vectors of a given width
     */
    public static EncoderBlock of(int width, int heads, IntFunction<Layer> norm, Key key) {
        var law = Initializer.glorotUniform();
        return of(width, heads, 4 * width, norm, law, law, key);
    }

    /**
     * F is {@code hidden} wide; the last matrices of A and F, which write to the sum, are drawn by
     * {@code last} and the others by {@code law}.
     */
    public static EncoderBlock of(
            int width,
            int heads,
            int hidden,
            IntFunction<Layer> norm,
            Initializer law,
            Initializer last,
            Key key) {
        var keys = key.split(4);
        return new EncoderBlock(
                MultiHeadAttention.of(width, width, heads, heads, law, keys[0])
                        .withOutput(Dense.of(width, width, last, keys[1])),
                norm.apply(width),
                Sequential.of(
                        Dense.of(width, hidden, law, keys[2]),
                        Activation.GELU,
                        Dense.of(hidden, width, last, keys[3])),
                norm.apply(width),
                Dropout.of(0),
                true,
                1);
    }

    /** The same with norms after the sums. */
    public EncoderBlock withPostNorm() {
        return new EncoderBlock(attention, attentionNorm, network, networkNorm, dropout, false, 1);
    }

    /**
     * The same with norms after the sums, α x in these, and the matrices of values, of A's output
     * and of F times β; for a block with its first values.
     */
    public EncoderBlock withDeepNorm(DeepNorm constants) {
        return new EncoderBlock(
                constants.scaled(attention),
                attentionNorm,
                constants.scaled(network),
                networkNorm,
                dropout,
                false,
                constants.alpha());
    }

    /** The same with another attention, such as {@code attention().withCausal()}. */
    public EncoderBlock withAttention(MultiHeadAttention other) {
        return new EncoderBlock(
                other, attentionNorm, network, networkNorm, dropout, preNorm, alpha);
    }

    /** The same that drops weights of attention, and elements added, with probability {@code p}. */
    public EncoderBlock withDropout(double p) {
        return new EncoderBlock(
                attention.withDropout(p),
                attentionNorm,
                network,
                networkNorm,
                Dropout.of(p),
                preNorm,
                alpha);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(this, () -> run(x, Optional.empty(), pass));
    }

    /** The same where a query may look at a key; see {@link MultiHeadAttention}. */
    public Tensor apply(Tensor x, Tensor mask, Pass pass) {
        return pass.in(this, () -> run(x, Optional.of(mask), pass));
    }

    private Tensor run(Tensor x, Optional<Tensor> mask, Pass pass) {
        Tensor h = residual().input("attentionNorm", attentionNorm, x, pass);
        Tensor attended =
                pass.child("attention", attention, () -> attention.attend(h, h, mask, pass));
        return feedForward(residual().sum("attentionNorm", attentionNorm, x, attended, pass), pass);
    }

    /** New positions in generation; see {@link MultiHeadAttention#step}. */
    public MultiHeadAttention.Cached step(
            Tensor x, MultiHeadAttention.Cache cache, Tensor position, Pass pass) {
        Tensor h = residual().input("attentionNorm", attentionNorm, x, pass);
        var attended = attention.step(h, cache, position, pass);
        Tensor y = residual().sum("attentionNorm", attentionNorm, x, attended.output(), pass);
        return new MultiHeadAttention.Cached(feedForward(y, pass), attended.cache());
    }

    private Tensor feedForward(Tensor x, Pass pass) {
        Tensor h = residual().input("networkNorm", networkNorm, x, pass);
        return residual()
                .sum("networkNorm", networkNorm, x, pass.child("network", network, h), pass);
    }

    private Residual residual() {
        return new Residual(dropout, preNorm, alpha);
    }
}
