package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Reshape;
import dev.fathom.nn.layer.Sequential;

/**
 * A network that has to say its input again after squeezing it through a few numbers. G. Hinton and
 * R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 313, 2006,
 * trained end to end from the start. Its target is its input: {@code mse(autoencoder.apply(x,
 * pass), x)}.
 *
 * <p>Shapes: x (n, input..), code (n, code), y (n, input..).
 *
 * @param encoder from input to code
 * @param decoder from code to input
 */
public record Autoencoder(Layer encoder, Layer decoder) implements Layer {

    /** For examples of any shape, with one hidden layer of 128 on each side. */
    public static Autoencoder of(Shape input, int code, Key key) {
        return of(input, code, 128, key);
    }

    /** For examples of any shape, with one hidden layer of the given width on each side. */
    public static Autoencoder of(Shape input, int code, int width, Key key) {
        var keys = key.split(4);
        var last = Initializer.glorotUniform();
        return new Autoencoder(
                Sequential.of(
                        Flatten.of(),
                        Dense.of(input.length(), width, keys[0]),
                        Activation.RELU,
                        Dense.of(width, code, last, keys[1])),
                decoder(input, code, width, keys[2], keys[3]));
    }

    /** One hidden layer of {@code width}, and the shape of the input again. */
    static Sequential decoder(Shape input, int code, int width, Key first, Key second) {
        return Sequential.of(
                Dense.of(code, width, first),
                Activation.RELU,
                Dense.of(width, input.length(), Initializer.glorotUniform(), second),
                new Reshape(input));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor code = pass.child("encoder", encoder, x); // (n, code)
        return pass.child("decoder", decoder, code); // (n, input..)
    }
}
