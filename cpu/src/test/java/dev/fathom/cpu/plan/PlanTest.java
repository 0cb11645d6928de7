package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.EscapedTensorException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.cpu.reference.ReferenceBackend;
import dev.fathom.cpu.simd.Gather;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

class PlanTest {
    record Net(Tensor kernel, Tensor weight, Tensor bias) {}

    record State(Net net, Net momentum, Tensor step) {}

    record Stepped(State state, Tensor loss) {}

    private static Net net() {
        var keys = Key.of(3).split(2);
        return new Net(
                keys[0].normal(3, 3, 1, 4).times(0.4),
                keys[1].normal(36, 5).times(0.2),
                Tensor.zeros(5));
    }

    private static Tensor images() {
        return Key.of(4).normal(16, 6, 6, 1);
    }

    private static Tensor loss(Net m, Tensor x) {
        Tensor h =
                Functions.relu(
                        Convolutions.conv(
                                x, m.kernel(), Convolutions.Padding.SAME)); // (16, 6, 6, 4)
        Tensor p = Convolutions.maxPool(h, 2, 2, Convolutions.Padding.VALID).flatten(1); // (16, 36)
        return Functions.logSoftmax(p.matmul(m.weight()).plus(m.bias()), -1).square().mean();
    }

    private static Stepped step(State s, Tensor x) {
        var r = valueAndGrad((Net m) -> loss(m, x)).apply(s.net());
        var momentum = Tree.zip((m, g) -> m.times(0.9).plus(g), s.momentum(), r.gradient());
        var net = Tree.zip((p, m) -> p.minus(m.times(0.01)), s.net(), momentum);
        return new Stepped(new State(net, momentum, s.step().plus(1)), r.value());
    }

    private static State state() {
        return new State(net(), Tree.zerosLike(net()), Tensor.scalar(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void plansOfRandomProgramsComputeWhatTheReferenceComputes(long block) {
        var reference = new ReferenceBackend();
        for (long seed = block * 1000; seed < block * 1000 + 40; seed++) {
            var program = new RandomProgram(seed, 30);
            var inputs = program.inputs();
            var expected = Backends.with(reference, () -> program.run(inputs));
            Function<List<Tensor>, List<Tensor>> f = program::run;
            var eager = f.apply(inputs);
            var planned = jit(f).apply(inputs);
            for (int i = 0; i < expected.size(); i++) {
                var what = "seed " + seed + " output " + i;
                assertThat(planned.get(i).type()).as(what).isEqualTo(expected.get(i).type());
                assertThat(eager.get(i).toDoubles())
                        .as(what)
                        .containsExactly(expected.get(i).toDoubles(), within(1e-6));
                assertThat(planned.get(i).toDoubles())
                        .as(what)
                        .containsExactly(expected.get(i).toDoubles(), within(1e-6));
            }
        }
    }

    @Test
    void threadsDoNotChangeABit() {
        var x = images();
        var results =
                List.of(1, 2, 3, 7).stream()
                        .map(n ->
                                Backends.with(
                                        SimdBackend.withThreads(n),
                                        () -> {
                                            var f = jit((State s) -> step(s, x));
                                            var s = state();
                                            for (int i = 0; i < 5; i++) {
                                                s = f.apply(s).state();
                                            }
                                            return Tree.leaves(s.net());
                                        }))
                        .toList();
        for (var leaves : results) {
            for (int i = 0; i < leaves.size(); i++) {
                assertThat(leaves.get(i).toFloats())
                        .containsExactly(results.getFirst().get(i).toFloats());
            }
        }
    }

    @Test
    void aStepThatReplacesItsStateAllocatesOnlyItsLoss() {
        var x = images();
        var counts = jit((State s) -> step(s, x)).program(state()).counts();
        assertThat(counts.get("outputBytesWhenDonated")).isEqualTo(4);
        assertThat(counts.get("outputBytes"))
                .isEqualTo(2L * 4 * (3 * 3 * 4 + 36 * 5 + 5) + 4 + 4); // net, momentum, step, loss
    }

    @Test
    void theProgramOfATrainingStepIsRecordedOnce() {
        var x = images();
        var f = jitDonating((State s) -> step(s, x));
        var s = state();
        double first = 0;
        double last = 0;
        for (int i = 0; i < 30; i++) {
            var r = f.apply(s);
            s = r.state();
            last = r.loss().item();
            first = i == 0 ? last : first;
        }
        assertThat(f.traces()).isEqualTo(1);
        assertThat(last).isLessThan(first);
        assertThat(s.step().item()).isEqualTo(30);
    }

    @Test
    void donatedStepsComputeTheSameBits() {
        var x = images();
        var plain = jit((State s) -> step(s, x));
        var donating = jitDonating((State s) -> step(s, x));
        var a = state();
        var b = state();
        for (int i = 0; i < 4; i++) {
            a = plain.apply(a).state();
            b = donating.apply(b).state();
        }
        for (int i = 0; i < Tree.leaves(a).size() - 1; i++) {
            assertThat(Tree.leaves(b).get(i).toFloats())
                    .containsExactly(Tree.leaves(a).get(i).toFloats());
        }
    }

    @Test
    void aDonatedTensorSaysSoWhenItIsUsed() {
        var x = Tensor.of(new float[] {1, 2, 3});
        var y = jitDonating((Tensor t) -> t.times(2)).apply(x);
        assertThat(y.toFloats()).containsExactly(2, 4, 6);
        assertThatThrownBy(x::toFloats)
                .isInstanceOf(EscapedTensorException.class)
                .hasMessageContaining("donated");
    }

    @Test
    void aTensorDonatedInTwoPlacesIsOverwrittenInNeither() {
        var x = Tensor.of(new float[] {1, 2, 3});
        var r =
                jitDonating((List<Tensor> l) -> List.of(l.get(0).plus(1), l.get(1).times(10)))
                        .apply(List.of(x, x));
        assertThat(r.get(0).toFloats()).containsExactly(2, 3, 4);
        assertThat(r.get(1).toFloats()).containsExactly(10, 20, 30);
    }

    @Test
    void swappedDonatedInputsAreHandedOver() {
        var a = Tensor.of(new float[] {1, 2});
        var b = Tensor.of(new float[] {3, 4});
        var r = jitDonating((List<Tensor> l) -> List.of(l.get(1), l.get(0))).apply(List.of(a, b));
        assertThat(r.get(0).toFloats()).containsExactly(3, 4);
        assertThat(r.get(1).toFloats()).containsExactly(1, 2);
    }

    @Test
    void elementwiseNeighboursBecomeOneRegion() {
        Function<Tensor, Tensor> f =
                x -> x.times(2).plus(1).tanh().times(Functions.sigmoid(x)).plus(Functions.relu(x));
        var counts = jit(f).program(Tensor.zeros(1000)).counts();
        assertThat(counts).containsEntry("instructions", 1L).containsEntry("regions", 1L);
        assertThat(counts).containsEntry("temporaryBytes", 0L);
    }

    private static List<Tensor> moments(Tensor x) { // (.., c)
        int n = (int) (x.size() / x.dim(-1));
        Tensor flat = x.reshape(n, x.dim(-1)).times(1.5); // (n, c)
        Tensor mean = flat.sum(0).dividedBy(n); // (c)
        Tensor centred = flat.minus(mean);
        return List.of(
                mean, centred.square().sum(0), centred.sum(0), flat.exp().sum(1), flat.sum());
    }

    @ParameterizedTest
    @CsvSource({"1, 7", "5, 3", "300, 32", "4000, 10", "70, 512", "9000, 1"})
    void reductionsOfRegionsComputeWhatTheReferenceComputes(int rows, int columns) {
        var x = Key.of(rows).normal(rows, columns).cast(DType.FLOAT64);
        Function<Tensor, List<Tensor>> f = PlanTest::moments;
        var expected = Backends.with(new ReferenceBackend(), () -> f.apply(x));
        var planned = jit(f).apply(x);
        for (int i = 0; i < expected.size(); i++) {
            var y = planned.get(i).toDoubles();
            var z = expected.get(i).toDoubles();
            assertThat(y).hasSameSizeAs(z);
            for (int j = 0; j < z.length; j++) {
                assertThat(y[j]).isCloseTo(z[j], within(1e-10 * (1 + Math.abs(z[j]))));
            }
        }
    }

    @Test
    void reductionsRunInTheRegionsOfTheirOperands() {
        var counts = jit(PlanTest::moments).program(Key.of(1).normal(4096, 32)).counts();
        // (n, c): times, exp and three sums; (c): the mean; (n, c): centred and its square's sum;
        // the sum of what is centred follows from the others
        assertThat(counts).containsEntry("regions", 3L).containsEntry("instructions", 3L);
    }

    /** The program takes maxima before bias and relu; what is called one by one does not. */
    @Test
    void poolingFirstChangesNeitherTheValueNorTheGradients() {
        var x = images();
        Function<Net, Tensor> f =
                m -> {
                    Tensor h =
                            Convolutions.conv(x, m.kernel(), Convolutions.Padding.SAME)
                                    .plus(m.bias());
                    return Convolutions.maxPool(Functions.relu(h), 3, 2, Convolutions.Padding.SAME)
                            .square()
                            .sum();
                };
        var net =
                new Net(
                        net().kernel(),
                        Tensor.zeros(1),
                        Tensor.of(new float[] {0.5f, -1f, 0f, 0.25f}, 4));
        assertThat(jit(f).apply(net).item()).isEqualTo(f.apply(net).item());
        var planned = jit(grad(f)).apply(net);
        var plain = grad(f).apply(net);
        assertThat(planned.kernel().toFloats())
                .containsExactly(plain.kernel().toFloats(), within(1e-2f));
        assertThat(planned.bias().toFloats())
                .containsExactly(plain.bias().toFloats(), within(1e-2f));
    }

    @Test
    void temporaryMemoryIsReused() {
        // ten products in a row need room for two intermediate matrices, not nine
        Function<Tensor, Tensor> f =
                x -> {
                    for (int i = 0; i < 10; i++) {
                        x = x.matmul(x);
                    }
                    return x;
                };
        var counts = jit(f).program(Tensor.zeros(8, 8)).counts();
        assertThat(counts).containsEntry("temporaryBytes", 2L * 8 * 8 * 4);
    }

    @Test
    void scanBindsSlicesWithoutCopies() {
        var xs = Key.of(9).normal(7, 3);
        Function<Tensor, Loops.Carried<Tensor, Tensor>> f =
                t ->
                        Loops.scan(
                                (Tensor s, Tensor x) -> {
                                    Tensor next = s.times(0.5).plus(x);
                                    return new Loops.Carried<>(next, next.square());
                                },
                                Tensor.zeros(3),
                                t);
        var eager = f.apply(xs);
        var planned = jit(f).apply(xs);
        assertThat(planned.carry().toFloats()).containsExactly(eager.carry().toFloats());
        assertThat(planned.outputs().toFloats()).containsExactly(eager.outputs().toFloats());
        double expected = 0;
        for (int i = 0; i < 7; i++) {
            expected = expected * 0.5 + xs.get(i).toFloats()[1];
        }
        assertThat(planned.carry().toFloats()[1]).isCloseTo((float) expected, within(1e-6f));
    }

    @Test
    void indicesAreCheckedInPlannedProgramsToo() {
        var f = jit((Tensor i) -> Shaping.take(Tensor.of(new float[] {1, 2, 3}), i, 0));
        assertThat(f.apply(Tensor.of(new int[] {2, 0})).toFloats()).containsExactly(3, 1);
        assertThatThrownBy(() -> f.apply(Tensor.of(new int[] {0, 3})))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("index 3 at position 1 is outside an axis of size 3");
    }

    @Test
    void onlyPositionsInTheDataAreTheUsersFault() {
        assertThatThrownBy(() ->
                        LowerIndexing.checked("gather", () -> Gather.check(new int[] {3}, 0, 1, 3)))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith(
                        "gather: index 3 at position 0 is outside an axis of size 3");
        assertThatThrownBy(() -> LowerIndexing.checked("gather", () -> Objects.checkIndex(3, 3)))
                .isExactlyInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aTensorThatAProgramReadsAsAConstantIsNeverOverwritten() {
        var c = Tensor.of(new float[] {1, 2, 3, 4});
        var plus = jit((Tensor x) -> x.plus(c));
        assertThat(plus.apply(Tensor.zeros(4)).toFloats()).containsExactly(1, 2, 3, 4);
        jitDonating((Tensor x) -> x.times(100)).apply(c);
        assertThat(plus.apply(Tensor.zeros(4)).toFloats()).containsExactly(1, 2, 3, 4);
        var both = jitDonating((Tensor x) -> x.plus(c));
        both.apply(Tensor.zeros(4));
        assertThat(both.apply(c).toFloats()).containsExactly(2, 4, 6, 8);
        assertThat(both.apply(Tensor.ones(4)).toFloats()).containsExactly(2, 3, 4, 5);
    }

    @Test
    void tensorsWithoutElementsGoThroughEveryKindOfInstruction() {
        Tensor none = Tensor.zeros(0, 3);
        assertThat(jit((Tensor x) -> Functions.softmax(x, 1)).apply(none).shape())
                .isEqualTo(none.shape());
        assertThat(jit(grad((Tensor x) -> Functions.softmax(x, 1).sum())).apply(none).shape())
                .isEqualTo(none.shape());
        assertThat(
                        jit((Tensor x) -> Functions.cumSum(x.times(2), 0).sort(1).sum(0))
                                .apply(none)
                                .toFloats())
                .containsExactly(0, 0, 0);
        assertThat(
                        jit((Tensor x) ->
                                        Shaping.scatterAdd(
                                                Tensor.of(new float[] {1, 2, 3}),
                                                Tensor.of(new int[0]),
                                                x.times(3)))
                                .apply(Tensor.zeros(0))
                                .toFloats())
                .containsExactly(1, 2, 3);
        assertThat(
                        jit((Tensor x) -> x.plus(1).matmul(x.transpose()))
                                .apply(Tensor.zeros(3, 0))
                                .toFloats())
                .containsExactly(new float[9]);
    }

    @Test
    void longSumsDoNotDependOnThreads() {
        var x = Key.of(5).normal(1_000_003);
        var sums =
                List.of(1, 2, 3).stream()
                        .map(n -> Backends.with(SimdBackend.withThreads(n), () -> x.sum().item()))
                        .toList();
        assertThat(sums).containsOnly(sums.getFirst());
        double exact = 0;
        for (double v : x.toDoubles()) {
            exact += v;
        }
        assertThat(sums.getFirst()).isCloseTo(exact, within(0.05));
    }
}
