package dev.fathom.examples;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.catalogue.TrainTest;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Autoencoder;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.transform.Chain;

/**
 * An autoencoder says 8×8 digits with eight numbers each instead of 64, and draws what it makes of
 * them. Nobody tells it which digit is which.
 *
 * <p>Run: {@code ./fathom example DigitsAutoencoder}. 60 epochs, a few seconds. Ends with a mean
 * squared error of about 0.018 on the test digits, where the mean image leaves 0.074 (pixels from 0
 * to 1).
 */
public final class DigitsAutoencoder {
    private static final String SHADES = " .:-=+*#%@";

    private DigitsAutoencoder() {}

    record State(Autoencoder model, Chain.State optimizer) {}

    /** A trained model, and its error and that of the mean image on the test digits. */
    record Result(Autoencoder model, double error, double baseline) {}

    static Result train(TrainTest data, int epochs, long seed) {
        var adam = Adam.of(3e-3);
        var model = Autoencoder.of(data.train().featureShape(), 8, Key.of(seed));

        var step =
                jit((State s, Tensor x) -> {
                    var g =
                            grad((Autoencoder m) -> Losses.mse(m.apply(x, Pass.eval()), x))
                                    .apply(s.model());
                    var next = adam.update(g, s.optimizer(), s.model());
                    return new State(next.params(), next.state());
                });

        var state = new State(model, adam.init(model));
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (var b : data.train().batches(64).shuffled(seed).dropLast().epoch(epoch)) {
                state = step.apply(state, b.features());
            }
        }

        Tensor test = data.test().all().features(); // (n, 8, 8) or (n, 8, 8, 1)
        Tensor mean = data.train().all().features().mean(0);
        double error = Losses.mse(state.model().apply(test, Pass.eval()), test).item();
        double baseline = Losses.mse(mean.broadcastTo(test.shape().dims()), test).item();
        return new Result(state.model(), error, baseline);
    }

    /** Images side by side in the terminal, light to dark. */
    static String picture(Tensor images) { // (n, height, width, ..), one channel, 0 to 1
        int n = images.dim(0);
        int height = images.dim(1);
        int width = images.dim(2);
        float[] pixels = images.toFloats();
        var text = new StringBuilder();
        for (int row = 0; row < height; row++) {
            for (int i = 0; i < n; i++) {
                for (int column = 0; column < width; column++) {
                    float v = pixels[(i * height + row) * width + column];
                    int shade = Math.clamp(Math.round(v * 9), 0, 9);
                    text.append(SHADES.charAt(shade)).append(SHADES.charAt(shade));
                }
                text.append("  ");
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** Prints the error, and five test digits above what becomes of them. */
    public static void main(String[] arguments) {
        var data = Datasets.load("digits");
        var result = train(data, 60, 1);
        Tensor some = data.test().all().features().slice(0, 0, 5);
        System.out.println(picture(some));
        System.out.println(picture(result.model().apply(some, Pass.eval())));
        System.out.println(
                "mean squared error "
                        + result.error()
                        + ", of the mean image "
                        + result.baseline());
    }
}
