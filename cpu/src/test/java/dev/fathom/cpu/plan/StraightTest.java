package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.cpu.simd.Weaver;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Straight code gives the bits of the instructions that it was made of. */
class StraightTest {
    record Net(Tensor w, Tensor b, Tensor v, Tensor c) {}

    record State(Net net, Tensor steps, Tensor loss) {}

    record Input(State state, Tensor x, Tensor y) {}

    private static Input input(int batch, int in, int hidden, int out) {
        var k = Key.of(5).split(4);
        return new Input(
                new State(
                        new Net(
                                k[0].normal(in, hidden),
                                Tensor.zeros(hidden).plus(0.1),
                                k[1].normal(hidden, out),
                                Tensor.zeros(out)),
                        Tensor.of(new int[] {3}),
                        Tensor.scalar(0f)),
                k[2].normal(batch, in),
                k[3].normal(batch, out));
    }

    private static State step(Input in, Function<Tensor, Tensor> activation) {
        var r =
                valueAndGrad(
                                (Net n) -> {
                                    Tensor h = activation.apply(in.x().matmul(n.w()).plus(n.b()));
                                    Tensor y = h.matmul(n.v()).plus(n.c()); // (batch, out)
                                    return Functions.logSoftmax(y, -1)
                                            .minus(in.y())
                                            .square()
                                            .mean();
                                })
                        .apply(in.state().net());
        var next = Tree.zip((p, d) -> p.minus(d.times(0.1)), in.state().net(), r.gradient());
        return new State(next, in.state().steps().plus(1), r.value());
    }

    private static List<Object> oneByOne(Plan plan, List<Tensor> inputs) {
        return Plans.run(
                plan, inputs, Workers.of(1), f -> plan.instructions().forEach(i -> i.run(f)));
    }

    private static List<Object> straight(Plan plan, List<Tensor> inputs) {
        var code = Objects.requireNonNull(plan.straight()).script().code();
        return Plans.run(plan, inputs, Workers.of(1), f -> code.run(f.arrays, f.offsets, f.others));
    }

    private static Graph graph(Input in, Function<Tensor, Tensor> activation) {
        return jit((Input i) -> step(i, activation)).graph(in);
    }

    @ParameterizedTest
    @CsvSource({
        "32, 2, 16, 1",
        "32, 2, 16, 3",
        "7, 3, 5, 2",
        "1, 1, 1, 1",
        "33, 4, 20, 17",
        "50, 40, 30, 1"
    })
    void aTrainingStepHasTheSameBits(int batch, int in, int hidden, int out) {
        var input = input(batch, in, hidden, out);
        List<Function<Tensor, Tensor>> activations =
                List.of(Tensor::tanh, Functions::relu, h -> Functions.sigmoid(h).times(h));
        for (var activation : activations) {
            var plan = Planner.plan(graph(input, activation));
            var leaves = Tree.leaves(input);
            assertSame(plan, leaves, "a step");
        }
    }

    private static void assertSame(Plan plan, List<Tensor> inputs, String what) {
        var expected = oneByOne(plan, inputs).toArray();
        assertThat(Arrays.deepEquals(straight(plan, inputs).toArray(), expected)).as(what).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomProgramsHaveTheSameBits(long block) {
        int straight = 0;
        for (long seed = block * 1000; seed < block * 1000 + 30; seed++) {
            var program = new RandomProgram(seed, 30);
            var inputs = program.inputs().stream().map(t -> t.cast(DType.FLOAT32)).toList();
            Function<List<Tensor>, List<Tensor>> f = program::run;
            var plan = Planner.plan(jit(f).graph(inputs));
            if (plan.straight() != null) {
                assertSame(plan, inputs, "seed " + seed);
                straight++;
            }
        }
        assertThat(straight).isGreaterThan(10);
    }

    /** Runs of the plan ask for the code, and it takes over when it is compiled. */
    @Test
    void itIsUsedWhenItIsReady() {
        var input = input(32, 2, 16, 1);
        var leaves = Tree.leaves(input);
        var plan = Planner.plan(graph(input, Tensor::tanh));
        var expected = oneByOne(plan, leaves).toArray();
        var straight = Objects.requireNonNull(plan.straight());
        var ready = new boolean[1];
        for (int i = 0; i < 300; i++) {
            var results = Plans.run(plan, leaves, Workers.of(1), plan::run);
            assertThat(Arrays.deepEquals(results.toArray(), expected)).isTrue();
            if (i == 200) {
                Weaver.settle();
                Plans.run(plan, leaves, Workers.of(1), f -> ready[0] = straight.run(f));
                assertThat(ready[0]).isTrue();
            }
        }
    }

    @Test
    void whatIsLargeStaysAsItIs() {
        Function<Tensor, Tensor> f = x -> x.plus(1).tanh().times(x).sum(0);
        assertThat(Planner.plan(jit(f).graph(Tensor.zeros(8, 64))).straight()).isNotNull();
        assertThat(Planner.plan(jit(f).graph(Tensor.zeros(80, 64))).straight()).isNull();
        Function<Tensor, Tensor> often = x -> x.tanh().plus(x.sum(0));
        Function<Tensor, Tensor> long200 =
                x -> {
                    for (int i = 0; i < 200; i++) {
                        x = often.apply(x);
                    }
                    return x;
                };
        assertThat(Planner.plan(jit(long200).graph(Tensor.zeros(8))).straight()).isNull();
        Function<Tensor, Tensor> single = Tensor::tanh;
        assertThat(Planner.plan(jit(single).graph(Tensor.zeros(8))).straight()).isNull();
    }

    /** Sums of many pairs of arrays: more than one method can have as parameters. */
    @Test
    void manyArraysAreSeveralLoops() {
        Function<List<Tensor>, List<Tensor>> f =
                l ->
                        IntStream.range(0, 60)
                                .mapToObj(i -> l.get(2 * i).plus(l.get(2 * i + 1)))
                                .toList();
        var inputs = Arrays.stream(Key.of(5).split(120)).map(k -> k.normal(16)).toList();
        assertSame(Planner.plan(jit(f).graph(inputs)), inputs, "sums");
    }

    /** A product, a chain, a total: what it is written down as, and what is left alone. */
    @Test
    void theScriptNamesWhatItDoes() {
        Function<List<Tensor>, Tensor> f =
                l -> Functions.cumSum(l.get(0).matmul(l.get(1)).plus(1).log(), 0).sum();
        var inputs = List.of(Tensor.zeros(4, 2), Tensor.zeros(2, 16));
        var plan = Planner.plan(jit(f).graph(inputs));
        assertThat(Objects.requireNonNull(plan.straight()).script().statements())
                .extracting(s -> s.getClass().getSimpleName())
                .containsExactly("Product", "Loop", "Call", "Other", "Other");
    }
}
