package dev.fathom.optim.second;

import static dev.fathom.core.transform.Transforms.jacobianReverse;
import static dev.fathom.core.transform.Transforms.vjp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Activations;
import dev.fathom.optim.Activations.Affine;
import dev.fathom.optim.Objective;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

final class KfacTest {
    /** An affine layer; public, so that it is a tree. */
    public record Affinity(Tensor weight, Tensor bias) {}

    /** Affine layers with a function between them. */
    public record Net(List<Affinity> layers) {}

    /** What goes round. */
    public record Run(Net net, Kfac.State<Chain.State> state) {}

    private static Net net(Key key, int... widths) {
        var keys = key.split(2 * widths.length);
        var layers = new ArrayList<Affinity>();
        for (int i = 0; i + 1 < widths.length; i++) {
            layers.add(
                    new Affinity(
                            keys[2 * i].normal(DType.FLOAT64, widths[i], widths[i + 1]),
                            keys[2 * i + 1].normal(DType.FLOAT64, widths[i + 1])));
        }
        return new Net(layers);
    }

    private static String path(int i) {
        return "layers[" + i + "].weight";
    }

    /** ½ mean ‖z − t‖² of a net, showing its layers. */
    record Fit(Tensor x, Tensor t, UnaryOperator<Tensor> between) implements Objective<Net> {
        private Tensor run(Net net, BiFunction<Integer, Tensor, Tensor> hook, List<Tensor> inputs) {
            Tensor a = x;
            for (int i = 0; i < net.layers().size(); i++) {
                var layer = net.layers().get(i);
                a = i == 0 ? a : between.apply(a);
                inputs.add(a);
                a = hook.apply(i, a.matmul(layer.weight()).plus(layer.bias()));
            }
            return a;
        }

        @Override
        public Tensor output(Net net) {
            return run(net, (_, s) -> s, new ArrayList<>());
        }

        @Override
        public Tensor loss(Tensor z) {
            return z.minus(t).square().sum().dividedBy(2.0 * z.dim(0));
        }

        @Override
        public Activations activations(Net net) {
            var inputs = new ArrayList<Tensor>();
            var zeros = new LinkedHashMap<String, Tensor>();
            Tensor z =
                    run(
                            net,
                            (i, s) -> {
                                zeros.put(path(i), s.times(0));
                                return s;
                            },
                            inputs);
            Map<String, Affine> layers = new LinkedHashMap<>();
            for (int i = 0; i < inputs.size(); i++) {
                layers.put(
                        path(i),
                        new Affine(
                                Optional.of("layers[" + i + "].bias"),
                                inputs.get(i).expandDims(1)));
            }
            return new Activations(
                    z,
                    layers,
                    u -> {
                        var pull =
                                vjp(
                                        (Map<String, Tensor> by) ->
                                                run(
                                                        net,
                                                        (i, s) -> s.plus(by.get(path(i))),
                                                        new ArrayList<>()),
                                        zeros);
                        return Tree.map(s -> s.expandDims(1), pull.pullback().apply(u));
                    });
        }
    }

    private static Fit fit(UnaryOperator<Tensor> between, int in, int out) {
        return new Fit(
                Key.of(1).normal(DType.FLOAT64, 8, in),
                Key.of(2).normal(DType.FLOAT64, 8, out),
                between);
    }

    private static Kfac<Chain.State> exact() {
        return Kfac.of(Sgd.of(0.1), Likelihood.gaussian(1)).exactly();
    }

    /** A ⊗ G of a layer after one step, in the order of W̄'s elements. */
    private static double[][] product(Kfac<Chain.State> kfac, Fit fit, Net net, int layer) {
        var pair = kfac.update(fit, kfac.init(net), net).state().factors().get(path(layer));
        int p = pair.a().dim(0);
        int q = pair.g().dim(0);
        var a = pair.a().toDoubles();
        var g = pair.g().toDoubles();
        var f = new double[p * q][p * q];
        for (int i = 0; i < p * q; i++) {
            for (int j = 0; j < p * q; j++) {
                f[i][j] = a[i / q * p + j / q] * g[i % q * q + j % q];
            }
        }
        return f;
    }

    /** (1/n) Σ JᵢᵀJᵢ of a layer's W̄, from the Jacobian of all outputs. */
    private static double[][] fisher(Fit fit, Net net, int layer) {
        var l = net.layers().get(layer);
        int in = l.weight().dim(0);
        int out = l.weight().dim(1);
        Tensor start = Shaping.concatenate(0, l.weight(), l.bias().expandDims(0));
        Tensor j =
                jacobianReverse(
                                (Tensor w) -> {
                                    var layers = new ArrayList<>(net.layers());
                                    layers.set(
                                            layer,
                                            new Affinity(
                                                    w.slice(0, 0, in),
                                                    w.slice(0, in, in + 1).squeeze(0)));
                                    return fit.output(new Net(layers));
                                })
                        .apply(start); // (n, k, in + 1, out)
        int size = (in + 1) * out;
        Tensor rows = j.reshape(j.dim(0) * j.dim(1), size);
        var flat = rows.transpose().matmul(rows).dividedBy(j.dim(0)).toDoubles();
        var f = new double[size][];
        for (int i = 0; i < size; i++) {
            f[i] = Arrays.copyOfRange(flat, i * size, (i + 1) * size);
        }
        return f;
    }

    private static double gap(double[][] a, double[][] b) {
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                worst = Math.max(worst, Math.abs(a[i][j] - b[i][j]));
            }
        }
        return worst;
    }

    @Test
    void theProductIsTheFisherOfALinearLayer() {
        var fit = fit(x -> x, 3, 2);
        var net = net(Key.of(3), 3, 2);
        assertThat(gap(product(exact(), fit, net, 0), fisher(fit, net, 0))).isLessThan(1e-10);
    }

    @Test
    void theProductIsTheFisherOfEveryLayerOfALinearNetAndNotOfAReluNet() {
        var net = net(Key.of(3), 3, 4, 3, 2);
        var linear = fit(x -> x, 3, 2);
        var relu = fit(x -> x.maximum(x.times(0)), 3, 2);
        for (int layer = 0; layer < 3; layer++) {
            assertThat(gap(product(exact(), linear, net, layer), fisher(linear, net, layer)))
                    .isLessThan(1e-10);
        }
        assertThat(gap(product(exact(), relu, net, 0), fisher(relu, net, 0))).isGreaterThan(1e-2);
    }

    /** Drawn targets give the factor G of all targets, up to the spread of the draws. */
    @Test
    void drawnTargetsAgreeWithAllTargetsOnAverage() {
        int n = 20_000;
        Tensor x = Key.of(1).normal(DType.FLOAT64, n, 3);
        var fit = new Fit(x, Tensor.full(DType.FLOAT64, 0, n, 2), s -> s);
        var net = net(Key.of(3), 3, 2);
        for (var likelihood : List.of(Likelihood.gaussian(1), Likelihood.categorical())) {
            var all = Kfac.of(Sgd.of(0.1), likelihood).exactly();
            var drawn = Kfac.of(Sgd.of(0.1), likelihood).withKey(Key.of(9));
            var a = all.update(fit, all.init(net), net).state().factors().get(path(0));
            var b = drawn.update(fit, drawn.init(net), net).state().factors().get(path(0));
            assertThat(b.a().toDoubles()).containsExactly(a.a().toDoubles(), within(1e-12));
            assertThat(b.g().toDoubles())
                    .containsExactly(a.g().toDoubles(), within(8 / Math.sqrt(n)));
        }
    }

    /** With one input, no noise in it and no damping to speak of, it is Newton's step. */
    @Test
    void threeStepsByHand() {
        // s = w x + b at x = 1, twice: Ā = [[1, 1], [1, 1]], G = 1, t = 0, ∇ = (s, s).
        // tr A/2 = 1 = tr G, π = 1; with λ = 4 the damped factors are Ā + 2I and 3, and
        // (Ā + 2I)⁻¹ (1, 1) = (1, 1)/4: U = s (1, 1)/12, and a rate of 3 takes s to s/2
        var one = Tensor.of(new double[] {1, 1}, 2, 1);
        var fit = new Fit(one, one.times(0), s -> s);
        var kfac = Kfac.of(Sgd.of(3), Likelihood.gaussian(1)).exactly().withDamping(4);
        var net =
                new Net(
                        List.of(
                                new Affinity(
                                        Tensor.of(new double[] {3}, 1, 1),
                                        Tensor.of(new double[] {1}))));
        var state = kfac.init(net);
        double s = 4;
        for (int t = 0; t < 3; t++) {
            var step = kfac.update(fit, state, net);
            net = step.params();
            state = step.state();
            s /= 2;
            assertThat(fit.output(net).toDoubles())
                    .containsExactly(new double[] {s, s}, within(1e-14));
        }
    }

    /** A net of two layers, tanh between them, against plain loops. */
    @Test
    void fiftyStepsAreThoseOfThePlainLoops() {
        var fit = fit(Tensor::tanh, 2, 2);
        var kfac =
                Kfac.of(Momentum.of(0.02).withMomentum(0.5), Likelihood.gaussian(1))
                        .exactly()
                        .withDamping(0.3)
                        .withDecay(0.8)
                        .every(2, 3);
        var start = net(Key.of(5), 2, 3, 2);
        var step = step(kfac, fit);
        var jitted = Transforms.jit(step);
        var a = new Run(start, kfac.init(start));
        var b = a;
        var plain = new PlainKfac(fit, start);
        for (int k = 0; k < 50; k++) {
            a = step.apply(a);
            b = jitted.apply(b);
            plain.step(k);
            for (int l = 0; l < 2; l++) {
                for (var run : List.of(a, b)) {
                    var layer = run.net().layers().get(l);
                    int rows = layer.weight().dim(0);
                    var expected = Jacobi.flat(Arrays.copyOf(plain.w[l], rows));
                    assertThat(layer.weight().toDoubles())
                            .as("step %d", k)
                            .containsExactly(expected, within(1e-11));
                    assertThat(layer.bias().toDoubles())
                            .containsExactly(plain.w[l][rows], within(1e-11));
                }
            }
        }
        assertThat(jitted.traces()).isEqualTo(1);
        assertThat(fit.at(a.net()).item()).isLessThan(0.7 * fit.at(start).item());
    }

    private static Function<Run, Run> step(Kfac<Chain.State> kfac, Fit fit) {
        return run -> {
            var next = kfac.update(fit, run.state(), run.net());
            return new Run(next.params(), next.state());
        };
    }

    /** The same in plain loops: λ = 0.3, decay 0.8, factors every 2 steps, inverses every 3. */
    private static final class PlainKfac {
        final double[][][] w = new double[2][][]; // W̄, the bias as its last row
        private final double[][] x;
        private final double[][] t;
        private final double[][][] v = new double[2][][];
        private final double[][][] a = new double[2][][];
        private final double[][][] g = new double[2][][];
        private final double[][][] ai = new double[2][][];
        private final double[][][] gi = new double[2][][];
        private int updates;

        PlainKfac(Fit fit, Net net) {
            x = rows(fit.x());
            t = rows(fit.t());
            for (int l = 0; l < 2; l++) {
                var layer = net.layers().get(l);
                var m = rows(layer.weight());
                w[l] = Arrays.copyOf(m, m.length + 1);
                w[l][m.length] = layer.bias().toDoubles();
                v[l] = new double[m.length + 1][m[0].length];
                a[l] = new double[m.length + 1][m.length + 1];
                g[l] = new double[m[0].length][m[0].length];
            }
        }

        private static double[][] rows(Tensor m) {
            var flat = m.toDoubles();
            var r = new double[m.dim(0)][];
            for (int i = 0; i < r.length; i++) {
                r[i] = Arrays.copyOfRange(flat, i * m.dim(1), (i + 1) * m.dim(1));
            }
            return r;
        }

        private static double[][] withOne(double[][] m) {
            var r = new double[m.length][];
            for (int i = 0; i < m.length; i++) {
                r[i] = Arrays.copyOf(m[i], m[i].length + 1);
                r[i][m[i].length] = 1;
            }
            return r;
        }

        void step(int k) {
            int n = x.length;
            var in0 = withOne(x);
            var h = Jacobi.times(in0, w[0]);
            for (var row : h) {
                for (int j = 0; j < row.length; j++) {
                    row[j] = Math.tanh(row[j]);
                }
            }
            var in1 = withOne(h);
            var z = Jacobi.times(in1, w[1]);
            var dz = new double[n][2];
            var dh = new double[n][3];
            for (int i = 0; i < n; i++) {
                for (int c = 0; c < 2; c++) {
                    dz[i][c] = (z[i][c] - t[i][c]) / n;
                    for (int j = 0; j < 3; j++) {
                        dh[i][j] += dz[i][c] * w[1][j][c] * (1 - h[i][j] * h[i][j]);
                    }
                }
            }
            if (k % 2 == 0) {
                double past = Math.min(1 - 1.0 / ++updates, 0.8);
                mix(a[0], Jacobi.times(Jacobi.transpose(in0), in0), past, n);
                mix(a[1], Jacobi.times(Jacobi.transpose(in1), in1), past, n);
                var all0 = new double[3][3];
                for (int i = 0; i < n; i++) {
                    for (int p = 0; p < 3; p++) {
                        for (int q = 0; q < 3; q++) {
                            for (int c = 0; c < 2; c++) {
                                all0[p][q] +=
                                        w[1][p][c]
                                                * (1 - h[i][p] * h[i][p])
                                                * w[1][q][c]
                                                * (1 - h[i][q] * h[i][q]);
                            }
                        }
                    }
                }
                mix(g[0], all0, past, n);
                mix(g[1], new double[][] {{n, 0}, {0, n}}, past, n);
            }
            var grad =
                    new double[][][] {
                        Jacobi.times(Jacobi.transpose(in0), dh),
                        Jacobi.times(Jacobi.transpose(in1), dz)
                    };
            for (int l = 0; l < 2; l++) {
                if (k % 3 == 0) {
                    double pi = Math.sqrt(meanDiagonal(a[l]) / meanDiagonal(g[l]));
                    double root = Math.sqrt(0.3);
                    ai[l] = Jacobi.apply(a[l], e -> 1 / (e + pi * root));
                    gi[l] = Jacobi.apply(g[l], e -> 1 / (e + root / pi));
                }
                var u = Jacobi.times(Jacobi.times(ai[l], grad[l]), gi[l]);
                for (int i = 0; i < u.length; i++) {
                    for (int j = 0; j < u[i].length; j++) {
                        v[l][i][j] = 0.5 * v[l][i][j] + u[i][j];
                        w[l][i][j] -= 0.02 * v[l][i][j];
                    }
                }
            }
        }

        private static void mix(double[][] old, double[][] sum, double past, int n) {
            for (int i = 0; i < old.length; i++) {
                for (int j = 0; j < old.length; j++) {
                    old[i][j] = past * old[i][j] + (1 - past) * sum[i][j] / n;
                }
            }
        }

        private static double meanDiagonal(double[][] m) {
            double sum = 0;
            for (int i = 0; i < m.length; i++) {
                sum += m[i][i];
            }
            return sum / m.length;
        }
    }

    @Test
    void reachesTheBottom() {
        var fit = fit(x -> x, 3, 2);
        var kfac = Kfac.of(Sgd.of(0.5), Likelihood.gaussian(1)).exactly().withDamping(1e-4);
        var step = Transforms.jit(step(kfac, fit));
        var start = net(Key.of(7), 3, 2);
        var run = new Run(start, kfac.init(start));
        for (int i = 0; i < 60; i++) {
            run = step.apply(run);
        }
        var g = Transforms.grad((Net m) -> fit.at(m)).apply(run.net());
        assertThat(Tree.norm(g).item()).isLessThan(1e-8);

        // a curved one: a wide tanh net drives the loss of eight points far down
        var curved = fit(Tensor::tanh, 3, 2);
        var careful = Kfac.of(Sgd.of(0.5), Likelihood.gaussian(1)).exactly().withDamping(0.01);
        var wide = net(Key.of(8), 3, 12, 2);
        var bent = new Run(wide, careful.init(wide));
        var curvedStep = Transforms.jit(step(careful, curved));
        for (int i = 0; i < 300; i++) {
            bent = curvedStep.apply(bent);
        }
        assertThat(curved.at(bent.net()).item()).isLessThan(1e-2 * curved.at(wide).item());
    }

    @Test
    void restartEqualsNoRestart() {
        var fit = fit(Tensor::tanh, 3, 2);
        var kfac = Kfac.of(Momentum.of(0.05), Likelihood.gaussian(1)).every(2, 3);
        var start = net(Key.of(5), 3, 4, 2);
        var whole = new Run(start, kfac.init(start));
        var cut = whole;
        for (int i = 0; i < 10; i++) {
            whole = step(kfac, fit).apply(whole);
            cut = Tree.map(KfacTest::copied, step(kfac, fit).apply(cut));
        }
        assertThat(Tree.leaves(cut).stream().map(t -> Arrays.toString(t.toDoubles())))
                .isEqualTo(
                        Tree.leaves(whole).stream()
                                .map(t -> Arrays.toString(t.toDoubles()))
                                .toList());
    }

    private static Tensor copied(Tensor t) {
        var shape = t.shape().dims();
        return t.dtype() == DType.FLOAT64
                ? Tensor.of(t.toDoubles()).reshape(shape)
                : Tensor.of(t.toInts()).reshape(shape);
    }

    @Test
    void refusals() {
        var kfac = exact();
        var net = net(Key.of(1), 3, 2);
        assertThatThrownBy(() ->
                        kfac.update(Objective.of((Net n) -> Tree.norm(n)), kfac.init(net), net))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith(
                        "this objective does not show the layers of its model, which K-FAC needs.");
        assertThatThrownBy(() -> kfac.withDamping(0))
                .hasMessageStartingWith("K-FAC: damping is 0.0; it must be positive");
        assertThatThrownBy(() -> kfac.every(1, 0))
                .hasMessageStartingWith("K-FAC: inversesEvery is 0.0; it must be at least 1");
        var other = kfac.init(net(Key.of(1), 3, 4, 2));
        assertThatThrownBy(() -> kfac.update(fit(x -> x, 3, 2), other, net))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith(
                        "K-FAC: the state has factors for [layers[0].weight, layers[1].weight], the"
                                + " model has weights [layers[0].weight]; the state belongs to"
                                + " another model. Start from init(params)");
        var wider = kfac.init(net(Key.of(1), 4, 2));
        assertThatThrownBy(() -> kfac.update(fit(x -> x, 3, 2), wider, net))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith(
                        "K-FAC: the state has factors (5, 5) and (2, 2) for layers[0].weight, which"
                                + " needs 4 and 2; it belongs to another model.");
    }
}
