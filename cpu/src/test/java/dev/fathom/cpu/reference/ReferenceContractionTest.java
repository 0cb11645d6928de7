package dev.fathom.cpu.reference;

import static dev.fathom.cpu.reference.Oracle.ints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Contraction.Dot;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.Random;

/**
 * Products. Convolution images are (n, spatial.., channels), kernels (kernel.., channels, filters).
 */
class ReferenceContractionTest {
    private static final Axes NONE = Axes.of();
    private static final Tensor LINE = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4, 1);
    private static final Tensor PAIR = Tensor.of(new float[] {10, 1}, 2, 1, 1);

    private static Geometry line(int stride, int low, int high, int dilation) {
        return new Geometry(Axes.of(stride), Axes.of(low), Axes.of(high), Axes.of(dilation), 1);
    }

    @Test
    void matrixProduct() {
        Tensor a = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
        Tensor b = Tensor.of(new double[] {5, 6, 7, 8}, 2, 2);
        assertThat(Oracle.of(new Dot(Axes.of(1), Axes.of(0), NONE, NONE), a, b).toDoubles())
                .containsExactly(19, 22, 43, 50);
        assertThat(Oracle.of(new Dot(Axes.of(0), Axes.of(0), NONE, NONE), a, b).toDoubles()) // aᵀ b
                .containsExactly(26, 30, 38, 44);
        assertThat(Oracle.of(new Dot(Axes.of(0, 1), Axes.of(1, 0), NONE, NONE), a, b).toDoubles())
                .containsExactly(1 * 5 + 2 * 7 + 3 * 6 + 4 * 8);
        assertThat(
                        Oracle.of(new Dot(NONE, NONE, NONE, NONE), ints(1, 2), ints(3, 4))
                                .toInts()) // outer
                .containsExactly(3, 4, 6, 8);
    }

    @Test
    void batchedProductPutsTheBatchFirst() {
        // a[i, b] (2, 2): columns are the batch; c[b, k] (2, 3); nothing is summed: y[b, i, k] =
        // a[i, b] c[b, k]
        Tensor a = Tensor.of(new int[] {1, 2, 3, 4}, 2, 2);
        Tensor c = Tensor.of(new int[] {1, 10, 100, 1, 10, 100}, 2, 3);
        Tensor y = Oracle.of(new Dot(NONE, NONE, Axes.of(1), Axes.of(0)), a, c);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 3));
        assertThat(y.toInts()).containsExactly(1, 10, 100, 3, 30, 300, 2, 20, 200, 4, 40, 400);
        // two matrices times two vectors
        Tensor m = Tensor.of(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2);
        Tensor v = Tensor.of(new int[] {1, 1, 1, -1}, 2, 2);
        assertThat(
                        Oracle.of(new Dot(Axes.of(2), Axes.of(1), Axes.of(0), Axes.of(0)), m, v)
                                .toInts())
                .containsExactly(3, 7, -1, -1);
    }

    @Test
    void productsOfNothingAreZero() {
        Tensor a = Tensor.of(new float[0], 2, 0);
        Tensor b = Tensor.of(new float[0], 0, 3);
        assertThat(Oracle.of(new Dot(Axes.of(1), Axes.of(0), NONE, NONE), a, b).toFloats())
                .containsExactly(0, 0, 0, 0, 0, 0);
        Tensor c = Tensor.of(new float[] {1, 2}, 2, 1);
        assertThat(Oracle.of(new Dot(Axes.of(0), Axes.of(0), NONE, NONE), a, c).shape())
                .isEqualTo(Shape.of(0, 1));
    }

    @Test
    void productsAccumulateInDouble() {
        Tensor a = Tensor.of(new float[] {1e8f, 1, -1e8f});
        Tensor one = Tensor.of(new float[] {1, 1, 1});
        assertThat(Oracle.of(new Dot(Axes.of(0), Axes.of(0), NONE, NONE), a, one).item())
                .isEqualTo(1);
    }

    @Test
    void convolutionOfALine() {
        assertThat(Oracle.of(new Contraction.Conv(line(1, 0, 0, 1)), LINE, PAIR).toFloats())
                .containsExactly(12, 23, 34);
        assertThat(Oracle.of(new Contraction.Conv(line(1, 0, 0, 2)), LINE, PAIR).toFloats())
                .containsExactly(13, 24);
        assertThat(Oracle.of(new Contraction.Conv(line(2, 1, 1, 1)), LINE, PAIR).toFloats())
                .containsExactly(1, 23, 40);
    }

    @Test
    void convolutionOfAPlane() {
        Tensor image = Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1);
        Tensor kernel = Tensor.of(new double[] {1, 10, 100, 1000}, 2, 2, 1, 1);
        var g = new Geometry(Axes.of(1, 1), Axes.of(0, 0), Axes.of(0, 0), Axes.of(1, 1), 1);
        assertThat(Oracle.of(new Contraction.Conv(g), image, kernel).toDoubles())
                .containsExactly(5421, 6532, 8754, 9865);
    }

    @Test
    void channelsAndGroups() {
        Tensor pixel = Tensor.of(new double[] {2, 3}, 1, 1, 2);
        Tensor kernel = Tensor.of(new double[] {10, 1, 100, 1000}, 1, 2, 2); // w[0, c, f]
        assertThat(Oracle.of(new Contraction.Conv(line(1, 0, 0, 1)), pixel, kernel).toDoubles())
                .containsExactly(2 * 10 + 3 * 100, 2 * 1 + 3 * 1000);
        var two = new Geometry(Axes.of(1), Axes.of(0), Axes.of(0), Axes.of(1), 2);
        Tensor grouped =
                Tensor.of(new double[] {10, 1, 100, 1000}, 1, 1, 4); // two filters for each channel
        assertThat(Oracle.of(new Contraction.Conv(two), pixel, grouped).toDoubles())
                .containsExactly(20, 2, 300, 3000);
    }

    @Test
    void transposesOfALine() {
        var g = line(1, 0, 0, 1);
        Tensor ct = Tensor.of(new float[] {1, 0, 2}, 1, 3, 1);
        // y₀ = 10x₀ + x₁, y₂ = 10x₂ + x₃
        assertThat(Oracle.of(new Contraction.ConvInput(g, Shape.of(4)), ct, PAIR).toFloats())
                .containsExactly(10, 1, 20, 2);
        // w₀ meets x₀ and x₂, w₁ meets x₁ and x₃
        assertThat(Oracle.of(new Contraction.ConvKernel(g, Shape.of(2)), LINE, ct).toFloats())
                .containsExactly(1 + 2 * 3, 2 + 2 * 4);
    }

    /**
     * ⟨conv(x, w), y⟩ = ⟨x, convInput(y, w)⟩ = ⟨w, convKernel(x, y)⟩, in whole numbers, so exactly.
     */
    @Test
    void transposesAreTransposes() {
        var random = new Random(7);
        // 5 × 6 image, 2 groups of 2 channels, 6 filters; rows: (5 + 1 + 0 − 3) / 2 + 1 = 2 (kernel
        // 2, dilation 2);
        // columns: (6 + 1 + 2 − 3) / 1 + 1 = 7
        var g = new Geometry(Axes.of(2, 1), Axes.of(1, 1), Axes.of(0, 2), Axes.of(2, 1), 2);
        Tensor x = random(random, 2, 5, 6, 4);
        Tensor w = random(random, 2, 3, 2, 6);
        Tensor y = random(random, 2, 2, 7, 6);
        long forward = inner(Oracle.of(new Contraction.Conv(g), x, w), y);
        assertThat(forward).isNotZero();
        assertThat(inner(x, Oracle.of(new Contraction.ConvInput(g, Shape.of(5, 6)), y, w)))
                .isEqualTo(forward);
        assertThat(inner(w, Oracle.of(new Contraction.ConvKernel(g, Shape.of(2, 3)), x, y)))
                .isEqualTo(forward);
    }

    private static Tensor random(Random random, int... shape) {
        return Tensor.of(
                random.longs(Shape.of(shape).size(), -9, 10).asDoubleStream().toArray(), shape);
    }

    private static long inner(Tensor a, Tensor b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        long sum = 0;
        double[] p = a.toDoubles();
        double[] q = b.toDoubles();
        for (int i = 0; i < p.length; i++) {
            sum += (long) p[i] * (long) q[i];
        }
        return sum;
    }
}
