package dev.fathom.optim.second;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.optim.Descents;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.second.ScaleByShampoo.Graft;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.List;

final class ShampooTest {
    /** As in the paper, without momentum. */
    private static Shampoo plain(double rate, double epsilon) {
        return Shampoo.of(rate).withMomentum(0).withEpsilon(epsilon).every(1).grafted(Graft.NONE);
    }

    private static <S> Tensor after(Optimizer<S> rule, Tensor start, List<Tensor> gradients) {
        S state = rule.init(start);
        Tensor p = start;
        for (var g : gradients) {
            var step = rule.update(g, state, p);
            p = step.params();
            state = step.state();
        }
        return p;
    }

    @Test
    void threeStepsOfAScalarByHand() {
        // H = 1 + 3, + 5, + 4 = 4, 9, 13: u = √3/2, √5/3, 2/√13
        var g =
                List.of(
                        Tensor.scalar(Math.sqrt(3)),
                        Tensor.scalar(Math.sqrt(5)),
                        Tensor.scalar(2.0));
        assertThat(after(plain(1, 1), Tensor.scalar(0.0), g).item())
                .isCloseTo(-Math.sqrt(3) / 2 - Math.sqrt(5) / 3 - 2 / Math.sqrt(13), within(1e-14));
    }

    @Test
    void threeStepsOfAMatrixByHand() {
        // diagonal gradients: L = R = ε + Σ gᵢ², so u = g / √(ε + Σ g²) again, both axes sharing it
        var g = new double[][] {{Math.sqrt(3), 1}, {Math.sqrt(5), 1}, {2, 1}};
        var tensors =
                Arrays.stream(g)
                        .map(d -> Tensor.of(new double[] {d[0], 0, 0, d[1]}, 2, 2))
                        .toList();
        assertThat(after(plain(1, 1), Tensor.of(new double[4], 2, 2), tensors).toDoubles())
                .containsExactly(
                        new double[] {
                            -Math.sqrt(3) / 2 - Math.sqrt(5) / 3 - 2 / Math.sqrt(13),
                            0,
                            0,
                            -1 / Math.sqrt(2) - 1 / Math.sqrt(3) - 1 / Math.sqrt(4)
                        },
                        within(1e-14));
    }

    /**
     * Fifty steps on ½‖C(W − T)‖² against plain loops with Jacobi's eigenvalues. The two ways to
     * eigenvalues agree to some 1e-15 of the largest, small ones to less: hence 1e-10.
     */
    @ParameterizedTest
    @CsvSource({"1, 1, NONE", "5, 1, NONE", "3, 0.9, NONE", "1, 1, SGD", "4, 1, ADAGRAD"})
    void fiftyStepsAreThoseOfThePlainLoops(int every, double decay, Graft graft) {
        var c = new double[][] {{2, 0.3, 0}, {0, 1, -0.5}, {0.2, 0, 0.5}};
        var t = new double[][] {{1, -1}, {0.5, 2}, {-1, 0}};
        double eps = 1e-3;
        double rate = 0.1;
        var rule =
                Shampoo.of(rate)
                        .withMomentum(0.5)
                        .withEpsilon(eps)
                        .withDecay(decay)
                        .every(every)
                        .grafted(graft);
        Objective<Tensor> loss =
                Objective.of(w ->
                        Descents.matrix(c)
                                .matmul(w.minus(Descents.matrix(t)))
                                .square()
                                .sum()
                                .times(0.5));
        var step = Descents.step(rule, loss);
        var jitted = Transforms.jit(step);
        var start = Tensor.of(new double[6], 3, 2);
        var a = new Descents.Run<>(start, rule.init(start));
        var b = a;
        var w = new double[3][2];
        var v = new double[3][2];
        var squares = new double[3][2];
        var left = new double[][] {{eps, 0, 0}, {0, eps, 0}, {0, 0, eps}};
        var right = new double[][] {{eps, 0}, {0, eps}};
        double[][] leftRoot = null;
        double[][] rightRoot = null;
        for (int k = 0; k < 50; k++) {
            a = step.apply(a);
            b = jitted.apply(b);
            var off = new double[3][2];
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 2; j++) {
                    off[i][j] = w[i][j] - t[i][j];
                }
            }
            var g = Jacobi.times(Jacobi.transpose(c), Jacobi.times(c, off));
            grow(left, Jacobi.times(g, Jacobi.transpose(g)), decay);
            grow(right, Jacobi.times(Jacobi.transpose(g), g), decay);
            if (k % every == 0) {
                leftRoot = Jacobi.apply(left, x -> Math.pow(Math.max(x, eps), -0.25));
                rightRoot = Jacobi.apply(right, x -> Math.pow(Math.max(x, eps), -0.25));
            }
            var u = Jacobi.times(Jacobi.times(leftRoot, g), rightRoot);
            double wanted = 0;
            double length = 0;
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 2; j++) {
                    squares[i][j] += g[i][j] * g[i][j];
                    double like =
                            graft == Graft.ADAGRAD
                                    ? g[i][j] / (Math.sqrt(squares[i][j]) + eps)
                                    : g[i][j];
                    wanted += like * like;
                    length += u[i][j] * u[i][j];
                }
            }
            double scale = graft == Graft.NONE ? 1 : Math.sqrt(wanted / length);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 2; j++) {
                    v[i][j] = 0.5 * v[i][j] + scale * u[i][j];
                    w[i][j] -= rate * v[i][j];
                }
            }
            Descents.close(a.theta().toDoubles(), Jacobi.flat(w), 1e-10);
            Descents.close(b.theta().toDoubles(), Jacobi.flat(w), 1e-10);
        }
        assertThat(jitted.traces()).isEqualTo(1);
    }

    private static void grow(double[][] h, double[][] now, double decay) {
        for (int i = 0; i < h.length; i++) {
            for (int j = 0; j < h.length; j++) {
                h[i][j] =
                        decay == 1
                                ? h[i][j] + now[i][j]
                                : decay * h[i][j] + (1 - decay) * now[i][j];
            }
        }
    }

    @Test
    void theFourthPowerOfTheRootIsTheInverse() {
        Tensor x = Key.of(1).normal(DType.FLOAT64, 6, 9);
        Tensor h = x.matmul(Linalg.transpose(x));
        Tensor r = ScaleByShampoo.power(h, -0.25, 1e-12);
        Tensor identity = r.matmul(r).matmul(r).matmul(r).matmul(h);
        var eye = new double[36];
        for (int i = 0; i < 6; i++) {
            eye[7 * i] = 1;
        }
        assertThat(identity.toDoubles()).containsExactly(eye, within(1e-8));
    }

    /** Rank 4 with one axis that varies: the product of four powers −1/8 of the same sum. */
    @Test
    void aKernelOfRankFourByHand() {
        // one element g = 2 in a 2×1×1×2 kernel: each Hᵢ is ε I and 1 + 4 at its place, so the
        // update is 2·5^(−4/8)
        Tensor g = Tensor.of(new double[] {0, 0, 2, 0}, 2, 1, 1, 2);
        Tensor zero = Tensor.of(new double[4], 2, 1, 1, 2);
        assertThat(after(plain(1, 1), zero, List.of(g)).toDoubles())
                .containsExactly(new double[] {0, 0, -2 / Math.sqrt(5), 0}, within(1e-14));
    }

    @Test
    void longAxesKeepTheDiagonal() {
        // the axis of 3 keeps row sums of g², the axis of 2 its full matrix
        var rule = plain(1, 1).withMaxAxis(2);
        var g = new double[][] {{1, 2}, {0, 1}, {3, -1}};
        var start = Tensor.of(new double[6], 3, 2);
        var shapes =
                rule.scaling().init(start).statistics().values().iterator().next().stream()
                        .map(h -> h.shape().toString())
                        .toList();
        assertThat(shapes).containsExactly("(3,)", "(2, 2)");
        var right = new double[][] {{1 + 10, 2 - 3}, {2 - 3, 1 + 6}};
        var root = Jacobi.apply(right, x -> Math.pow(x, -0.25));
        var left = new double[] {6, 2, 11}; // 1 + 5, 1 + 1, 1 + 10
        var u = Jacobi.times(g, root);
        for (int i = 0; i < 3; i++) {
            u[i] = PlainLbfgs.scaled(-Math.pow(left[i], -0.25), u[i]);
        }
        assertThat(after(rule, start, List.of(Descents.matrix(g))).toDoubles())
                .containsExactly(Jacobi.flat(u), within(1e-13));
    }

    @Test
    void reachesTheBottomOfTwoBowls() {
        var rule = Shampoo.of(0.01).every(2);
        assertThat(Descents.end(rule, Descents.BOWL, 400, 1.5, -0.8))
                .containsExactly(new double[] {0, 0}, within(1e-2));
        assertThat(Descents.end(rule, Descents.valley(3), 1200, -0.5, 0.5))
                .containsExactly(new double[] {1, 1}, within(5e-2));
    }

    @Test
    void restartEqualsNoRestart() {
        Descents.restartEqualsNoRestart(
                Shampoo.of(0.01).every(3), Descents.valley(3), 14, -0.5, 0.5);
        Descents.restartEqualsNoRestart(
                Shampoo.of(0.01).grafted(Graft.ADAGRAD), Descents.valley(3), 14, -0.5, 0.5);
    }

    @Test
    void refusals() {
        assertThatThrownBy(() -> Shampoo.of(0.1).withEpsilon(0))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("Shampoo: epsilon is 0.0; it must be positive");
        assertThatThrownBy(() -> Shampoo.of(0.1).every(0))
                .hasMessageStartingWith("Shampoo: every is 0.0; it must be at least 1");
        assertThatThrownBy(() -> Shampoo.of(0.1).withDecay(0))
                .hasMessageStartingWith("Shampoo: decay is 0.0; it must be in (0, 1]");
        var rule = Shampoo.of(0.1);
        Tensor p = Tensor.of(new double[4], 2, 2);
        var state = rule.init(Tensor.scalar(1.0));
        assertThatThrownBy(() -> rule.update(p, state, p))
                .hasMessageStartingWith("Shampoo: the state has 1 axes for ");
    }
}
