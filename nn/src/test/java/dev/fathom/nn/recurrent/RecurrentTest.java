package dev.fathom.nn.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

class RecurrentTest {
    private static final int N = 3;
    private static final int TIME = 5;
    private static final int IN = 4;
    private static final int WIDTH = 2;

    /**
     * A cell and the same as plain loops: (x, state) to state, of which the first part is shown.
     */
    record Row(String name, Cell<?> cell, Plain plain, int memory) {
        @Override
        public String toString() {
            return name;
        }
    }

    interface Plain {
        double[] step(double[] x, double[] state);
    }

    private static <T> T doubled(T tree) {
        return Tree.mapTrained(t -> t.cast(DType.FLOAT64), tree);
    }

    /** Biases that are not zero, so that a forgotten one shows. */
    private static Tensor bias(int n, long seed) {
        return Key.of(seed).normal(DType.FLOAT64, n);
    }

    static Stream<Row> cells() {
        var elman = doubled(Elman.of(IN, WIDTH, Key.of(1)));
        var e = new Elman(elman.weight(), elman.recurrent(), bias(WIDTH, 2));
        var lstm = doubled(Lstm.of(IN, WIDTH, Key.of(3)));
        var l = new Lstm(lstm.weight(), lstm.recurrent(), bias(4 * WIDTH, 4));
        var gru = doubled(Gru.of(IN, WIDTH, Key.of(5)));
        var after =
                new Gru(
                        gru.weight(),
                        gru.recurrent(),
                        bias(3 * WIDTH, 6),
                        Optional.of(bias(WIDTH, 7)));
        var before = after.resettingBefore();
        return Stream.of(
                new Row("elman", e, (x, s) -> elman(e, x, s), WIDTH),
                new Row("lstm", l, (x, s) -> lstm(l, x, s), 2 * WIDTH),
                new Row("gru, reset after", after, (x, s) -> gru(after, x, s, true), WIDTH),
                new Row("gru, reset before", before, (x, s) -> gru(before, x, s, false), WIDTH));
    }

    // ---- plain loops ---------------------------------------------------------------------------

    private static double[] affine(double[] x, Tensor weight, double[] start) {
        var w = weight.toDoubles();
        var y = start.clone();
        for (int j = 0; j < y.length; j++) {
            for (int i = 0; i < x.length; i++) {
                y[j] += x[i] * w[i * y.length + j];
            }
        }
        return y;
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] elman(Elman c, double[] x, double[] h) {
        var z = affine(h, c.recurrent(), affine(x, c.weight(), c.bias().toDoubles()));
        return Arrays.stream(z).map(Math::tanh).toArray();
    }

    private static double[] lstm(Lstm c, double[] x, double[] s) {
        var h = Arrays.copyOf(s, WIDTH);
        var z = affine(h, c.recurrent(), affine(x, c.weight(), c.bias().toDoubles()));
        var next = new double[2 * WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            double cell =
                    logistic(z[WIDTH + j]) * s[WIDTH + j]
                            + logistic(z[j]) * Math.tanh(z[2 * WIDTH + j]);
            next[WIDTH + j] = cell;
            next[j] = logistic(z[3 * WIDTH + j]) * Math.tanh(cell);
        }
        return next;
    }

    private static double[] gru(Gru c, double[] x, double[] h, boolean after) {
        var p = affine(x, c.weight(), c.bias().toDoubles());
        var u = affine(h, c.recurrent(), new double[3 * WIDTH]);
        var r = new double[WIDTH];
        var reset = new double[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            r[j] = logistic(p[j] + u[j]);
            reset[j] = r[j] * h[j];
        }
        var inner = affine(reset, c.recurrent(), new double[3 * WIDTH]);
        var next = new double[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            double z = logistic(p[WIDTH + j] + u[WIDTH + j]);
            double g =
                    after
                            ? r[j] * (u[2 * WIDTH + j] + c.resetBias().orElseThrow().toDoubles()[j])
                            : inner[2 * WIDTH + j];
            next[j] = (1 - z) * Math.tanh(p[2 * WIDTH + j] + g) + z * h[j];
        }
        return next;
    }

    /** Outputs (n, time, width) of plain loops over the first {@code lengths} steps of each. */
    private static double[] plain(Row row, Tensor x, int[] lengths, boolean reversed) {
        var in = x.toDoubles();
        var out = new double[N * TIME * WIDTH];
        for (int n = 0; n < N; n++) {
            var state = new double[row.memory()];
            for (int i = 0; i < lengths[n]; i++) {
                int t = reversed ? lengths[n] - 1 - i : i;
                int at = (n * TIME + t) * IN;
                state = row.plain().step(Arrays.copyOfRange(in, at, at + IN), state);
                System.arraycopy(state, 0, out, (n * TIME + t) * WIDTH, WIDTH);
            }
        }
        return out;
    }

    private static Tensor input() {
        return Key.of(9).normal(DType.FLOAT64, N, TIME, IN);
    }

    private static int[] full() {
        return new int[] {TIME, TIME, TIME};
    }

    // ---- tests ---------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("cells")
    void outputsAreThoseOfPlainLoops(Row row) {
        Tensor x = input();
        var layer = Recurrent.of(row.cell());
        assertThat(layer.apply(x, Pass.eval()).toDoubles())
                .containsExactly(plain(row, x, full(), false), within(1e-12));
        assertThat(layer.reverse().apply(x, Pass.eval()).toDoubles())
                .containsExactly(plain(row, x, full(), true), within(1e-12));
        var jitted = Transforms.jit((Tensor t) -> layer.apply(t, Pass.eval()));
        assertThat(jitted.apply(x).toDoubles())
                .containsExactly(plain(row, x, full(), false), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void stepsBeyondALengthChangeNothing(Row row) {
        Tensor x = input();
        int[] lengths = {5, 2, 0};
        var layer = Recurrent.of(row.cell());
        assertThat(layer.apply(x, Tensor.of(lengths), Pass.eval()).toDoubles())
                .containsExactly(plain(row, x, lengths, false), within(1e-12));
        assertThat(layer.reverse().apply(x, Tensor.of(lengths), Pass.eval()).toDoubles())
                .containsExactly(plain(row, x, lengths, true), within(1e-12));
        var last = layer.last().apply(x, Tensor.of(lengths), Pass.eval()).toDoubles();
        var all = plain(row, x, lengths, false);
        assertThat(Arrays.copyOf(last, WIDTH))
                .containsExactly(Arrays.copyOfRange(all, 4 * WIDTH, 5 * WIDTH), within(1e-12));
        assertThat(Arrays.copyOfRange(last, WIDTH, 2 * WIDTH))
                .containsExactly(
                        Arrays.copyOfRange(all, (TIME + 1) * WIDTH, (TIME + 2) * WIDTH),
                        within(1e-12));
        assertThat(Arrays.copyOfRange(last, 2 * WIDTH, 3 * WIDTH)).containsOnly(0.0);
    }

    /** The gradient of shared weights is the sum over copies, one for each step. */
    @ParameterizedTest
    @MethodSource("cells")
    void tiedGradientsAreSumsOverUnrolledCopies(Row row) {
        tied(row.cell());
    }

    private static <S> void tied(Cell<S> cell) {
        Tensor x = input();
        var shared =
                Transforms.grad((Cell<S> c) -> Recurrent.of(c).apply(x, Pass.eval()).square().sum())
                        .apply(cell);
        List<Cell<S>> copies = new ArrayList<>();
        for (int t = 0; t < TIME; t++) {
            copies.add(cell);
        }
        List<Cell<S>> apart =
                Transforms.grad(
                                (List<Cell<S>> all) -> {
                                    S state = cell.start(N);
                                    Tensor sum = Tensor.scalar(0.0);
                                    for (int t = 0; t < TIME; t++) {
                                        Tensor now = Shaping.moveAxis(x, 1, 0).get(t);
                                        state = all.get(t).step(now, state);
                                        Tensor out = all.get(t).output(state);
                                        sum = sum.plus(out.square().sum());
                                    }
                                    return sum;
                                })
                        .apply(copies);
        Cell<S> sum = apart.getFirst();
        for (int t = 1; t < TIME; t++) {
            sum = Tree.plus(sum, apart.get(t));
        }
        var a = Tree.leaves(shared);
        var b = Tree.leaves(sum);
        for (int i = 0; i < a.size(); i++) {
            assertThat(a.get(i).toDoubles()).containsExactly(b.get(i).toDoubles(), within(1e-12));
        }
    }

    @Test
    void aStackReadsWhatIsBelow() {
        var rows = cells().toList();
        var lower =
                new Lstm(
                        Key.of(11).normal(DType.FLOAT64, IN, 4 * IN),
                        Key.of(12).normal(DType.FLOAT64, IN, 4 * IN),
                        bias(4 * IN, 13));
        @SuppressWarnings("unchecked")
        var upper = (Cell<Lstm.State>) rows.get(1).cell();
        Tensor x = input();
        Tensor between = Recurrent.of(lower).apply(x, Pass.eval());
        Tensor expected = Recurrent.of(upper).apply(between, Pass.eval());
        assertThat(Recurrent.of(List.of(lower, upper)).apply(x, Pass.eval()).toDoubles())
                .containsExactly(expected.toDoubles(), within(1e-14));
    }

    @Test
    void twoDirectionsSideBySide() {
        var row = cells().toList().get(2);
        @SuppressWarnings("unchecked")
        var cell = (Cell<Tensor>) row.cell();
        Tensor x = input();
        int[] lengths = {4, 5, 1};
        var both = Bidirectional.of(Recurrent.of(cell), Recurrent.of(cell));
        Tensor y = both.apply(x, Tensor.of(lengths), Pass.eval());
        assertThat(y.shape().dims()).containsExactly(N, TIME, 2 * WIDTH);
        assertThat(y.slice(2, 0, WIDTH).toDoubles())
                .containsExactly(plain(row, x, lengths, false), within(1e-12));
        assertThat(y.slice(2, WIDTH, 2 * WIDTH).toDoubles())
                .containsExactly(plain(row, x, lengths, true), within(1e-12));
    }

    @Test
    void aSequenceInTwoPiecesIsTheWhole() {
        var cell = doubled(Lstm.of(IN, WIDTH, Key.of(3)));
        var layer = Recurrent.of(cell);
        Tensor x = input();
        var first = layer.run(x.slice(1, 0, 2), Pass.eval());
        var second = layer.run(x.slice(1, 2, TIME), first.state(), Optional.empty(), Pass.eval());
        var whole = layer.run(x, Pass.eval());
        assertThat(second.outputs().toDoubles())
                .containsExactly(whole.outputs().slice(1, 2, TIME).toDoubles(), within(1e-14));
        assertThat(second.state().getFirst().cell().toDoubles())
                .containsExactly(whole.state().getFirst().cell().toDoubles(), within(1e-14));
    }

    @Test
    void dropoutBetweenCellsIsTheSameAtEveryStep() {
        // an upper cell that copies: tanh(x) with U = 0
        var copy =
                new Elman(
                        Tensor.of(new double[] {1, 0, 0, 1}, 2, 2),
                        Tensor.of(new double[] {0, 0, 0, 0}, 2, 2),
                        Tensor.of(new double[] {0, 0}));
        var ones =
                new Elman(
                        Tensor.of(new double[] {0, 0}, 1, 2),
                        Tensor.of(new double[] {0, 0, 0, 0}, 2, 2),
                        Tensor.of(new double[] {1, 1}));
        var layer = Recurrent.of(List.of(ones, copy)).withDropout(0.5);
        Tensor x = Tensor.full(DType.FLOAT64, 0, 200, 4, 1);
        Tensor y = layer.apply(x, Pass.training(Key.of(1)));
        var values = y.toDoubles();
        double kept = Math.tanh(2 * Math.tanh(1));
        int dropped = 0;
        for (int n = 0; n < 200; n++) {
            for (int j = 0; j < 2; j++) {
                double first = values[n * 8 + j];
                assertThat(first == 0 || Math.abs(first - kept) < 1e-12).isTrue();
                dropped += first == 0 ? 1 : 0;
                for (int t = 1; t < 4; t++) {
                    assertThat(values[n * 8 + 2 * t + j]).isEqualTo(first);
                }
            }
        }
        assertThat(dropped).isBetween(150, 250);
        var all = new double[1600];
        Arrays.fill(all, Math.tanh(Math.tanh(1)));
        assertThat(layer.apply(x, Pass.eval()).toDoubles()).containsExactly(all, within(1e-15));
    }

    @Test
    void forgettingBeginsWithOne() {
        assertThat(Lstm.of(3, 2, Key.of(1)).bias().toDoubles())
                .containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    }

    @Test
    void messages() {
        var layer = Recurrent.of(Elman.of(IN, WIDTH, Key.of(1)));
        assertThatThrownBy(() -> layer.apply(Tensor.zeros(N, IN), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "Recurrent: input (3, 4) is not (n, time, 4). One sequence?"
                                + " x.expandDims(0). One step? Cell.step");
        assertThatThrownBy(() ->
                        layer.apply(
                                Tensor.zeros(N, TIME, IN), Tensor.of(new int[] {1}), Pass.eval()))
                .hasMessageContaining("the lengths are int32(1,); they must be int32(3)");
        assertThatThrownBy(() ->
                        Recurrent.of(List.of(Elman.of(4, 3, Key.of(1)), Elman.of(2, 3, Key.of(1)))))
                .hasMessageContaining("cells[1] takes 2 features, the cell below it gives 3");
        assertThatThrownBy(() -> layer.withDropout(1)).isInstanceOf(LayerException.class);
    }
}
