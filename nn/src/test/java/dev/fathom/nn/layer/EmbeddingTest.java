package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.error.LayerException;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

final class EmbeddingTest {
    private static final int VOCABULARY = 1000;
    private static final int WIDTH = 3;
    private static final Embedding E = Doubles.of(Embedding.of(VOCABULARY, WIDTH, Key.of(1)));
    private static final Tensor IDS = Tensor.of(new int[] {7, 2, 7, 999}, 2, 2);
    private static final Tensor WEIGHTS = Doubles.normal(2, 2, 2, WIDTH);

    /** Some function of the rows. */
    private static Tensor loss(Tensor rows) {
        return rows.square().times(WEIGHTS).sum();
    }

    @Test
    void rowsAreLookedUp() {
        var e = new Embedding(Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2));
        Tensor ids = Tensor.of(new int[] {2, 0});
        assertThat(e.apply(ids, Pass.eval()).toDoubles()).containsExactly(5, 6, 1, 2);
        assertThat(e.withPadding(2).apply(ids, Pass.eval()).toDoubles())
                .containsExactly(0, 0, 1, 2);
        // (1, 1) · rows
        assertThat(e.logits(Tensor.of(new double[] {1, 1}, 1, 2)).toDoubles())
                .containsExactly(3, 7, 11);
    }

    @Test
    void theGradientOfTheTableIsTheSumOverTheUses() {
        var g = Transforms.grad((Embedding e) -> loss(e.apply(IDS, Pass.eval()))).apply(E);
        var rows = Transforms.grad(EmbeddingTest::loss).apply(E.apply(IDS, Pass.eval()));
        var expected = new double[VOCABULARY * WIDTH];
        var ids = IDS.toInts();
        var r = rows.toDoubles();
        for (int i = 0; i < ids.length; i++) {
            for (int j = 0; j < WIDTH; j++) {
                expected[ids[i] * WIDTH + j] += r[i * WIDTH + j];
            }
        }
        TreeAssert.assertClose("dense", g.table(), Tensor.of(expected, VOCABULARY, WIDTH), 1e-14);
        TreeAssert.assertClose(
                "sparse", SparseRows.of(IDS, rows).dense(VOCABULARY), g.table(), 1e-14);
        GradientCheck.assertGradients((Embedding e) -> e.withPadding(2).apply(IDS, Pass.eval()), E);
    }

    @Test
    void paddingHasNoGradient() {
        var g =
                Transforms.grad((Embedding e) -> e.withPadding(7).apply(IDS, Pass.eval()).sum())
                        .apply(E);
        assertThat(g.table().get(7).toDoubles()).containsOnly(0);
        assertThat(g.table().get(2).toDoubles()).containsOnly(1);
    }

    @Test
    void theSparseGradientComputesNothingOfTheTablesSize() {
        record Used(Tensor table, Tensor ids) {}
        var sparse =
                Transforms.jit((Used u) -> {
                    var e = new Embedding(u.table());
                    Tensor rows = e.apply(u.ids(), Pass.eval());
                    return SparseRows.of(u.ids(), Transforms.grad(EmbeddingTest::loss).apply(rows));
                });
        var dense =
                Transforms.jit((Used u) ->
                        Transforms.grad((Tensor t) ->
                                        loss(new Embedding(t).apply(u.ids(), Pass.eval())))
                                .apply(u.table()));
        var used = new Used(E.table(), IDS);
        assertThat(largestResult(sparse.graph(used))).isEqualTo(4L * WIDTH);
        assertThat(largestResult(dense.graph(used))).isEqualTo((long) VOCABULARY * WIDTH);
    }

    private static long largestResult(Graph graph) {
        return graph.equations().stream()
                .flatMap(e -> e.results().stream())
                .mapToLong(v -> v.type().shape().size())
                .max()
                .orElseThrow();
    }

    @Test
    void descendingChangesTheRowsUsedAsTheDenseStepDoes() {
        Tensor rows = E.apply(IDS, Pass.eval());
        var g = SparseRows.of(IDS, Transforms.grad(EmbeddingTest::loss).apply(rows));
        Tensor stepped = E.descend(g, .1).table();
        TreeAssert.assertClose(
                "step", stepped, E.table().minus(g.dense(VOCABULARY).times(.1)), 1e-14);
        int same = 0;
        for (int i = 0; i < VOCABULARY; i++) {
            same +=
                    stepped.get(i).equalTo(E.table().get(i)).cast(stepped.dtype()).min().item() == 1
                            ? 1
                            : 0;
        }
        assertThat(same).isEqualTo(VOCABULARY - 3);
    }

    @Test
    void messages() {
        var pass = Pass.eval();
        assertThatThrownBy(() -> E.apply(Tensor.of(new int[] {0, 1000}), pass))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("Embedding: id 1000 at position 1 is no token")
                .hasMessageContaining("1000, numbered 0 to 999");
        var fast = Transforms.jit((Tensor ids) -> E.apply(ids, Pass.eval()));
        assertThatThrownBy(() -> fast.apply(Tensor.of(new int[] {-1})))
                .isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> E.apply(Tensor.of(new float[] {0}), pass))
                .hasMessageContaining("not whole numbers; cast them");
        assertThatThrownBy(() -> E.withPadding(1000))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("the padding id is 1000");
        assertThatThrownBy(() -> E.logits(Tensor.of(new double[] {1, 2})))
                .hasMessageContaining("must be 3, the width");
        assertThatThrownBy(() -> SparseRows.of(IDS, Tensor.zeros(4, 3)))
                .hasMessageContaining("one more axis, the width");
    }
}
