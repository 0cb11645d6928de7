package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.shared;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.bench.workload.Training.Batch;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Loss;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Many nets of one form, each from first weights of its own, on the same batches: {@code vmap} of
 * the training step of one. A step is one of all nets; the value is the sum of their losses.
 *
 * @param flop of a step of all nets
 * @param model the first weights of one net
 */
record ManyNets(
        String name,
        String title,
        double flop,
        int nets,
        Function<Key, Layer> model,
        Loss loss,
        Recipe recipe,
        Function<Key, Batch> data)
        implements OneProgram {
    private record State(Layer model, Chain.State optimizer) {}

    private record Output(State state, Tensor loss) {}

    /** 64 nets 784-128-128-10. */
    static Workload wide(String name, String against) {
        Function<Key, Layer> model =
                key -> {
                    var k = key.split(3);
                    return Sequential.of(
                            Dense.of(784, 128, k[0]),
                            Activation.RELU,
                            Dense.of(128, 128, k[1]),
                            Activation.RELU,
                            Dense.of(128, Workloads.CLASSES, k[2]));
                };
        return new ManyNets(
                name,
                "64 nets 784-128-128-10, batch 64, Adam" + against,
                64 * 2.0 * 64 * (2 * 784 * 128 + 3 * 128 * 128 + 3 * 128 * Workloads.CLASSES),
                64,
                model,
                Losses::crossEntropy,
                Adam.of(Workloads.RATE),
                key -> Workloads.classified(key, 64, 784));
    }

    /** 1,024 nets 2-16-1. */
    static Workload tiny(String name, String against) {
        Function<Key, Layer> model =
                key -> {
                    var k = key.split(2);
                    return Sequential.of(
                            Dense.of(2, 16, k[0]), Activation.TANH, Dense.of(16, 1, k[1]));
                };
        return new ManyNets(
                name,
                "1,024 nets 2-16-1, tanh, batch 32, SGD" + against,
                1024 * 2.0 * 32 * (2 * 2 * 16 + 3 * 16),
                1024,
                model,
                Losses::mse,
                Sgd.of(1e-2),
                key -> {
                    var k = key.split(2);
                    return new Batch(k[0].normal(32, 2), k[1].normal(32, 1));
                });
    }

    @Override
    public int parts() {
        return nets;
    }

    @Override
    public Map<String, Tensor> problem() {
        var keys = Key.of(42).split(Training.BATCHES + 1);
        var each =
                Arrays.stream(keys[Training.BATCHES].split(nets))
                        .map(k -> Tree.flatten(model.apply(k)).tensors())
                        .toList();
        var arrays = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < each.getFirst().size(); i++) {
            int leaf = i;
            arrays.put(
                    "p" + i,
                    Shaping.stack(0, each.stream().map(n -> n.get(leaf)).toArray(Tensor[]::new)));
        }
        for (int i = 0; i < Training.BATCHES; i++) {
            var batch = data.apply(keys[i]);
            arrays.put("x" + i, batch.x());
            arrays.put("y" + i, batch.y());
        }
        return arrays;
    }

    /** The training step of one net. */
    private Output step(State state, Batch batch) {
        var r =
                valueAndGrad((Layer m) ->
                                loss.apply(m.apply(batch.x(), Pass.training(Key.of(0))), batch.y()))
                        .apply(state.model());
        var next = recipe.update(r.gradient(), state.optimizer(), state.model());
        return new Output(new State(next.params(), next.state()), r.value());
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        Layer first = Training.read(model, problem, "p");
        var batches =
                IntStream.range(0, Training.BATCHES)
                        .mapToObj(i -> new Batch(problem.get("x" + i), problem.get("y" + i)))
                        .toList();
        var step = jitDonating(vmap(this::step, axis(0), shared()));
        return new Compiled() {
            private State state = new State(first, vmap(recipe::init).apply(first));
            private Tensor losses = Tensor.scalar(0f);

            @Override
            public void step(long i) {
                var out = step.apply(state, batches.get((int) (i % Training.BATCHES)));
                state = out.state();
                losses = out.loss();
            }

            @Override
            public double value() {
                return losses.sum().item();
            }

            @Override
            public Profile profile(int runs) {
                return step.profile(state, batches.getFirst(), runs);
            }

            @Override
            public Program program() {
                return step.program(state, batches.getFirst());
            }
        };
    }
}
