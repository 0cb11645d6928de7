package dev.fathom.nn.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Pass;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

final class RecurrentTest {
    private static final int N = 3;
    private static final int TIME = 5;
    private static final int IN = 2;
    private static final int WIDTH = 4;
    private static final Key KEY = Key.of(11);
    private static final Tensor X = Doubles.normal(1, N, TIME, IN);

    /** Biases that are not zero, so that a lost one is seen. */
    private static <T> T shaken(T cell) {
        T d = Doubles.of(cell);
        return Tree.map(t -> t.plus(Doubles.normal(t.size(), t.shape().dims()).times(.3)), d);
    }

    static Stream<Cell<?>> cells() {
        var gru = shaken(Gru.of(IN, WIDTH, KEY));
        return Stream.of(
                shaken(Elman.of(IN, WIDTH, KEY)),
                shaken(Lstm.of(IN, WIDTH, KEY)),
                gru,
                gru.resettingBefore());
    }

    // ---- an independent reference: one sequence, plain loops ----

    private static double sigma(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Σ_k v[k] m[k][column]. */
    private static double product(double[] v, Tensor m, int column) {
        var a = m.toDoubles();
        double sum = 0;
        for (int k = 0; k < v.length; k++) {
            sum += v[k] * a[k * m.dim(1) + column];
        }
        return sum;
    }

    /** state[0] is h, state[1] is c of the LSTM. */
    private static void advance(Cell<?> cell, double[] x, double[][] state) {
        int w = cell.width();
        var h = state[0].clone();
        switch (cell) {
            case Elman e -> {
                for (int j = 0; j < w; j++) {
                    double z = product(x, e.weight(), j) + product(h, e.recurrent(), j);
                    state[0][j] = Math.tanh(z + e.bias().toDoubles()[j]);
                }
            }
            case Lstm l -> {
                for (int j = 0; j < w; j++) {
                    var z = new double[4];
                    for (int g = 0; g < 4; g++) {
                        int at = g * w + j;
                        z[g] = product(x, l.weight(), at) + product(h, l.recurrent(), at);
                        z[g] += l.bias().toDoubles()[at];
                    }
                    double c = sigma(z[1]) * state[1][j] + sigma(z[0]) * Math.tanh(z[2]);
                    state[1][j] = c;
                    state[0][j] = sigma(z[3]) * Math.tanh(c);
                }
            }
            case Gru g -> {
                var b = g.bias().toDoubles();
                var r = new double[w];
                var reset = new double[w];
                for (int j = 0; j < w; j++) {
                    r[j] = sigma(product(x, g.weight(), j) + product(h, g.recurrent(), j) + b[j]);
                    reset[j] = r[j] * h[j];
                }
                for (int j = 0; j < w; j++) {
                    int at = w + j;
                    double z = product(x, g.weight(), at) + product(h, g.recurrent(), at) + b[at];
                    int to = 2 * w + j;
                    double inner =
                            g.resetBias().isPresent()
                                    ? r[j]
                                            * (product(h, g.recurrent(), to)
                                                    + g.resetBias().get().toDoubles()[j])
                                    : product(reset, g.recurrent(), to);
                    double candidate = Math.tanh(product(x, g.weight(), to) + b[to] + inner);
                    state[0][j] = (1 - sigma(z)) * candidate + sigma(z) * h[j];
                }
            }
            default -> throw new AssertionError(cell);
        }
    }

    /** Outputs (time, width) of sequence {@code i}, of which {@code length} steps are true. */
    private static double[][] reference(Cell<?> cell, int i, int length, boolean reversed) {
        var state = new double[2][cell.width()];
        var out = new double[TIME][cell.width()];
        for (int step = 0; step < length; step++) {
            int t = reversed ? length - 1 - step : step;
            advance(cell, X.get(i).get(t).toDoubles(), state);
            out[t] = state[0].clone();
        }
        return out;
    }

    private static void assertRow(Tensor row, double[] expected) {
        assertThat(row.toDoubles()).containsExactly(expected, within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("cells")
    <S> void outputsAreThoseOfPlainLoops(Cell<S> cell) {
        Tensor y = Recurrent.of(cell).apply(X, Pass.eval());
        Tensor last = Recurrent.of(cell).last().apply(X, Pass.eval());
        assertThat(y.shape().dims()).containsExactly(N, TIME, WIDTH);
        for (int i = 0; i < N; i++) {
            var expected = reference(cell, i, TIME, false);
            for (int t = 0; t < TIME; t++) {
                assertRow(y.get(i).get(t), expected[t]);
            }
            assertRow(last.get(i), expected[TIME - 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    <S> void stepsBeyondTheLengthChangeNothing(Cell<S> cell) {
        var lengths = new int[] {5, 2, 0};
        for (boolean reversed : new boolean[] {false, true}) {
            var layer = reversed ? Recurrent.of(cell).reverse() : Recurrent.of(cell);
            Tensor y = layer.apply(X, Tensor.of(lengths), Pass.eval());
            Tensor last = layer.last().apply(X, Tensor.of(lengths), Pass.eval());
            for (int i = 0; i < N; i++) {
                var expected = reference(cell, i, lengths[i], reversed);
                for (int t = 0; t < TIME; t++) {
                    assertRow(y.get(i).get(t), expected[t]);
                }
                int end = reversed ? 0 : Math.max(0, lengths[i] - 1);
                assertRow(last.get(i), expected[end]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    <S> void theTiedGradientIsTheSumOverTheCopies(Cell<S> cell) {
        var copies = new ArrayList<Cell<S>>();
        for (int t = 0; t < TIME; t++) {
            copies.add(cell);
        }
        var unrolled =
                Transforms.grad(
                                (List<Cell<S>> c) -> {
                                    S s = c.getFirst().start(N);
                                    Tensor loss = Tensor.scalar(0.0);
                                    for (int t = 0; t < TIME; t++) {
                                        Tensor x = Shaping.moveAxis(X, 1, 0).get(t);
                                        s = c.get(t).step(x, s);
                                        loss = loss.plus(c.get(t).output(s).square().sum());
                                    }
                                    return loss;
                                })
                        .apply(copies);
        Cell<S> sum = unrolled.getFirst();
        for (int t = 1; t < TIME; t++) {
            sum = Tree.plus(sum, unrolled.get(t));
        }
        Cell<S> tied =
                Transforms.grad((Cell<S> c) -> Recurrent.of(c).apply(X, Pass.eval()).square().sum())
                        .apply(cell);
        TreeAssert.assertClose("tied", tied, sum, 1e-12);
    }

    @ParameterizedTest
    @MethodSource("cells")
    <S> void derivativesAndPrograms(Cell<S> cell) {
        var lengths = Tensor.of(new int[] {5, 2, 0});
        GradientCheck.assertGradients(
                (Cell<S> c) -> Recurrent.of(c).apply(X, lengths, Pass.eval()), cell);
        GradientCheck.assertGradients(
                (Tensor x) -> Recurrent.of(cell).reverse().apply(x, Pass.eval()), X);
        FunctionCheck.assertJit((Tensor x) -> Recurrent.of(cell).apply(x, Pass.eval()), X);
    }

    @ParameterizedTest
    @MethodSource("cells")
    <S> void piecesWithTheStateCarriedOverAreTheWhole(Cell<S> cell) {
        var layer = Recurrent.of(cell);
        var whole = layer.run(X, Pass.eval());
        var a = layer.run(X.slice(1, 0, 2), Pass.eval());
        var b = layer.run(X.slice(1, 2, TIME), a.state(), Optional.empty(), Pass.eval());
        TreeAssert.assertClose(
                "outputs",
                Shaping.concatenate(1, a.outputs(), b.outputs()),
                whole.outputs(),
                1e-14);
        TreeAssert.assertClose("state", b.state(), whole.state(), 1e-14);
    }

    @Test
    void theLstmByHand() {
        Tensor none = Tensor.of(new double[4], 1, 4);
        var cell = new Lstm(none, none, Tensor.of(new double[] {0, 1, Math.log(3), 0}));
        // σ(i) = 1/2, σ(f) = σ(1) = .7310585786, tanh(ln 3) = (9 − 1)/(9 + 1) = .8, σ(o) = 1/2
        double kept = 1 / (1 + Math.exp(-1));
        double c1 = .4;
        double c2 = kept * c1 + .4;
        var run = Recurrent.of(cell).run(Tensor.of(new double[2], 1, 2, 1), Pass.eval());
        assertThat(run.outputs().toDoubles())
                .containsExactly(
                        new double[] {Math.tanh(c1) / 2, Math.tanh(c2) / 2}, within(1e-15));
        assertThat(run.state().getFirst().cell().item()).isEqualTo(c2, within(1e-15));
    }

    @Test
    void factories() {
        assertThat(Tree.countTrained(Elman.of(3, 4, KEY))).isEqualTo(3 * 4 + 4 * 4 + 4);
        assertThat(Tree.countTrained(Lstm.of(3, 4, KEY))).isEqualTo(4 * (3 * 4 + 4 * 4 + 4));
        assertThat(Tree.countTrained(Gru.of(3, 4, KEY))).isEqualTo(3 * (3 * 4 + 4 * 4 + 4) + 4);
        assertThat(Lstm.of(3, 2, KEY).bias().toFloats()).containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
        assertThat(Lstm.of(3, 1, -2, KEY).bias().toFloats()).containsExactly(0, -2, 0, 0);
    }

    @Test
    void stacksAndBothDirections() {
        Lstm a = shaken(Lstm.of(IN, WIDTH, KEY));
        Lstm b = shaken(Lstm.of(WIDTH, 3, KEY));
        Tensor stacked = Recurrent.of(List.of(a, b)).apply(X, Pass.eval());
        Tensor below = Recurrent.of(a).apply(X, Pass.eval());
        TreeAssert.assertClose("stack", stacked, Recurrent.of(b).apply(below, Pass.eval()), 1e-14);

        Gru forward = shaken(Gru.of(IN, WIDTH, KEY));
        Gru backward = shaken(Gru.of(IN, WIDTH, Key.of(2)));
        var lengths = new int[] {5, 2, 4};
        var both = Bidirectional.of(Recurrent.of(forward), Recurrent.of(backward));
        Tensor y = both.apply(X, Tensor.of(lengths), Pass.eval());
        assertThat(both.apply(X, Pass.eval()).shape().dims()).containsExactly(N, TIME, 2 * WIDTH);
        for (int i = 0; i < N; i++) {
            for (int t = 0; t < TIME; t++) {
                Tensor row = y.get(i).get(t);
                assertRow(row.slice(0, 0, WIDTH), reference(forward, i, lengths[i], false)[t]);
                assertRow(
                        row.slice(0, WIDTH, 2 * WIDTH),
                        reference(backward, i, lengths[i], true)[t]);
            }
        }
    }

    @Test
    void dropoutBetweenCellsHasOneMaskForAllSteps() {
        // a cell above that passes its input on: tanh(x · 0.001) / 0.001 ≈ x
        Elman below = shaken(Elman.of(IN, WIDTH, KEY));
        Tensor eye = Doubles.of(Creation.eye(below.weight().dtype(), WIDTH));
        var above =
                new Elman(
                        eye.times(1e-3),
                        Tensor.of(new double[WIDTH * WIDTH], WIDTH, WIDTH),
                        Tensor.of(new double[WIDTH]));
        var layer = Recurrent.of(List.of(below, above)).withDropout(.5);
        Tensor plain = layer.apply(X, Pass.eval());
        Tensor y = layer.apply(X, Pass.training(Key.of(4)));
        Tensor ratio = y.dividedBy(plain); // 0 or 2, (n, time, width)
        var values = ratio.toDoubles();
        int dropped = 0;
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < WIDTH; j++) {
                double first = values[i * TIME * WIDTH + j];
                assertThat(Math.min(Math.abs(first), Math.abs(first - 2))).isLessThan(1e-5);
                dropped += first < 1 ? 1 : 0;
                for (int t = 0; t < TIME; t++) {
                    assertThat(values[(i * TIME + t) * WIDTH + j]).isEqualTo(first, within(1e-5));
                }
            }
        }
        assertThat(dropped).isBetween(1, N * WIDTH - 1);
        TreeAssert.assertSame("same key", layer.apply(X, Pass.training(Key.of(4))), y);
    }

    @Test
    void messages() {
        var layer = Recurrent.of(Elman.of(IN, WIDTH, KEY));
        assertThatThrownBy(() -> layer.apply(Tensor.zeros(5, IN), Pass.eval()))
                .hasMessageContaining("Recurrent: input (5, 2) is not (n, time, 2)")
                .hasMessageContaining("x.expandDims(0)");
        assertThatThrownBy(() ->
                        layer.apply(
                                Tensor.zeros(3, 5, IN), Tensor.of(new int[] {1, 2}), Pass.eval()))
                .hasMessageContaining("they must be int32(3)");
        assertThatThrownBy(() -> Recurrent.of(List.of(Elman.of(2, 3, KEY), Elman.of(4, 3, KEY))))
                .hasMessageContaining("cells[1] takes 4 features, the cell below it gives 3");
        assertThatThrownBy(() -> new Bidirectional<>(layer, layer))
                .hasMessageContaining("Bidirectional.of(a, b)");
        assertThatThrownBy(() ->
                        layer.run(Tensor.zeros(3, 5, IN), List.of(), Optional.empty(), Pass.eval()))
                .hasMessageContaining("0 initial states for 1 cells");
    }
}
