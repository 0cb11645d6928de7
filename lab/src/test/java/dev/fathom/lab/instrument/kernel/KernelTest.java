package dev.fathom.lab.instrument.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

final class KernelTest {
    private static final Tensor UNIT = Tensor.of(new double[] {1, 0, 0, 1, -1, 0}, 3, 2);

    private static double gap(Tensor a, Tensor b) {
        return Tree.norm(a.minus(b)).item() / Tree.norm(b).item();
    }

    @Test
    void arcCosineRecursionByHand() {
        // d = 2 and σ_w² = 2: K¹ = xᵀx', so 1 on the diagonal. One layer up, at θ = 0, π/2, π:
        // K² = 1, 1/π, 0; Θ² = K² + K¹ (π − θ)/π = 2, 1/π, 0.
        var one = ReluKernel.of(1);
        assertThat(one.process(UNIT, UNIT).get(0).toDoubles())
                .containsExactly(new double[] {1, 1 / Math.PI, 0}, within(1e-14));
        assertThat(one.tangent(UNIT, UNIT).get(0).toDoubles())
                .containsExactly(new double[] {2, 1 / Math.PI, 0}, within(1e-14));
        // θ = acos(1/π) for the second layer.
        double c = 1 / Math.PI;
        double theta = Math.acos(c);
        double k = (Math.sin(theta) + (Math.PI - theta) * c) / Math.PI;
        double t = k + c * (Math.PI - theta) / Math.PI;
        assertThat(ReluKernel.of(2).process(UNIT, UNIT).get(0).get(1).item())
                .isCloseTo(k, within(1e-14));
        assertThat(ReluKernel.of(2).tangent(UNIT, UNIT).get(0).get(1).item())
                .isCloseTo(t, within(1e-14));
        assertThat(ReluKernel.of(7).tangent(UNIT, UNIT).get(2).get(2).item())
                .isCloseTo(8, within(1e-12)); // every layer adds K = 1
        assertThat(ReluKernel.of(0).tangent(UNIT, UNIT).toDoubles())
                .containsExactly(1, 0, -1, 0, 1, 0, -1, 0, 1);
    }

    @Test
    void biasesAndVariancesEnter() {
        // K¹ = ½ + 3/2 = 2 on the diagonal; K² = ½ + 3·2/2 = 3.5; Θ² = 3.5 + 2·3·½ = 6.5.
        var kernel = new ReluKernel(1, 3, 0.5);
        assertThat(kernel.process(UNIT, UNIT).get(0).get(0).item()).isCloseTo(3.5, within(1e-14));
        assertThat(kernel.tangent(UNIT, UNIT).get(0).get(0).item()).isCloseTo(6.5, within(1e-14));
        assertThatThrownBy(() -> kernel.process(UNIT, Tensor.of(new double[3], 1, 3)))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("rows of one length");
    }

    @Test
    void tangentKernelsOfWideNetsComeNearTheRecursion() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 6, 8);
        Tensor wanted = ReluKernel.of(2).tangent(x, x);
        var error = new double[2];
        for (int seed = 0; seed < 4; seed++) {
            for (int i = 0; i < 2; i++) {
                int width = i == 0 ? 16 : 256;
                var net = TangentNet.of(8, 2, width, 1, DType.FLOAT32, Key.of(10 + seed));
                Tensor small = x.cast(DType.FLOAT32);
                Tensor k =
                        Curvature.tangentKernel((TangentNet m) -> m.apply(small, Pass.eval()), net)
                                .dense();
                error[i] += gap(k, wanted) / 4;
            }
        }
        // Theory: the error falls like 1/√width, so to a quarter.
        assertThat(error[1]).isLessThan(0.3);
        assertThat(error[1] / error[0]).isBetween(0.12, 0.5);
    }

    @Test
    void processKernelIsTheCovarianceOfOutputs() {
        Tensor x = Key.of(2).normal(DType.FLOAT64, 3, 4);
        var net = TangentNet.of(4, 1, 300, 1500, DType.FLOAT64, Key.of(3));
        Tensor z = net.apply(x, Pass.eval()); // (3, 1500): columns are nearly independent draws
        Tensor covariance = z.matmul(Linalg.transpose(z)).dividedBy(1500);
        assertThat(gap(covariance, ReluKernel.of(1).process(x, x))).isLessThan(0.2);
    }

    @Test
    void gradientsOfAllExamplesGiveTheSameKernelAsProducts() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 4, 3);
        var net = TangentNet.of(3, 1, 7, 2, DType.FLOAT64, Key.of(5));
        Tensor all =
                Curvature.tangentKernel((TangentNet m) -> m.apply(x, Pass.eval()), net).dense();
        Tensor k =
                EmpiricalKernel.of(
                        (TangentNet m, Tensor e) ->
                                m.apply(e.expandDims(0), Pass.eval()).squeeze(0),
                        net,
                        x,
                        x.slice(0, 1, 3));
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 2; j++) {
                double mean = 0;
                for (int c = 0; c < 2; c++) {
                    mean += all.get(2 * i + c).get(2 * (j + 1) + c).item() / 2;
                }
                assertThat(k.get(i).get(j).item()).isCloseTo(mean, within(1e-12));
            }
        }
    }

    @Test
    void minNormSolutions() {
        // One equation a + b = 2: of all solutions (1, 1) is shortest.
        var one =
                LeastSquares.minNorm(
                        Tensor.of(new double[] {1, 1}, 1, 2), Tensor.of(new double[] {2}));
        assertThat(one.weights().toDoubles()).containsExactly(new double[] {1, 1}, within(1e-14));
        // The second column is empty: rank 1, and the mean of 1 and 3 for the first.
        var two =
                LeastSquares.minNorm(
                        Tensor.of(new double[] {1, 0, 1, 0}, 2, 2), Tensor.of(new double[] {1, 3}));
        assertThat(two.weights().toDoubles()).containsExactly(new double[] {2, 0}, within(1e-14));
        assertThat(two.rank()).isEqualTo(1);
        assertThat(two.largest()).isCloseTo(Math.sqrt(2), within(1e-14));
        // Wide: interpolates and lies in the row space, so w = Xᵀ(XXᵀ)⁻¹y.
        Tensor x = Key.of(1).normal(DType.FLOAT64, 5, 9);
        Tensor y = Key.of(2).normal(DType.FLOAT64, 5, 2);
        Tensor w = LeastSquares.minNorm(x, y).weights();
        Tensor t = Linalg.transpose(x);
        assertThat(gap(w, t.matmul(Linalg.solve(x.matmul(t), y)))).isLessThan(1e-12);
        assertThatThrownBy(() -> LeastSquares.minNorm(x, Tensor.of(new double[4])))
                .hasMessageContaining("(5, 9)");
    }

    @Test
    void ridgeSolvesItsNormalEquationsOnBothSides() {
        for (int p : new int[] {3, 12}) {
            Tensor x = Key.of(p).normal(DType.FLOAT64, 6, p);
            Tensor y = Key.of(2).normal(DType.FLOAT64, 6);
            Tensor w = LeastSquares.ridge(x, y, 0.3);
            Tensor slope = Linalg.transpose(x).matmul(x.matmul(w).minus(y)).plus(w.times(0.3));
            assertThat(slope.abs().max().item()).isLessThan(1e-12);
            Tensor near = LeastSquares.ridge(x, y, 1e-10);
            assertThat(gap(near, LeastSquares.minNorm(x, y).weights())).isLessThan(1e-7);
            // The linear kernel's ridge regression is the same predictor.
            Tensor k = x.matmul(Linalg.transpose(x));
            Tensor dual = LeastSquares.kernelRidge(k, y, 0.3);
            assertThat(gap(Linalg.transpose(x).matmul(dual), w)).isLessThan(1e-11);
        }
        assertThatThrownBy(() ->
                        LeastSquares.kernelRidge(
                                Tensor.of(new double[] {1, 2, 2, 1}, 2, 2),
                                Tensor.of(new double[2]),
                                0))
                .hasMessageContaining("needs a positive definite matrix");
    }

    @Test
    void randomFeaturesApproximateTheirKernel() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 6, 3);
        Tensor k = LeastSquares.gaussianKernel(x, x, 1.5);
        double d = Tree.norm(x.get(0).minus(x.get(1))).item();
        assertThat(k.get(0).get(1).item()).isCloseTo(Math.exp(-d * d / 4.5), within(1e-12));
        var features = RandomFeatures.of(3, 20_000, 1.5, Key.of(2));
        Tensor f = features.of(x);
        Tensor error = f.matmul(Linalg.transpose(f)).minus(k).abs();
        assertThat(error.max().item()).isLessThan(5 / Math.sqrt(20_000)); // spread ≤ 1/√N each
        assertThat(features.first(10).of(x).times(Math.sqrt(10)).toDoubles())
                .containsExactly(
                        f.slice(1, 0, 10).times(Math.sqrt(20_000)).toDoubles(), within(1e-12));
    }

    @Test
    void maxMarginByHand() {
        // z = (1, 0), (0, 1), (3, 3): the hull's nearest point is (½, ½), the third is idle.
        var m =
                MaxMargin.of(
                        Tensor.of(new double[] {1, 0, 0, -1, 3, 3}, 3, 2),
                        Tensor.of(new double[] {1, -1, 1}));
        double r = Math.sqrt(0.5);
        assertThat(m.direction().toDoubles()).containsExactly(new double[] {r, r}, within(1e-12));
        assertThat(m.margin()).isCloseTo(r, within(1e-12));
        assertThat(m.weights()).containsExactly(new double[] {0.5, 0.5, 0}, within(1e-12));
    }

    @Test
    void maxMarginMeetsItsOptimalityConditions() {
        for (int seed = 0; seed < 20; seed++) {
            int n = 40;
            int d = 2 + seed % 7;
            Tensor w = Key.of(seed).normal(DType.FLOAT64, d);
            Tensor x = Key.of(100 + seed).normal(DType.FLOAT64, n, d);
            Tensor labels =
                    x.matmul(w)
                            .greaterThan(Tensor.scalar(0.0))
                            .cast(DType.FLOAT64)
                            .times(2)
                            .minus(1);
            var m = MaxMargin.of(x, labels);
            var margins = x.matmul(m.direction()).times(labels).toDoubles();
            assertThat(Arrays.stream(margins).min().orElseThrow())
                    .isCloseTo(m.margin(), within(1e-12))
                    .isPositive();
            assertThat(Tree.norm(m.direction()).item()).isCloseTo(1, within(1e-12));
            // Strong duality: the hull point has the margin as its length.
            Tensor p = Tensor.of(m.weights()).times(labels).matmul(x);
            assertThat(Tree.norm(p).item()).as("seed " + seed).isCloseTo(m.margin(), within(1e-9));
            assertThat(Arrays.stream(m.weights()).sum()).isCloseTo(1, within(1e-9));
            assertThat(Arrays.stream(m.weights()).min().orElseThrow()).isGreaterThanOrEqualTo(0);
        }
    }

    /**
     * The planes of the sets by hand, times a number; features and examples of very unequal size.
     */
    @Test
    void maxMarginsOfExtremeSizes() {
        Tensor labels = Tensor.of(new double[] {1, -1, 1});
        Tensor corner = Tensor.of(new double[] {1, 0, 0, -1, 3, 3}, 3, 2);
        for (double size : new double[] {1e-250, 1e-9, 1e9, 1e250}) {
            var m = MaxMargin.of(corner.times(size), labels);
            assertThat(m.margin() / size).isCloseTo(Math.sqrt(0.5), within(1e-12));
            assertThat(m.weights()).containsExactly(new double[] {0.5, 0.5, 0}, within(1e-12));
        }
        // z = (1, 10⁸), (1, −3·10⁸), (2, 10⁸): the first feature alone parts them, by 1
        Tensor wide = Tensor.of(new double[] {1, 1e8, -1, 3e8, 2, 1e8}, 3, 2);
        var first = MaxMargin.of(wide, labels);
        assertThat(first.margin()).isCloseTo(1, within(1e-7));
        assertThat(first.direction().toDoubles())
                .containsExactly(new double[] {1, 0}, within(1e-7));
        assertThat(first.weights()).containsExactly(new double[] {0.75, 0.25, 0}, within(1e-7));
        // z = (10⁻⁹, 0), (0, 10⁻⁹), (3, 3): the far example does not hide that the others are
        // parted
        Tensor near = Tensor.of(new double[] {1e-9, 0, 0, -1e-9, 3, 3}, 3, 2);
        var m = MaxMargin.of(near, labels);
        assertThat(m.margin() * 1e9).isCloseTo(Math.sqrt(0.5), within(1e-9));
        assertThat(m.weights()).containsExactly(new double[] {0.5, 0.5, 0}, within(1e-9));
    }

    @Test
    void classesThatNoPlanePartsAreRefused() {
        Tensor x = Tensor.of(new double[] {1, 1, 2, 2, 3, 3}, 3, 2);
        assertThatThrownBy(() -> MaxMargin.of(x, Tensor.of(new double[] {1, -1, 1})))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("no plane through 0 parts these 3 examples");
        for (double size : new double[] {1e-200, 1, 1e200}) {
            Tensor around = Tensor.of(new double[] {1, 1e-3, -2, 1, 1, -1, 5, 5}, 4, 2).times(size);
            assertThatThrownBy(() -> MaxMargin.of(around, Tensor.ones(4)))
                    .hasMessageContaining("no plane through 0 parts these 4 examples");
        }
        assertThatThrownBy(() -> MaxMargin.of(Tensor.zeros(2, 2), Tensor.of(new double[] {1, 1})))
                .hasMessageContaining("no plane through 0 parts these 2 examples");
        assertThatThrownBy(() -> MaxMargin.of(x, Tensor.of(new double[] {1, 0, 1})))
                .hasMessageContaining("a label is 0.0; it must be -1 or 1");
    }

    @Test
    void leaveOneOutIsTrainingWithoutEach() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 6, 3);
        Tensor y = Key.of(2).normal(DType.FLOAT64, 6);
        var errors = LeastSquares.leaveOneOut(x, y, 0.4);
        for (int i = 0; i < 6; i++) {
            var keep = new int[5];
            for (int k = 0; k < 5; k++) {
                keep[k] = k < i ? k : k + 1;
            }
            Tensor rows = Tensor.of(keep);
            Tensor w = LeastSquares.ridge(Shaping.take(x, rows, 0), Shaping.take(y, rows, 0), 0.4);
            double error = y.get(i).item() - x.get(i).times(w).sum().item();
            assertThat(errors[i]).isCloseTo(error, within(1e-12));
        }
    }
}
