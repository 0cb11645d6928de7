package dev.fathom.nn.layer;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;

import java.util.Optional;

/**
 * A fully connected layer: y = x W + b.
 *
 * <p>Shapes: x (.., in), W (in, out), b (out), y (.., out). The dtype is that of W.
 *
 * @param weight W, (in, out)
 * @param bias b, (out), or nothing
 */
public record Dense(Tensor weight, Optional<Tensor> bias) implements Affine {

    /**
     * {@code in} features to {@code out}: weights by {@link Initializer#standard}, bias zero,
     * float32.
     */
    public static Dense of(int in, int out, Key key) {
        return of(in, out, Initializer.standard(), key);
    }

    /** {@code in} features to {@code out}, weights by the given law, bias zero, float32. */
    public static Dense of(int in, int out, Initializer initializer, Key key) {
        Checks.positive("Dense", "in", in);
        Checks.positive("Dense", "out", out);
        return new Dense(
                initializer.of(key, DType.FLOAT32, in, out, in, out),
                Optional.of(Tensor.zeros(out)));
    }

    @Override
    public Dense with(Tensor weight, Optional<Tensor> bias) {
        return new Dense(weight, bias);
    }

    /** The same without a bias, for use before a normalisation. */
    public Dense withoutBias() {
        return new Dense(weight, Optional.empty());
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.dense(x, weight);
                    Tensor y = x.matmul(weight); // (.., out)
                    return pass.affine(weight, bias, () -> x, bias.map(y::plus).orElse(y));
                });
    }
}
