package dev.fathom.examples;

import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jitDonating;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.transform.Chain;

/**
 * A network on real images without a framework around it: a model is a record, a step is a
 * function, training is a loop. {@code jit} makes the step one planned program.
 *
 * <p>Run: {@code ./fathom example TrainingLoop}. The 8×8 digits, 20 epochs, a few seconds. Ends
 * with a test accuracy of about 0.92.
 */
public final class TrainingLoop {
    private TrainingLoop() {}

    record Mlp(Dense hidden, Dense output) {
        static Mlp of(int in, int width, int classes, Key key) {
            var keys = key.split(2);
            return new Mlp(Dense.of(in, width, keys[0]), Dense.of(width, classes, keys[1]));
        }

        Tensor apply(Tensor x, Pass pass) { // x: (n, in)
            return output.apply(relu(hidden.apply(x.flatten(1), pass)), pass); // (n, classes)
        }
    }

    record State(Mlp model, Chain.State optimizer) {}

    record Batch(Tensor x, Tensor labels) {}

    /** Trains and returns the accuracy on the test set. */
    static double train(int epochs, long seed) {
        var data = Datasets.load("digits").normalised();
        var adam = Adam.of(1e-2);
        var model = Mlp.of(64, 64, 10, Key.of(seed));

        var step =
                jitDonating((State s, Batch b) -> { // the new state is written over the old one
                    var g =
                            grad((Mlp m) ->
                                            Losses.crossEntropy(
                                                    m.apply(b.x(), Pass.eval()), b.labels()))
                                    .apply(s.model());
                    var next = adam.update(g, s.optimizer(), s.model());
                    return new State(next.params(), next.state());
                });

        var state = new State(model, adam.init(model));
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (var b : data.train().batches(64).shuffled(seed).dropLast().epoch(epoch)) {
                state = step.apply(state, new Batch(b.features(), b.labels()));
            }
        }

        var test = data.test().all();
        Tensor predicted = state.model().apply(test.features(), Pass.eval()).argMax(-1);
        return predicted.equalTo(test.labels()).cast(DType.FLOAT32).mean().item();
    }

    /** Prints the accuracy. */
    public static void main(String[] arguments) {
        System.out.println("test accuracy " + train(20, 1));
    }
}
