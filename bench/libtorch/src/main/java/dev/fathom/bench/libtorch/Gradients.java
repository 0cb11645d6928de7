package dev.fathom.bench.libtorch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

import dev.fathom.bench.measure.Steps;

import java.util.ArrayList;
import java.util.List;

/**
 * Derivatives that DJL has no word for, as its user writes them: zeros that are added to the output
 * of every layer take its cotangents δ, and the gradients of the samples are put together from
 * those by hand; the Hessian is the gradient of a gradient.
 */
final class Gradients {
    /** As Fathom's side clips. */
    private static final float BOUND = 40;

    private static final int BATCHES = 8;

    private Gradients() {}

    static Steps of(String name, NDList problem) {
        return switch (name) {
            case "per-sample" -> perSample(problem);
            case "clipped" -> clipped(problem);
            case "ntk" -> kernel(problem);
            default -> curvature(name.substring("hvp-".length()), problem);
        };
    }

    /** What is computed once or over and over, of one of eight batches. */
    private abstract static class Repeated implements Steps {
        final List<NDArray> features;
        final List<NDArray> labels = new ArrayList<>();
        private final NDList last = new NDList();

        Repeated(List<NDArray> features, NDList problem) {
            this.features = features;
            for (int i = 0; i < BATCHES; i++) {
                labels.add(problem.get("y" + i));
            }
        }

        abstract NDList of(NDArray x, NDArray y);

        @Override
        public boolean remembers() {
            return false;
        }

        @Override
        public void step(long i) {
            last.close();
            last.clear();
            int b = (int) (i % BATCHES);
            try (var _ = new NDScope()) {
                last.addAll(of(features.get(b), labels.get(b)));
                last.forEach(NDScope::unregister);
            }
        }

        @Override
        public double value() {
            double sum = 0;
            long n = 0;
            for (var a : last) {
                sum += a.square().sum().getFloat();
                n += a.size();
            }
            return Math.sqrt(sum / n);
        }
    }

    /** The inputs of the layers, and the cotangents of their outputs. */
    private record Factors(List<NDArray> inputs, List<NDArray> cotangents) {}

    /** A network that adds {@code zero(shape)} to the output of each layer. */
    private abstract static class Tapped {
        private final List<NDArray> inputs = new ArrayList<>();
        private final List<NDArray> zeros = new ArrayList<>();

        /** A scalar: the sum over the samples. */
        abstract NDArray sum();

        NDArray tap(NDArray input, NDArray output) {
            inputs.add(input);
            var zero = output.getManager().zeros(output.getShape());
            zero.setRequiresGradient(true);
            zeros.add(zero);
            return output.add(zero);
        }

        NDArray dense(NDArray x, NDArray w, NDArray b) {
            return tap(x, x.matMul(w).add(b));
        }

        Factors run() {
            try (var collector = Engine.getInstance().newGradientCollector()) {
                collector.backward(sum());
                return new Factors(
                        inputs.stream().map(NDArray::stopGradient).toList(),
                        zeros.stream().map(NDArray::getGradient).toList());
            }
        }
    }

    private static NDArray perceptron(Tapped net, List<NDArray> w, NDArray x) {
        NDArray h = Activation.relu(net.dense(x, w.get(0), w.get(1)));
        h = Activation.relu(net.dense(h, w.get(2), w.get(3)));
        return net.dense(h, w.get(4), w.get(5));
    }

    /** a δᵀ of every sample: (n, in, out). */
    private static NDArray outer(NDArray a, NDArray d) {
        return a.expandDims(2).batchMatMul(d.expandDims(1));
    }

    /** Weights and biases of LeNet-5, each (n, ..). */
    private static Steps perSample(NDList problem) {
        var w = Networks.lenetWeights(problem);
        return new Repeated(Networks.features(problem, true), problem) {
            @Override
            NDList of(NDArray x, NDArray y) {
                var factors =
                        new Tapped() {
                            @Override
                            NDArray sum() {
                                NDArray h = tap(x, Networks.conv(x, w.get(0), w.get(1), 2));
                                h = Networks.pool(Activation.relu(h));
                                h = tap(h, Networks.conv(h, w.get(2), w.get(3), 0));
                                h = Networks.flat(Networks.pool(Activation.relu(h)));
                                h = Activation.relu(dense(h, w.get(4), w.get(5)));
                                h = Activation.relu(dense(h, w.get(6), w.get(7)));
                                h = dense(h, w.get(8), w.get(9));
                                return Networks.crossEntropy(h, y).mul(y.size());
                            }
                        }.run();
                var result = new NDList();
                for (int i = 0; i < 5; i++) {
                    var a = factors.inputs().get(i);
                    var d = factors.cotangents().get(i);
                    if (i < 2) {
                        NDArray flat = d.reshape(d.getShape().get(0), d.getShape().get(1), -1);
                        // (n, out, places) (n, places, in · 25)
                        result.add(flat.batchMatMul(patches(a, 5, i == 0 ? 2 : 0)));
                        result.add(flat.sum(new int[] {2}));
                    } else {
                        result.add(outer(a, d));
                        result.add(d);
                    }
                }
                return result;
            }
        };
    }

    /** What each place of a kernel sees: (n, places, channels · kernel²). */
    private static NDArray patches(NDArray image, int kernel, int padding) {
        long n = image.getShape().get(0);
        long c = image.getShape().get(1);
        long side = image.getShape().get(2) + 2 * padding;
        NDArray x = image;
        if (padding > 0) {
            x = image.getManager().zeros(new Shape(n, c, side, side));
            long end = side - padding;
            x.set(new NDIndex(":, :, {}:{}, {}:{}", padding, end, padding, end), image);
        }
        long out = side - kernel + 1;
        var views = new NDList();
        for (int i = 0; i < kernel; i++) {
            for (int j = 0; j < kernel; j++) {
                views.add(x.get(new NDIndex(":, :, {}:{}, {}:{}", i, i + out, j, j + out)));
            }
        }
        return NDArrays.stack(views, 4) // (n, c, out, out, 25)
                .transpose(0, 2, 3, 1, 4)
                .reshape(n, out * out, c * kernel * kernel);
    }

    /** Norms by ‖a δᵀ‖² = ‖a‖² ‖δ‖², and one product for each clipped sum. */
    private static Steps clipped(NDList problem) {
        var w = Networks.weights(problem);
        return new Repeated(Networks.features(problem, false), problem) {
            @Override
            NDList of(NDArray x, NDArray y) {
                var factors =
                        new Tapped() {
                            @Override
                            NDArray sum() {
                                return Networks.crossEntropy(perceptron(this, w, x), y)
                                        .mul(y.size());
                            }
                        }.run();
                NDArray squares = null;
                for (int i = 0; i < 3; i++) {
                    NDArray a = factors.inputs().get(i).square().sum(new int[] {1}).add(1);
                    NDArray d = factors.cotangents().get(i).square().sum(new int[] {1});
                    squares = squares == null ? a.mul(d) : squares.add(a.mul(d));
                }
                NDArray norms = squares.sqrt();
                NDArray scale = norms.maximum(BOUND).pow(-1).mul(BOUND).expandDims(1);
                var result = new NDList();
                for (int i = 0; i < 3; i++) {
                    NDArray d = factors.cotangents().get(i).mul(scale);
                    result.add(factors.inputs().get(i).transpose().matMul(d));
                    result.add(d.sum(new int[] {0}));
                }
                result.add(norms);
                return result;
            }
        };
    }

    /** Σ over layers of J Jᵀ, each J written out: 512 × 401,408 for the first. */
    private static Steps kernel(NDList problem) {
        var w = Networks.weights(problem);
        return new Repeated(Networks.features(problem, false), problem) {
            @Override
            NDList of(NDArray x, NDArray y) {
                var factors =
                        new Tapped() {
                            @Override
                            NDArray sum() {
                                return perceptron(this, w, x).sum();
                            }
                        }.run();
                NDArray kernel = null;
                for (int i = 0; i < 3; i++) {
                    NDArray d = factors.cotangents().get(i);
                    NDArray j = outer(factors.inputs().get(i), d);
                    j = j.reshape(j.getShape().get(0), -1);
                    NDArray part = j.matMul(j.transpose()).add(d.matMul(d.transpose()));
                    kernel = kernel == null ? part : kernel.add(part);
                }
                return new NDList(kernel);
            }
        };
    }

    /** The gradient of ⟨∇f, v⟩, through a gradient whose own graph is kept. */
    private static Steps curvature(String network, NDList problem) {
        var net = trained(network, problem);
        var towards = new NDList(problem);
        problem.forEach(a -> {
            if (a.getName().startsWith("v")) { // laid out as the weights are
                var named = a.duplicate();
                named.setName("p" + a.getName().substring(1));
                towards.removeIf(other -> other.getName().equals(named.getName()));
                towards.add(named);
            }
        });
        var weights = net.weights();
        var direction =
                trained(network, towards).weights().stream().map(NDArray::stopGradient).toList();
        return new Repeated(net.features(), problem) {
            @Override
            NDList of(NDArray x, NDArray y) {
                var result = new NDList();
                try (var _ = Engine.getInstance().newGradientCollector()) {
                    var w = weights.stream().map(Gradients::fresh).toList();
                    backward(net.loss(w, x, y), true);
                    NDArray along = null;
                    var gradients = new ArrayList<NDArray>();
                    for (int i = 0; i < w.size(); i++) {
                        if (w.get(i).hasGradient()) {
                            NDArray g = w.get(i).getGradient();
                            gradients.add(g.stopGradient().duplicate());
                            NDArray part = g.mul(direction.get(i)).sum();
                            along = along == null ? part : along.add(part);
                        }
                    }
                    backward(along, false);
                    for (var p : w) {
                        if (p.hasGradient()) { // the product has been added to the gradient
                            NDArray both = p.getGradient().stopGradient();
                            result.add(both.sub(gradients.get(result.size())));
                        }
                    }
                }
                return result;
            }
        };
    }

    /** The same memory, without the gradient that was left there by the step before. */
    private static NDArray fresh(NDArray weight) {
        if (!weight.hasGradient()) {
            return weight;
        }
        NDArray w = weight.stopGradient();
        w.setRequiresGradient(true);
        return w;
    }

    private static Networks.Trained trained(String network, NDList problem) {
        if (Networks.of(network, problem) instanceof Networks.Trained net) {
            return net;
        }
        throw new IllegalArgumentException("there is no network '" + network + "' to train");
    }

    private static void backward(NDArray scalar, boolean graph) {
        var one = (PtNDArray) scalar.getManager().ones(scalar.getShape());
        JniUtils.backward((PtNDArray) scalar, one, graph, graph);
    }
}
