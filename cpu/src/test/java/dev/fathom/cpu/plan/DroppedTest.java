package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.Tracer;
import dev.fathom.cpu.simd.Weaver;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** A result that nobody keeps is free: no kernel, loop or thread holds on to what it wrote. */
class DroppedTest {
    private static final Tensor KERNEL = Key.of(3).normal(3, 3, 8, 24);

    /** What is done to a tensor (200, 200). */
    private static final Map<String, Function<Tensor, Tensor>> PROGRAMS = new LinkedHashMap<>();

    static {
        PROGRAMS.put("chain", t -> t.times(2).plus(1).square().tanh());
        PROGRAMS.put("product", t -> t.matmul(t));
        PROGRAMS.put("product, transposed", t -> t.matmul(t.transpose()));
        PROGRAMS.put("layer", t -> Functions.relu(t.matmul(t).plus(0.5)));
        PROGRAMS.put("update", t -> t.minus(t.transpose().matmul(t).times(0.1)));
        PROGRAMS.put("batched", t -> t.reshape(20, 50, 40).matmul(t.reshape(20, 40, 50)));
        PROGRAMS.put("column", t -> t.matmul(t.slice(1, 0, 1)));
        PROGRAMS.put("sum", t -> t.sum(0));
        PROGRAMS.put("sum of rows", t -> t.sum(1));
        PROGRAMS.put("whole sum", Tensor::sum);
        PROGRAMS.put("softmax", t -> Functions.softmax(t, 1));
        PROGRAMS.put("copy", t -> t.transpose().plus(0).reshape(400, 100).transpose().plus(1));
        PROGRAMS.put("sorted", t -> t.sort(1));
        PROGRAMS.put("gradient", grad((Tensor t) -> t.matmul(t).tanh().sum())::apply);
        PROGRAMS.put(
                "convolution",
                t -> Convolutions.conv(t.reshape(50, 10, 10, 8), KERNEL, Padding.SAME));
    }

    static Stream<Object[]> cases() {
        return PROGRAMS.keySet().stream()
                .flatMap(p -> Stream.of(1, 3).map(t -> new Object[] {p, t}));
    }

    /** The memory of a result, which is dropped. */
    private static WeakReference<Object> dropped(Function<Tensor, Tensor> f, Tensor x) {
        return switch (f.apply(x)) {
            case Array a -> new WeakReference<>(a.buffer().host());
            case Tracer t -> throw new AssertionError(t);
        };
    }

    @ParameterizedTest(name = "{0}, {1} threads")
    @MethodSource("cases")
    void compiled(String name, int threads) {
        free(jit(PROGRAMS.get(name)), threads);
    }

    @ParameterizedTest(name = "{0}, {1} threads")
    @MethodSource("cases")
    void eager(String name, int threads) {
        free(PROGRAMS.get(name), threads);
    }

    private static void free(Function<Tensor, Tensor> f, int threads) {
        Backends.with(
                SimdBackend.withThreads(threads),
                () -> {
                    Tensor x = Key.of(9).normal(200, 200);
                    var results = new ArrayList<WeakReference<Object>>();
                    for (int i = 0; i < 6; i++) {
                        results.add(dropped(f, x));
                        Weaver.settle();
                    }
                    System.gc();
                    assertThat(results).allMatch(r -> r.get() == null);
                    assertThat(f.apply(x)).isNotNull(); // it was all there until now
                    return x;
                });
    }
}
