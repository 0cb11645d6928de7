package dev.fathom.nn.layer;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.init.Initializer;

/**
 * Two linear layers with a narrow place between them: y = x A B + b. What a batch of outputs has,
 * less b, is a matrix of rank at most k, however many examples, since it goes through k numbers;
 * in·k + k·out weights instead of in·out. A way to keep a network from overfitting: narrower than
 * what stands before and behind it.
 *
 * <p>Shapes: x (.., in), A (in, k), B (k, out), b (out), y (.., out).
 *
 * @param narrow A, without a bias
 * @param wide B and b
 */
public record Bottleneck(Dense narrow, Dense wide) implements Layer {

    /**
     * {@code in} features to {@code out} through {@code k}: weights by {@link
     * Initializer#leCunNormal}, since nothing bends between them, bias zero, float32.
     */
    public static Bottleneck of(int in, int k, int out, Key key) {
        var keys = key.split(2);
        var law = Initializer.leCunNormal();
        return new Bottleneck(
                Dense.of(in, k, law, keys[0]).withoutBias(), Dense.of(k, out, law, keys[1]));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor code = pass.child("narrow", narrow, x); // (.., k)
        return pass.child("wide", wide, code); // (.., out)
    }
}
