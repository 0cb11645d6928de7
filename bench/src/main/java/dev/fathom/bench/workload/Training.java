package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGradAux;

import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Array;
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
import java.util.Map;
import java.util.function.Function;

/**
 * Training steps: forward, mean loss, backward and update, on eight batches in turn.
 *
 * @param flop of a step: forward, and backward to all weights and all inputs but the first
 * @param model the first weights
 * @param data features and labels of a batch
 */
record Training(
        String name,
        String title,
        double flop,
        Function<Key, Layer> model,
        Loss loss,
        Recipe recipe,
        Function<Key, Batch> data)
        implements Workload {
    static final int BATCHES = 8;

    /** Features and what belongs to them. */
    record Batch(Tensor x, Tensor y) {}

    private record State(Layer model, Chain.State optimizer) {}

    private record Input(State state, Batch batch) {}

    private record Output(State state, Tensor loss) {}

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

    private Output step(Input in) {
        var r =
                valueAndGradAux(
                                (Layer m) -> {
                                    var pass = Pass.training(Key.of(0));
                                    Tensor y = m.apply(in.batch().x(), pass);
                                    return new WithAux<>(
                                            loss.apply(y, in.batch().y()), pass.updated(m));
                                })
                        .apply(in.state().model());
        var next = recipe.update(r.gradient(), in.state().optimizer(), r.aux());
        return new Output(new State(next.params(), next.state()), r.value());
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var weights = new int[1];
        Layer first = Tree.mapLeaves(_ -> problem.get("p" + weights[0]++), model.apply(Key.of(0)));
        var batches = new Batch[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            batches[i] = new Batch(kept(problem.get("x" + i)), kept(problem.get("y" + i)));
        }
        var step = jitDonating(this::step);
        return new Compiled() {
            private State state = new State(first, recipe.init(first));
            private Tensor loss = Tensor.scalar(0f);

            @Override
            public void step(long i) {
                var out = step.apply(new Input(state, batches[(int) (i % BATCHES)]));
                state = out.state();
                loss = out.loss();
            }

            @Override
            public double value() {
                return loss.item();
            }

            @Override
            public Profile profile(int runs) {
                return step.profile(new Input(state, batches[0]), runs);
            }

            @Override
            public Program program() {
                return step.program(new Input(state, batches[0]));
            }
        };
    }

    /** A batch is read again and again, so no step may take over its memory. */
    static Tensor kept(Tensor t) {
        if (t instanceof Array a) {
            a.pin();
        }
        return t;
    }
}
