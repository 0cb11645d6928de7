package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Unit;
import dev.fathom.bench.workload.Training.Batch;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.optim.transform.Chain;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Many training steps as one program: weights and batches stay where they are, and nothing returns
 * to the caller in between. The same steps as those of {@code of}, one after another.
 *
 * @param rounds over the eight batches
 */
record TinyLoop(String name, Training of, int rounds) implements OneProgram {
    private record State(Layer model, Chain.State optimizer, Tensor loss) {}

    @Override
    public String title() {
        return of.title() + ", " + steps() + " steps in one call";
    }

    @Override
    public double flop() {
        return steps() * of.flop();
    }

    private int steps() {
        return rounds * Training.BATCHES;
    }

    @Override
    public Unit unit() {
        return Unit.rate("steps/s", steps());
    }

    @Override
    public String protocol(String asked) {
        return asked + Protocol.LONG;
    }

    @Override
    public Map<String, Tensor> problem() {
        return of.problem();
    }

    private static Tensor stacked(Map<String, Tensor> problem, String name) {
        var each = new Tensor[Training.BATCHES];
        Arrays.setAll(each, i -> problem.get(name + i));
        return Shaping.stack(0, each);
    }

    private State step(State s, Batch batch) {
        var r =
                valueAndGrad((Layer m) ->
                                of.loss().apply(m.apply(batch.x(), Pass.eval()), batch.y()))
                        .apply(s.model());
        var next = of.recipe().update(r.gradient(), s.optimizer(), s.model());
        return new State(next.params(), next.state(), r.value());
    }

    private State run(State first, Batch batches) {
        Function<State, State> round =
                state ->
                        Loops.scan(
                                        (State s, Batch b) ->
                                                new Carried<>(step(s, b), List.<Tensor>of()),
                                        state,
                                        batches)
                                .carry();
        return Loops.repeat(round, first, rounds);
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        Layer first = of.model(problem);
        var batches = new Batch(stacked(problem, "x"), stacked(problem, "y"));
        var loop = jitDonating(this::run);
        return new Compiled() {
            private State state = new State(first, of.recipe().init(first), Tensor.scalar(0f));

            @Override
            public void step(long i) {
                state = loop.apply(state, batches);
            }

            @Override
            public double value() {
                return state.loss().item();
            }

            @Override
            public Profile profile(int runs) {
                return loop.profile(state, batches, runs);
            }

            @Override
            public Program program() {
                return loop.program(state, batches);
            }
        };
    }
}
