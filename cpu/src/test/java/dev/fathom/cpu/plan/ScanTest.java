package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.cpu.reference.ReferenceBackend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** Loops over time, whose batch is divided among the threads. */
class ScanTest {
    private static final int WIDTH = 24;

    record Cell(Tensor hidden, Tensor bias) {}

    record State(Tensor h, Tensor c) {}

    private static Cell cell() {
        var keys = Key.of(1).split(2);
        return new Cell(keys[0].normal(WIDTH, 4 * WIDTH).times(0.2), keys[1].normal(4 * WIDTH));
    }

    /** A long short-term memory; rows whose mask is 0 keep their state. */
    private static Tensor loss(Cell cell, Tensor xs, Tensor mask) {
        int n = xs.dim(1);
        var last =
                Loops.scan(
                        (State s, Tensor x) -> {
                            Tensor gates = x.plus(s.h().matmul(cell.hidden())).plus(cell.bias());
                            Tensor i = Functions.sigmoid(gates.slice(1, 0, WIDTH));
                            Tensor f = Functions.sigmoid(gates.slice(1, WIDTH, 2 * WIDTH));
                            Tensor g = Functions.tanh(gates.slice(1, 2 * WIDTH, 3 * WIDTH));
                            Tensor o = Functions.sigmoid(gates.slice(1, 3 * WIDTH, 4 * WIDTH));
                            Tensor c = f.times(s.c()).plus(i.times(g));
                            Tensor m = mask.expandDims(1); // (n, 1)
                            Tensor h = o.times(Functions.tanh(c));
                            return new Carried<>(
                                    new State(h.times(m).plus(s.h().times(m.negate().plus(1))), c),
                                    h.sum(1));
                        },
                        new State(Tensor.zeros(n, WIDTH), Tensor.zeros(n, WIDTH)),
                        xs);
        return last.carry().h().square().sum().plus(last.outputs().mean());
    }

    private static List<Tensor> results(Cell cell, Tensor xs, Tensor mask) {
        var r = jit((Cell c) -> valueAndGrad((Cell p) -> loss(p, xs, mask)).apply(c)).apply(cell);
        return List.of(r.value(), r.gradient().hidden(), r.gradient().bias());
    }

    @ParameterizedTest
    @CsvSource({"64, 9", "61, 5", "16, 4", "15, 4", "1, 3", "200, 2"})
    void gradientsAreThoseOfTheReferenceForAnyNumberOfThreads(int n, int time) {
        var cell = cell();
        Tensor xs = Key.of(2).normal(time, n, 4 * WIDTH);
        Tensor mask = Key.of(3).uniform(n).greaterThan(Tensor.ones(n).times(0.3)).cast(xs.dtype());
        var expected = Backends.with(new ReferenceBackend(), () -> results(cell, xs, mask));
        var found =
                List.of(1, 2, 3, 7).stream()
                        .map(t ->
                                Backends.with(
                                        SimdBackend.withThreads(t), () -> results(cell, xs, mask)))
                        .toList();
        for (int i = 0; i < expected.size(); i++) {
            double scale = expected.get(i).abs().max().item();
            assertThat(found.getFirst().get(i).toDoubles())
                    .containsExactly(expected.get(i).toDoubles(), within(1e-5 * scale));
            for (var other : found) {
                assertThat(other.get(i).toFloats()).isEqualTo(found.getFirst().get(i).toFloats());
            }
        }
    }

    @Test
    void theRowsOfABatchAreDivided() {
        Tensor mask = Tensor.ones(64);
        var text =
                jit((Tensor xs) -> loss(cell(), xs, mask))
                        .program(Tensor.zeros(50, 64, 4 * WIDTH))
                        .describe();
        assertThat(text).contains("scan 50 in 8 parts");
        text =
                jit((Tensor xs) -> loss(cell(), xs, Tensor.ones(15)))
                        .program(Tensor.zeros(50, 15, 4 * WIDTH))
                        .describe();
        assertThat(text).contains("scan 50 ").doesNotContain("parts");
    }
}
