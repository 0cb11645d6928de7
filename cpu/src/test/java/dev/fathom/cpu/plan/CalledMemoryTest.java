package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.checkpoint;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.Pair;

import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The memory of programs that call others: what a checkpoint keeps, and in what dtype. */
class CalledMemoryTest {
    private static final int ROWS = 512;
    private static final int WIDTH = 64;
    private static final int DEPTH = 32;
    private static final long ACTIVATION = ROWS * WIDTH * 4L;

    private static final Tensor X = Key.of(99).normal(ROWS, WIDTH);
    private static final List<Tensor> WEIGHTS =
            IntStream.range(0, DEPTH).mapToObj(i -> Key.of(i).normal(WIDTH, WIDTH)).toList();

    /** Three layers. */
    private static Tensor block(Pair<Tensor, Tensor> in) {
        Tensor w = in.first();
        Tensor h = in.second().cast(DType.FLOAT32).matmul(w).tanh();
        return h.matmul(w).tanh().matmul(w).tanh();
    }

    private static Function<List<Tensor>, List<Tensor>> gradient(BinaryOperator<Tensor> block) {
        return grad((List<Tensor> all) -> {
            Tensor h = X;
            for (var w : all) {
                h = block.apply(w, h);
            }
            return h.square().mean();
        });
    }

    /** Of the program and of all that it calls, equal ones once. */
    private static long bytes(BinaryOperator<Tensor> block) {
        Set<Plan> plans = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(Planner.plan(jit(gradient(block)).graph(WEIGHTS)), plans);
        return plans.stream().mapToLong(Plan::temporaryBytes).sum();
    }

    private static void collect(Plan plan, Set<Plan> plans) {
        plans.add(plan);
        for (var i : plan.instructions()) {
            if (i instanceof Instruction.Kernel k) {
                k.plans().forEach(p -> collect(p, plans));
            }
        }
    }

    /**
     * Without a checkpoint all activations are kept, three for a block. With one the input of every
     * block is, and what a block works with comes on top, once for all blocks. Inputs in bfloat16
     * are half of that, and what a block works with is one activation more.
     */
    @Test
    void aCheckpointKeepsInputsInTwoBytesEach() {
        Function<Pair<Tensor, Tensor>, Tensor> again = checkpoint(CalledMemoryTest::block);
        long plain = bytes((w, h) -> block(new Pair<>(w, h)));
        long whole = bytes((w, h) -> again.apply(new Pair<>(w, h)));
        long half = bytes((w, h) -> again.apply(new Pair<>(w, h.cast(DType.BFLOAT16))));
        assertThat(plain).isBetween(3 * DEPTH * ACTIVATION, (3 * DEPTH + 2) * ACTIVATION);
        assertThat(whole).isBetween(DEPTH * ACTIVATION, (DEPTH + 12) * ACTIVATION);
        assertThat(half).isBetween(DEPTH / 2 * ACTIVATION, (DEPTH / 2 + 15) * ACTIVATION);
    }

    /** Gradients of the loss at rounded inputs: the same numbers however they are computed. */
    @Test
    void callsShareTheirMemoryAndNothingElse() {
        Function<Pair<Tensor, Tensor>, Tensor> again = checkpoint(CalledMemoryTest::block);
        var short1 = gradient((w, h) -> again.apply(new Pair<>(w, h.cast(DType.BFLOAT16))));
        var short2 = gradient((w, h) -> block(new Pair<>(w, h.cast(DType.BFLOAT16))));
        var compiled = jit(short1);
        for (int time = 0; time < 2; time++) {
            var found = compiled.apply(WEIGHTS);
            var expected = short2.apply(WEIGHTS);
            for (int i = 0; i < DEPTH; i++) {
                assertThat(found.get(i).toFloats()).isEqualTo(expected.get(i).toFloats());
            }
        }
    }
}
