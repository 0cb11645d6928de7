package dev.fathom.testkit.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.cpu.plan.SimdBackend;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The dtype that is only for keeping: its rounding, its derivative, what it refuses. */
@Tag("every-width")
class BFloat16Test {
    private static final DType B = DType.BFLOAT16;
    private static final DType F = DType.FLOAT32;
    private static final int PATTERNS = 1 << 16;

    private static Tensor floats(int[] bits) {
        var v = new float[bits.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = Float.intBitsToFloat(bits[i]);
        }
        return Tensor.of(v);
    }

    private static short[] bits(Tensor t) {
        assertThat(t.dtype()).isEqualTo(B);
        return (short[]) ((Array) t).buffer().host();
    }

    private static Tensor everyPattern() {
        var v = new short[PATTERNS];
        for (int i = 0; i < v.length; i++) {
            v[i] = (short) i;
        }
        return Array.of(new TensorType(Shape.of(v.length), B), new HostBuffer(v));
    }

    /**
     * By the definition of rounding and not by its bits: of the two neighbours the one at the
     * smaller distance, computed exactly in double precision; at equal distances that with an even
     * pattern. Beyond the largest number 2^128 stands for infinity, as in IEEE 754.
     */
    private static short nearest(float x) {
        if (Float.isNaN(x)) {
            return 0x7fc0;
        }
        int sign = Float.floatToRawIntBits(x) & 0x8000_0000;
        float size = Math.abs(x);
        if (Float.isInfinite(size)) {
            return (short) ((sign >>> 16) | 0x7f80);
        }
        int below = Float.floatToRawIntBits(size) / 0x10000;
        int above = below + 1;
        double up = above == 0x7f80 ? 0x1p128 : Float.intBitsToFloat(above * 0x10000);
        double toBelow = (double) size - Float.intBitsToFloat(below * 0x10000);
        double toAbove = up - size;
        boolean down = toBelow < toAbove || (toBelow == toAbove && below % 2 == 0);
        return (short) ((sign >>> 16) | (down ? below : above));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "simd"})
    void roundsToTheNearestAndTiesToEven(String backend) {
        int[] lower = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
        var cases = new int[PATTERNS * lower.length];
        for (int i = 0; i < cases.length; i++) {
            cases[i] = (i / lower.length << 16) | lower[i % lower.length];
        }
        Tensor x = floats(cases);
        var found = bits(Backends.with(Backends.named(backend), () -> x.cast(B)));
        var expected = new short[cases.length];
        for (int i = 0; i < cases.length; i++) {
            expected[i] = nearest(Float.intBitsToFloat(cases[i]));
        }
        int wrong = Arrays.mismatch(found, expected);
        assertThat(wrong)
                .as("the bits %x are rounded to another neighbour", cases[Math.max(0, wrong)])
                .isNegative();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "simd"})
    void everyValueComesBack(String backend) {
        Function<Tensor, Tensor> keep = t -> t.cast(B);
        var on = Backends.named(backend);
        Tensor y = Backends.with(on, () -> everyPattern().cast(F));
        var back = bits(Backends.with(on, () -> keep.apply(y)));
        var compiled = bits(Backends.with(on, () -> Transforms.jit(keep).apply(y)));
        var values = y.toFloats();
        var expected = new short[PATTERNS];
        for (int i = 0; i < PATTERNS; i++) {
            boolean nan = (i & 0x7fff) > 0x7f80;
            boolean right =
                    nan ? Float.isNaN(values[i]) : Float.floatToRawIntBits(values[i]) == i << 16;
            if (!right) {
                throw new AssertionError("%x became %s".formatted(i, values[i]));
            }
            expected[i] = nan ? (short) 0x7fc0 : (short) i;
        }
        assertThat(Arrays.mismatch(back, expected)).isNegative();
        assertThat(Arrays.mismatch(compiled, expected)).isNegative();
    }

    /** 1 + 2⁻⁸ + 2⁻³⁰ is above a tie, and at the tie once it is a float: then to even. */
    @Test
    void otherNumbersGoByWayOfFloat() {
        Tensor x = Tensor.of(new double[] {1 + 0x1p-8 + 0x1p-30, 1 + 0x1p-8 + 0x1p-20});
        assertThat(x.cast(B).toDoubles()).containsExactly(1, 1 + 0x1p-7);
        assertThat(Tensor.of(new int[] {257, 259, -3}).cast(B).toDoubles())
                .containsExactly(256, 260, -3);
        assertThat(Tensor.of(new double[] {2.75, -2.75, 0}).cast(B).cast(DType.INT32).toInts())
                .containsExactly(2, -2, 0);
        assertThat(Tensor.of(new boolean[] {true, false}).cast(B).cast(DType.BOOL).toBooleans())
                .containsExactly(true, false);
    }

    @Test
    void isReadPrintedAndMadeLikeAnyOther() {
        Tensor x = Tensor.of(new float[] {1, 1 / 3f, -1e30f}).cast(B);
        assertThat(x.type().bytes()).isEqualTo(6);
        assertThat(x).hasToString("bfloat16(3,) [1.0, 0.33398, -1.0003e+30]");
        assertThat(x.get(1).item()).isEqualTo(0.333984375);
        assertThat(Tensor.full(B, 1 / 3.0, 2).toDoubles())
                .containsExactly(0.333984375, 0.333984375);
        assertThatThrownBy(x::toFloats)
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("convert it with cast(DType.FLOAT32) first");
    }

    // ---- what it refuses -----------------------------------------------------------------------

    @Test
    void arithmeticIsRefusedAndSaysWhatToDo() {
        Tensor x = Tensor.full(B, 1, 2, 2);
        List<UnaryOperator<Tensor>> refused =
                List.of(
                        t -> t.plus(t),
                        t -> t.times(2),
                        Tensor::negate,
                        Tensor::exp,
                        Tensor::abs,
                        t -> t.equalTo(t),
                        t -> t.lessThan(t),
                        t -> t.maximum(t),
                        Tensor::sum,
                        Tensor::max,
                        t -> t.argMax(0),
                        t -> Functions.cumSum(t, 0),
                        t -> t.sort(0),
                        t -> t.matmul(t),
                        Functions::isFinite,
                        t -> Shaping.scatterAdd(t, Tensor.of(new int[] {0}), t.slice(0, 0, 1)),
                        t -> Linalg.inverse(t));
        for (var f : refused) {
            assertThatThrownBy(() -> f.apply(x))
                    .isInstanceOf(DTypeException.class)
                    .hasMessageContaining("bfloat16(2, 2) is a storage type and has no arithmetic")
                    .hasMessageContaining(
                            "cast it to float32 first, or let a Policy do so where it is used");
        }
        assertThatThrownBy(() -> x.plus(Tensor.ones(2, 2)))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("bfloat16 and float32")
                .hasMessageContaining("Fathom never converts by itself, use cast");
        assertThatThrownBy(() -> Key.of(1).normal(B, 3))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("drawn in float32 or float64, not bfloat16; cast them");
        assertThatThrownBy(() -> Creation.range(B, 3)).hasMessageContaining("bfloat16");
    }

    // ---- derivatives ---------------------------------------------------------------------------

    /** The derivative passes the rounding unchanged and unrounded: 1/3 is no bfloat16. */
    @Test
    void gradientsPassInFloat32() {
        float third = 1 / 3f;
        Tensor c = Tensor.of(new float[] {third, -third, 7});
        Tensor x = Tensor.of(new float[] {0.1f, 0.2f, 0.3f});
        Function<Tensor, Tensor> f = w -> w.cast(B).cast(F).times(c).sum();
        for (var grad : List.of(Transforms.grad(f), Transforms.jit(Transforms.grad(f)))) {
            assertThat(grad.apply(x).toFloats()).containsExactly(third, -third, 7);
            Tensor ofKept = grad.apply(x.cast(B)); // cast(B) of a bfloat16 is itself
            assertThat(ofKept.dtype()).isEqualTo(F);
            assertThat(ofKept.toFloats()).containsExactly(third, -third, 7);
        }
        var slope = Transforms.jvp((Tensor w) -> w.cast(B), x, c);
        assertThat(slope.value().dtype()).isEqualTo(B);
        assertThat(slope.tangent().toFloats()).containsExactly(c.toFloats());
        Tensor wide =
                Transforms.grad((Tensor w) -> w.cast(B).cast(DType.FLOAT64).sum())
                        .apply(x.cast(DType.FLOAT64));
        assertThat(wide.dtype()).isEqualTo(DType.FLOAT64);
        assertThat(wide.toDoubles()).containsExactly(1, 1, 1);
        assertThatThrownBy(() -> Transforms.jvp((Tensor w) -> w.cast(F), x.cast(B), x.cast(B)))
                .hasMessageContaining("bfloat16(3,) and the tangent bfloat16(3,)");
    }

    /**
     * A function that keeps things in bfloat16 and moves them in every way has the derivatives of
     * the same function in float32 at the rounded point, if nothing but the point is rounded.
     */
    @Test
    void everyMoveHasItsDerivative() {
        Tensor x = Key.of(4).normal(4, 6).cast(B).cast(F);
        Tensor p = Key.of(5).normal(4, 6).greaterThan(Tensor.zeros(4, 6));
        Tensor picks = Tensor.of(new int[] {3, 0, 3});
        UnaryOperator<Tensor> moved =
                t -> {
                    Tensor chosen = Functions.where(p, t, Shaping.reverse(t, 0));
                    Tensor both = Shaping.concatenate(0, chosen, t.slice(0, 1, 3)); // (6, 6)
                    Tensor taken = Shaping.take(both.transpose(), picks, 0); // (3, 6)
                    Tensor padded =
                            Shaping.pad(taken, new int[] {1, 0}, new int[] {0, 2}); // (4, 8)
                    Tensor corner = Tensor.of(new int[] {1, 2});
                    Tensor put =
                            Shaping.dynamicUpdate(padded, t.slice(0, 0, 2).slice(1, 0, 3), corner);
                    return Shaping.dynamicSlice(put, corner, 3, 5)
                            .reshape(5, 3)
                            .expandDims(0)
                            .broadcastTo(2, 5, 3);
                };
        Tensor c = Key.of(6).normal(2, 5, 3);
        Function<Tensor, Tensor> kept = t -> moved.apply(t.cast(B)).cast(F).times(c).tanh().sum();
        Function<Tensor, Tensor> plain = t -> moved.apply(t).times(c).tanh().sum();
        Tensor expected = Transforms.grad(plain).apply(x);
        assertThat(largest(expected)).isGreaterThan(0.5);
        TreeAssert.assertSame("eager", Transforms.grad(kept).apply(x), expected);
        TreeAssert.assertClose(
                "compiled", Transforms.jit(Transforms.grad(kept)).apply(x), expected, 1e-6);
        Tensor dx = Key.of(7).normal(4, 6);
        TreeAssert.assertClose(
                "second derivative",
                Transforms.hvp(kept, x, dx),
                Transforms.hvp(plain, x, dx),
                1e-6);
        var batch = Key.of(8).normal(3, 4, 6).cast(B).cast(F);
        TreeAssert.assertClose(
                "batch",
                Transforms.vmap(Transforms.grad(kept)).apply(batch),
                Transforms.vmap(Transforms.grad(plain)).apply(batch),
                1e-6);
    }

    private static double largest(Tensor t) {
        return t.abs().max().item();
    }

    /** A loop carries bfloat16, a checkpoint keeps it, a branch returns it, a rule is given it. */
    @Test
    void programsInsideProgramsTakeIt() {
        Tensor w = Key.of(1).normal(3, 3).cast(B).cast(F);
        Tensor x = Key.of(2).normal(2, 3);
        Function<Tensor, Tensor> f =
                t -> {
                    Tensor kept = t.cast(B);
                    Tensor h =
                            Loops.scan(
                                            (Tensor carry, Tensor row) ->
                                                    new Loops.Carried<>(
                                                            carry.cast(F)
                                                                    .matmul(kept.cast(F))
                                                                    .plus(row)
                                                                    .tanh()
                                                                    .cast(B),
                                                            carry),
                                            x.cast(B),
                                            Key.of(3).normal(4, 2, 3))
                                    .carry();
                    Tensor again =
                            Transforms.<Tensor, Tensor>checkpoint(a -> a.cast(F).tanh())
                                    .apply(h); // keeps h in two bytes
                    Tensor branch =
                            Loops.cond(
                                    x.sum().greaterThan(Tensor.scalar(0f)),
                                    a -> a,
                                    a -> Shaping.reverse(a, 0),
                                    h);
                    return again.sum().plus(branch.cast(F).square().sum());
                };
        Tensor g = Transforms.grad(f).apply(w);
        assertThat(g.dtype()).isEqualTo(F);
        assertThat(largest(g)).isGreaterThan(0.1);
        TreeAssert.assertClose("compiled", Transforms.jit(Transforms.grad(f)).apply(w), g, 1e-5);
        Tensor dw = Key.of(9).normal(3, 3);
        double forward = Transforms.jvp(f, w, dw).tangent().item();
        assertThat(forward).isCloseTo(Tree.dot(g, dw).item(), within(1e-4));
    }

    // ---- programs ------------------------------------------------------------------------------

    /** Large enough to be divided among threads. */
    @Test
    void bitsDoNotDependOnTheNumberOfThreads() {
        Tensor x = Key.of(1).normal(611, 307);
        Function<Tensor, List<Tensor>> f =
                t -> {
                    Tensor kept = t.times(3).cast(B);
                    return List.of(
                            kept,
                            kept.transpose(),
                            Shaping.take(kept, Key.of(2).integers(611, 900), 0),
                            kept.cast(F).exp().cast(B),
                            kept.slice(1, 3, 300).cast(DType.FLOAT64));
                };
        var alone = SimdBackend.withThreads(1);
        var expected = Backends.with(alone, () -> f.apply(x));
        for (int threads : new int[] {1, 2, 3, 7}) {
            var some = SimdBackend.withThreads(threads);
            TreeAssert.assertSame(
                    threads + " threads", Backends.with(some, () -> f.apply(x)), expected);
            TreeAssert.assertSame(
                    threads + " threads, compiled",
                    Backends.with(some, () -> Transforms.jit(f).apply(x)),
                    expected);
        }
    }

    /** Both casts are steps of the loop over tiles, and what is kept takes two bytes each. */
    @Test
    void castsAreFusedWithWhatIsAroundThem() {
        Tensor x = Key.of(1).normal(64, 1024);
        var f = Transforms.jit((Tensor t) -> t.times(3).cast(B).cast(F).exp().cast(B));
        assertThat(f.explain(x))
                .contains("fused(65536: mul cast cast exp cast)")
                .contains("bfloat16[65536]");
    }

    /**
     * One row reads its weights as they are kept; several rows, and other uses, cast them first.
     */
    @Test
    void aRowTimesKeptWeightsReadsThemDirectly() {
        Tensor w = Key.of(1).normal(300, 70).cast(B);
        Tensor x = Key.of(2).normal(1, 1, 300);
        var product = Transforms.jit((Tensor v) -> v.matmul(w.cast(F)));
        assertThat(product.explain(x))
                .contains("dot 1x300x70 of bfloat16")
                .contains("; 0 bytes of temporary memory");
        Tensor expected = x.matmul(w.cast(F));
        TreeAssert.assertSame("bits", product.apply(x), expected);
        var flattened = Transforms.jit((Tensor v) -> v.flatten(1).matmul(w.cast(F)));
        Tensor image = x.reshape(1, 10, 30, 1);
        assertThat(flattened.explain(image))
                .contains("dot 1x300x70 of bfloat16")
                .contains("; 0 bytes of temporary memory");
        TreeAssert.assertSame("bits", flattened.apply(image), expected.reshape(1, 70));
        Tensor some = Key.of(3).normal(2, 300);
        assertThat(product.explain(some)).contains("fused(21000: cast)");
        var both = Transforms.jit((Tensor v) -> List.of(v.matmul(w.cast(F)), w.cast(F).sum()));
        assertThat(both.explain(x)).doesNotContain("of bfloat16");
        TreeAssert.assertClose("both", both.apply(x).getFirst(), expected, 1e-6);
    }
}
