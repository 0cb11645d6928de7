package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Softmax regression (multinomial logistic regression): logits = x W + b. The floor every network
 * has to beat. The problem is convex, so it starts at zero and the key does not matter.
 *
 * @param output W and b
 */
public record Linear(Dense output) implements Layer {

    /** For examples of any shape. */
    public static Linear of(Shape input, int classes, Key key) {
        return new Linear(Dense.of(input.length(), classes, Initializer.zeros(), key));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor flat = Flatten.of().apply(x, pass); // (n, features)
        return output.apply(flat, pass); // (n, classes)
    }
}
