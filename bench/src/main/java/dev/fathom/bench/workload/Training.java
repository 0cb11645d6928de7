package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGradAux;

import dev.fathom.bench.measure.Unit;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.transform.Chain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * Training steps: forward, mean loss, backward and update, on eight batches in turn.
 *
 * @param flop of a step: forward, and backward to all weights and all inputs but the first
 * @param model the first weights
 * @param data features and labels of a batch
 * @param tolerance see {@link Workload#tolerance}
 */
record Training(
        String name,
        String title,
        double flop,
        Function<Key, Layer> model,
        Loss loss,
        Recipe recipe,
        Function<Key, Batch> data,
        double tolerance)
        implements OneProgram {
    static final int BATCHES = 8;

    Training(
            String name,
            String title,
            double flop,
            Function<Key, Layer> model,
            Loss loss,
            Recipe recipe,
            Function<Key, Batch> data) {
        this(name, title, flop, model, loss, recipe, data, 1e-3);
    }

    /** Features and what belongs to them. */
    record Batch(Tensor x, Tensor y) {}

    private record State(Layer model, Chain.State optimizer) {}

    private record Output(State state, Tensor loss) {}

    @Override
    public Unit unit() {
        Tensor y = data.apply(Key.of(0)).y();
        return y.rank() == 2 && y.dtype() == DType.INT32
                ? Unit.rate("tokens/s", y.shape().length())
                : Unit.rate("steps/s", 1);
    }

    @Override
    public Map<String, Tensor> problem() {
        var keys = Key.of(42).split(BATCHES + 1);
        var arrays = new LinkedHashMap<String, Tensor>();
        for (var leaf : Tree.flatten(model.apply(keys[BATCHES])).leaves()) {
            arrays.put("p" + arrays.size(), leaf.tensor());
        }
        for (int i = 0; i < BATCHES; i++) {
            var batch = data.apply(keys[i]);
            arrays.put("x" + i, batch.x());
            arrays.put("y" + i, batch.y());
        }
        return arrays;
    }

    private Output step(State state, Batch batch) {
        var r =
                valueAndGradAux(
                                (Layer m) -> {
                                    var pass = Pass.training(Key.of(0));
                                    Tensor y = m.apply(batch.x(), pass);
                                    return new WithAux<>(loss.apply(y, batch.y()), pass.updated(m));
                                })
                        .apply(state.model());
        var next = recipe.update(r.gradient(), state.optimizer(), r.aux());
        return new Output(new State(next.params(), next.state()), r.value());
    }

    /** The network with the weights of a problem. */
    Layer model(Map<String, Tensor> problem) {
        return read(model, problem, "p");
    }

    /**
     * A network with the arrays of a problem that have this name, with numbers, in place of its
     * weights. It is made inside a recording, so that it draws no others first.
     */
    static Layer read(Function<Key, Layer> model, Map<String, Tensor> problem, String name) {
        var read = new AtomicReference<Layer>();
        Recorder.record(
                List.of(),
                _ -> {
                    var i = new int[1];
                    read.set(
                            Tree.mapLeaves(
                                    _ -> problem.get(name + i[0]++), model.apply(Key.of(0))));
                    return List.of();
                });
        return read.get();
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var batches = new Batch[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            batches[i] = new Batch(problem.get("x" + i), problem.get("y" + i));
        }
        return steps(problem, i -> batches[(int) (i % BATCHES)]);
    }

    /** Steps on the batches that {@code source} gives, step by step. */
    Compiled steps(Map<String, Tensor> problem, LongFunction<Batch> source) {
        Layer first = model(problem);
        var step = jitDonating(this::step);
        return new Compiled() {
            private State state = new State(first, recipe.init(first));
            private Tensor loss = Tensor.scalar(0f);

            @Override
            public void step(long i) {
                var out = step.apply(state, source.apply(i));
                state = out.state();
                loss = out.loss();
            }

            @Override
            public double value() {
                return loss.item();
            }

            @Override
            public Profile profile(int runs) {
                return step.profile(state, source.apply(0), runs);
            }

            @Override
            public Program program() {
                return step.program(state, source.apply(0));
            }
        };
    }
}
