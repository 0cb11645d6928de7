package dev.fathom.lab.instrument.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.second.Likelihood;
import dev.fathom.train.loop.BatchObjective;

import org.junit.jupiter.api.Test;

import java.util.function.Function;

final class CurvatureTest {
    private static final int N = 7;
    private static final int IN = 3;
    private static final int OUT = 4;
    private static final Tensor X = Key.of(1).normal(DType.FLOAT64, N, IN);
    private static final Tensor LABELS = Tensor.of(new int[] {0, 1, 2, 3, 0, 1, 2});

    /** z = x W, the model whose matrices can be written down. */
    public record LinearMap(Tensor weight) {
        Tensor of(Tensor x) {
            return x.matmul(weight);
        }
    }

    private static LinearMap linear(int out) {
        return new LinearMap(Key.of(2).normal(DType.FLOAT64, IN, out));
    }

    private static <T> T wide(T model) {
        return Tree.map(t -> t.cast(DType.FLOAT64), model);
    }

    private static Mlp mlp() {
        return wide(Mlp.of(Shape.of(IN), OUT, Key.of(3), 5));
    }

    private static double[][] rows(Tensor m) {
        var all = m.toDoubles();
        var rows = new double[m.dim(0)][m.dim(1)];
        for (int i = 0; i < all.length; i++) {
            rows[i / m.dim(1)][i % m.dim(1)] = all[i];
        }
        return rows;
    }

    private static void same(Tensor is, double[][] wanted, double tolerance) {
        var a = rows(is);
        assertThat(a.length).isEqualTo(wanted.length);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).as("row " + i).containsExactly(wanted[i], within(tolerance));
        }
    }

    private static double gap(Tensor a, Tensor b) {
        return Tree.norm(a.minus(b)).item() / Tree.norm(b).item();
    }

    /** 1/n Σᵢ (diag p − p pᵀ) ⊗ x xᵀ, the parameters counted as W[j][c]. */
    private static double[][] softmaxHessian(Tensor logits) {
        var x = rows(X);
        var p = rows(Functions.softmax(logits, -1));
        var h = new double[IN * OUT][IN * OUT];
        for (int i = 0; i < N; i++) {
            for (int a = 0; a < IN * OUT; a++) {
                for (int b = 0; b < IN * OUT; b++) {
                    int c = a % OUT;
                    int d = b % OUT;
                    double s = (c == d ? p[i][c] : 0) - p[i][c] * p[i][d];
                    h[a][b] += s * x[i][a / OUT] * x[i][b / OUT] / N;
                }
            }
        }
        return h;
    }

    @Test
    void hessianGaussNewtonAndFisherOfSoftmaxRegressionAreTheTextbookMatrix() {
        var model = linear(OUT);
        var wanted = softmaxHessian(model.of(X));
        Function<LinearMap, Tensor> output = m -> m.of(X);
        Function<Tensor, Tensor> loss = z -> Losses.crossEntropy(z, LABELS);
        same(
                Curvature.hessian((LinearMap m) -> loss.apply(output.apply(m)), model).dense(),
                wanted,
                1e-12);
        same(Curvature.gaussNewton(output, loss, model).dense(), wanted, 1e-12);
        same(Curvature.fisher(output, Likelihood.categorical(), model).dense(), wanted, 1e-12);
    }

    @Test
    void hessianOfLogisticRegressionIsXtDX() {
        var model = linear(1);
        Tensor t = Tensor.of(new double[] {1, 0, 0, 1, 1, 0, 1}, N, 1);
        var h = Curvature.hessian((LinearMap m) -> Losses.logistic(m.of(X), t), model).dense();
        var x = rows(X);
        var z = model.of(X).toDoubles();
        var wanted = new double[IN][IN];
        for (int i = 0; i < N; i++) {
            double p = 1 / (1 + Math.exp(-z[i]));
            for (int a = 0; a < IN; a++) {
                for (int b = 0; b < IN; b++) {
                    wanted[a][b] += p * (1 - p) * x[i][a] * x[i][b] / N;
                }
            }
        }
        same(h, wanted, 1e-13);
    }

    @Test
    void jacobianOfALinearMapHoldsItsInputsAndTheTangentKernelTheirProducts() {
        var model = linear(2);
        var j = Curvature.jacobian((LinearMap m) -> m.of(X), model);
        var x = rows(X);
        var wanted = new double[N * 2][IN * 2];
        var kernel = new double[N * 2][N * 2];
        for (int i = 0; i < N * 2; i++) {
            for (int a = 0; a < IN * 2; a++) {
                wanted[i][a] = i % 2 == a % 2 ? x[i / 2][a / 2] : 0;
            }
            for (int k = 0; k < N * 2; k++) {
                for (int a = 0; a < IN; a++) {
                    kernel[i][k] += i % 2 == k % 2 ? x[i / 2][a] * x[k / 2][a] : 0;
                }
            }
        }
        same(j.dense(), wanted, 0);
        same(j.transpose().dense(), rows(Linalg.transpose(j.dense())), 0);
        same(Curvature.tangentKernel((LinearMap m) -> m.of(X), model).dense(), kernel, 1e-13);
    }

    @Test
    void empiricalFisherIsTheMeanOuterProductOfGradients() {
        var model = linear(OUT);
        var f =
                Curvature.empiricalFisher(
                        (LinearMap m) ->
                                Functions.logSumExp(m.of(X), -1)
                                        .minus(
                                                m.of(X)
                                                        .times(
                                                                Creation.oneHot(
                                                                        LABELS, OUT, DType.FLOAT64))
                                                        .sum(1)),
                        model);
        var x = rows(X);
        var p = rows(Functions.softmax(model.of(X), -1));
        var labels = LABELS.toInts();
        var wanted = new double[IN * OUT][IN * OUT];
        for (int i = 0; i < N; i++) {
            var g = new double[IN * OUT];
            for (int a = 0; a < g.length; a++) {
                g[a] = x[i][a / OUT] * (p[i][a % OUT] - (labels[i] == a % OUT ? 1 : 0));
            }
            for (int a = 0; a < g.length; a++) {
                for (int b = 0; b < g.length; b++) {
                    wanted[a][b] += g[a] * g[b] / N;
                }
            }
        }
        same(f.dense(), wanted, 1e-13);
    }

    @Test
    void hessianOfADiagonalNetIsThatByHand() {
        // f = ½(u v − 1)² at u = 2, v = 3: f_uu = v² = 9, f_vv = 4, f_uv = 2uv − 1 = 11.
        var at = new Pair(Tensor.scalar(2.0), Tensor.scalar(3.0));
        var h = Curvature.hessian((Pair p) -> p.u().times(p.v()).minus(1).square().times(0.5), at);
        same(h.dense(), new double[][] {{9, 11}, {11, 4}}, 1e-13);
        var ggn =
                Curvature.gaussNewton(
                        (Pair p) -> p.u().times(p.v()), z -> z.minus(1).square().times(0.5), at);
        same(ggn.dense(), new double[][] {{9, 6}, {6, 4}}, 1e-13);
    }

    /** Two numbers. */
    public record Pair(Tensor u, Tensor v) {}

    @Test
    void gaussNewtonOfANetIsItsJacobiansAroundTheLoss() {
        var net = mlp();
        Function<Mlp, Tensor> output = m -> m.apply(X, Pass.eval());
        Function<Tensor, Tensor> loss = z -> Losses.crossEntropy(z, LABELS);
        Tensor j = Curvature.jacobian(output, net).dense();
        Tensor middle = Curvature.hessian((Tensor z) -> loss.apply(z), output.apply(net)).dense();
        Tensor wanted = Linalg.transpose(j).matmul(middle).matmul(j);
        assertThat(gap(Curvature.gaussNewton(output, loss, net).dense(), wanted)).isLessThan(1e-13);
        // The network is not linear in its parameters, so the Hessian has more in it.
        Tensor h = Curvature.hessian((Mlp m) -> loss.apply(output.apply(m)), net).dense();
        assertThat(gap(h, wanted)).isGreaterThan(1e-3);
        assertThat(gap(Linalg.transpose(h), h)).isLessThan(1e-13);
    }

    @Test
    void transposeBelongsToTheJacobian() {
        var net = mlp();
        var j = Curvature.jacobian((Mlp m) -> m.apply(X, Pass.eval()), net);
        Tensor v = Key.of(5).normal(DType.FLOAT64, j.columns());
        Tensor u = Key.of(6).normal(DType.FLOAT64, j.rows());
        double left = j.apply(v).times(u).sum().item();
        assertThat(j.applyTransposed(u).times(v).sum().item()).isCloseTo(left, within(1e-12));
    }

    @Test
    void singlePrecisionModelsAreMeasuredToo() {
        var net = Mlp.of(Shape.of(IN), OUT, Key.of(3), 5);
        Tensor x = X.cast(DType.FLOAT32);
        var narrow =
                Curvature.hessian(
                        (Mlp m) -> Losses.crossEntropy(m.apply(x, Pass.eval()), LABELS), net);
        var full =
                Curvature.hessian(
                        (Mlp m) -> Losses.crossEntropy(m.apply(X, Pass.eval()), LABELS),
                        CurvatureTest.<Mlp>wide(net));
        assertThat(gap(narrow.dense(), full.dense())).isLessThan(1e-5).isPositive();
    }

    private static <M extends Layer> double kfacGap(M net, String layer) {
        Tensor t = Key.of(9).normal(DType.FLOAT64, N, 2);
        var objective =
                new BatchObjective<M>(
                        (z, y) -> z.minus(y).square().sum().dividedBy(2.0 * N),
                        X,
                        t,
                        Key.of(0),
                        net);
        var space = ParameterSpace.of(net);
        var block = space.range(layer);
        var likelihood = Likelihood.gaussian(1);
        Tensor f =
                Curvature.fisher((M m) -> objective.output(m), likelihood, net)
                        .block(block)
                        .dense();
        return gap(Curvature.kfac(objective, likelihood, net).block(block).dense(), f);
    }

    @Test
    void kfacIsTheFisherForDeepLinearNetsAndNotForRectifiers() {
        var keys = Key.of(4).split(3);
        Sequential deep =
                wide(
                        Sequential.of(
                                Dense.of(IN, 4, keys[0]),
                                Dense.of(4, 3, keys[1]),
                                Dense.of(3, 2, keys[2])));
        for (int i = 0; i < 3; i++) {
            assertThat(kfacGap(deep, "layers[" + i + "]")).as("layer " + i).isLessThan(1e-10);
        }
        assertThat(
                        kfacGap(
                                CurvatureTest.<Mlp>wide(Mlp.of(Shape.of(IN), 2, Key.of(3), 6, 6)),
                                "hidden[0]"))
                .isGreaterThan(1e-2);
    }

    @Test
    void blocksAreCutByPath() {
        var net = mlp();
        var space = ParameterSpace.of(net);
        assertThat(space.size()).isEqualTo(IN * 5 + 5 + 5 * OUT + OUT);
        assertThat(space.range("hidden")).isEqualTo(new Range(0, 20));
        assertThat(space.range("hidden[0].bias")).isEqualTo(new Range(15, 20));
        assertThat(space.range("output")).isEqualTo(new Range(20, 44));
        var h =
                Curvature.hessian(
                        (Mlp m) -> Losses.crossEntropy(m.apply(X, Pass.eval()), LABELS), net);
        Tensor all = h.dense();
        Tensor corner =
                h.block(space.range("hidden[0].bias"), space.range("output.weight")).dense();
        assertThat(gap(corner, all.slice(0, 15, 20).slice(1, 20, 40))).isLessThan(1e-14);
        assertThat(h.block(space.range("output")).diagonal().toDoubles())
                .containsExactly(h.diagonal().slice(0, 20, 44).toDoubles(), within(1e-15));
        assertThatThrownBy(() -> space.range("hidden[1]"))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("nothing trained stands at 'hidden[1]'")
                .hasMessageContaining("hidden[0].weight");
    }

    @Test
    void vectorsAndTreesAreTheSameNumbers() {
        var net = mlp();
        var space = ParameterSpace.of(net);
        Tensor v = Key.of(8).normal(DType.FLOAT64, space.size());
        assertThat(space.vector(space.tree(v)).toDoubles()).containsExactly(v.toDoubles());
        assertThat(space.vector().slice(0, 0, 15).toDoubles())
                .containsExactly(net.hidden().get(0).weight().toDoubles());
        assertThatThrownBy(() -> space.tree(Tensor.of(new double[] {1, 2})))
                .hasMessageContaining("(2,) does not fill a model of 44 trained numbers");
    }

    @Test
    void operatorsCombineAsMatrices() {
        Tensor a = Key.of(11).normal(DType.FLOAT64, 3, 5);
        Tensor b = Key.of(12).normal(DType.FLOAT64, 5, 3);
        var p = LinearOperator.of(a);
        var q = LinearOperator.of(b);
        assertThat(gap(p.after(q).dense(), a.matmul(b))).isLessThan(1e-14);
        assertThat(gap(p.plus(q.transpose()).dense(), a.plus(Linalg.transpose(b))))
                .isLessThan(1e-14);
        assertThat(gap(p.gram().dense(), Linalg.transpose(a).matmul(a))).isLessThan(1e-14);
        assertThat(p.after(q).shifted(2).times(3).diagonal().sum().item())
                .isCloseTo(3 * (p.after(q).diagonal().sum().item() + 6), within(1e-12));
        assertThatThrownBy(() -> p.after(p)).hasMessageContaining("3 × 5 after 3 × 5: 5 ≠ 3");
        assertThatThrownBy(() -> p.apply(Tensor.of(new double[3])))
                .hasMessageContaining("a vector of 5 is wanted, not (3,)");
        assertThatThrownBy(() -> p.shifted(1)).hasMessageContaining("needs a square operator");
        assertThatThrownBy(() -> LinearOperator.symmetric(1 << 20, v -> v).dense())
                .hasMessageContaining("too large");
    }
}
