package dev.fathom.bench.libtorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

import dev.fathom.bench.measure.Steps;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Many nets of one form on the same batches, in the two ways their users have: weights stacked and
 * every product batched by hand, which is also what {@code torch.func.vmap} makes of it, or a loop
 * that trains one net after another. The value is the sum of the losses.
 */
final class ManyNets {
    private ManyNets() {}

    static Steps wide(NDList problem, boolean loop) {
        Supplier<Optimizer> adam = Networks::adam;
        return loop ? loop(problem, adam, false) : batched(problem, adam.get(), false);
    }

    static Steps tiny(NDList problem, boolean loop) {
        Supplier<Optimizer> sgd =
                () -> Optimizer.sgd().setLearningRateTracker(Tracker.fixed(1e-2f)).build();
        return loop ? loop(problem, sgd, true) : batched(problem, sgd.get(), true);
    }

    /** Weights (nets, in, out), biases (nets, out). */
    private static Steps batched(NDList problem, Optimizer optimizer, boolean tiny) {
        var x = Networks.features(problem, false);
        return new Networks.Trained(Networks.weights(problem), x, problem, optimizer) {
            @Override
            NDArray loss(List<NDArray> p, NDArray x, NDArray y) {
                NDArray h = dense(x.expandDims(0), p, 0); // (nets, n, out)
                if (tiny) {
                    NDArray error = dense(h.tanh(), p, 2).sub(y);
                    return error.square().sum().div((float) error.getShape().get(1));
                }
                h = dense(Activation.relu(h), p, 2);
                NDArray logits = dense(Activation.relu(h), p, 4); // (nets, n, classes)
                long nets = logits.getShape().get(0);
                long n = logits.getShape().get(1);
                NDArray labels =
                        y.toType(DataType.INT64, false)
                                .reshape(1, n, 1)
                                .broadcast(new Shape(nets, n, 1));
                return logits.logSoftmax(2).gather(labels, 2).sum().div((float) n).neg();
            }
        };
    }

    private static NDArray dense(NDArray x, List<NDArray> p, int at) {
        return x.matMul(p.get(at)).add(p.get(at + 1).expandDims(1));
    }

    private static Steps loop(NDList problem, Supplier<Optimizer> optimizer, boolean tiny) {
        var stacked = Networks.weights(problem);
        var x = Networks.features(problem, false);
        var nets = new ArrayList<Networks.Trained>();
        for (int i = 0; i < stacked.getFirst().getShape().get(0); i++) {
            var own = new ArrayList<NDArray>();
            for (var p : stacked) {
                own.add(p.get(new NDIndex().addIndices(i)).duplicate());
            }
            nets.add(
                    new Networks.Trained(own, x, problem, optimizer.get()) {
                        @Override
                        NDArray loss(List<NDArray> p, NDArray x, NDArray y) {
                            NDArray h = x.matMul(p.get(0)).add(p.get(1));
                            if (tiny) {
                                NDArray z = h.tanh().matMul(p.get(2)).add(p.get(3));
                                return z.sub(y).square().mean();
                            }
                            h = Activation.relu(h).matMul(p.get(2)).add(p.get(3));
                            h = Activation.relu(h).matMul(p.get(4)).add(p.get(5));
                            return Networks.crossEntropy(h, y);
                        }
                    });
        }
        return new Steps() {
            @Override
            public void step(long i) {
                nets.forEach(net -> net.step(i));
            }

            @Override
            public double value() {
                return nets.stream().mapToDouble(Steps::value).sum();
            }
        };
    }
}
