package dev.fathom.lab.instrument.complexity;

import static dev.fathom.core.transform.Transforms.jacobian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.study.Estimate;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

final class CushionsTest {
    private static final List<Tensor> NET =
            List.of(
                    Key.of(1).normal(DType.FLOAT64, 4, 6),
                    Key.of(2).normal(DType.FLOAT64, 6, 5),
                    Key.of(3).normal(DType.FLOAT64, 5, 3));
    private static final Tensor X = Key.of(4).normal(DType.FLOAT64, 7, 4);

    private static double norm(Tensor t) {
        return Tree.norm(t).item();
    }

    /** From xⁱ to xʲ. */
    private static Tensor run(Tensor z, int i, int j) {
        for (int k = i + 1; k <= j; k++) {
            z = Functions.relu(z).matmul(NET.get(k));
        }
        return z;
    }

    @Test
    void cushionsAreTheirDefinitions() {
        var c = Cushions.of(NET, X);
        double contraction = 1;
        double largest = 0;
        var layer = new double[] {9, 9, 9};
        var inter = new double[3][3];
        for (var row : inter) {
            Arrays.fill(row, 9);
        }
        for (int e = 0; e < 7; e++) {
            Tensor input = X.get(e);
            for (int i = 0; i < 3; i++) {
                Tensor z = run(X.get(e).matmul(NET.get(0)), 0, i);
                layer[i] = Math.min(layer[i], norm(z) / (norm(NET.get(i)) * norm(input)));
                input = Functions.relu(z);
                if (i < 2) {
                    contraction = Math.max(contraction, norm(z) / norm(input));
                }
                for (int j = i; j < 3; j++) {
                    int from = i;
                    int to = j;
                    Tensor jac = jacobian(v -> run(v, from, to)).apply(z); // (h_j, h_i)
                    double mu = norm(jac.matmul(z)) / (norm(jac) * norm(z));
                    inter[i][j] = Math.min(inter[i][j], mu);
                }
            }
            largest = Math.max(largest, norm(run(X.get(e).matmul(NET.get(0)), 0, 2)));
        }
        assertThat(c.layer()).containsExactly(layer, within(1e-12));
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double least = 9;
            for (int j = i; j < 3; j++) {
                assertThat(c.interlayer()[i][j - i]).isCloseTo(inter[i][j], within(1e-12));
                least = Math.min(least, inter[i][j]);
            }
            assertThat(c.towards()[i]).isCloseTo(least, within(1e-12));
            sum += 1 / (layer[i] * layer[i] * least * least);
        }
        assertThat(c.contraction()).isCloseTo(contraction, within(1e-12));
        assertThat(c.largest()).isCloseTo(largest, within(1e-12));
        assertThat(c.bound(0.5, 100))
                .isCloseTo(contraction * 3 * largest * Math.sqrt(sum / 100) / 0.5, within(1e-9));
    }

    @Test
    void cushionsOfTheIdentity() {
        // ‖x‖ / (‖I‖_F ‖x‖) = 1/√2 for both; the bound is 1 · 1 · 5 · 2/√m.
        var c =
                Cushions.of(
                        List.of(Creation.eye(DType.FLOAT64, 2)),
                        Tensor.of(new double[] {3, 4}, 1, 2));
        assertThat(c.layer()[0]).isCloseTo(Math.sqrt(0.5), within(1e-14));
        assertThat(c.towards()[0]).isCloseTo(Math.sqrt(0.5), within(1e-14));
        assertThat(c.bound(1, 4)).isCloseTo(5, within(1e-12));
    }

    @Test
    void projectionIsUnbiasedWithTheStatedVariance() {
        Tensor w = Key.of(5).normal(DType.FLOAT64, 3, 4);
        Tensor u = Key.of(6).normal(DType.FLOAT64, 3);
        Tensor v = Key.of(7).normal(DType.FLOAT64, 4);
        double exact = u.matmul(w).times(v).sum().item();
        Tensor uv = u.expandDims(1).times(v);
        double variance =
                (Math.pow(norm(w) * norm(uv), 2)
                                + exact * exact
                                - 2 * w.square().times(uv.square()).sum().item())
                        / 5;
        int runs = 3000;
        double mean = 0;
        double square = 0;
        for (int r = 0; r < runs; r++) {
            double d = u.matmul(Cushions.project(w, 5, Key.of(r))).times(v).sum().item() - exact;
            mean += d / runs;
            square += d * d / runs;
        }
        assertThat(Math.abs(mean)).isLessThan(4 * Math.sqrt(variance / runs));
        assertThat(square / variance).isBetween(0.85, 1.15);
    }

    @Test
    void smoothnessOfOneUnitByHand() {
        // z = 1, noise ±2: up, nothing changes; down, the net gives 0 and its line −1: ρ = 2·1/1.
        Tensor one = Tensor.of(new double[] {1}, 1, 1);
        assertThat(Cushions.smoothness(List.of(one, one), one, 2, 0, 20, Key.of(1)))
                .isCloseTo(2, within(1e-12));
        assertThat(Cushions.smoothness(List.of(one, one), one, 0.5, 0, 20, Key.of(1)))
                .isGreaterThan(1e12);
        assertThat(Cushions.smoothness(NET, X, 0.3, 0, 5, Key.of(1)))
                .isLessThanOrEqualTo(Cushions.smoothness(NET, X, 0.3, 0.2, 5, Key.of(1)));
    }

    @Test
    void rademacherOfABall() {
        // Orthogonal examples of length 2: ‖Σ σ x‖ = 2√5 for all signs, so 3 · 2√5 / 5.
        Tensor x = Creation.eye(DType.FLOAT64, 5).times(2);
        var r = Rademacher.ofBall(x, 3, 10, Key.of(1));
        assertThat(r.value()).isCloseTo(6 / Math.sqrt(5), within(1e-12));
        assertThat(r.error()).isCloseTo(0, within(1e-12));
        assertThat(Rademacher.ballBound(x, 3)).isCloseTo(r.value(), within(1e-12));
        // All 64 signs of 6 examples.
        Tensor y = Key.of(2).normal(DType.FLOAT64, 6, 3);
        double all = 0;
        for (int bits = 0; bits < 64; bits++) {
            var s = new double[6];
            for (int i = 0; i < 6; i++) {
                s[i] = (bits >> i & 1) == 0 ? -1 : 1;
            }
            all += norm(Tensor.of(s).matmul(y)) / 6 / 64;
        }
        assertThat(covers(Rademacher.ofBall(y, 1, 2000, Key.of(3)), all, 4)).isTrue();
        assertThat(all).isLessThan(Rademacher.ballBound(y, 1));
    }

    @Test
    void rademacherOfFunctions() {
        // f and −f on one example: |f| for both signs.
        Tensor f = Tensor.of(new double[] {0.7, -0.7}, 2, 1);
        assertThat(Rademacher.ofFunctions(f, 5, Key.of(1)).value()).isCloseTo(0.7, within(1e-15));
        assertThat(Rademacher.massart(f))
                .isCloseTo(0.7 * Math.sqrt(2 * Math.log(2)), within(1e-12));
        // All 8 sign vectors on 3 examples fit any noise.
        var values = new double[24];
        for (int i = 0; i < 24; i++) {
            values[i] = (i / 3 >> i % 3 & 1) == 0 ? 1 : -1;
        }
        Tensor cube = Tensor.of(values, 8, 3);
        assertThat(Rademacher.ofFunctions(cube, 7, Key.of(2)).value()).isCloseTo(1, within(1e-15));
        assertThat(Rademacher.massart(cube)).isGreaterThan(1);
    }

    @Test
    void informationByHand() {
        var a = new int[] {0, 0, 1, 1};
        var b = new int[] {0, 1, 0, 1};
        var xor = new int[] {0, 1, 1, 0};
        double bit = Math.log(2);
        assertThat(Information.entropy(a)).isCloseTo(bit, within(1e-15));
        assertThat(Information.entropy(a, b)).isCloseTo(2 * bit, within(1e-15));
        assertThat(Information.mutual(a, b)).isCloseTo(0, within(1e-15));
        assertThat(Information.mutual(a, a)).isCloseTo(bit, within(1e-15));
        assertThat(Information.conditional(a, b, xor)).isCloseTo(bit, within(1e-15));
        assertThat(Information.conditional(a, a, a)).isCloseTo(0, within(1e-15));
        // p = ¾, ¼.
        assertThat(Information.entropy(new int[] {5, 5, 5, -2}))
                .isCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), within(1e-15));
        assertThatThrownBy(() -> Information.mutual(a, new int[3]))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("seen 4 and 3 times");
    }

    @Test
    void decompositionAddsUpInBothReadings() {
        var e = new ErrorDecomposition(0.1, 0.25, 0.5, 0.75, 0.125);
        assertThat(e.approximation()).isCloseTo(0.15, within(1e-15));
        assertThat(e.estimation()).isEqualTo(0.25);
        assertThat(e.optimisation()).isEqualTo(0.25);
        assertThat(e.approximation() + e.estimation() + e.optimisation())
                .isCloseTo(e.excess(), within(1e-15));
        assertThat(e.estimationOnSample()).isEqualTo(-0.125);
        assertThat(e.approximation() + e.estimationOnSample() + e.optimisationFromSample())
                .isCloseTo(e.excess(), within(1e-15));
    }

    private static boolean covers(Estimate e, double truth, double errors) {
        return Math.abs(e.value() - truth) <= errors * e.error();
    }
}
