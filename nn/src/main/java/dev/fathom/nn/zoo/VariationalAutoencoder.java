package dev.fathom.nn.zoo;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;

/**
 * A variational autoencoder with a Gaussian code and Bernoulli pixels. D. Kingma and M. Welling,
 * "Auto-encoding variational Bayes", ICLR 2014. The encoder gives a distribution q(z|x) = N(μ, σ²)
 * for the code; the decoder gives the logits of the pixels, and p(z) = N(0, I), so that codes drawn
 * from there become new examples.
 *
 * <p>Shapes: x (n, input..) with elements in [0, 1], code z (n, code), logits (n, input..).
 *
 * @param trunk from input to hidden features
 * @param mean from those to μ
 * @param logVariance from those to ln σ²
 * @param decoder from code to the logits of the input
 */
public record VariationalAutoencoder(Layer trunk, Dense mean, Dense logVariance, Layer decoder)
        implements Layer {

    /** What the encoder says of the code of each example, (n, code) both. */
    public record Posterior(Tensor mean, Tensor logVariance) {

        /** z = μ + σ ε with ε ~ N(0, I) of the key: the reparameterisation of section 2.4. */
        public Tensor sample(Key key) {
            Tensor noise = key.normal(mean.dtype(), mean.shape().dims());
            return logVariance.times(0.5).exp().times(noise).plus(mean);
        }

        /**
         * KL(N(μ, σ²) ‖ N(0, I)) = −½ Σ (1 + ln σ² − μ² − σ²) for each example, in nats, (n):
         * appendix B.
         */
        public Tensor divergence() {
            return mean.square()
                    .plus(logVariance.exp())
                    .minus(logVariance)
                    .minus(1)
                    .sum(-1)
                    .times(0.5);
        }
    }

    /** For examples of any shape, with one hidden layer of 128 on each side. */
    public static VariationalAutoencoder of(Shape input, int code, Key key) {
        int width = 128;
        var keys = key.split(5);
        var law = Initializer.glorotUniform();
        return new VariationalAutoencoder(
                Sequential.of(
                        Flatten.of(), Dense.of(input.length(), width, keys[0]), Activation.RELU),
                Dense.of(width, code, law, keys[1]),
                Dense.of(width, code, law, keys[2]),
                Autoencoder.decoder(input, code, width, keys[3], keys[4]));
    }

    /** The distribution of the code. */
    public Posterior encode(Tensor x, Pass pass) {
        Tensor features = pass.child("trunk", trunk, x); // (n, width)
        return new Posterior(
                pass.child("mean", mean, features),
                pass.child("logVariance", logVariance, features));
    }

    /**
     * The logits of the reconstruction: from a code drawn with the pass's key in training, from μ
     * in evaluation.
     */
    @Override
    public Tensor apply(Tensor x, Pass pass) {
        var code = encode(x, pass);
        Tensor z = pass.training() ? code.sample(pass.key()) : code.mean(); // (n, code)
        return pass.child("decoder", decoder, z); // (n, input..)
    }

    /**
     * What to minimise: −ELBO = KL(q(z|x) ‖ p(z)) − E ln p(x|z), the mean over the batch, in nats
     * for each example; equation 10 with one draw (L = 1) in training, and z = μ in evaluation.
     *
     * @param x (n, input..), elements in [0, 1]
     * @throws dev.fathom.core.error.IndexException if an element is outside [0, 1]
     */
    public Tensor negativeElbo(Tensor x, Pass pass) {
        var code = encode(x, pass);
        Tensor z = pass.training() ? code.sample(pass.key()) : code.mean(); // (n, code)
        Tensor logits = pass.child("decoder", decoder, z); // (n, input..)
        double pixels = (double) x.size() / x.dim(0);
        Tensor reconstruction = Losses.logistic(logits, x).times(pixels);
        return reconstruction.plus(code.divergence().mean());
    }

    /** {@code n} new examples: the probabilities of their pixels for codes drawn from p(z). */
    public Tensor sample(int n, Key key) {
        Tensor z = key.normal(mean.weight().dtype(), n, mean.weight().dim(1)); // (n, code)
        return Functions.sigmoid(decoder.apply(z, Pass.eval())); // (n, input..)
    }
}
