package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jitDonating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.cpu.simd.GemmF32;
import dev.fathom.cpu.simd.GemmF64;
import dev.fathom.cpu.simd.GemmRowsF32;
import dev.fathom.cpu.simd.GemmRowsF64;
import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Products whose rows a region takes as they are made. */
class RowRegionTest {
    private static final String JOINED = "dot 200x96x150 fused(30000: mul sub)";

    /** Weights, and what their gradient is the product of. */
    record Layer(Tensor weights, Tensor inputs, Tensor errors) {}

    private static Layer layer(DType dtype) {
        var keys = Key.of(7).split(3);
        return new Layer(
                keys[0].normal(200, 150).cast(dtype),
                keys[1].normal(96, 200).cast(dtype),
                keys[2].normal(96, 150).cast(dtype));
    }

    private static Tensor gradient(Layer l) {
        return l.inputs().transpose().matmul(l.errors()); // (200, 150)
    }

    /** Both steps of the update are rounded by themselves, compiled or not. */
    private static Tensor update(Layer l) {
        return l.weights().minus(gradient(l).times(0.1));
    }

    /** Runs often enough for the region to be woven into a loop now and then. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void anUpdateTakesItsGradientByRows(DType dtype) {
        var l = layer(dtype);
        var expected = update(l).toDoubles();
        for (int threads : new int[] {1, 2, 3, 7}) {
            Backends.with(
                    SimdBackend.withThreads(threads),
                    () -> {
                        var f = jit(RowRegionTest::update);
                        assertThat(f.program(l).toString()).contains(JOINED);
                        assertThat(f.program(l).counts())
                                .containsEntry("instructions", 1L)
                                .containsEntry("regions", 1L)
                                .containsEntry("temporaryBytes", 0L);
                        for (int i = 0; i < 20; i++) {
                            assertThat(f.apply(l).toDoubles()).isEqualTo(expected);
                        }
                        return threads;
                    });
        }
    }

    @Test
    void theWeightsAreUpdatedWhereTheyLie() {
        var l = layer(DType.FLOAT32);
        Function<Tensor, Tensor> step = w -> update(new Layer(w, l.inputs(), l.errors()));
        var f = jitDonating((Tensor w) -> step.apply(w));
        assertThat(f.program(l.weights()).counts()).containsEntry("outputBytesWhenDonated", 0L);
        Tensor t = l.weights().plus(0);
        Tensor w = l.weights();
        for (int i = 0; i < 3; i++) {
            t = f.apply(t);
            w = step.apply(w);
        }
        assertThat(t.toFloats()).isEqualTo(w.toFloats());
    }

    /** Rows of the result must not be written over weights that other rows still read. */
    @Test
    void whatTheProductReadsIsNotOverwritten() {
        var keys = Key.of(8).split(2);
        Tensor x = keys[0].normal(160, 160).times(0.05);
        Function<Tensor, Tensor> smooth = w -> w.minus(x.matmul(w).times(0.1));
        Tensor w = keys[1].normal(160, 160);
        var f = jitDonating((Tensor v) -> smooth.apply(v));
        assertThat(f.program(w).toString()).contains("dot 160x160x160 fused(25600: mul sub)");
        Tensor found = f.apply(w.plus(0));
        assertThat(found.toFloats()).isEqualTo(smooth.apply(w).toFloats());
    }

    @Test
    void aProductThatSomebodyElseReadsIsMadeAsAWhole() {
        var l = layer(DType.FLOAT32);
        var returned = jit((Layer a) -> new Pair<>(update(a), gradient(a)));
        Function<Layer, Tensor> pieces = a -> gradient(a).reshape(50, 4, 150).sum(0);
        var summed = jit((Layer a) -> new Pair<>(update(a), pieces.apply(a)));
        var turned = jit((Layer a) -> gradient(a).transpose().plus(gradient(a).reshape(150, 200)));
        var expected = gradient(l);
        assertThat(List.of(returned.program(l), summed.program(l), turned.program(l)))
                .allSatisfy(p ->
                        assertThat(p.toString())
                                .containsPattern("dot 200x96x150  s")
                                .doesNotContain("dot 200x96x150 fused"));
        assertThat(returned.apply(l).second().toFloats()).isEqualTo(expected.toFloats());
        assertThat(returned.apply(l).first().toFloats()).isEqualTo(update(l).toFloats());
        assertThat(summed.apply(l).second().toFloats())
                .containsExactly(pieces.apply(l).toFloats(), within(1e-4f));
        assertThat(turned.apply(l).toFloats())
                .isEqualTo(expected.transpose().plus(expected.reshape(150, 200)).toFloats());
    }

    /** The second region waits for a row that is summed up after both products. */
    @Test
    void levelsAscendInThePlan() {
        record Two(Tensor x, Tensor v, Tensor w) {}
        Function<Two, Tensor> two =
                t -> {
                    Tensor h = t.x().matmul(t.v()).times(2); // (160, 128)
                    Tensor other = t.x().matmul(t.w()); // (160, 128)
                    Tensor late = h.matmul(h.transpose()).sum(0).slice(0, 0, 128); // (128)
                    return other.plus(late).matmul(h.transpose()).plus(1);
                };
        var keys = Key.of(9).split(3);
        var t =
                new Two(
                        keys[0].normal(160, 100),
                        keys[1].normal(100, 128),
                        keys[2].normal(100, 128));
        var f = jit(two);
        var levels =
                f.program(t)
                        .toString()
                        .lines()
                        .filter(l -> l.startsWith("level "))
                        .map(l -> Integer.parseInt(l.substring("level ".length())))
                        .toList();
        assertThat(f.program(t).toString()).contains("dot 160x100x128 fused(20480: mul)");
        assertThat(levels).isSorted().doesNotHaveDuplicates();
        assertThat(f.apply(t).toFloats()).isEqualTo(two.apply(t).toFloats());
    }

    /** A result, and what is summed and sought of it along both axes. */
    record Reduced(Tensor y, Tensor columns, Tensor rows, Tensor least) {}

    private static Reduced reduced(Layer l) {
        Tensor y = gradient(l).minus(l.weights()).times(2); // (200, 150)
        return new Reduced(y, gradient(l).sum(0), y.times(y).sum(1), y.min(0));
    }

    /** Parts have whole rows, some have fewer tiles than others. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void sumsAreTakenFromTheRowsToo(DType dtype) {
        var l = layer(dtype);
        var eager = reduced(l);
        var first = new AtomicReference<Reduced>();
        for (int threads : new int[] {1, 2, 3, 7}) {
            Backends.with(
                    SimdBackend.withThreads(threads),
                    () -> {
                        var f = jit(RowRegionTest::reduced);
                        assertThat(f.program(l).toString())
                                .contains(
                                        "dot 200x96x150 fused(30000: sum sub mul reduceMin mul"
                                                + " sum)");
                        for (int i = 0; i < 20; i++) {
                            var found = f.apply(l);
                            first.compareAndSet(null, found);
                            var one = first.get();
                            assertThat(found.y().toDoubles()).isEqualTo(eager.y().toDoubles());
                            assertThat(found.least().toDoubles())
                                    .isEqualTo(eager.least().toDoubles());
                            assertThat(found.columns().toDoubles())
                                    .isEqualTo(one.columns().toDoubles())
                                    .containsExactly(eager.columns().toDoubles(), within(1e-3));
                            assertThat(found.rows().toDoubles())
                                    .isEqualTo(eager.rows().toDoubles());
                        }
                        return threads;
                    });
        }
    }

    /** Sums over several rows of the product at once would need parts of their own. */
    @Test
    void sumsOfPiecesThatRowsDoNotHoldStayOutside() {
        var l = layer(DType.FLOAT32);
        Function<Layer, Tensor> f = a -> gradient(a).times(2).reshape(50, 4, 150).sum(0);
        assertThat(jit(f).program(l).toString())
                .contains("dot 200x96x150  s")
                .contains("fused(30000: mul sum)");
        float[] found = jit(f).apply(l).toFloats();
        float[] expected = f.apply(l).toFloats();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-3f));
        }
    }

    /** Images, the mean and the scale of each channel, and what to make images of. */
    record Normalised(Tensor x, Tensor mean, Tensor scale, Tensor weights) {}

    /** The gradient of a normalisation and maxima, of images that nobody needs afterwards. */
    private static Tensor throughMaxima(Normalised n) {
        Tensor x = n.x().matmul(n.weights()); // (3, height, width, channels)
        Tensor d =
                grad(
                                (Tensor t) -> {
                                    Tensor y = t.minus(n.mean()).times(n.scale()).plus(n.mean());
                                    return Convolutions.maxPool(y, 2, 2, Padding.VALID)
                                            .square()
                                            .sum();
                                })
                        .apply(x);
        Tensor r = d.times(n.mean()).plus(x.minus(n.mean()).times(n.scale()));
        return r.matmul(n.weights().transpose());
    }

    /** Where a factor is negative it is the minimum that the gradient goes to. */
    @ParameterizedTest
    @CsvSource({"64, 64, 16, FLOAT32", "27, 31, 5, FLOAT32", "33, 16, 19, FLOAT64"})
    void gradientsOfMaximaAreTakenByRows(int height, int width, int channels, DType dtype) {
        var keys = Key.of(3).split(4);
        var n =
                new Normalised(
                        keys[0].normal(3, height, width, 8).cast(dtype),
                        keys[1].normal(channels).cast(dtype),
                        keys[2].normal(channels).cast(dtype),
                        keys[3].normal(8, channels).cast(dtype));
        assertThat(Arrays.stream(n.scale().toDoubles())).anyMatch(k -> k < 0).anyMatch(k -> k > 0);
        Tensor eager = throughMaxima(n);
        var first = new AtomicReference<double[]>();
        for (int threads : new int[] {1, 2, 3, 7}) {
            Backends.with(
                    SimdBackend.withThreads(threads),
                    () -> {
                        var f = jit(RowRegionTest::throughMaxima);
                        int size = 3 * height * width * channels;
                        assertThat(f.program(n).toString())
                                .containsPattern(
                                        "unpick fused\\(" + size + ": .*\\)  s(\\d+) .*-> s\\1:");
                        for (int i = 0; i < 20; i++) {
                            double[] found = f.apply(n).toDoubles();
                            first.compareAndSet(null, found);
                            assertThat(found).isEqualTo(first.get());
                        }
                        return threads;
                    });
        }
        double[] expected = eager.toDoubles();
        for (int i = 0; i < expected.length; i++) {
            assertThat(first.get()[i]).isCloseTo(expected[i], within(1e-4));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "128, 128, 1, true, true",
        "129, 300, 17, true, false",
        "513, 34, 259, false, true",
        "784, 512, 128, true, false",
        "145, 1024, 256, false, false"
    })
    void rowsHaveTheBitsOfTheWhole(
            int m, int n, int k, boolean leftByColumns, boolean rightByRows) {
        float[] a = Key.of(1).normal(m * k).toFloats();
        float[] b = Key.of(2).normal(k * n).toFloats();
        double[] a64 = Key.of(1).normal(m * k).toDoubles();
        double[] b64 = Key.of(2).normal(k * n).toDoubles();
        int rsA = leftByColumns ? 1 : k;
        int csA = leftByColumns ? m : 1;
        int rsB = rightByRows ? n : 1;
        int csB = rightByRows ? 1 : k;
        var scratch = Scratch.of();
        float[] whole = new float[m * n];
        double[] whole64 = new double[m * n];
        var one = Workers.of(1);
        GemmF32.gemm(m, n, k, a, 0, rsA, csA, b, 0, rsB, csB, whole, 0, n, false, one, scratch);
        GemmF64.gemm(
                m, n, k, a64, 0, rsA, csA, b64, 0, rsB, csB, whole64, 0, n, false, one, scratch);
        for (int threads : new int[] {1, 2, 3, 7}) {
            var workers = Workers.of(threads);
            float[] found = new float[m * n];
            var times = new AtomicIntegerArray(m * n);
            var calls = new AtomicInteger();
            Set<Integer> slots = ConcurrentHashMap.newKeySet();
            GemmRowsF32.multiply(
                    m,
                    n,
                    k,
                    a,
                    0,
                    rsA,
                    csA,
                    b,
                    0,
                    rsB,
                    csB,
                    (rows, part, from, to, slot) -> {
                        System.arraycopy(rows, 0, found, from, to - from);
                        for (int i = from; i < to; i++) {
                            times.incrementAndGet(i);
                        }
                        slots.add(slot);
                        calls.incrementAndGet();
                    },
                    workers,
                    scratch);
            assertThat(found).isEqualTo(whole);
            for (int i = 0; i < m * n; i++) {
                assertThat(times.get(i)).isEqualTo(1);
            }
            assertThat(calls.get()).isGreaterThanOrEqualTo(8);
            assertThat(slots).allMatch(s -> s >= 0 && s < threads);
            double[] found64 = new double[m * n];
            GemmRowsF64.multiply(
                    m,
                    n,
                    k,
                    a64,
                    0,
                    rsA,
                    csA,
                    b64,
                    0,
                    rsB,
                    csB,
                    (rows, part, from, to, slot) ->
                            System.arraycopy(rows, 0, found64, from, to - from),
                    workers,
                    scratch);
            assertThat(found64).isEqualTo(whole64);
        }
    }

    @Test
    void aProductThatDoesNotSuitIsRefused() {
        assertThat(GemmRowsF32.suits(127, 512, 16)).isFalse(); // few rows
        assertThat(GemmRowsF32.suits(512, 4, 16)).isFalse(); // few columns
        assertThat(GemmRowsF32.suits(512, 512, 0)).isFalse(); // nothing to multiply
        assertThat(GemmRowsF32.suits(512, 257, 16)).isFalse(); // a column left over
        assertThat(GemmRowsF32.suits(512, 512, 4096)).isFalse(); // B is not packed at once
        float[] none = {};
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        GemmRowsF32.multiply(
                                2,
                                3,
                                4,
                                none,
                                0,
                                4,
                                1,
                                none,
                                0,
                                3,
                                1,
                                (rows, part, from, to, slot) -> {},
                                Workers.of(1),
                                Scratch.of()))
                .withMessage("a product 2x4x3 is not made by rows");
    }
}
