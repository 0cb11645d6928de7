package dev.fathom.bench.libtorch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

import dev.fathom.bench.measure.Job.Unsupported;
import dev.fathom.bench.measure.Steps;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What each workload is in libtorch's terms: channels first, weights as it lays them out. */
final class Networks {
    private static final float RATE = 1e-4f;

    private Networks() {}

    /**
     * The steps of a workload.
     *
     * @throws Unsupported if this side has none for it, with the reason
     */
    static Steps of(String name, NDList problem) {
        if (name.startsWith("gemm-")) {
            return Kernels.product(name, problem);
        }
        if (name.startsWith("chain-")) {
            return name.startsWith("chain-grad-")
                    ? Kernels.chainGradient(problem)
                    : Kernels.chain(problem);
        }
        if (name.startsWith("checkpoint-")) {
            return new Checkpoints(name, problem);
        }
        return switch (name) {
            case "mlp" ->
                    new Trained(weights(problem), features(problem, false), problem, adam()) {
                        @Override
                        NDArray loss(List<NDArray> p, NDArray x, NDArray y) {
                            NDArray h = Activation.relu(x.matMul(p.get(0)).add(p.get(1)));
                            h = Activation.relu(h.matMul(p.get(2)).add(p.get(3)));
                            return crossEntropy(h.matMul(p.get(4)).add(p.get(5)), y);
                        }
                    };
            case "empty" -> Kernels.empty(problem);
            case "sweep", "sweep-small" -> new Sweep(problem);
            case "data", "data-small" -> new Images(problem);
            case "resnet-loader" ->
                    throw new Unsupported("compared with Fathom's own; loaders alone are in data");
            case "tiny" -> tiny(problem);
            case "tiny-loop" -> new Looped(tiny(problem));
            case "lenet" -> lenet(problem);
            case "conv-bn" -> convBatchNorm(problem);
            case "resnet" -> resNet(problem);
            case "lstm" -> recurrent(problem, true);
            case "gru" -> recurrent(problem, false);
            case "gpt", "gpt-large-batch" -> Transformer.gpt(problem);
            case "per-sample", "clipped", "hvp-mlp", "hvp-resnet", "ntk" ->
                    Gradients.of(name, problem);
            case "vit" -> Vision.vit(problem);
            case "nets", "nets-loop" -> ManyNets.wide(problem, name.endsWith("loop"));
            case "nets-tiny", "nets-tiny-loop" -> ManyNets.tiny(problem, name.endsWith("loop"));
            default -> throw new Unsupported("not written for libtorch");
        };
    }

    private static Steps tiny(NDList problem) {
        return new Trained(
                weights(problem),
                features(problem, false),
                problem,
                Optimizer.sgd().setLearningRateTracker(Tracker.fixed(1e-2f)).build()) {
            @Override
            NDArray loss(List<NDArray> p, NDArray x, NDArray y) {
                NDArray h = x.matMul(p.get(0)).add(p.get(1)).tanh();
                return h.matMul(p.get(2)).add(p.get(3)).sub(y).square().mean();
            }
        };
    }

    /** A thousand single steps a call: there are no loops below DJL's surface. */
    private record Looped(Steps one) implements Steps {
        private static final int STEPS = 1000;

        @Override
        public void step(long i) {
            for (int k = 0; k < STEPS; k++) {
                one.step(i * STEPS + k);
            }
        }

        @Override
        public double value() {
            return one.value();
        }
    }

    static List<NDArray> lenetWeights(NDList problem) {
        var p = weights(problem);
        p.set(0, kernel(p.get(0)));
        p.set(2, kernel(p.get(2)));
        p.set(4, afterFlatten(p.get(4), 5, 5, 16));
        return p;
    }

    private static Steps lenet(NDList problem) {
        var p = lenetWeights(problem);
        return new Trained(p, features(problem, true), problem, adam()) {
            @Override
            NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
                NDArray h = Activation.relu(conv(x, w.get(0), w.get(1), 2));
                h = Activation.relu(conv(pool(h), w.get(2), w.get(3), 0));
                h = flat(pool(h));
                h = Activation.relu(h.matMul(w.get(4)).add(w.get(5)));
                h = Activation.relu(h.matMul(w.get(6)).add(w.get(7)));
                return crossEntropy(h.matMul(w.get(8)).add(w.get(9)), y);
            }
        };
    }

    /** Weights: kernel, bias, gamma, beta, mean, variance, twice; two dense layers. */
    private static Steps convBatchNorm(NDList problem) {
        var p = weights(problem);
        p.set(0, kernel(p.get(0)));
        p.set(6, kernel(p.get(6)));
        p.set(12, afterFlatten(p.get(12), 7, 7, 64));
        return new Trained(p, features(problem, true), problem, adam(), 4, 5, 10, 11) {
            @Override
            NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
                NDArray h = normal(conv(x, w.get(0), w.get(1), 1), w, 2);
                h = pool(Activation.relu(h));
                h = normal(conv(h, w.get(6), w.get(7), 1), w, 8);
                h = flat(pool(Activation.relu(h)));
                h = Activation.relu(h.matMul(w.get(12)).add(w.get(13)));
                return crossEntropy(h.matMul(w.get(14)).add(w.get(15)), y);
            }
        };
    }

    /** An LSTM, which has a second state, or a gated recurrent unit; a dense layer on its last. */
    private static Steps recurrent(NDList problem, boolean lstm) {
        var p = weights(problem);
        p.set(0, p.get(0).transpose().duplicate());
        p.set(1, p.get(1).transpose().duplicate());
        int width = (int) p.get(1).getShape().get(1);
        return new Trained(p, features(problem, false), problem, adam()) {
            @Override
            NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
                long n = x.getShape().get(0);
                var h = x.getManager().zeros(new Shape(1, n, width));
                var u = new NDList(w.get(0), w.get(1));
                var torch = x.getNDArrayInternal();
                var out =
                        lstm
                                ? torch.lstm(
                                        x,
                                        new NDList(h, h.duplicate()),
                                        u,
                                        false,
                                        1,
                                        0,
                                        true,
                                        false,
                                        true)
                                : torch.gru(x, h, u, false, 1, 0, true, false, true);
                return crossEntropy(out.get(1).squeeze(0).matMul(w.get(2)), y);
            }
        };
    }

    /** Kernel, gamma, beta, mean, variance, over and over; a dense layer. */
    private static Steps resNet(NDList problem) {
        var p = weights(problem);
        var statistics = new ArrayList<Integer>();
        for (int i = 0; i + 2 < p.size(); i += 5) {
            p.set(i, kernel(p.get(i)));
            statistics.addAll(List.of(i + 3, i + 4));
        }
        var momentum =
                Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed(1e-3f))
                        .optMomentum(0.9f)
                        .build();
        return new Trained(
                p, features(problem, true), problem, momentum, statistics.toArray(Integer[]::new)) {
            @Override
            NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
                NDArray h = Activation.relu(normal(conv(x, w.get(0), null, 1, 1), w, 1));
                int at = 5;
                for (int block = 0; block < 9; block++) {
                    boolean projected = block == 3 || block == 6;
                    int stride = projected ? 2 : 1;
                    // a step of two begins at the first place here, one before it in libtorch
                    NDArray a =
                            projected
                                    ? conv(h, w.get(at), null, stride, 2).get(":, :, 1:, 1:")
                                    : conv(h, w.get(at), null, stride, 1);
                    a = Activation.relu(normal(a, w, at + 1));
                    a = normal(conv(a, w.get(at + 5), null, 1, 1), w, at + 6);
                    at += 10;
                    if (projected) {
                        h = normal(conv(h, w.get(at), null, 2, 0), w, at + 1);
                        at += 5;
                    }
                    h = Activation.relu(a.add(h));
                }
                h = h.mean(new int[] {3}).mean(new int[] {2});
                return crossEntropy(h.matMul(w.get(at)).add(w.get(at + 1)), y);
            }
        };
    }

    static Optimizer adam() {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(RATE)).build();
    }

    static List<NDArray> weights(NDList problem) {
        var p = new ArrayList<NDArray>();
        for (NDArray a = problem.get("p0"); a != null; a = problem.get("p" + p.size())) {
            p.add(a);
        }
        return p;
    }

    static List<NDArray> features(NDList problem, boolean image) {
        var x = new ArrayList<NDArray>();
        for (int i = 0; i < 8; i++) {
            var a = problem.get("x" + i);
            x.add(image ? a.transpose(0, 3, 1, 2).duplicate() : a);
        }
        return x;
    }

    /** (height, width, in, out) to (out, in, height, width). */
    private static NDArray kernel(NDArray w) {
        return w.transpose(3, 2, 0, 1).duplicate();
    }

    /** The rows of a dense layer after flattening channels last, as channels first orders them. */
    private static NDArray afterFlatten(NDArray w, int height, int width, int channels) {
        long out = w.getShape().get(1);
        return w.reshape(height, width, channels, out)
                .transpose(2, 0, 1, 3)
                .reshape(-1, out)
                .duplicate();
    }

    static NDArray conv(NDArray x, NDArray w, NDArray b, int padding) {
        return conv(x, w, b, 1, padding);
    }

    private static NDArray conv(
            NDArray x, NDArray w, @Nullable NDArray b, int stride, int padding) {
        return Conv2d.conv2d(x, w, b, new Shape(stride, stride), new Shape(padding, padding))
                .singletonOrThrow();
    }

    static NDArray pool(NDArray x) {
        return Pool.maxPool2d(x, new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false);
    }

    static NDArray flat(NDArray x) {
        return x.reshape(x.getShape().get(0), -1);
    }

    private static NDArray normal(NDArray x, List<NDArray> w, int at) {
        return BatchNorm.batchNorm(
                        x,
                        w.get(at + 2),
                        w.get(at + 3),
                        w.get(at),
                        w.get(at + 1),
                        1,
                        0.9f,
                        1e-5f,
                        true)
                .singletonOrThrow();
    }

    static NDArray crossEntropy(NDArray logits, NDArray labels) {
        NDArray each =
                logits.logSoftmax(1).gather(labels.expandDims(1).toType(DataType.INT64, false), 1);
        return each.mean().neg();
    }

    /** Training with libtorch's own gradients and DJL's optimizer. */
    abstract static class Trained implements Steps {
        private final List<NDArray> weights;
        private final List<NDArray> features;
        private final List<NDArray> labels = new ArrayList<>();
        private final Optimizer optimizer;
        private final List<Integer> statistics;
        private float loss;
        private @Nullable NDArray last;

        Trained(
                List<NDArray> weights,
                List<NDArray> features,
                NDList problem,
                Optimizer optimizer,
                Integer... statistics) {
            this.weights = weights;
            this.features = features;
            this.optimizer = optimizer;
            this.statistics = List.of(statistics);
            for (int i = 0; i < features.size(); i++) {
                labels.add(problem.get("y" + i));
            }
            for (int i = 0; i < weights.size(); i++) {
                if (!this.statistics.contains(i)) {
                    weights.get(i).setRequiresGradient(true);
                }
            }
        }

        final List<NDArray> weights() {
            return weights;
        }

        final List<NDArray> features() {
            return features;
        }

        abstract NDArray loss(List<NDArray> w, NDArray x, NDArray y);

        @Override
        public void step(long i) {
            int b = (int) (i % features.size());
            if (last != null) {
                last.close();
            }
            try (var _ = new NDScope();
                    var collector = Engine.getInstance().newGradientCollector()) {
                NDArray l = loss(weights, features.get(b), labels.get(b));
                collector.backward(l);
                last = l.stopGradient().duplicate();
                NDScope.unregister(last);
            }
            for (int w = 0; w < weights.size(); w++) {
                if (!statistics.contains(w)) {
                    var p = weights.get(w);
                    try (NDArray gradient = p.getGradient()) {
                        optimizer.update("p" + w, p, gradient);
                    }
                }
            }
            if (i % 100 == 99) {
                loss = last.getFloat();
            }
        }

        @Override
        public double value() {
            if (last == null) {
                throw new IllegalStateException("no step was made");
            }
            loss = last.getFloat();
            return loss;
        }
    }
}
