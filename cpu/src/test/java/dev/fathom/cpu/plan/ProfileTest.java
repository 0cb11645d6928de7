package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;

import dev.fathom.core.error.Layers;
import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.spi.Program.Cost;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;
import dev.fathom.core.transform.Profile;
import dev.fathom.cpu.reference.ReferenceBackend;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

class ProfileTest {
    private record Operands(Tensor a, Tensor b) {}

    private static Cost cost(Profile p, String start) {
        return p.costs().stream()
                .filter(c -> c.name().startsWith(start))
                .findFirst()
                .orElseThrow(() -> new AssertionError(start + " is not in " + p));
    }

    @Test
    void aProductCountsTwoOperationsPerTermAndTheBytesOfItsThreeMatrices() {
        Jitted<Operands, Tensor> f = jit((Operands o) -> o.a().matmul(o.b()));
        var p = f.profile(new Operands(Tensor.ones(3, 5), Tensor.ones(5, 7)), 4);
        var dot = cost(p, "dot");
        assertThat(p.runs()).isEqualTo(2); // without the fastest and the slowest
        assertThat(dot.calls()).isEqualTo(2);
        assertThat(dot.flop()).isEqualTo(2 * 2 * 3 * 5 * 7);
        assertThat(dot.bytes()).isEqualTo(2 * 4 * (3 * 5 + 5 * 7 + 3 * 7));
        assertThat(dot.nanos()).isPositive();
        assertThat(p.flop()).isEqualTo(2 * 3 * 5 * 7);
    }

    @Test
    void aConvolutionAndAFusedRegionAreCounted() {
        Jitted<Operands, Tensor> f =
                jit((Operands o) ->
                        Convolutions.conv(o.a(), o.b(), Convolutions.Padding.SAME)
                                .times(3)
                                .plus(1));
        var p = f.profile(new Operands(Tensor.ones(2, 8, 8, 3), Tensor.ones(3, 3, 3, 5)), 1);
        assertThat(cost(p, "conv").flop()).isEqualTo(2L * (2 * 8 * 8 * 5) * (3 * 3 * 3));
        assertThat(cost(p, "fused").flop()).isEqualTo(2L * (2 * 8 * 8 * 5));
    }

    @Test
    void theBodyOfALoopIsListedUnderIt() {
        Jitted<Operands, Tensor> f =
                jit((Operands o) -> Loops.repeat((Tensor x) -> x.matmul(o.b()), o.a(), 6));
        var p = f.profile(new Operands(Tensor.ones(4, 4), Tensor.ones(4, 4)), 2);
        var loop = p.costs().stream().filter(c -> !c.name().contains(" > ")).toList();
        var inside =
                p.costs().stream()
                        .filter(c -> c.name().contains(" > ") && c.name().contains("dot"))
                        .toList();
        assertThat(inside).singleElement().satisfies(c -> assertThat(c.calls()).isEqualTo(2 * 6));
        assertThat(p.flop()).isEqualTo(6 * 2 * 4 * 4 * 4);
        assertThat(p.nanos() * 2)
                .as("a loop's time contains its body's, which is not added again")
                .isEqualTo(loop.stream().mapToLong(Cost::nanos).sum());
    }

    @Test
    void theTableNamesEveryInstruction() {
        Jitted<Operands, Tensor> f = jit((Operands o) -> o.a().matmul(o.b()).exp());
        var p = f.profile(new Operands(Tensor.ones(3, 5), Tensor.ones(5, 7)), 1);
        assertThat(p.toString()).contains("ms a run").contains("dot").contains("exp");
        assertThat(p.toString().lines().count()).isEqualTo(2 + p.costs().size());
    }

    @Test
    void theReferenceCountsTheSameWork() {
        Jitted<Operands, Tensor> f = jit((Operands o) -> o.a().matmul(o.b()).exp());
        var in = new Operands(Tensor.ones(3, 5), Tensor.ones(5, 7));
        var p = Backends.with(new ReferenceBackend(), () -> f.profile(in, 1));
        assertThat(p.costs()).extracting(Cost::flop).isEqualTo(List.of(2L * 3 * 5 * 7 + 3 * 7));
    }

    private static Tensor twoLayers(Operands o) {
        Tensor h = Layers.in("net", () -> Layers.in("first", () -> o.a().matmul(o.b()).exp()));
        return Layers.in("net", () -> Layers.in("second", () -> h.matmul(o.b()))).sum();
    }

    @Test
    void costsBelongToTheLayersThatAskedForThemAlsoOnTheWayBack() {
        Jitted<Operands, Operands> f = jit((Operands o) -> grad(ProfileTest::twoLayers).apply(o));
        var p = f.profile(new Operands(Tensor.ones(64, 8), Tensor.ones(8, 8)), 1);
        var products =
                p.costs().stream()
                        .filter(c -> c.name().startsWith("dot"))
                        .collect(groupingBy(Cost::layer, summingLong(Cost::calls)));
        // forward, and backward to each of two operands
        assertThat(products).isEqualTo(Map.of("net > first", 3L, "net > second", 2L));
        assertThat(p.layers()).extracting(Cost::name).containsOnly("net > first", "net > second");
        assertThat(p.toString())
                .contains("  kernel\n")
                .contains("  layer\n")
                .contains("net > first");
    }

    @Test
    void theTimeOfALoopGoesToTheLayersOfItsBody() {
        Jitted<Operands, Tensor> f =
                jit((Operands o) ->
                        Loops.repeat(
                                (Tensor x) -> Layers.in("cell", () -> x.matmul(o.b())), o.a(), 6));
        var p = f.profile(new Operands(Tensor.ones(9, 9), Tensor.ones(9, 9)), 2);
        double layers = p.layers().stream().mapToLong(Cost::nanos).sum();
        assertThat(layers / 2).isEqualTo(p.nanos());
        assertThat(p.layers()).extracting(Cost::name).contains("cell");
    }

    @Test
    void thePageNamesLayersAndKernels() {
        Jitted<Operands, Tensor> f =
                jit((Operands o) -> Layers.in("a <layer>", () -> o.a().matmul(o.b())));
        var p = f.profile(new Operands(Tensor.ones(4, 4), Tensor.ones(4, 4)), 1);
        assertThat(p.html("Products"))
                .contains("<title>Products</title>", "a &lt;layer&gt;", "dot 4x4x4")
                .doesNotContain("a <layer>", "<script", "http");
    }

    @Test
    void aLineSaysHowMuchOfTheMachineItReaches() {
        // 400 operations and 100 bytes in 10 ns: 40 GFLOP/s of 50, and 10 GB/s of 40
        var product = new Cost("dot", "", 1, 10, 0, 400, 100);
        // 10 operations and 300 bytes in 10 ns: 1 GFLOP/s of 50, and 30 GB/s of 40
        var copy = new Cost("copy", "", 1, 10, 0, 10, 300);
        var p =
                new Profile(1, List.of(product, copy), OptionalLong.empty(), 1, Optional.empty())
                        .against(new Profile.Limit(50, 40));
        assertThat(p.toString())
                .contains(" arithmetic      memory  of the machine        kernel\n")
                .contains(" GFLOP/s   10.0 GB/s   80 % of arithmetic   dot")
                .contains(" 75 % of memory       copy");
        assertThat(p.html("x"))
                .contains("<th>of the machine")
                .contains("<td> 80 % of arithmetic<td>dot")
                .contains("the machine does at most 50 GFLOP/s and copies 40 GB/s");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Profile.Limit(0, 40))
                .withMessageStartingWith("a machine does more than nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> jit((Tensor x) -> x.exp()).profile(Tensor.ones(2), 0))
                .withMessage("a profile is a mean of at least one run, not of 0");
    }

    @Test
    void aFunctionWithValuesOfAroundHasNoProfileOfItsOwn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        grad(
                                        (Tensor w) -> {
                                            jit((Tensor x) -> x.times(w))
                                                    .profile(Tensor.ones(2), 1);
                                            return w;
                                        })
                                .apply(Tensor.scalar(1f)))
                .withMessageStartingWith("a function that uses a value of the transform around it");
    }

    @Test
    void threadsAreIdleWhileOneWorks() {
        Jitted<Operands, Tensor> f = jit((Operands o) -> o.a().matmul(o.b()).exp());
        var in = new Operands(Tensor.ones(3, 5), Tensor.ones(5, 7)); // too small to divide
        var alone = Backends.with(SimdBackend.withThreads(1), () -> f.profile(in, 1));
        assertThat(alone.costs()).allSatisfy(c -> assertThat(c.idle()).isZero());
        assertThat(alone.idle()).isZero();
        var four = Backends.with(SimdBackend.withThreads(4), () -> f.profile(in, 1));
        assertThat(four.costs()).allSatisfy(c -> assertThat(c.idle()).isEqualTo(3 * c.nanos() / 4));
        assertThat(four.toString()).contains("threads idle 75 %").contains(" 75 % idle");
        assertThat(four.html("Small")).contains("threads idle 75 %", "<td>75 %");
    }

    @Test
    void whatOtherThreadsDoIsCountedWhileSomebodyWatches() {
        var workers = Workers.of(2);
        var together = new CyclicBarrier(2);
        Workers.Task meet =
                _ -> {
                    try {
                        together.await();
                    } catch (InterruptedException | BrokenBarrierException e) {
                        throw new IllegalStateException(e);
                    }
                };
        workers.run(2, meet);
        assertThat(workers.gained()).isZero();
        workers.watch(true);
        workers.run(1, _ -> {});
        assertThat(workers.gained()).as("one task is the caller's").isZero();
        workers.run(2, meet);
        long gained = workers.gained();
        assertThat(gained).isNotZero();
        workers.watch(false);
        workers.run(2, meet);
        assertThat(workers.gained()).isEqualTo(gained);
    }

    @Test
    void recordingsAndAllocationsAreNamed() {
        Jitted<Operands, Tensor> f = jit((Operands o) -> o.a().matmul(o.b()));
        f.apply(new Operands(Tensor.ones(3, 5), Tensor.ones(5, 7)));
        f.apply(new Operands(Tensor.ones(2, 5), Tensor.ones(5, 7)));
        var p = f.profile(new Operands(Tensor.ones(2, 5), Tensor.ones(5, 7)), 1);
        assertThat(p.traces()).isEqualTo(2);
        assertThat(p.allocated().orElseThrow()).isPositive(); // the list of results, at least
        assertThat(p.toString()).contains("recorded 2 times").contains("bytes allocated besides");
    }
}
