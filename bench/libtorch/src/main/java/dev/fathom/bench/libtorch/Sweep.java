package dev.fathom.bench.libtorch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

import dev.fathom.bench.measure.Steps;

import java.util.List;

/** Networks of all widths and seeds, trained one after another: DJL has no vmap. */
final class Sweep implements Steps {
    private static final float RATE = 0.02f;

    private final NDList problem;
    private double loss;

    Sweep(NDList problem) {
        this.problem = problem;
    }

    @Override
    public void step(long i) {
        double sum = 0;
        int nets = 0;
        for (int k = 0; problem.get("v" + k) != null; k++) {
            int seeds = (int) problem.get("v" + k).getShape().get(0);
            for (int s = 0; s < seeds; s++) {
                sum += train(problem.get("v" + k).get(s), problem.get("w" + k).get(s));
                nets++;
            }
        }
        loss = sum / nets;
    }

    private double train(NDArray first, NDArray second) {
        var x = problem.get("x");
        var y = problem.get("y");
        long batches = x.getShape().get(0);
        int steps = problem.get("steps").toIntArray()[0];
        try (var _ = new NDScope()) {
            var m = first.getManager();
            var weights =
                    List.of(
                            first.duplicate(),
                            m.zeros(new Shape(first.getShape().get(1))),
                            second.duplicate(),
                            m.zeros(new Shape(second.getShape().get(1))));
            weights.forEach(w -> w.setRequiresGradient(true));
            var sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(RATE)).build();
            for (int i = 0; i < steps; i++) {
                step(weights, x.get(i % batches), y.get(i % batches), sgd);
            }
            return loss(weights, x.get(0), y.get(0)).getFloat();
        }
    }

    private static void step(List<NDArray> weights, NDArray x, NDArray y, Optimizer sgd) {
        try (var _ = new NDScope()) {
            try (var collector = Engine.getInstance().newGradientCollector()) {
                collector.backward(loss(weights, x, y));
            }
            for (int w = 0; w < weights.size(); w++) {
                sgd.update("p" + w, weights.get(w), weights.get(w).getGradient());
            }
        }
    }

    private static NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
        NDArray h = Activation.relu(x.matMul(w.get(0)).add(w.get(1)));
        return Networks.crossEntropy(h.matMul(w.get(2)).add(w.get(3)), y);
    }

    @Override
    public double value() {
        return loss;
    }
}
