package dev.fathom.examples;

import static dev.fathom.core.math.Functions.sigmoid;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.transform.Chain;

/**
 * A layer of your own is a record of tensors and layers with one method. Nothing is registered and
 * no backward pass is written: gradients, optimizer states and files follow from the record.
 *
 * <p>The gated linear unit, y = (x W + b) ⊙ σ(x V + c) (Dauphin, Fan, Auli, Grangier, ICML 2017,
 * equation 1), learns the product of two numbers.
 *
 * <p>Run: {@code ./fathom example CustomLayer}. Ends with a mean squared error below 0.001.
 */
public final class CustomLayer {
    private CustomLayer() {}

    record Gated(Dense value, Dense gate) implements Layer {
        static Gated of(int in, int out, Key key) {
            var keys = key.split(2);
            return new Gated(Dense.of(in, out, keys[0]), Dense.of(in, out, keys[1]));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) { // x: (n, in)
            return value.apply(x, pass).times(sigmoid(gate.apply(x, pass))); // (n, out)
        }
    }

    record Net(Gated gated, Dense output) implements Layer {
        static Net of(Key key) {
            var keys = key.split(2);
            return new Net(Gated.of(2, 32, keys[0]), Dense.of(32, 1, keys[1]));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) { // x: (n, 2)
            return output.apply(gated.apply(x, pass), pass); // (n, 1)
        }
    }

    record State(Net net, Chain.State optimizer, Tensor loss) {}

    /** Trains on 512 pairs and returns the last loss. */
    static double train(int steps) {
        var key = Key.of(7);
        Tensor x = key.stream("data").uniformBetween(-1, 1, 512, 2);
        Tensor y = x.slice(1, 0, 1).times(x.slice(1, 1, 2)); // (512, 1)
        var adam = Adam.of(1e-2);

        var step =
                jit((State s) -> {
                    var r =
                            valueAndGrad((Net n) -> Losses.mse(n.apply(x, Pass.eval()), y))
                                    .apply(s.net());
                    var next = adam.update(r.gradient(), s.optimizer(), s.net());
                    return new State(next.params(), next.state(), r.value());
                });

        var net = Net.of(key.stream("init"));
        var state = new State(net, adam.init(net), Tensor.scalar(0f));
        for (int i = 0; i < steps; i++) {
            state = step.apply(state);
        }
        return state.loss().item();
    }

    /** Prints the parameters by name, and the loss. */
    public static void main(String[] arguments) {
        Tree.named(Net.of(Key.of(7)))
                .forEach((path, t) -> System.out.println(path + "  " + t.type()));
        System.out.println("mean squared error " + train(500));
    }
}
