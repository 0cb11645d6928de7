package dev.fathom.testkit.conformance;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.cpu.plan.SimdBackend;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** The fast backend against the oracle; the build runs it once for each vector width. */
@Tag("every-width")
class SimdConformanceTest extends BackendConformance {
    @Override
    protected Backend backend() {
        return Backends.named("simd");
    }

    /** Large enough to be divided among threads: eager, compiled, and the gradient of it. */
    @Test
    void bitsDoNotDependOnTheNumberOfThreads() {
        Tensor x = Backends.with(backend(), () -> Key.of(1).normal(4, 61, 67, 8));
        Tensor kernel = Backends.with(backend(), () -> Key.of(2).normal(3, 3, 8, 16));
        Tensor picks = Backends.with(backend(), () -> Key.of(3).integers(997, 5000));
        Function<List<Tensor>, List<Tensor>> f =
                v -> {
                    Tensor rows = v.get(0).reshape(-1, 67 * 8); // (244, 536)
                    Tensor flat = v.get(0).reshape(-1); // 130 784 elements
                    Tensor table = flat.slice(0, 0, 997 * 64).reshape(997, 64);
                    return List.of(
                            Convolutions.conv(v.get(0), v.get(1), Padding.SAME),
                            Convolutions.maxPool(v.get(0), 2, 2, Padding.VALID),
                            rows.matmul(rows.transpose()),
                            Functions.softmax(rows, 1),
                            flat.sum(),
                            rows.sum(0),
                            rows.max(1),
                            Functions.variance(rows, 0),
                            Functions.cumSum(flat, 0),
                            rows.sort(1),
                            Shaping.take(table, v.get(2), 0),
                            Shaping.scatterAdd(table, v.get(2), Shaping.take(table, v.get(2), 0)),
                            Key.of(5).normal(DType.FLOAT32, 100_003));
                };
        Function<List<Tensor>, List<Tensor>> slope =
                v ->
                        Transforms.grad(
                                        (List<Tensor> p) -> {
                                            Tensor y =
                                                    Convolutions.conv(
                                                            p.get(0), p.get(1), Padding.SAME);
                                            return Convolutions.maxPool(y, 2, 2, Padding.SAME)
                                                    .square()
                                                    .mean();
                                        })
                                .apply(v);
        var arguments = List.of(x, kernel, picks);
        var alone = SimdBackend.withThreads(1);
        var values = Backends.with(alone, () -> f.apply(arguments));
        var slopes = Backends.with(alone, () -> slope.apply(arguments));
        for (int threads : new int[] {1, 2, 3, 7}) {
            var some = SimdBackend.withThreads(threads);
            TreeAssert.assertSame(
                    threads + " threads", Backends.with(some, () -> f.apply(arguments)), values);
            TreeAssert.assertSame(
                    threads + " threads",
                    Backends.with(some, () -> slope.apply(arguments)),
                    slopes);
            TreeAssert.assertSame(
                    threads + " threads, compiled gradient",
                    Backends.with(some, () -> Transforms.jit(slope).apply(arguments)),
                    Backends.with(alone, () -> Transforms.jit(slope).apply(arguments)));
        }
    }
}
