package dev.fathom.nn.attention;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Sequential;

/**
 * The two numbers that let transformers of hundreds of blocks train with the norm after the sum:
 *
 * <pre>y = N(α x + G(x))</pre>
 *
 * <p>for every sublayer G, the first values of whose matrices of values, attention's output and the
 * two-layer network are times β (queries and keys stay as they are). With N encoder and M decoder
 * blocks:
 *
 * <pre>
 *                        α                    β
 * one stack of N         (2N)^(1/4)           (8N)^(−1/4)
 * encoder of both        0.81 (N⁴M)^(1/16)    0.87 (N⁴M)^(−1/16)
 * decoder of both        (3M)^(1/4)           (12M)^(−1/4)
 * </pre>
 *
 * <p>H. Wang, S. Ma, L. Dong, S. Huang, D. Zhang, F. Wei, "DeepNet: scaling transformers to 1,000
 * layers", 2022, figure 2. We differ: β multiplies whatever the block was drawn with, by default
 * Glorot's uniform law; the paper's is Glorot's normal one, of the same variance.
 *
 * @param alpha α
 * @param beta β
 */
public record DeepNorm(double alpha, double beta) {

    /** Checks the numbers. */
    public DeepNorm {
        if (!(alpha > 0 && beta > 0 && alpha + beta < Double.POSITIVE_INFINITY)) {
            throw new LayerException(
                    "DeepNorm: alpha is "
                            + alpha
                            + " and beta "
                            + beta
                            + "; both must be positive and finite");
        }
    }

    /** For an encoder alone or a decoder alone of {@code layers} blocks. */
    public static DeepNorm stack(int layers) {
        Checks.positive("DeepNorm", "layers", layers);
        return new DeepNorm(Math.pow(2.0 * layers, 0.25), Math.pow(8.0 * layers, -0.25));
    }

    /** For the encoder's blocks where there is a decoder too. */
    public static DeepNorm encoder(int encoderLayers, int decoderLayers) {
        Checks.positive("DeepNorm", "encoderLayers", encoderLayers);
        Checks.positive("DeepNorm", "decoderLayers", decoderLayers);
        double size = Math.pow(encoderLayers, 4) * decoderLayers;
        return new DeepNorm(0.81 * Math.pow(size, 1.0 / 16), 0.87 * Math.pow(size, -1.0 / 16));
    }

    /** For the decoder's blocks where there is an encoder too, of any depth. */
    public static DeepNorm decoder(int decoderLayers) {
        Checks.positive("DeepNorm", "decoderLayers", decoderLayers);
        return new DeepNorm(
                Math.pow(3.0 * decoderLayers, 0.25), Math.pow(12.0 * decoderLayers, -0.25));
    }

    /** With the matrices of values and of the output times β. */
    MultiHeadAttention scaled(MultiHeadAttention a) {
        return new MultiHeadAttention(
                a.query(),
                a.key(),
                scaled(a.value()),
                scaled(a.output()),
                a.heads(),
                a.groups(),
                a.causal(),
                a.positions(),
                a.dropout());
    }

    private Dense scaled(Dense d) {
        return d.with(d.weight().times(beta), d.bias());
    }

    /** With all matrices times β. */
    Sequential scaled(Sequential network) {
        return Tree.map((Tensor t) -> t.rank() > 1 ? t.times(beta) : t, network);
    }
}
