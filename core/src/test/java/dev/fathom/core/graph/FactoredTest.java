package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** Which products a program is left with. */
class FactoredTest {
    private static TensorType floats(int... shape) {
        return new TensorType(Shape.of(shape), DType.FLOAT32);
    }

    private static Graph simplified(Function<List<Tensor>, List<Tensor>> f, TensorType... types) {
        return Verifier.verify(Simplifier.simplify(Recorder.record(List.of(types), f).graph()));
    }

    private static long largest(Graph g) {
        return g.equations().stream()
                .flatMap(e -> e.results().stream())
                .mapToLong(v -> v.type().shape().size())
                .max()
                .orElse(0);
    }

    private static long flop(Graph g) {
        return g.equations().stream().mapToLong(Work::flop).sum();
    }

    /** x (b, i) and d (b, j) to (b, i, j). */
    private static Tensor outer(Tensor x, Tensor d) {
        return Ops.bind(new Contraction.Dot(Axes.of(), Axes.of(), Axes.of(0), Axes.of(0)), x, d);
    }

    private static Tensor rows(Tensor a, Tensor b) {
        Axes over = Axes.range(1, a.rank());
        return Ops.bind(new Contraction.Dot(over, over, Axes.of(), Axes.of()), a, b);
    }

    @Test
    void squaresOfAnOuterProductAreSummedByFactors() {
        var g =
                simplified(
                        v -> List.of(outer(v.get(0), v.get(1)).square().sum(1, 2)),
                        floats(8, 30),
                        floats(8, 20));
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(8, 30) b:float32(8, 20) ->
                          c:float32(8, 20) = mul b b
                          d:float32(8,) = sum[axes=[1]] c
                          e:float32(8, 30) = mul a a
                          f:float32(8,) = sum[axes=[1]] e
                          g:float32(8,) = mul d f
                          return g }\
                        """);
    }

    @Test
    void aWeightedSumOfOuterProductsIsOneProduct() {
        var g =
                simplified(
                        v -> {
                            Tensor all = outer(v.get(0), v.get(1));
                            Tensor c = Ops.broadcast(v.get(2), all.shape(), Axes.of(0));
                            return List.of(all.times(c).sum(0));
                        },
                        floats(8, 30),
                        floats(8, 20),
                        floats(8));
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(8, 30) b:float32(8, 20) c:float32(8,) ->
                          d:float32(8, 20) = broadcast[shape=(8, 20) dims=[0]] c
                          e:float32(8, 20) = mul b d
                          f:float32(30, 20) = dot[leftContract=[0] rightContract=[0] leftBatch=[] rightBatch=[]] a e
                          return f }\
                        """);
    }

    @Test
    void scalarProductsOfOuterProductsAreProductsOfScalarProducts() {
        var g =
                simplified(
                        v -> {
                            Tensor all = outer(v.get(0), v.get(1));
                            return List.of(rows(all, all));
                        },
                        floats(8, 30),
                        floats(8, 20));
        assertThat(largest(g)).isEqualTo(8 * 8);
        // x xᵀ and d dᵀ, multiplied
        assertThat(flop(g)).isEqualTo(2 * 8 * 8 * (30 + 20) + 8 * 8);
    }

    @Test
    void flattenedOuterProductsAreSeenThrough() {
        var g =
                simplified(
                        v -> {
                            Tensor all = outer(v.get(0), v.get(1)).reshape(8, 600);
                            return List.of(all.matmul(all.transpose()));
                        },
                        floats(8, 30),
                        floats(8, 20));
        assertThat(largest(g)).isEqualTo(8 * 8);
    }

    @Test
    void aSumOfOuterProductsHasCrossTerms() {
        var g =
                simplified(
                        v -> {
                            Tensor all = outer(v.get(0), v.get(1)).plus(outer(v.get(2), v.get(3)));
                            return List.of(all.square().sum(1, 2));
                        },
                        floats(8, 30),
                        floats(8, 20),
                        floats(8, 30),
                        floats(8, 20));
        assertThat(largest(g)).isEqualTo(8 * 30);
        // ‖p‖² + 2 ⟨p, q⟩ + ‖q‖²: the cross term is computed once
        assertThat(g.equations().stream().filter(e -> e.op().name().equals("sum"))).hasSize(6);
    }

    @Test
    void longSequencesAreFormedAndShortOnesAreNot() {
        Function<List<Tensor>, List<Tensor>> norms =
                v -> {
                    var dot = new Contraction.Dot(Axes.of(1), Axes.of(1), Axes.of(0), Axes.of(0));
                    return List.of(Ops.bind(dot, v.get(0), v.get(1)).square().sum(1, 2));
                };
        // 4 samples of 2 steps: ⟨X Xᵀ, D Dᵀ⟩ has 2 × 2 numbers for each
        assertThat(largest(simplified(norms, floats(4, 2, 30), floats(4, 2, 20))))
                .isEqualTo(4 * 2 * 2);
        assertThat(largest(simplified(norms, floats(4, 50, 30), floats(4, 50, 20))))
                .isEqualTo(4 * 30 * 20);
    }

    @Test
    void aProductThatIsNeededAnywayIsKept() {
        // the gradient of a weight and its norm: reading it is less than Σ_bc (x_b x_c)(d_b d_c)
        var g =
                simplified(
                        v -> {
                            Tensor w = v.get(0).transpose().matmul(v.get(1)); // (30, 20)
                            return List.of(w, w.square().sum());
                        },
                        floats(8, 30),
                        floats(8, 20));
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(8, 30) b:float32(8, 20) ->
                          c:float32(30, 8) = transpose[order=[1, 0]] a
                          d:float32(30, 20) = dot[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] c b
                          e:float32(30, 20) = mul d d
                          f:float32() = sum[axes=[0, 1]] e
                          return d f }\
                        """);
    }

    @Test
    void whatIsSummedOverANameThatNobodyHasIsMultiplied() {
        // Σ over 5 repetitions of the norms
        var g =
                simplified(
                        v -> {
                            Tensor all = outer(v.get(0), v.get(1)).square();
                            Tensor five =
                                    Ops.broadcast(all, Shape.of(5, 8, 30, 20), Axes.of(1, 2, 3));
                            return List.of(five.sum(0, 2, 3));
                        },
                        floats(8, 30),
                        floats(8, 20));
        assertThat(largest(g)).isEqualTo(8 * 30);
        assertThat(g.toString()).contains(" 5.0");
    }

    @Test
    void wholeNumbersAreLeftAlone() {
        var whole = new TensorType(Shape.of(8, 30), DType.INT32);
        var g = simplified(v -> List.of(outer(v.get(0), v.get(0)).square().sum(1, 2)), whole);
        assertThat(largest(g)).isEqualTo(8 * 30 * 30);
    }
}
