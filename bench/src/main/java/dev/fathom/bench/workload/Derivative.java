package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.bench.workload.Training.Batch;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.PerSample;
import dev.fathom.core.transform.Profile;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Derivatives of a fixed network that are more than one gradient, on eight batches in turn. Its
 * value is the root of the mean square of all that a step gives.
 *
 * @param direction a tree like the model for Hessian-vector products, v0, v1, ..; the model itself
 *     where none is needed
 * @param what of model, direction and batch
 */
record Derivative(
        String name,
        String title,
        double flop,
        Function<Key, Layer> model,
        boolean direction,
        Function<Key, Batch> data,
        What what)
        implements OneProgram {
    private static final int BATCHES = 8;

    /** What norms are clipped to: about half of the samples are. */
    static final double BOUND = 40;

    private static final BiFunction<Layer, Batch, Tensor> LOSS =
            (m, b) -> Losses.crossEntropy(m.apply(b.x(), Pass.training(Key.of(0))), b.y());

    /** What a step computes. */
    interface What {
        Object of(Layer model, Layer direction, Batch batch);
    }

    private record Input(Layer model, Layer direction, Batch batch) {}

    static What gradients() {
        var f = PerSample.gradients(LOSS);
        return (m, _, b) -> f.apply(m, b);
    }

    static What clipped() {
        var f = PerSample.clippedSum(LOSS, BOUND);
        return (m, _, b) -> f.apply(m, b);
    }

    static What curvature() {
        return (m, v, b) -> hvp((Layer l) -> LOSS.apply(l, b), m, v);
    }

    static What kernel() {
        var f = PerSample.tangentKernel((Layer m, Tensor x) -> m.apply(x, Pass.eval()).squeeze(1));
        return (m, _, b) -> f.apply(m, b.x());
    }

    @Override
    public Map<String, Tensor> problem() {
        var keys = Key.of(42).split(BATCHES + 2);
        var arrays = new LinkedHashMap<String, Tensor>();
        put(arrays, "p", model.apply(keys[BATCHES]));
        if (direction) {
            put(arrays, "v", model.apply(keys[BATCHES + 1]));
        }
        for (int i = 0; i < BATCHES; i++) {
            var batch = data.apply(keys[i]);
            arrays.put("x" + i, batch.x());
            arrays.put("y" + i, batch.y());
        }
        return arrays;
    }

    private static void put(Map<String, Tensor> arrays, String name, Layer tree) {
        int i = 0;
        for (var leaf : Tree.flatten(tree).leaves()) {
            arrays.put(name + i++, leaf.tensor());
        }
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var weights = Training.read(model, problem, "p");
        var towards = direction ? Training.read(model, problem, "v") : weights;
        var inputs = new Input[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            var batch = new Batch(problem.get("x" + i), problem.get("y" + i));
            inputs[i] = new Input(weights, towards, batch);
        }
        var step = jit((Input in) -> what.of(in.model(), in.direction(), in.batch()));
        return new Compiled() {
            private Object result = inputs[0];

            @Override
            public boolean remembers() {
                return false;
            }

            @Override
            public void step(long i) {
                result = step.apply(inputs[(int) (i % BATCHES)]);
            }

            @Override
            public double value() {
                double sum = 0;
                long n = 0;
                for (var leaf : Tree.flatten(result).leaves()) {
                    if (leaf.trained()) {
                        sum += leaf.tensor().square().sum().item();
                        n += leaf.tensor().size();
                    }
                }
                return Math.sqrt(sum / n);
            }

            @Override
            public Profile profile(int runs) {
                return step.profile(inputs[0], runs);
            }

            @Override
            public Program program() {
                return step.program(inputs[0]);
            }
        };
    }
}
