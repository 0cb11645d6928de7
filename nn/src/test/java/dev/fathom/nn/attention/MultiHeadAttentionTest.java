package dev.fathom.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.graph.Work;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Pass;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Multi-head attention against plain loops; masks, groups, positions and generation. */
final class MultiHeadAttentionTest {
    private static final int C = 8;
    private static final int HEADS = 4;
    private static final Key KEY = Key.of(5);
    private static final MultiHeadAttention LAYER = biased(MultiHeadAttention.of(C, HEADS, KEY));
    private static final Tensor X = Doubles.normal(11, 2, 5, C);

    /** In float64, with biases that are not zero. */
    private static MultiHeadAttention biased(MultiHeadAttention layer) {
        return Tree.map(
                t -> t.rank() == 1 ? Doubles.normal(9, t.shape().dims()) : t.cast(DType.FLOAT64),
                layer);
    }

    private static MultiHeadAttention grouped(int groups) {
        return biased(MultiHeadAttention.of(C, 6, HEADS, groups, Initializer.glorotUniform(), KEY));
    }

    /** x W + b in plain loops. */
    private static double[][] project(double[] x, int rows, double[] w, double[] b) {
        int in = x.length / rows;
        var y = new double[rows][b.length];
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < b.length; o++) {
                y[r][o] = b[o];
                for (int i = 0; i < in; i++) {
                    y[r][o] += x[r * in + i] * w[i * b.length + o];
                }
            }
        }
        return y;
    }

    private static double[] head(double[][] rows, int head, int d) {
        var out = new double[rows.length * d];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(rows[r], head * d, out, r * d, d);
        }
        return out;
    }

    private static double[] reference(
            MultiHeadAttention l, Tensor x, Tensor memory, boolean[][] mask) {
        int t = x.dim(0);
        int s = memory.dim(0);
        int d = C / HEADS;
        double[][] q = project(x.toDoubles(), t, w(l.query()), b(l.query()));
        double[][] k = project(memory.toDoubles(), s, w(l.key()), b(l.key()));
        double[][] v = project(memory.toDoubles(), s, w(l.value()), b(l.value()));
        var joined = new double[t * C];
        for (int h = 0; h < HEADS; h++) {
            int g = h / (HEADS / l.groups());
            double[] z =
                    AttentionTest.reference(
                            head(q, h, d), head(k, g, d), head(v, g, d), mask, d, d);
            for (int i = 0; i < t; i++) {
                System.arraycopy(z, i * d, joined, i * C + h * d, d);
            }
        }
        double[][] y = project(joined, t, w(l.output()), b(l.output()));
        return Stream.of(y).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] w(Dense dense) {
        return dense.weight().toDoubles();
    }

    private static double[] b(Dense dense) {
        return dense.bias().orElseThrow().toDoubles();
    }

    private static boolean[][] allowed(int t, int s, boolean causal) {
        var m = new boolean[t][s];
        for (int i = 0; i < t; i++) {
            for (int j = 0; j < s; j++) {
                m[i][j] = !causal || j <= i;
            }
        }
        return m;
    }

    @Test
    void equalsPlainLoops() {
        for (boolean causal : new boolean[] {false, true}) {
            var layer = causal ? LAYER.withCausal() : LAYER;
            Tensor y = layer.apply(X, Pass.eval());
            for (int n = 0; n < 2; n++) {
                double[] expected = reference(layer, X.get(n), X.get(n), allowed(5, 5, causal));
                assertThat(y.get(n).toDoubles()).containsExactly(expected, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void crossAttentionWithSharedKeysEqualsPlainLoops(int groups) {
        var layer = grouped(groups);
        Tensor memory = Doubles.normal(12, 2, 3, 6);
        Tensor y = layer.attend(X, memory, Optional.empty(), Pass.eval());
        for (int n = 0; n < 2; n++) {
            double[] expected = reference(layer, X.get(n), memory.get(n), allowed(5, 3, false));
            assertThat(y.get(n).toDoubles()).containsExactly(expected, within(1e-12));
        }
        // W_q, W_o: 8·8 + 8 each; W_k, W_v: 6 · 2 groups + 2 groups each
        assertThat(Tree.countTrained(layer)).isEqualTo(2 * 72 + 2 * 7 * 2 * groups);
    }

    @Test
    void gradients() {
        GradientCheck.assertGradients(
                (MultiHeadAttention l) -> l.apply(X, Pass.eval()), LAYER.withCausal());
        GradientCheck.assertGradients(
                (Tensor x) ->
                        LAYER.withPositions(RelativePositions.Rotary.of()).apply(x, Pass.eval()),
                X);
    }

    /** Without positions and mask, reordering the inputs reorders the outputs. */
    @Test
    void isEquivariantToPermutations() {
        Tensor order = Tensor.of(new int[] {3, 0, 4, 1, 2});
        Tensor before = LAYER.apply(Shaping.take(X, order, 1), Pass.eval());
        Tensor after = Shaping.take(LAYER.apply(X, Pass.eval()), order, 1);
        TreeAssert.assertClose("permuted", before, after, 1e-13);
    }

    /** Bit for bit: the first three outputs, whatever comes after. */
    @Test
    void laterInputsDoNotChangeACausalOutput() {
        var layer = LAYER.withCausal().withPositions(RelativePositions.Rotary.of());
        Tensor other =
                Shaping.concatenate(1, X.slice(1, 0, 3), Doubles.normal(77, 2, 2, C).times(1e3));
        Tensor a = layer.apply(X, Pass.eval());
        Tensor b = layer.apply(other, Pass.eval());
        assertThat(a.slice(1, 0, 3).toDoubles()).isEqualTo(b.slice(1, 0, 3).toDoubles());
        assertThat(a.slice(1, 3, 5).toDoubles()).isNotEqualTo(b.slice(1, 3, 5).toDoubles());
    }

    /** 131 queries come in blocks of 66 and 65. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void longCausalSequencesEqualPlainLoops(int groups) {
        var layer =
                biased(MultiHeadAttention.of(C, C, HEADS, groups, Initializer.glorotUniform(), KEY))
                        .withCausal();
        Tensor x = Doubles.normal(14, 1, 131, C);
        Tensor y = layer.apply(x, Pass.eval());
        double[] expected = reference(layer, x.get(0), x.get(0), allowed(131, 131, true));
        assertThat(y.get(0).toDoubles()).containsExactly(expected, within(1e-12));
        // of a memory that is shorter than the last block reaches
        Tensor memory = Doubles.normal(15, 1, 70, C);
        Tensor z = layer.attend(x, memory, Optional.empty(), Pass.eval());
        double[] seen = reference(layer, x.get(0), memory.get(0), allowed(131, 70, true));
        assertThat(z.get(0).toDoubles()).containsExactly(seen, within(1e-12));
    }

    /** A mask for all, for each key, and for each query and key, with the gradient. */
    @Test
    void longCausalSequencesTakeMasks() {
        var causal = LAYER.withCausal().withPositions(new RelativePositions.Alibi());
        var whole = LAYER.withPositions(new RelativePositions.Alibi());
        Tensor x = Doubles.normal(16, 2, 130, C);
        Tensor lengths = Attention.lengths(Tensor.of(new int[] {100, 7}), 130); // (2, 1, 1, 130)
        Tensor later = Attention.causal(130);
        Tensor row = lengths.get(0).reshape(130);
        for (Tensor mask : new Tensor[] {lengths, row, Functions.and(lengths, later)}) {
            Tensor both = Functions.and(mask, later);
            TreeAssert.assertClose(
                    "blocks",
                    causal.apply(x, mask, Pass.eval()),
                    whole.apply(x, both, Pass.eval()),
                    1e-12);
            TreeAssert.assertClose(
                    "gradient",
                    Transforms.grad((Tensor v) -> causal.apply(v, mask, Pass.eval()).square().sum())
                            .apply(x),
                    Transforms.grad((Tensor v) -> whole.apply(v, both, Pass.eval()).square().sum())
                            .apply(x),
                    1e-11);
        }
        assertThatThrownBy(() -> causal.apply(x, Attention.causal(131), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("a mask (131, 131) does not fit the scores (");
        assertThatThrownBy(() -> causal.apply(x, Tensor.zeros(x.dim(1)), Pass.eval()))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("true means that a query may look at a key");
    }

    /** Eight blocks meet 1, 2, .. 8 eighths of the keys: 36 of 64 parts of the scores. */
    @Test
    void laterKeysAreNotMultiplied() {
        var causal = LAYER.withCausal();
        assertThat(products(causal, 1024)).isEqualTo(products(LAYER, 1024) / 64 * 36);
        assertThat(products(causal, 127)).isEqualTo(products(LAYER, 127));
    }

    /** Operations in the products of heads. */
    private static long products(MultiHeadAttention layer, int t) {
        return Transforms.jit((Tensor x) -> layer.apply(x, Pass.eval()))
                .graph(Doubles.normal(17, 1, t, C))
                .equations()
                .stream()
                .filter(e -> e.op() instanceof Contraction.Dot d && d.leftBatch().size() > 0)
                .mapToLong(Work::flop)
                .sum();
    }

    /** A padded sequence gives what the short one gives; of one without elements, b of Wᴼ. */
    @Test
    void paddingDoesNotCount() {
        Tensor mask = Attention.lengths(Tensor.of(new int[] {3, 0}), 5);
        Tensor y = LAYER.apply(X, mask, Pass.eval());
        Tensor shorter = LAYER.apply(X.slice(0, 0, 1).slice(1, 0, 3), Pass.eval());
        TreeAssert.assertClose("padded", y.slice(0, 0, 1).slice(1, 0, 3), shorter, 1e-13);
        for (int i = 0; i < 5; i++) {
            assertThat(y.get(1).get(i).toDoubles()).containsExactly(b(LAYER.output()));
        }
        Tensor g =
                Transforms.grad((Tensor x) -> LAYER.apply(x, mask, Pass.eval()).square().sum())
                        .apply(X);
        assertThat(g.toDoubles()).doesNotContain(Double.NaN);
        assertThat(g.get(1).toDoubles()).containsOnly(0.0);
    }

    @Test
    void dropsWeightsInTrainingOnly() {
        var layer = LAYER.withDropout(0.5);
        var key = Key.of(8);
        Tensor plain = LAYER.apply(X, Pass.eval());
        Tensor dropped = layer.apply(X, Pass.training(key));
        assertThat(layer.apply(X, Pass.eval()).toDoubles()).isEqualTo(plain.toDoubles());
        assertThat(dropped.toDoubles()).isNotEqualTo(plain.toDoubles());
        assertThat(layer.apply(X, Pass.training(key)).toDoubles()).isEqualTo(dropped.toDoubles());
    }

    /** Turning all positions by the same amount leaves the scores, and so the outputs. */
    @Test
    void rotaryScoresDependOnDifferencesOnly() {
        var rotary = RelativePositions.Rotary.of();
        Tensor q = Doubles.normal(1, 1, 2, 5, 6);
        Tensor k = Doubles.normal(2, 1, 2, 5, 6);
        Tensor here = Tensor.of(new int[] {0, 1, 2, 3, 4});
        Tensor there = here.plus(Tensor.scalar(1000));
        Tensor a = Attention.scores(rotary.turn(q, here), rotary.turn(k, here));
        Tensor b = Attention.scores(rotary.turn(q, there), rotary.turn(k, there));
        TreeAssert.assertClose("shifted", a, b, 1e-12);
        Tensor plain = Attention.scores(q, k);
        assertThat(Math.abs(a.minus(plain).abs().max().item())).isGreaterThan(0.1);
    }

    /** Equation 34 by hand: d = 4, position 3, θ = 1 and 1/100. */
    @Test
    void rotaryByHand() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 1, 4);
        Tensor y = RelativePositions.Rotary.of().turn(x, Tensor.of(new int[] {3}));
        assertThat(y.toDoubles())
                .containsExactly(
                        new double[] {
                            Math.cos(3) - 2 * Math.sin(3),
                            2 * Math.cos(3) + Math.sin(3),
                            3 * Math.cos(0.03) - 4 * Math.sin(0.03),
                            4 * Math.cos(0.03) + 3 * Math.sin(0.03)
                        },
                        within(1e-14));
    }

    /** Two heads subtract distance / 16 and distance / 256. */
    @Test
    void alibiByHand() {
        Tensor at = Tensor.of(new int[] {0, 1, 2});
        Tensor y =
                new RelativePositions.Alibi().bias(Tensor.of(new double[18], 1, 2, 3, 3), at, at);
        var expected = new double[18];
        for (int i = 0; i < 18; i++) {
            expected[i] = -Math.abs(i / 3 % 3 - i % 3) / (i < 9 ? 16.0 : 256.0);
        }
        assertThat(y.toDoubles()).containsExactly(expected, within(1e-16));
    }

    record Step(Tensor x, MultiHeadAttention.Cache cache, Tensor position) {}

    /** One at a time, then two at once: the rows of the whole; recorded once for each length. */
    @Test
    void generationEqualsTheWholeSequence() {
        for (var scheme :
                new RelativePositions[] {
                    new RelativePositions.None(),
                    RelativePositions.Rotary.of(),
                    new RelativePositions.Alibi()
                }) {
            var layer =
                    biased(MultiHeadAttention.of(C, C, HEADS, 2, Initializer.glorotUniform(), KEY))
                            .withCausal()
                            .withPositions(scheme);
            Tensor whole = layer.apply(X, Pass.eval());
            var step =
                    Transforms.jit(
                            (Step s) -> layer.step(s.x(), s.cache(), s.position(), Pass.eval()));
            var cache = layer.cache(2, 9);
            for (int t = 0; t < 3; t++) {
                var next = step.apply(new Step(X.slice(1, t, t + 1), cache, Tensor.scalar(t)));
                TreeAssert.assertClose("step " + t, next.output(), whole.slice(1, t, t + 1), 1e-12);
                cache = next.cache();
            }
            assertThat(step.traces()).isEqualTo(1);
            var rest = step.apply(new Step(X.slice(1, 3, 5), cache, Tensor.scalar(3)));
            TreeAssert.assertClose("rest", rest.output(), whole.slice(1, 3, 5), 1e-12);
            assertThat(step.traces()).isEqualTo(2);
        }
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> MultiHeadAttention.of(8, 3, KEY))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("MultiHeadAttention: 3 heads do not divide width 8");
        assertThatThrownBy(() -> LAYER.apply(Doubles.normal(1, 2, 7), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("input (2, 7) is not a batch of sequences (n, t, 8)");
        assertThatThrownBy(() -> LAYER.attend(X, X.slice(1, 0, 0), Optional.empty(), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("are none, so there is nothing to look at");
        assertThatThrownBy(() -> LAYER.step(X, LAYER.cache(2, 9), Tensor.scalar(0), Pass.eval()))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("generation needs causal attention");
        assertThatThrownBy(() ->
                        LAYER.withCausal()
                                .step(X, LAYER.cache(2, 4), Tensor.scalar(0), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("5 positions do not fit a cache of 4");
        assertThatThrownBy(() ->
                        RelativePositions.Rotary.of()
                                .turn(Doubles.normal(1, 2, 3), Tensor.of(new int[2])))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("Rotary: vectors of 3 numbers do not split into pairs");
    }
}
