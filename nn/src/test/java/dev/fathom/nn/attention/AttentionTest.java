package dev.fathom.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** Scaled dot-product attention against plain loops, and what masks promise. */
final class AttentionTest {
    private static final int QUERIES = 4;
    private static final int KEYS = 5;
    private static final int D = 3;
    private static final int DV = 2;
    private static final Tensor Q = Doubles.normal(1, QUERIES, D);
    private static final Tensor K = Doubles.normal(2, KEYS, D);
    private static final Tensor V = Doubles.normal(3, KEYS, DV);

    /** Equation 1 of the paper for one sequence, in plain loops; nothing allowed gives zeros. */
    static double[] reference(double[] q, double[] k, double[] v, boolean[][] mask, int d, int dv) {
        int queries = mask.length;
        int keys = mask[0].length;
        var out = new double[queries * dv];
        for (int i = 0; i < queries; i++) {
            var w = new double[keys];
            double top = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < keys; j++) {
                for (int c = 0; c < d; c++) {
                    w[j] += q[i * d + c] * k[j * d + c];
                }
                w[j] /= Math.sqrt(d);
                top = mask[i][j] ? Math.max(top, w[j]) : top;
            }
            double total = 0;
            for (int j = 0; j < keys; j++) {
                w[j] = mask[i][j] ? Math.exp(w[j] - top) : 0;
                total += w[j];
            }
            for (int j = 0; j < keys && total > 0; j++) {
                for (int c = 0; c < dv; c++) {
                    out[i * dv + c] += w[j] / total * v[j * dv + c];
                }
            }
        }
        return out;
    }

    private static boolean[][] mask(double[] bits) {
        var m = new boolean[QUERIES][KEYS];
        for (int i = 0; i < bits.length; i++) {
            m[i / KEYS][i % KEYS] = bits[i] > 0;
        }
        return m;
    }

    private static Tensor tensor(boolean[][] mask) {
        var flat = new boolean[mask.length * mask[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = mask[i / mask[0].length][i % mask[0].length];
        }
        return Tensor.of(flat, mask.length, mask[0].length);
    }

    private static final boolean[][] SOME =
            mask(new double[] {1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});

    @Test
    void equalsPlainLoops() {
        var all = new boolean[QUERIES][KEYS];
        for (var row : all) {
            Arrays.fill(row, true);
        }
        assertThat(Attention.of(Q, K, V).toDoubles())
                .containsExactly(
                        reference(Q.toDoubles(), K.toDoubles(), V.toDoubles(), all, D, DV),
                        within(1e-12));
        assertThat(Attention.of(Q, K, V, tensor(SOME)).toDoubles())
                .containsExactly(
                        reference(Q.toDoubles(), K.toDoubles(), V.toDoubles(), SOME, D, DV),
                        within(1e-12));
    }

    /** Row 1 of the mask allows nothing: zeros, and no gradient to its query. */
    @Test
    void aQueryThatMayLookAtNothingGivesZeros() {
        Tensor m = tensor(SOME);
        Tensor y = Attention.of(Q, K, V, m);
        assertThat(y.get(1).toDoubles()).containsOnly(0.0);
        var g =
                Transforms.grad((List<Tensor> l) ->
                                Attention.of(l.get(0), l.get(1), l.get(2), m).square().sum())
                        .apply(List.of(Q, K, V));
        assertThat(g.get(0).get(1).toDoubles()).containsOnly(0.0);
        for (var t : g) {
            assertThat(t.toDoubles()).doesNotContain(Double.NaN);
        }
    }

    @Test
    void gradients() {
        Tensor m = tensor(SOME);
        GradientCheck.assertGradients(
                (List<Tensor> l) -> Attention.of(l.get(0), l.get(1), l.get(2), m),
                List.of(Q, K, V));
        GradientCheck.assertGradients(
                (List<Tensor> l) -> Attention.of(l.get(0), l.get(1), l.get(2)), List.of(Q, K, V));
    }

    /** Scores of ±10⁴ and ±10³⁰: all weight on the largest one. */
    @Test
    void isStableAtLargeScores() {
        for (double scale : new double[] {1e2, 1e15}) {
            Tensor q = Tensor.of(new double[] {scale, 0}, 1, 2).cast(DType.FLOAT32);
            Tensor k =
                    Tensor.of(new double[] {scale, 0, -scale, 0, 0, scale}, 3, 2)
                            .cast(DType.FLOAT32);
            Tensor v = Tensor.of(new float[] {7, 8, 9}, 3, 1);
            Tensor mask = Tensor.of(new boolean[] {true, true, true}, 1, 3);
            assertThat(Attention.of(q, k, v).toFloats()).containsExactly(7f);
            assertThat(Attention.of(q, k, v, mask).toFloats()).containsExactly(7f);
            Tensor second = Tensor.of(new boolean[] {false, true, false}, 1, 3);
            assertThat(Attention.of(q, k, v, second).toFloats()).containsExactly(8f);
        }
    }

    @Test
    void masks() {
        assertThat(Attention.causal(3).toBooleans())
                .containsExactly(true, false, false, true, true, false, true, true, true);
        Tensor lengths = Attention.lengths(Tensor.of(new int[] {2, 0}), 3);
        assertThat(lengths.shape().dims()).containsExactly(2, 1, 1, 3);
        assertThat(lengths.toBooleans()).containsExactly(true, true, false, false, false, false);
    }

    /** Batches and vmap see the same numbers. */
    @Test
    void batches() {
        Tensor q = Doubles.normal(4, 2, 3, QUERIES, D);
        Tensor k = Doubles.normal(5, 2, 3, KEYS, D);
        Tensor v = Doubles.normal(6, 2, 3, KEYS, DV);
        Tensor whole = Attention.of(q, k, v, tensor(SOME));
        Tensor one = Attention.of(q.get(1).get(2), k.get(1).get(2), v.get(1).get(2), tensor(SOME));
        TreeAssert.assertClose("batch", whole.get(1).get(2), one, 1e-14);
        var mapped =
                Transforms.vmap((List<Tensor> l) ->
                        Attention.of(l.get(0), l.get(1), l.get(2), tensor(SOME)));
        TreeAssert.assertClose("vmap", mapped.apply(List.of(q, k, v)), whole, 1e-14);
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> Attention.of(Q, V, V))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "Attention: queries (4, 3) and keys (5, 2) cannot be multiplied");
        assertThatThrownBy(() -> Attention.of(Q, Tensor.zeros(0, 3), Tensor.zeros(0, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("Attention: keys (0, 3) are none");
        assertThatThrownBy(() -> Attention.of(Q, K, V, Tensor.zeros(4, 5)))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("true means that a query may look at a key");
        assertThatThrownBy(() -> Attention.of(Q, K, V, Tensor.of(new boolean[20], 1, 4, 5)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("a mask (1, 4, 5) does not fit the scores (4, 5)");
        assertThatThrownBy(() -> Attention.of(Q, K, V, Attention.causal(4)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("a mask (4, 4) does not fit the scores (4, 5)");
    }
}
