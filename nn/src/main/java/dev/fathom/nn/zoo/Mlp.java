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

import java.util.ArrayList;
import java.util.List;

/**
 * A multilayer perceptron: dense layers with rectifiers between them. D. Rumelhart, G. Hinton, R.
 * Williams, "Learning representations by back-propagating errors", Nature 323, 1986, with
 * rectifiers for its sigmoids.
 *
 * @param hidden each followed by a rectifier
 * @param output to the logits
 */
public record Mlp(List<Dense> hidden, Dense output) implements Layer {

    /** Copies the list. */
    public Mlp {
        hidden = List.copyOf(hidden);
    }

    /** Two hidden layers of 256 and 128 for examples of any shape. */
    public static Mlp of(Shape input, int classes, Key key) {
        return of(input, classes, key, 256, 128);
    }

    /** Hidden layers of the given widths for examples of any shape. */
    public static Mlp of(Shape input, int classes, Key key, int... widths) {
        var keys = key.split(widths.length + 1);
        var hidden = new ArrayList<Dense>();
        int in = input.length();
        for (int i = 0; i < widths.length; i++) {
            hidden.add(Dense.of(in, widths[i], keys[i]));
            in = widths[i];
        }
        return new Mlp(
                hidden, Dense.of(in, classes, Initializer.glorotUniform(), keys[widths.length]));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        Tensor h = Flatten.of().apply(x, pass); // (n, features)
        for (var layer : hidden) {
            h = Activation.RELU.apply(layer.apply(h, pass), pass); // (n, width)
        }
        return output.apply(h, pass); // (n, classes)
    }
}
