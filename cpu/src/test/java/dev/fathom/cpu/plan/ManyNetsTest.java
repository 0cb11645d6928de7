package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.shared;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;

/** {@code vmap} of a training step is the training step of each. */
class ManyNetsTest {
    record Net(Tensor w1, Tensor b1, Tensor w2) {}

    record State(Net net, Net mean) {}

    record Out(State state, Tensor loss) {}

    record In(State state, Tensor x) {}

    private static Net nets(DType type, int n, int in, int hidden, int out) {
        var k = Key.of(1).split(3);
        return new Net(
                k[0].normal(n, in, hidden).times(0.3).cast(type),
                k[1].normal(n, hidden).times(0.1).cast(type),
                k[2].normal(n, hidden, out).times(0.3).cast(type));
    }

    private static Out step(State s, Tensor x) {
        var r =
                valueAndGrad(
                                (Net m) -> {
                                    Tensor h = Functions.tanh(x.matmul(m.w1()).plus(m.b1()));
                                    return Functions.logSoftmax(h.matmul(m.w2()), -1)
                                            .square()
                                            .mean();
                                })
                        .apply(s.net());
        var mean = Tree.zip((m, g) -> m.times(0.9).plus(g), s.mean(), r.gradient());
        var net = Tree.zip((p, m) -> p.minus(m.times(0.1)), s.net(), mean);
        return new Out(new State(net, mean), r.value());
    }

    private static State state(Net net) {
        return new State(net, Tree.zerosLike(net));
    }

    private static Net one(Net all, int i) {
        return Tree.map(t -> t.slice(0, i, i + 1).squeeze(0), all);
    }

    /** Five steps of all nets, each taking the memory of the state before. */
    private static State trained(Net first, Tensor x) {
        var all = vmap(ManyNetsTest::step, axis(0), shared());
        var step = jitDonating((In in) -> all.apply(in.state(), in.x()));
        var s = state(Tree.map(t -> t.plus(0), first));
        for (int i = 0; i < 5; i++) {
            s = step.apply(new In(s, x.plus(0))).state();
        }
        return s;
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 192, 2, 16, 3, 32, map 3", // lanes
        "FLOAT64, 192, 2, 16, 3, 32, map 3",
        "FLOAT32, 100, 3, 24, 5, 32, map 4", // 25 nets: lanes that are no whole vectors
        "FLOAT32, 12, 64, 64, 10, 32, map 12", // one at a time
        "FLOAT32, 5, 64, 64, 64, 31, map 5"
    })
    void eachIsTrainedAsIfAlone(
            DType type, int n, int in, int hidden, int out, int batch, String loop) {
        var nets = nets(type, n, in, hidden, out);
        var x = Key.of(2).normal(batch, in).cast(type);
        var all = vmap(ManyNetsTest::step, axis(0), shared());
        var step = jit((In i) -> all.apply(i.state(), i.x()));
        assertThat(step.program(new In(state(nets), x)).describe()).contains(loop);
        var together = trained(nets, x);
        var single = jit((In i) -> step(i.state(), i.x()));
        for (int i = 0; i < n; i++) {
            var s = state(one(nets, i));
            for (int k = 0; k < 5; k++) {
                s = single.apply(new In(s, x)).state();
            }
            var leaves = Tree.leaves(s.net());
            for (int l = 0; l < leaves.size(); l++) {
                assertThat(Tree.leaves(one(together.net(), i)).get(l).toDoubles())
                        .as("net " + i + ", leaf " + l)
                        .containsExactly(leaves.get(l).toDoubles(), within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"192, 2, 16, 3", "12, 64, 64, 10"})
    void threadsDoNotChangeABit(int n, int in, int hidden, int out) {
        var results = new ArrayList<List<double[]>>();
        for (int threads : new int[] {1, 2, 3, 7}) {
            results.add(
                    Backends.with(
                            SimdBackend.withThreads(threads),
                            () ->
                                    Tree.leaves(
                                                    trained(
                                                            nets(DType.FLOAT32, n, in, hidden, out),
                                                            Key.of(2).normal(32, in)))
                                            .stream()
                                            .map(Tensor::toDoubles)
                                            .toList()));
        }
        for (var r : results) {
            for (int l = 0; l < r.size(); l++) {
                assertThat(r.get(l)).containsExactly(results.getFirst().get(l));
            }
        }
    }

    @Test
    void aDonatedStateIsUpdatedInPlace() {
        var nets = nets(DType.FLOAT32, 192, 2, 16, 3);
        var all = vmap(ManyNetsTest::step, axis(0), shared());
        var step = jit((In i) -> all.apply(i.state(), i.x()));
        var counts = step.program(new In(state(nets), Key.of(2).normal(32, 2))).counts();
        assertThat(counts).containsEntry("outputBytesWhenDonated", 192L * Float.BYTES); // the loss
    }
}
